"""What teachers get: timetable, guides, the quiz before and after."""

import re
import tomllib
from datetime import datetime
from itertools import pairwise

import pytest
import yaml

from course_tools import lesson, teaching


def test_the_figures_of_the_readme_are_the_measured_ones(root):
    """`course run --record` measures; the README's table of chapters and the chapters' budgets follow."""
    rows = re.findall(r"^\| \[(\d\d)\]\(.*\| (\d+) s \|$", (root / "README.md").read_text(encoding="utf-8"), re.M)
    assert {chapter: int(seconds) for chapter, seconds in rows} == {
        chapter: row["seconds"] for chapter, row in lesson.measured().items()
    }
    assert lesson.measured().keys() == lesson.chapters().keys()
    assert max(row["seconds"] for row in lesson.measured().values()) <= 66  # 60, and a tenth for a slow day
    assert max(row["mb"] for row in lesson.measured().values()) <= 1500


def test_measured_figures_are_noted(tmp_path, monkeypatch):
    monkeypatch.setattr(lesson, "ROOT", tmp_path)
    (tmp_path / "lessons").mkdir()
    (tmp_path / "lessons" / "measured.toml").write_text("01 = { seconds = 5, mb = 700 }\n")
    lesson.note_measured("00", 12.4, 951.0)
    assert lesson.measured() == {"00": {"seconds": 12, "mb": 950}, "01": {"seconds": 5, "mb": 700}}


@pytest.mark.parametrize(
    ("name", "blocks"), teaching.plans(), ids=lambda value: value if isinstance(value, str) else ""
)
def test_a_plan_fits_its_days_and_names_what_exists(name, blocks):
    ends = [before["ends"] for before, block in pairwise(blocks) if "start" in block]
    for end in [*ends, blocks[-1]["ends"]]:
        assert "15:30" <= end <= "17:15"
    for block in blocks:
        assert ("pause" in block) != ("talk" in block)
        if "chapter" not in block:
            continue
        text = lesson.find(block["chapter"]).read_text(encoding="utf-8")
        headings = {int(number) for number in re.findall(r"^# ## (\d+) ", text, re.M)}
        for number in map(int, re.findall(r"\d+", block.get("part", ""))):
            assert number in headings, block
    pauses = sum(block["pause"] for block in blocks if "pause" in block)
    assert pauses >= 75 * (1 + len(ends))  # lunch, and two times for coffee


@pytest.mark.parametrize(("minute", "shown"), [(0, "10:00"), (2, "10:00"), (3, "10:05"), (57, "10:55"), (58, "11:00")])
def test_times_are_shown_to_five_minutes(minute, shown):
    assert teaching._to_five(datetime(2026, 11, 21, 10, minute)) == shown


def test_two_days_hold_every_chapter():
    plans = dict(teaching.plans())
    assert {block["chapter"] for block in plans["Two days"] if "chapter" in block} == set(lesson.chapters())


def test_the_pages_are_whole():
    page = "\n".join(text for _, text in teaching.pages())
    assert not re.search(r"^%\w+%$", page, re.M)
    for path in lesson.chapters().values():
        assert f"({path.stem}.ipynb)" in page
    for words in ("**Goals", "get stuck", "**Say", "**When late"):
        assert page.count(words) >= len(lesson.chapters())


def test_both_forms_of_the_quiz(root):
    items = tomllib.loads((root / "lessons" / "before_after.toml").read_text(encoding="utf-8"))["item"]
    assert len(items) == 10
    forms = [item[form] for item in items for form in ("before", "after")]
    longest = 0
    for question in forms:
        options = question["options"]
        assert len(set(options)) == 4
        longest += len(options[question["right"]]) == max(map(len, options))
    assert longest <= 0.5 * len(forms)  # the longest answer is no way to guess
    assert all(sum(question["right"] == place for question in forms) >= 3 for place in range(4))
    assert all(item["before"]["question"] != item["after"]["question"] for item in items)
    assert {item["chapter"] for item in items} == set(lesson.chapters())


def test_the_limits_on_kubernetes_hold_every_chapter(root):
    """deploy/jupyterhub/values.yaml against what was measured, with 0.15 GB for the server itself."""
    values = yaml.safe_load((root / "deploy" / "jupyterhub" / "values.yaml").read_text(encoding="utf-8"))
    memory = {name: float(text.removesuffix("G")) for name, text in values["singleuser"]["memory"].items()}
    needed = max(row["mb"] for row in lesson.measured().values()) / 1000 + 0.15
    assert memory["guarantee"] >= needed
    assert memory["limit"] >= 1.3 * needed
    image = (root / "deploy" / "Dockerfile").read_text(encoding="utf-8")
    for place in (
        values["singleuser"]["storage"]["homeMountPath"],
        values["singleuser"]["extraEnv"]["COURSE_DATA_DIR"],
    ):
        assert place in image
    assert values["singleuser"]["cmd"] == "jupyterhub-singleuser"
