"""What a slide shows of a chapter: first sentences, formulas, results and pictures; the rest is for the notes."""

import html
import re

import nbformat

from course_tools import editions
from course_tools.slides.measure import SIZES, fits
from course_utils import exercises

MOST_LINES = 12  # of code or output on a slide
SHORT = 160  # characters of a paragraph that is shown whole


def slides(chapter, notebook):
    """The slides of a chapter: dicts with `section`, `heading`, `new` (opens a section), `blocks` and `notes`.

    A block is a pair, its kind and its text in Markdown. Lesson and solved notebook are read side by side: stubs and
    teaching notes stand in the first, outputs in the second.

    Parameters
    ----------
    chapter : Chapter
    notebook : nbformat.NotebookNode
        Its solved edition.

    Returns
    -------
    list of dict
    """
    goals = [("item", f"- {goal}") for goal in chapter.objectives]
    warning = ("small", "*For learning only. Nothing here is for use with patients.*")
    title = f"# {chapter.number} · {chapter.title}"
    deck = [slide("", title, [("text", "After this chapter you can"), *goals, warning])]
    deck[0] |= {"new": True, "notes": [notebook.cells[0].source.replace(editions.EDITIONS["solutions"], "", 1)]}
    said = ""
    for place, (cell, solved) in enumerate(editions.side_by_side(chapter, notebook)):
        if cell.kind == "note":
            deck[-1]["notes"].append(f"**For the teacher.** {cell.source}")
        elif cell.kind == "prose":
            # Links within the course lead to notebooks, which do not lie beside the slides.
            said = re.sub(r"\[([^\]]+)\]\((?!https?:)[\w./]+\)", r"\1", solved.source)
            for part in re.split(r"^(?=##+ )", said, flags=re.MULTILINE):
                add_text(deck, part.strip())
        elif cell.kind == "exercise":
            add_exercise(deck, cell)
        elif cell.kind == "quiz":
            questions = exercises.questions(chapter.number)
            deck[-1]["blocks"] = deck[-1]["blocks"] or [("text", f"{len(questions)} questions")]
            deck += [question(number, one) for number, one in enumerate(questions, 1)]
        elif cell.kind == "code":
            others = (other.source for other in chapter.cells[place + 1 :] if other.kind != "note")
            add_code(deck, solved, said, next(others, ""))
            said = ""
    return merged(deck)


def slide(section, heading, blocks, notes=""):
    return {"section": section, "heading": heading, "new": False, "blocks": blocks, "notes": [notes] if notes else []}


def add_text(deck, text):
    """A slide for one part of a Markdown cell, from heading to heading; references go to the notes only."""
    heading, body = re.match(r"(##+ [^\n]*|)\s*(.*)", text, re.DOTALL).groups()
    if heading == "## References":
        deck[-1]["notes"].append(text)
    elif heading.startswith("## "):
        blocks = points(body, whole=heading == "## What to remember")
        deck.append(slide(heading[3:], heading, blocks, text) | {"new": True})
    elif text:
        deck.append(slide(deck[-1]["section"], heading, points(body), text))


def add_exercise(deck, cell):
    """The slide of the exercise's heading gets the whole task; its solution goes to the notes."""
    task, title = deck[-1], deck[-1]["heading"].partition(": ")[2]
    text = task["notes"][0].partition("\n")[2]
    task["heading"] = f"### Exercise {cell.exercise}: {title}"
    task["blocks"] = [*points(text, whole=True), ("code", fenced(cell.stub, "python"))]
    task["notes"] = [text, "**Solution**", fenced(cell.solution, "python")]


def question(number, one):
    """One question of the quiz; the right option and what is replied to each go to the notes."""
    letters = "abcdef"[: len(one.options)]
    options = [("text", f"**{letter})** {plain(text)}") for letter, (text, _) in zip(letters, one.options, strict=True)]
    replies = [f"- {letter}) {plain(reply)}" for letter, (_, reply) in zip(letters, one.options, strict=True)]
    notes = f"**Right: {one.right}**\n\n" + "\n".join(replies)
    return slide("Quiz", f"### Question {number}", [("text", plain(one.text)), *options], notes)


def add_code(deck, cell, said, after):
    """What a cell of code shows: itself, if it is short and the text names something in it; results; each picture."""
    outputs, source = shown(cell.outputs), cell.source
    lines = len(source.splitlines())
    pictures = any(kind == "picture" for kind, _ in outputs)
    named = [word for word in re.findall(r"`([A-Za-z_][\w.]+)", f"{said} {after}") if re.search(rf"\b{word}\b", source)]
    blocks = [("code", fenced(source, "python"))] if named and lines <= MOST_LINES and not pictures else []
    note = fenced(source, "python") if lines <= MOST_LINES else f"*The code, {lines} lines, stands in the notebook.*"
    deck[-1]["notes"].append(note)
    caption, text = last_sentences(said), said
    for kind, content in [*blocks, *outputs]:
        before = deck[-1]
        words = "".join(text for _, text in before["blocks"])
        only_text = {kind for kind, _ in before["blocks"]} <= {"text"}
        if kind == "picture" and only_text and len(words) <= SHORT and not before["new"]:
            before["blocks"] = [("caption", text) for _, text in before["blocks"]]
        elif kind == "picture":
            new = [("caption", caption)] if caption not in words else []
            deck.append(slide(before["section"], "", new, text))
        elif closed(before):
            deck.append(slide(before["section"], "", [], text))
        deck[-1]["blocks"].append((kind, content))
        caption = "" if kind == "picture" else caption


def closed(one):
    """Whether a slide takes nothing that comes later: one with a picture, an exercise or a question."""
    return "picture" in {kind for kind, _ in one["blocks"]} or re.search(r"### (Exercise|Question) ", one["heading"])


def shown(outputs):
    """Those outputs that belong on a slide, as blocks; text that was printed in pieces is put together."""
    blocks, printed = [], ""
    for output in [*outputs, nbformat.from_dict({"data": {"end": ""}})]:
        data = output.get("data", {})
        table = re.search(r"<table.*</table>", data.get("text/html", ""), re.DOTALL)
        if "text" in output or set(data) == {"text/plain"}:  # and not HTML that tells how training went
            printed += output.get("text") or data["text/plain"] + "\n"
        elif printed and (table or "text/html" not in data):
            lines = printed.strip().splitlines()
            if len(lines) <= MOST_LINES and not all(line.endswith(":") for line in lines):
                blocks.append(("output", fenced(printed.rstrip(), "text")))
            printed = ""
        if "image/png" in data:
            alt = html.escape(output.metadata["image/png"]["alt"], quote=True)
            content = data["image/png"].replace("\n", "")
            image = f'<figure><img alt="{alt}" src="data:image/png;base64,{content}"></figure>'
            blocks.append(("picture", image))
        elif table:
            blocks.append(("table", re.sub(r"\n\s*", "", table[0])))
    return blocks


def points(text, whole=False):
    """What a slide says of a text: its first sentences; formulas, lists, tables, quotations and what leads to them; the
    beginning of each paragraph that begins in bold."""
    blocks, before = [], ""  # before: a paragraph of which not everything has been said
    text = re.sub(r"<details>.*?</details>", "", text, flags=re.DOTALL)
    for paragraph in re.split(r"\n\s*\n", text.strip()):
        kind = next((kind for start, kind in KINDS.items() if re.match(start, paragraph)), "text")
        if kind == "text":
            said = " ".join(paragraph.split())
            if not (whole or not blocks or said.startswith("**")):
                before = said
                continue
            first = said if whole else first_sentences(said)
            blocks.append(("text", first))
            before = said if first != said else ""
            continue
        if before:
            lead = sentences(before)[-1]
            if not blocks or not blocks[-1][1].endswith(lead):
                blocks.append(("text", lead))
            before = ""
        if kind == "item":
            for item in re.split(r"^(?=- |\d+\. )", paragraph, flags=re.MULTILINE)[1:]:
                said = " ".join(item.split())
                blocks.append(("item", said if whole else first_sentences(said)))
        else:
            blocks.append((kind, paragraph))
    return [(kind, text) for kind, text in blocks if text]


KINDS = {r"\$\$": "formula", r"(- |\d+\. )": "item", r"\|": "table", "> ": "quote", "```": "code"}


def sentences(text):
    """The sentences of a paragraph. None ends within brackets, bold type, code or a formula."""
    found = [""]
    for word in text.split():
        if found[-1] and not word[0].islower() and complete(found[-1]):
            found.append("")
        found[-1] = f"{found[-1]} {word}".strip()
    return found


def complete(text):
    ends = re.search(r"[.?!][*”\")]*$", text) and not re.search(r"\b(e\.g|i\.e|al|vs|Dr)\.$", text)
    return ends and text.count("(") == text.count(")") and all(text.count(m) % 2 == 0 for m in ("**", "`", "$", '"'))


def first_sentences(text):
    """As many sentences as make a short text, but at least one, and one more after a title in bold."""
    found = sentences(text)
    enough = 2 if re.fullmatch(r"(- )?\*\*[^*]*\*\*", found[0]) else 1
    while len(found) > enough and len(" ".join(found)) > SHORT:
        del found[-1]
    return " ".join(found)


def last_sentences(text):
    """As many of the last sentences of a text's last paragraph as make a caption."""
    paragraph = sentences(" ".join(re.split(r"\n\s*\n", text.strip())[-1].split()))
    while len(paragraph) > 1 and len(" ".join(paragraph)) > SHORT:
        del paragraph[0]
    return " ".join(paragraph)


def plain(text):
    """Text that is not Markdown, as Markdown."""
    return re.sub(r"([\\`*_\[\]$<>#|])", r"\\\1", text)


def fenced(text, language):
    return f"```{language}\n{text}\n```"


def merged(deck):
    """The deck with nearly empty neighbours put together; nothing joins a picture, an exercise or a question."""
    joined = deck[:1]
    for one in deck[1:]:
        last = joined[-1]
        both = last | {"blocks": last["blocks"] + one["blocks"], "notes": last["notes"] + one["notes"]}
        few = sum(len(text) for kind, text in both["blocks"] if kind in ("text", "item")) <= 1.5 * SHORT
        picture = any(kind == "picture" for kind, _ in one["blocks"])
        if not last["blocks"] and not one["new"]:
            joined[-1] = both | {"heading": f"{last['heading']}\n\n{one['heading']}"}
        elif not (one["new"] or one["heading"] or picture or closed(last)) and few and fits(both, SIZES[2]):
            joined[-1] = both
        else:
            joined.append(one)
    return joined
