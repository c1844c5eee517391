"""The slides, read as text: complete, without a network, and without a solution where learners can see it."""

import html
import importlib.util
import re

import pytest
from typer.testing import CliRunner

from course_tools import chapter as course
from course_tools import cli, editions, packages, slides
from course_tools.slides import choose, measure
from course_utils import exercises

CHAPTERS = {chapter.number: chapter for chapter in course.chapters()}


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    folder = tmp_path_factory.mktemp("slides")
    return {file.stem[:2]: file for file, _ in slides.build(CHAPTERS.values(), folder)}


def solved(chapter):
    return editions.solved(CHAPTERS[chapter]).cells


def words(page):
    """The text of a page, without tags and with single spaces."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", "", page)).split())


def seen(page):
    """What is on the slides, without the speaker notes."""
    return re.sub(r'<aside class="notes">.*?</aside>', "", page, flags=re.DOTALL)


@pytest.mark.browser  # its packages are there then
@pytest.mark.parametrize("chapter", CHAPTERS)
def test_nothing_is_loaded_from_elsewhere(chapter, built):
    page = built[chapter].read_text(encoding="utf-8")
    loaded = re.findall(r'\bsrc="([^"]*)"', page) + re.findall(r'<link[^>]+href="([^"]*)"', page)
    assert [address for address in loaded if not address.startswith(("_static/", "data:"))] == []
    assert not re.search(r"""(import|url\()\s*['"(]*https?:""", page)
    for address in loaded:
        assert address.startswith("data:") or (built[chapter].parent / address).is_file(), address
    for sheet in (built[chapter].parent / "_static").rglob("*.css"):
        assert not re.search(r"url\(['\"]?https?:", sheet.read_text(encoding="utf-8")), sheet


@pytest.mark.browser  # its packages are there then
@pytest.mark.parametrize("chapter", CHAPTERS)
def test_headings_and_pictures_are_those_of_the_chapter(chapter, built):
    cells, page = solved(chapter), seen(built[chapter].read_text(encoding="utf-8"))
    text = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    titles = [words(title) for title in re.findall(r"<h2[^>]*>(.*?)</h2>", page)]
    wanted = [title.replace("`", "") for title in re.findall(r"^## (.*)$", text, re.MULTILINE)]
    assert titles == [title for title in wanted if title != "References"]  # these are in the notes
    outputs = [output for cell in cells for output in cell.get("outputs", []) if "image/png" in output.get("data", {})]
    alts = [html.unescape(alt) for alt in re.findall(r'<img alt="([^"]*)"', page)]
    assert alts == [output.metadata["image/png"]["alt"] for output in outputs]


@pytest.mark.browser  # its packages are there then
@pytest.mark.parametrize("chapter", CHAPTERS)
def test_solutions_answers_and_teaching_notes_are_in_the_notes_only(chapter, built):
    page = built[chapter].read_text(encoding="utf-8")
    shown, notes = (
        words(seen(page)),
        words(" ".join(re.findall(r'<aside class="notes">(.*?)</aside>', page, re.DOTALL))),
    )
    cells = CHAPTERS[chapter].cells
    for cell in cells:
        if cell.kind == "exercise":
            given = cell.source.splitlines()
            code = " ".join(line.strip() for line in cell.solution.splitlines() if line not in given)
            assert " ".join(code.split()) not in shown
            assert " ".join(cell.solution.split()) in notes
            assert f"Exercise {cell.exercise}: " in shown
    for question in exercises.questions(chapter):
        for option, reply in question.options:
            assert " ".join(option.split()) in shown
            assert " ".join(reply.split()) not in shown
            assert " ".join(reply.split()) in notes
    assert notes.count("For the teacher.") >= sum(cell.kind == "note" for cell in cells) > 0
    assert "For the teacher." not in shown
    assert "Nothing here is for use with patients." in shown


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("One. Two.", ["One.", "Two."]),
        ("Lin et al. wrote it (in 2017. It was read). Then?", ["Lin et al. wrote it (in 2017. It was read).", "Then?"]),
        ("**Wrong labels.** Some are. Of 0.5, too.", ["**Wrong labels.**", "Some are.", "Of 0.5, too."]),
        ('A slope of $p. Q$ and "no. No." and `a. B` end.', ['A slope of $p. Q$ and "no. No." and `a. B` end.']),
    ],
)
def test_sentences(text, said):
    assert choose.sentences(text) == said


def test_a_slide_that_is_too_full_becomes_several():
    one = choose.slide("1 Much", "## 1 Much", [("text", "many words " * 30)] * 6, "all of it")
    several = measure.pages(one)
    assert len(several) > 1
    assert [block for page in several for block in page["blocks"]] == one["blocks"]
    assert all(measure.fits(page, page["size"]) and page["notes"] == ["all of it"] for page in several)


def test_without_their_packages_uv_fetches_them(monkeypatch):
    called = []
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(packages.shutil, "which", lambda name: "/bin/uv")
    monkeypatch.setattr(packages.subprocess, "call", lambda command, **_: called.append(command) or 3)
    assert packages.with_docs(["slides", "00"]) == 3
    assert called == [["/bin/uv", "run", "--project", str(course.ROOT), "--group", "docs", "course", "slides", "00"]]


def test_without_their_packages_and_uv_one_sentence_says_so(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(packages.shutil, "which", lambda name: None)
    for command in ("slides", "site"):
        result = CliRunner().invoke(cli.app, [command])
        assert result.exit_code == 1
        assert "uv run --group docs course" in " ".join(result.output.split())
