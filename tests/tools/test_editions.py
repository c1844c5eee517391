"""The editions of a chapter: generated notebooks equal their lessons, each is right, builds are reproducible."""

import json
import re

import nbformat
import pytest

from course_tools import chapter as course
from course_tools import editions

CHAPTERS = course.chapters()


def stem(chapter):
    return chapter.stem


@pytest.mark.parametrize("chapter", CHAPTERS, ids=stem)
def test_generated_notebooks_agree_with_the_lesson(chapter):
    assert editions.differences(chapter) == []


def test_every_notebook_has_a_lesson():
    assert editions.strangers() == []


@pytest.mark.parametrize("edition", editions.EDITIONS)
@pytest.mark.parametrize("chapter", CHAPTERS, ids=stem)
def test_editions(chapter, edition):
    notebook = editions.make(chapter, edition)
    nbformat.validate(notebook)
    text = editions.to_text(notebook)
    assert text == editions.to_text(editions.make(chapter, edition))
    assert len({cell.id for cell in notebook.cells}) == len(notebook.cells)
    tags = [tag for cell in notebook.cells for tag in cell.metadata.get("tags", [])]
    assert ("solution" in tags) == (edition in ("solutions", "instructor"))
    assert ("exercise" in tags) == (edition != "solutions")
    assert ("For the teacher" in text) == (edition == "instructor")
    assert ("exercises.strict()" in text) == (edition == "solutions")
    kept = {cell.source for cell in chapter.cells if cell.kind in editions.KEPT_IN_BLANK}
    for cell in notebook.cells[2:] if edition == "blank" else ():
        if cell.cell_type == "code" and cell.source not in kept:
            assert all(line.startswith("#") for line in cell.source.splitlines())


@pytest.mark.parametrize("chapter", CHAPTERS, ids=stem)
def test_front_page_and_links(chapter):
    notebook = editions.make(chapter, "student")
    front = notebook.cells[0].source
    for words in (
        chapter.title,
        *chapter.objectives,
        "For learning only",
        "colab.research.google.com",
        "mybinder.org",
        f"takes about {chapter.seconds} seconds" if chapter.seconds else "has not been measured",
    ):
        assert words in front
    assert course.repository() in notebook.cells[1].source
    assert "--no-deps" in notebook.cells[1].source
    known = {other.stem for other in CHAPTERS}
    for cell in notebook.cells:
        assert set(re.findall(r"\]\((\d\d_\w+)\.ipynb\)", cell.source)) <= known


@pytest.mark.parametrize("chapter", CHAPTERS, ids=stem)
def test_kept_outputs(chapter):
    """The solved notebooks are whole, small, clean, and say where every result's data is from."""
    file = chapter.notebook("solutions")
    assert file.stat().st_size <= 1_000_000
    notebook = nbformat.read(file, as_version=4)
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert not any(output.output_type == "error" or output.get("name") == "stderr" for output in outputs)
    text = json.dumps([o for o in outputs if "image/png" not in o.get("data", {})], ensure_ascii=False)
    assert not re.search(r"(/(home|root|work|tmp)/|C:\\\\)", text)
    assert "❌" not in text
    assert "✅" in text
    pictures = [output for output in outputs if "image/png" in output.get("data", {})]
    assert pictures
    for picture in pictures:
        assert len(picture.metadata["image/png"]["alt"]) > 40
    assert any("application/vnd.course.results+json" in output.get("data", {}) for output in outputs)


@pytest.mark.parametrize("chapter", CHAPTERS, ids=stem)
def test_the_glossary_is_linked(chapter):
    assert f"]({editions.GLOSSARY})" in editions.make(chapter, "student").cells[0].source
    assert f"](../{editions.GLOSSARY})" in editions.make(chapter, "solutions").cells[0].source


@pytest.mark.parametrize("chapter", CHAPTERS, ids=stem)
def test_lesson_and_solved_edition_stand_side_by_side(chapter):
    for cell, solved in editions.side_by_side(chapter, editions.solved(chapter)):
        if cell.kind == "note":
            assert solved is None
        elif cell.kind != "prose":  # in which links may have become text
            assert solved.source == (cell.solution or cell.source)


def test_a_stale_solved_edition_is_refused(monkeypatch, tmp_path):
    monkeypatch.setattr(course, "ROOT", tmp_path)
    for name in ("pyproject.toml", "lessons/measured.toml"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text('project.urls.Repository = "https://github.com/a/b"\n' * (name[0] == "p"))
    with pytest.raises(course.ChapterError, match=r"does not come from .*First: uv run course build"):
        editions.solved(CHAPTERS[0])
