"""Everything that is made of the chapters as text: glossary, cards, course map, README's table, teachers' pages."""

import base64
import math
import re
import string
from collections import defaultdict
from datetime import datetime, timedelta

from course_tools import chapter as course
from course_tools import editions, lock
from course_utils.exercises.model import unmarked

SLOW = 2  # the machines of a class may be this much slower than the one that measured


def generated():
    """The pages that are kept in the checkout.

    Yields
    ------
    (pathlib.Path, str, str)
        A file, what it should hold, and what that is made of.
    """
    readme = course.ROOT / "README.md"
    yield course.ROOT / "notebooks" / editions.GLOSSARY, glossary(), "the lessons"
    yield readme, between(readme.read_text(encoding="utf-8"), table()), "the lessons"
    yield course.ROOT / "binder" / "requirements.txt", lock.binder_requirements(), "uv.lock"


def beside(edition):
    """The pages that go with an edition: their files and texts."""
    if edition == "student":
        yield from ((file, text) for file, text, _ in generated())
        return
    folder = course.ROOT / "build" / edition
    yield folder / editions.GLOSSARY, glossary()
    if edition == "instructor":
        yield from ((folder / name, text) for name, text in of_site("teach*.md"))


def differences():
    """What is wrong with the pages in the checkout: a list of sentences."""
    found = []
    for file, text, source in generated():
        if not file.is_file() or file.read_text(encoding="utf-8", errors="replace") != text:
            found.append(f"{file.relative_to(course.ROOT).as_posix()} does not come from {source}")
    return found


def between(text, content):
    """The text with other content between its markers."""
    before, begin, rest = text.partition("<!-- chapters -->\n")
    _, end, after = rest.partition("<!-- /chapters -->")
    if not end:
        raise course.ChapterError("README.md has lost its lines <!-- chapters --> and <!-- /chapters -->.")
    return f"{before}{begin}\n{content}\n\n{end}{after}"


def of_site(pattern="*.md"):
    """The pages of the site's own folder: name of the file, and text with what is made of the chapters filled in."""
    for file in sorted((course.ROOT / "site").glob(pattern)):
        text = file.read_text(encoding="utf-8")
        yield file.name, re.sub(r"^%([A-Z]+)%$", lambda m: FILLS[m[1]]().strip(), text, flags=re.MULTILINE)


def glossary():
    """The glossary as a page: each term with its Chinese name, one sentence, and the chapter where it is taught.

    Raises
    ------
    ChapterError
        If a term stands in two chapters.
    """
    lines = ["# Glossary", "", "Each term in one sentence, with its Chinese name and the chapter where it is taught."]
    letter, before = "", ("", None)
    terms = [(word.name.lower(), chapter, word) for chapter in course.chapters() for word in chapter.words]
    for key, chapter, word in sorted(terms, key=lambda term: term[0]):
        if key == before[0]:
            where = f"{before[1].lesson.name} and {chapter.lesson.name}"
            raise course.ChapterError(f"The word {word.name!r} stands twice, in {where}. Keep it where it is taught.")
        before = key, chapter
        first = word.name[0].upper() if word.name[0].isalpha() else "0–9"
        if first != letter:
            letter = first
            lines += ["", f"## {letter}"]
        # Plurals go without saying.
        others = [name for name in word.also if not name.lower().startswith(key[:-1])]
        also = f" ({', '.join(others)})" if others else ""
        link = f"[{chapter.number}]({chapter.stem}.ipynb)"
        lines += ["", f"**{word.name}**{also} · {word.chinese} · {link}  ", word.means]
    return "\n".join(lines) + "\n"


def table():
    """The README's table of the chapters."""
    lines = [
        "| | chapter | what you do | data | minutes: reading + exercises | computing |",
        "|---|---|---|---|---|---|",
    ]
    for chapter in course.chapters():
        computing = f"{chapter.seconds} s" if chapter.seconds else "–"
        minutes = f"{chapter.minutes_reading} + {chapter.minutes_exercises}"
        cells = [f"[{chapter.number}](notebooks/{chapter.stem}.ipynb)", _title(chapter), chapter.tagline]
        lines.append(f"| {' | '.join([*cells, chapter.datasets, minutes, computing])} |")
    return "\n".join(lines)


def _title(chapter):
    return chapter.title + (" (elective)" if chapter.part == "elective" else "")


def cards():
    """The landing page's cards, in MyST: of each chapter its picture, which is in images/, and its tagline."""
    lines = []
    for chapter in course.chapters():
        elective = " (elective)" if chapter.part == "elective" else ""
        lines += [f":::{{grid-item-card}} {chapter.number} · {chapter.card}{elective}"]
        lines += [f":img-top: images/{chapter.number}.png", f":img-alt: {cover(chapter)[1]}"]
        lines += [f":link: {chapter.stem}", ":link-type: doc", "", chapter.tagline, ":::", ""]
    return "\n".join(lines)


def cover(chapter):
    """The picture of a chapter: the first that its cell tagged `cover` shows.

    Returns
    -------
    (bytes, str)
        A PNG file, and its alt text.

    Raises
    ------
    ChapterError
        If the chapter has no such picture, or its solved edition is stale.
    """
    for cell, solved in editions.side_by_side(chapter, editions.solved(chapter)):
        for output in solved.outputs if "cover" in cell.marks else ():
            if "image/png" in output.get("data", {}):
                return base64.b64decode(output.data["image/png"]), output.metadata["image/png"]["alt"]
    raise course.ChapterError(f"{chapter.lesson.name} has no picture in a cell tagged cover.")


def questions():
    """Each question with the chapters that answer it, as a table."""
    asked = {}
    for chapter in course.chapters():
        for question in chapter.questions:
            asked.setdefault(question, []).append(f"[{chapter.number}]({chapter.stem}.ipynb)")
    rows = [f"| {question} | {', '.join(links)} |" for question, links in asked.items()]
    return "\n".join(["| your question | chapter |", "|---|---|", *rows])


def chapter_list():
    """The chapters with their minutes and what one can do after each."""
    lines = []
    for chapter in course.chapters():
        link = f"[**{chapter.number} · {_title(chapter)}**]({chapter.stem}.ipynb)"
        minutes = f"about {chapter.minutes_reading} minutes of reading, {chapter.minutes_exercises} of exercises"
        lines += ["", f"{link}, {minutes}", ""]
        lines += [f"- {goal}" for goal in chapter.objectives]
    return "\n".join(lines)


def references():
    """What the chapters cite, chapter by chapter."""
    lines = []
    for chapter in course.chapters():
        lines += [f"## [{chapter.number} · {chapter.title}]({chapter.stem}.ipynb)", chapter.references, ""]
    return "\n".join(lines)


def guides():
    """The guide of each chapter; the smaller notes stand only in the teachers' edition."""
    lines = []
    for chapter in course.chapters():
        lines += [f"## {chapter.number} · {_title(chapter)}", "", chapter.guide, ""]
    return "\n".join(lines)


def plans():
    """The workshop plans, with the times worked out.

    Returns
    -------
    list of (str, list of dict)
        A plan's name and its blocks as lessons/timetable.toml has them, each with the minutes its cells ``computing``
        take, and with ``begins`` and ``ends`` as "09:00".
    """
    days = course.read_toml(course.ROOT / "lessons" / "timetable.toml")["day"]
    computing = {number: row["seconds"] for number, row in course.measured().items()}
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
                what += f" ({_link(block['chapter'])}"
                what += f", {block['part']})" if "part" in block else ")"
            minutes = [str(block.get(part) or "") for part in ("talk", "alone", "discuss", "computing")]
            cells = [f"{block['begins']}–{block['ends']}", what, *minutes, block.get("skip", "")]
            lines.append(f"| {' | '.join(cells)} |")
        lines += ["", _left_for_home(blocks)]
    return "\n".join(lines)


def _left_for_home(blocks):
    """How much of the time that somebody alone needs for a chapter a plan has for it."""
    planned = defaultdict(int)
    for block in blocks:
        planned[block.get("chapter")] += sum(block.get(part, 0) for part in ("talk", "alone", "discuss"))
    rows = []
    for chapter in course.chapters("core"):
        alone = chapter.minutes_reading + chapter.minutes_exercises
        rows.append(f"{_link(chapter.number)} {planned[chapter.number]} of {alone}")
    return (
        f"Minutes that this plan has for a chapter (talk, alone and discuss), of those that a reader takes alone: "
        f"{', '.join(rows)}. What is missing is the learners' to do at home: they keep their notebooks."
    )


def _link(number):
    return f"[{number}]({course.lessons()[number].stem}.ipynb)"


def before_after():
    """Both forms of the quiz, and the folded answers."""
    items = course.read_toml(course.ROOT / "lessons" / "before_after.toml")["item"]
    lines = []
    for form in ("before", "after"):
        lines += [f"## The form for {form}", ""]
        for number, item in enumerate(items, 1):
            lines += [f"{number}. {item[form]['question']}", ""]
            for letter, option in zip(string.ascii_lowercase, unmarked(item[form]["options"])[0], strict=False):
                lines.append(f"   - {letter}) {option}")
            lines.append("")
        lines += ["<details><summary>Answers</summary>", ""]
        for number, item in enumerate(items, 1):
            right = string.ascii_lowercase[unmarked(item[form]["options"])[1]]
            why = re.sub(r"\s+", " ", item[form]["why"]).strip()
            lines += [f"{number}. **{right}**: {why} ({item['topic']}, chapter {_link(item['chapter'])})"]
        lines += ["", "</details>", ""]
    return "\n".join(lines)


FILLS = {
    "GLOSSARY": glossary,
    "CARDS": cards,
    "QUESTIONS": questions,
    "CHAPTERS": chapter_list,
    "REFERENCES": references,
    "GUIDES": guides,
    "TIMETABLE": timetable,
    "QUIZ": before_after,
}
