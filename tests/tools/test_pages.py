"""What is made of the chapters as text: glossary, cards, map, table; timetable, guides, the quiz before and after."""

import dataclasses
import re
import tomllib
from datetime import datetime
from itertools import pairwise

import pytest
import yaml

from course_tools import chapter as course
from course_tools import pages
from course_utils.exercises.model import unmarked

CHAPTERS = course.chapters()


def test_the_pages_in_the_checkout_are_made_of_the_lessons():
    assert pages.differences() == []


def test_a_page_that_differs_is_named(monkeypatch):
    monkeypatch.setattr(pages, "glossary", lambda: "another")
    assert pages.differences() == ["notebooks/glossary.md does not come from the lessons"]


def test_a_readme_without_its_markers_is_named():
    assert pages.between("a\n<!-- chapters -->\nold\n<!-- /chapters -->\nb", "new") == (
        "a\n<!-- chapters -->\n\nnew\n\n<!-- /chapters -->\nb"
    )
    with pytest.raises(course.ChapterError, match=r"README\.md has lost its lines"):
        pages.between("a <!-- chapters -->", "new")


def test_core_chapters_are_measured_and_keep_the_budget():
    """`course run --record` measures; timetable, front pages and the README's table follow."""
    assert (
        {chapter.number for chapter in course.chapters("core")} <= course.measured().keys() <= course.lessons().keys()
    )
    assert max(row["seconds"] for row in course.measured().values()) <= 66  # 60, and a tenth for a slow day
    assert max(row["mb"] for row in course.measured().values()) <= 1500


def test_the_glossary_agrees_with_the_chapters():
    """Each term stands in the chapter that defines it."""
    assert sum(len(chapter.words) for chapter in CHAPTERS) > 80
    for chapter in CHAPTERS:
        text = re.sub(r"[\s*]+", " ", " ".join(f"{cell.source} {cell.solution}" for cell in chapter.cells)).lower()
        for word in chapter.words:
            assert any(name.lower() in text for name in (word.name, *word.also)), word.name
            assert word.means.endswith(".")
            assert re.search("[\u4e00-\u9fff]", word.chinese)


def test_a_word_in_two_chapters_is_an_error(monkeypatch):
    monkeypatch.setattr(course, "chapters", lambda: [CHAPTERS[0], CHAPTERS[1], CHAPTERS[0]])
    with pytest.raises(course.ChapterError, match=r"stands twice, in 00_\w+\.py and 00_"):
        pages.glossary()


def test_every_chapter_has_a_card_with_its_picture():
    text = pages.cards()
    for chapter in CHAPTERS:
        picture, alt = pages.cover(chapter)
        assert picture.startswith(b"\x89PNG")
        assert f":img-alt: {alt}\n:link: {chapter.stem}\n" in text
        assert chapter.tagline in text


def test_a_chapter_without_a_cover_is_named():
    cells = [dataclasses.replace(c, marks=tuple({*c.marks} - {"cover"})) for c in CHAPTERS[0].cells]
    bare = dataclasses.replace(CHAPTERS[0], cells=tuple(cells))
    with pytest.raises(course.ChapterError, match="no picture in a cell tagged cover"):
        pages.cover(bare)


def test_the_course_map_has_every_question_once():
    rows = pages.questions().splitlines()[2:]
    asked = {question for chapter in CHAPTERS for question in chapter.questions}
    assert len(rows) == len(asked)
    for chapter in CHAPTERS:
        for question in chapter.questions:
            assert any(f"| {question} |" in row and f"({chapter.stem}.ipynb)" in row for row in rows)


def test_an_elective_is_called_one(monkeypatch):
    elective = dataclasses.replace(CHAPTERS[0], part="elective")
    monkeypatch.setattr(course, "chapters", lambda: [elective])
    for page in (pages.table(), pages.cards(), pages.chapter_list(), pages.guides()):
        assert "(elective)" in page


@pytest.mark.parametrize(("name", "blocks"), pages.plans(), ids=lambda value: value if isinstance(value, str) else "")
def test_a_plan_fits_its_days_and_names_what_exists(name, blocks):
    ends = [before["ends"] for before, block in pairwise(blocks) if "start" in block]
    for end in [*ends, blocks[-1]["ends"]]:
        assert "15:30" <= end <= "17:15"
    for block in blocks:
        assert ("pause" in block) != ("talk" in block)
        if "chapter" not in block:
            continue
        text = course.find(block["chapter"]).lesson.read_text(encoding="utf-8")
        headings = {int(number) for number in re.findall(r"^# ## (\d+) ", text, re.M)}
        for number in map(int, re.findall(r"\d+", block.get("part", ""))):
            assert number in headings, block
    pauses = sum(block["pause"] for block in blocks if "pause" in block)
    assert pauses >= 75 * (1 + len(ends))  # lunch, and two times for coffee


@pytest.mark.parametrize(("minute", "shown"), [(0, "10:00"), (2, "10:00"), (3, "10:05"), (57, "10:55"), (58, "11:00")])
def test_times_are_shown_to_five_minutes(minute, shown):
    assert pages._to_five(datetime(2026, 11, 21, 10, minute)) == shown


def test_two_days_hold_the_core():
    core = {chapter.number for chapter in course.chapters("core")}
    assert {block["chapter"] for block in dict(pages.plans())["Two days"] if "chapter" in block} == core


def test_the_sites_pages_are_whole():
    found = dict(pages.of_site())
    page = "\n".join(found.values())
    assert not re.search(r"^%\w+%$", page, re.MULTILINE)
    for name in ("index.md", "course-map.md", "glossary.md", "references.md"):
        for chapter in CHAPTERS:
            assert chapter.stem in found[name], name
    for chapter in CHAPTERS:
        assert f"## {chapter.number} · {chapter.title}" in found["teach-guides.md"]
    for words in ("**Goals", "get stuck", "**Say", "**When late"):
        assert found["teach-guides.md"].count(words) >= len(CHAPTERS)


def test_both_forms_of_the_quiz(root):
    items = tomllib.loads((root / "lessons" / "before_after.toml").read_text(encoding="utf-8"))["item"]
    assert len(items) == 10
    forms = [item[form] for item in items for form in ("before", "after")]
    longest, places = 0, []
    for question in forms:
        options, right = unmarked(question["options"])
        places.append(right)
        assert len(set(options)) == 4
        longest += len(options[right]) == max(map(len, options))
    assert longest <= 0.5 * len(forms)  # the longest answer is no way to guess
    assert all(places.count(place) >= 3 for place in range(4))
    assert all(item["before"]["question"] != item["after"]["question"] for item in items)
    assert {item["chapter"] for item in items} == {chapter.number for chapter in course.chapters("core")}


def test_the_limits_on_kubernetes_hold_every_chapter(root):
    """deploy/jupyterhub/values.yaml against what was measured, with 0.15 GB for the server itself."""
    values = yaml.safe_load((root / "deploy" / "jupyterhub" / "values.yaml").read_text(encoding="utf-8"))
    memory = {name: float(text.removesuffix("G")) for name, text in values["singleuser"]["memory"].items()}
    needed = max(row["mb"] for row in course.measured().values()) / 1000 + 0.15
    assert memory["guarantee"] >= needed
    assert memory["limit"] >= 1.3 * needed
    image = (root / "deploy" / "Dockerfile").read_text(encoding="utf-8")
    for place in (
        values["singleuser"]["storage"]["homeMountPath"],
        values["singleuser"]["extraEnv"]["COURSE_DATA_DIR"],
    ):
        assert place in image
    assert values["singleuser"]["cmd"] == "jupyterhub-singleuser"
