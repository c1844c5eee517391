"""The slides, opened from a folder as a teacher does: no network, nothing cut off, formulas set, notes at hand."""

import pytest

from course_tools import chapter as course
from course_tools import slides
from course_tools.slides import measure

pytestmark = pytest.mark.browser
CHAPTERS = {chapter.stem: chapter for chapter in course.chapters()}
SHOTS = {"02_cross_entropy": (0, 3, 8, 10), "04_medmnist_classification": (4, -3), "05_ehr_prediction": (-1,)}

# What reaches beyond the slide, in its own pixels; pictures that are too small to see count, too.
TOO_LARGE = """() => {
  const slide = Reveal.getCurrentSlide(), {width, height} = Reveal.getConfig(), scale = Reveal.getScale()
  const frame = slide.getBoundingClientRect(), wrong = []
  if (slide.scrollHeight > height || slide.scrollWidth > width) wrong.push('the slide scrolls')
  for (const part of slide.querySelectorAll('.slide, .slide *')) {
    const box = part.getBoundingClientRect()
    if (!box.width || part.closest('mjx-assistive-mml')) continue
    if (box.bottom > frame.top + height * scale + 1 || box.right > frame.left + width * scale + 1
        || box.top < frame.top - 1 || box.left < frame.left - 1) wrong.push(part.outerHTML.slice(0, 100))
    if (part.tagName == 'IMG' && box.height < 300 * scale) wrong.push('a small picture: ' + part.alt)
  }
  return wrong.slice(0, 3)
}"""


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    folder = tmp_path_factory.mktemp("slides")
    return {file.stem: (file, count) for file, count in slides.build(CHAPTERS.values(), folder)}


def opened(new_page, file):
    noted = new_page(viewport={"width": measure.WIDTH, "height": measure.HEIGHT})
    noted.page.goto(file.as_uri())
    noted.page.wait_for_function("() => window.Reveal && Reveal.isReady()")
    noted.page.evaluate("() => MathJax.startup.promise.then(() => document.fonts.ready).then(() => true)")
    return noted


@pytest.mark.parametrize("name", CHAPTERS)
def test_every_slide_fits(name, built, new_page, shots):
    file, count = built[name]
    noted = opened(new_page, file)
    page, wrong = noted.page, {}
    assert page.evaluate("() => Reveal.getTotalSlides()") == count
    assert page.evaluate("() => Reveal.getScale()") == 1
    for number in range(count):
        found = page.evaluate(TOO_LARGE)
        if found:
            wrong[number] = found
        if number in SHOTS.get(name, ()) or number - count in SHOTS.get(name, ()):
            page.screenshot(path=shots / f"slides_{name[:2]}_{number}.png")
        page.evaluate("() => Reveal.next()")
    assert wrong == {}
    assert page.evaluate("() => Reveal.isLastSlide()")
    noted.assert_clean()
    assert (
        page.evaluate("() => performance.getEntriesByType('resource').filter(r => !/^(file|data):/.test(r.name))") == []
    )


def test_formulas_are_set(built, new_page):
    noted = opened(new_page, built["02_cross_entropy"][0])
    assert noted.page.locator(".slide mjx-container[display=true] svg").count() > 5
    assert noted.page.locator("mjx-merror, [data-mjx-error]").count() == 0
    assert "$$" not in noted.page.evaluate("() => document.querySelector('.slides').textContent")


def test_the_speaker_view_shows_the_notes(built, new_page):
    noted = opened(new_page, built["02_cross_entropy"][0])
    with noted.page.expect_popup() as popup:
        noted.page.keyboard.press("s")
    view = popup.value
    view.get_by_text("After this chapter you can").first.wait_for()
    noted.page.keyboard.press("ArrowRight")
    view.locator(".speaker-controls-notes").get_by_text("five patients", exact=False).first.wait_for()
    view.close()
    noted.assert_clean()
