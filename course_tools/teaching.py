"""The teachers' pages: site/teach*.md, filled with what the lessons, the timetable and the quiz's file say."""

import math
import re
import string
import tomllib
from datetime import datetime, timedelta

from course_tools import lesson

SLOW = 2  # the machines of a class may be this much slower than the one that measured


def pages():
    """The teachers' pages: name of the file and text."""
    fills = {"%TIMETABLE%": timetable(), "%GUIDES%": guides(), "%QUIZ%": before_after()}
    for file in sorted((lesson.ROOT / "site").glob("teach*.md")):
        text = file.read_text(encoding="utf-8")
        for name, fill in fills.items():
            text = text.replace(name, fill)
        yield file.name, text


def plans():
    """The workshop plans, with the times worked out.

    Returns
    -------
    list of (str, list of dict)
        A plan's name and its blocks as lessons/timetable.toml has them, each with the minutes its cells ``computing``
        take, and with ``begins`` and ``ends`` as "09:00".
    """
    with open(lesson.ROOT / "lessons" / "timetable.toml", "rb") as file:
        days = tomllib.load(file)["day"]
    computing = {chapter: row["seconds"] for chapter, row in lesson.measured().items()}
    for plan in days:
        clock = None
        for block in plan["block"]:
            clock = datetime.strptime(block["start"], "%H:%M") if "start" in block else clock
            seconds = SLOW * computing[block["chapter"]] if "chapter" in block else 0
            block["computing"] = math.ceil(seconds / 60)
            block["begins"] = _to_five(clock)
            parts = ("pause", "talk", "alone", "discuss", "computing")
            clock += timedelta(minutes=sum(block.get(part, 0) for part in parts))
            block["ends"] = _to_five(clock)
    return [(plan["name"], plan["block"]) for plan in days]


def _to_five(clock):
    """The nearest five minutes, for people."""
    return f"{clock + timedelta(minutes=(2 - clock.minute) % 5 - 2):%H:%M}"


def timetable():
    """Every plan as a table."""
    lines = [
        f"Computing was measured on two processor cores (`uv run course run --record`) and is counted {SLOW}-fold here",
        "for slower machines; a chapter in two blocks counts twice, since its cells are run again after the pause.",
    ]
    for name, blocks in plans():
        for block in blocks:
            if "start" in block:
                day = f", day {block['day']}" if any(other.get("day", 1) > 1 for other in blocks) else ""
                lines += ["", f"### {name}{day}", ""]
                lines += ["| time | what | talk | alone | discuss | computing | when late, leave out |"]
                lines += ["|---|---|---|---|---|---|---|"]
            what = block["title"]
            if "chapter" in block:
                what += f" ([{block['chapter']}]({lesson.find(block['chapter']).stem}.ipynb)"
                what += f", {block['part']})" if "part" in block else ")"
            minutes = [str(block.get(part) or "") for part in ("talk", "alone", "discuss", "computing")]
            cells = [f"{block['begins']}–{block['ends']}", what, *minutes, block.get("skip", "")]
            lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def guides():
    """The guide cell of each chapter; the smaller notes stand only in the teachers' edition."""
    lines = []
    for chapter, path in lesson.chapters().items():
        header, cells = lesson.read(path)
        (guide,) = (cell.source for cell in cells if cell.source.startswith(GUIDE))
        lines += [f"## {chapter} · {header['title']}", "", guide.removeprefix(GUIDE).strip(), ""]
    return "\n".join(lines)


GUIDE = "**Guide to this chapter**"


def before_after():
    """Both forms of the quiz, and the folded answers."""
    with open(lesson.ROOT / "lessons" / "before_after.toml", "rb") as file:
        items = tomllib.load(file)["item"]
    lines = []
    for form in ("before", "after"):
        lines += [f"## The form for {form}", ""]
        for number, item in enumerate(items, 1):
            lines += [f"{number}. {item[form]['question']}", ""]
            for letter, option in zip(string.ascii_lowercase, item[form]["options"], strict=False):
                lines.append(f"   - {letter}) {option}")
            lines.append("")
        lines += ["<details><summary>Answers</summary>", ""]
        for number, item in enumerate(items, 1):
            right = string.ascii_lowercase[item[form]["right"]]
            why = re.sub(r"\s+", " ", item[form]["why"]).strip()
            stem = lesson.find(item["chapter"]).stem
            lines += [f"{number}. **{right}**: {why} ({item['topic']}, chapter [{item['chapter']}]({stem}.ipynb))"]
        lines += ["", "</details>", ""]
    return "\n".join(lines)
