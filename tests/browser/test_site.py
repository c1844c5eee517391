"""The website, opened from a folder: complete without a network, readable by everybody, on a phone too."""

import re
import time
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from course_tools import chapter as course
from course_tools import site

pytestmark = pytest.mark.browser
CHAPTERS = [chapter.stem for chapter in course.chapters()]
PAGES = ["index", *CHAPTERS, "course-map", "glossary", "references", "api", "search"]


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def built():
    said, began = [], time.monotonic()
    first, code = site.build(said.append)
    assert said == []
    assert code == 0
    assert time.monotonic() - began < 60 * 2  # twice the budget, for a busy machine
    return first.parent


@pytest.mark.parametrize("name", PAGES)
def test_a_page(name, built, new_page, shots):
    from axe_playwright_python.sync_playwright import Axe

    noted = new_page()
    page = noted.page
    page.goto((built / f"{name}.html").as_uri())
    page.wait_for_load_state("networkidle")
    noted.assert_clean()
    violations = Axe().run(page, options={"preload": False}).response["violations"]
    assert [(v["id"], v["nodes"][0]["html"][:300]) for v in violations if v["impact"] in ("serious", "critical")] == []
    assert page.evaluate("() => Array.from(document.images).filter(i => !i.hasAttribute('alt')).length") == 0
    if name in ("index", "03_lstm_gates"):
        page.screenshot(path=shots / f"site_{name}.png")
    page.set_viewport_size({"width": 390, "height": 800})
    page.wait_for_timeout(300)
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 390


def test_nothing_is_loaded_from_elsewhere(built):
    for file in built.glob("*.html"):
        text = re.sub(r'"data:[^"]*"', '""', file.read_text(encoding="utf-8"))
        assert not re.findall(r'<(?:script|img|iframe|source)[^>]+src="https?:[^"]*"', text), file.name
        assert not re.findall(r'<link[^>]+rel="(?:stylesheet|preload)"[^>]+href="https?:[^"]*"', text), file.name


@pytest.mark.parametrize("way", ["a folder", "a server"])
def test_search_finds_the_forget_gate(way, built, new_page):
    noted = new_page()
    handler = partial(QuietHandler, directory=built)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        where = built.as_uri() if way == "a folder" else f"http://127.0.0.1:{server.server_port}"
        noted.page.goto(f"{where}/search.html?q=forget+gate")
        noted.page.locator("#search-results").get_by_role("link", name="LSTM gates").first.wait_for()
        noted.page.get_by_text("Search finished").wait_for()
        noted.page.wait_for_load_state("networkidle")  # the results' excerpts are fetched one after the other
        server.shutdown()
    if way == "a server":  # from a folder, browsers let no script read the pages, and the results come without excerpts
        noted.page.wait_for_timeout(500)
        noted.assert_clean()


def test_a_solution_is_folded_and_opens(built, new_page):
    noted = new_page()
    noted.page.goto((built / "02_cross_entropy.html").as_uri())
    solution = noted.page.locator("details").filter(has_text="Show the solution").first
    assert not solution.locator("pre").first.is_visible()
    solution.locator("summary").click()
    assert solution.locator("pre").first.is_visible()
    assert noted.page.locator("mjx-container").first.is_visible()
    noted.assert_clean()


@pytest.mark.parametrize("width", [390, 1000, 1250])
def test_the_menu_opens_and_leads_to_a_chapter(width, built, new_page):
    noted = new_page(viewport={"width": width, "height": 800})
    page = noted.page
    page.goto((built / "glossary.html").as_uri())
    link = page.get_by_role("link", name="03 · LSTM gates").first
    if not link.is_visible():
        page.locator("button.primary-toggle").first.click()
    link.click()
    page.wait_for_url("**/03_lstm_gates.html*")


def test_dark_mode(built, new_page, shots):
    noted = new_page(color_scheme="dark")
    noted.page.goto((built / "05_ehr_prediction.html").as_uri())
    noted.page.locator("img.output").first.scroll_into_view_if_needed()
    assert noted.page.evaluate("() => getComputedStyle(document.body).backgroundColor") != "rgb(255, 255, 255)"
    noted.page.screenshot(path=shots / "site_dark.png")
    noted.assert_clean()
