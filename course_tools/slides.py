"""Slides for a lecture, from the executed notebooks: `course slides`.

By rule, and by nobody's hand: a slide shows a first sentence, a formula, a result or a picture, in large letters; the
full text and the code are in the speaker notes (key S).
"""

import html
import importlib.util
import math
import re
import shutil
from pathlib import Path

import nbformat
from nbformat.v4 import new_markdown_cell, new_notebook

from course_tools import lesson
from course_utils import exercises

WIDTH, HEIGHT = 1280, 720  # of a slide; reveal.js scales it to the projector
COLUMN, ROOM = 1120, 560  # what its text may take of that
SIZES = (46, 40, 36, 32, 28)  # of the text, in pixels: the largest that fits
MOST_LINES = 12  # of code or output on a slide
SHORT = 160  # characters of a paragraph that is shown whole
FONTS = "dist/theme/fonts/source-sans-pro"
REVEAL = ("LICENSE", "dist/reveal.css", "dist/reveal.js", "dist/theme/white.css", FONTS, "plugin/notes/notes.js")


def build(paths, out):
    """Write the slides of some lessons, and beside them what they need, so that they work without a network.

    Parameters
    ----------
    paths : list of pathlib.Path
        The lessons.
    out : pathlib.Path
        The folder to write to.

    Yields
    ------
    (pathlib.Path, int)
        Each presentation, when it is written, and how many slides it has.
    """
    found = [importlib.util.find_spec(name) for name in ("sphinx_revealjs", "sphinx-mathjax-offline")]
    if not all(found):
        raise lesson.LessonError("Slides need the developers' packages. To install them: uv sync")
    from nbconvert import SlidesExporter

    from course_tools.cli import differences

    reveal, mathjax = (Path(package.origin).parent for package in found)
    for name in REVEAL:
        source, target = reveal / "_static" / "revealjs" / name, out / "_static" / "revealjs" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(source, target, dirs_exist_ok=True) if source.is_dir() else shutil.copy(source, target)
    shutil.copy(mathjax / "static" / "mathjax" / "tex-svg.js", out / "_static")
    exporter = SlidesExporter(
        raw_template=TEMPLATE,
        exclude_anchor_links=True,
        reveal_url_prefix="_static/revealjs",
        reveal_theme="white",
        reveal_transition="none",
        reveal_number="c/t",
        reveal_width=str(WIDTH),
        reveal_height=str(HEIGHT),
    )
    for path in paths:
        for difference in differences(path):
            raise lesson.LessonError(f"{difference}. First: uv run course build")
        solved = nbformat.read(lesson.notebook_path(path, "solutions"), as_version=4)
        deck = [page for slide in slides(path, solved) for page in pages(slide)]
        target = out / f"{path.stem}.html"
        target.write_text(exporter.from_notebook_node(as_notebook(deck, path))[0], encoding="utf-8")
        yield target, len(deck)


def slides(path, notebook):
    """The slides of a chapter: dicts with `section`, `heading`, `new` (opens a section), `blocks` and `notes`.

    A block is a pair, its kind and its text in Markdown. Lesson and solved notebook are read side by side: stubs and
    teaching notes stand in the first, outputs in the second.
    """
    header, cells = lesson.read(path)
    chapter = path.name[:2]
    goals = [("item", f"- {goal}") for goal in header["objectives"]]
    warning = ("small", "*For learning only. Nothing here is for use with patients.*")
    # The solved notebook begins with the title and the cells that set it up.
    solved = iter(cell for cell in notebook.cells[1:] if "setup" not in cell.metadata.get("tags", []))
    deck = [slide("", f"# {chapter} · {header['title']}", [("text", "After this chapter you can"), *goals, warning])]
    deck[0] |= {"new": True, "notes": [notebook.cells[0].source.replace(" (with solutions)", "")]}
    said = stub = ""
    for place, cell in enumerate(cells):
        tags = cell.metadata.get("tags", [])
        if "instructor" in tags:
            deck[-1]["notes"].append(f"**For the teacher.** {cell.source}")
            continue
        if "exercise" in tags:
            stub = re.split(r"\n+check\(", cell.source)[0]
            continue
        cell = next(solved)
        # Links within the course lead to notebooks, which do not lie beside the slides.
        source = re.sub(r"\[([^\]]+)\]\((?!https?:)[\w./]+\)", r"\1", cell.source)
        if cell.cell_type == "markdown":
            for part in re.split(r"^(?=##+ )", source, flags=re.MULTILINE):
                add_text(deck, part.strip())
            said = source
        elif "solution" in tags:
            add_exercise(deck, stub, source)
        elif source.startswith("quiz("):
            if "?" not in source:  # the other cell is where the answers are typed
                questions = exercises.questions(chapter)
                deck[-1]["blocks"] = deck[-1]["blocks"] or [("text", f"{len(questions)} questions")]
                deck += [question(number, one) for number, one in enumerate(questions, 1)]
        elif not re.search(r"^(progress|check|hint)\(|import check", source, re.MULTILINE):
            others = (c for c in cells[place + 1 :] if "instructor" not in c.metadata.get("tags", []))
            after = getattr(next(others, None), "source", "")
            add_code(deck, cell, said, after)
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


def add_exercise(deck, stub, solution):
    """The slide of the exercise's heading gets the whole task; its solution goes to the notes."""
    name = re.search(r'check\("(.*?)"', solution)[1]
    task, title = deck[-1], deck[-1]["heading"].partition(": ")[2]
    text = task["notes"][0].partition("\n")[2]
    task["heading"] = f"### Exercise {name}: {title}"
    task["blocks"] = [*points(text, whole=True), ("code", fenced(stub, "python"))]
    task["notes"] = [text, "**Solution**", fenced(solution, "python")]


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


def pages(one):
    """The slide in the largest letters in which it fits, or, if it does not fit, several slides."""
    size = next((size for size in SIZES if fits(one, size)), 0)
    if size or len(one["blocks"]) < 2:
        return [one | {"size": size or SIZES[-1]}]
    kinds = [kind for kind, _ in one["blocks"]]
    cut = len(kinds) - 1
    while cut > 1 and not fits(one | {"blocks": one["blocks"][:cut]}, SIZES[-2]):
        cut -= 1
    if cut > 1 and kinds[cut] in ("formula", "table") and kinds[cut - 1] == "text":
        cut -= 1  # what leads to a formula stays with it
    heading = one["heading"] if one["heading"].startswith("###") else ""
    rest = one | {"blocks": one["blocks"][cut:], "new": False, "heading": heading}
    return [*pages(one | {"blocks": one["blocks"][:cut]}), *pages(rest)]


def fits(one, size):
    heading = 90 * math.ceil(len(one["heading"]) / 42) if one["heading"] else 0
    return heading + sum(measure(kind, text, size)[1] for kind, text in one["blocks"]) <= ROOM


def measure(kind, text, size):
    """About how large, in pixels, a block's letters may be if the text's are of this size, and how high it then is."""
    if kind in ("code", "output"):
        lines = text.splitlines()[1:-1]
        letters = min(30, COLUMN / 0.61 / max(map(len, lines)))
        letters = 24 if letters < 19 else letters  # rather than tiny letters, lines that wrap
        return letters, 40 + 1.35 * letters * sum(max(1, math.ceil(0.61 * letters * len(x) / COLUMN)) for x in lines)
    if kind == "table":
        rows = [re.findall(r"<t[hd].*?>(.*?)</t[hd]>", row) for row in text.split("<tr")[1:]]
        rows = rows or [line.strip("|").split("|") for line in text.splitlines()]
        columns = max(map(len, rows))
        wide = sum(max(len(row[k]) if k < len(row) else 0 for row in rows) + 3 for k in range(columns))
        caption = re.search("<caption>(.*?)</caption>", text)
        letters = min(28, max(18, COLUMN / 0.4 / wide), 400 / 1.6 / len(rows))
        lines = len(rows) * math.ceil(0.4 * letters * wide / COLUMN)
        lines += math.ceil(len(caption[1]) * 0.45 / (0.3 * wide)) if caption else 0  # it is as wide as the table
        return letters, 1.6 * letters * lines + 30
    if kind == "formula":
        # A command counts as one sign, and what is only markup as none. The longest row decides.
        signs = re.sub(r"\\[a-zA-Z]+", "x", re.sub(r"\\(begin|end){\w+}", "", text.replace(r"\qquad", "xxx")))
        rows = [re.sub(r"[{}^_ &$\n]", "", row) for row in re.split(r"\\\\|\$\$\n\$\$", signs)]
        letters = min(size, COLUMN / 0.6 / max(map(len, rows)))
        return letters, letters * len(rows) * (3.5 if re.search("frac|sum|prod", text) else 2)
    if kind == "picture":
        return size, 300
    letters = {"caption": 30, "small": 26}.get(kind, size)
    return letters, letters * (1.3 * math.ceil(len(text) * 0.42 * letters / COLUMN) + 0.5)


def as_notebook(deck, path):
    """What nbconvert makes a presentation of: for each slide two cells of Markdown, the slide and its notes."""
    notebook = new_notebook(metadata={"title": path.stem})
    for one in deck:
        where = "" if one["new"] else f'<div class="where">\n\n{one["section"]}\n\n</div>'
        parts = [f'<div class="slide" style="font-size:{one["size"]}px">', where, one["heading"]]
        for kind, text in one["blocks"]:
            letters = measure(kind, text, one["size"])[0]
            bare = kind in ("item", "text", "picture", "quote")
            parts.append(
                text if bare else f'<div class="{kind}" style="font-size:{int(letters)}px">\n\n{text}\n\n</div>'
            )
        body = "\n\n".join([*filter(None, parts), "</div>"])
        kinds = ["slide" if one["new"] else "subslide", "notes"]
        for kind, text in zip(kinds, (body, "\n\n".join(one["notes"])), strict=True):
            notebook.cells.append(new_markdown_cell(text, metadata={"slideshow": {"slide_type": kind}}))
    return notebook


# nbconvert's own template would fetch jQuery, require.js, Mermaid and MathJax, and bring JupyterLab's style.
TEMPLATE = r"""
{%- extends "index.html.j2" -%}
{%- block html_head_js -%}
<script>
MathJax = {tex: {inlineMath: [["$", "$"]], processEscapes: true}, svg: {fontCache: "local"}};
</script>
<script src="_static/tex-svg.js"></script>
{%- endblock -%}
{%- block html_head_js_mathjax -%}{%- endblock -%}
{%- block notebook_css -%}
<style>
main { height: 100%; }
.reveal .controls { font-size: 7px; }
.reveal .slide-number { right: auto; left: 12px; font-size: 18px; color: #666; background: none; }
.reveal .slide { box-sizing: border-box; height: 720px; padding: 64px 60px 40px; text-align: left; line-height: 1.3;
  display: flex; flex-direction: column; justify-content: safe center; }
.reveal .slide > * { margin: 0 0 0.5em; flex: none; }
.reveal .slide .where { position: absolute; top: 10px; font-size: 22px; color: #666; }
.reveal .slide :is(h1, h2, h3) { text-transform: none; letter-spacing: 0; color: #14425f; }
.reveal .slide h1 { font-size: 76px; }
.reveal .slide h2 { font-size: 60px; }
.reveal .slide h3 { font-size: 44px; }
.reveal .slide :is(ul, ol) { margin-left: 1em; }
.reveal .slide li { margin-bottom: 0.3em; }
.reveal .slide :is(li, .formula) p { margin: 0; }
.reveal .slide figure { flex: 1 1 0; min-height: 0; }
.reveal .slide figure img { display: block; width: 100%; height: 100%; max-width: none; max-height: none; margin: 0;
  object-fit: contain; }
.reveal .slide code { font-size: 0.9em; }
.reveal .slide pre { width: auto; margin: 0; padding: 10px 16px; box-shadow: none; line-height: 1.35;
  font-size: inherit; white-space: pre-wrap; background: #f5f5f5; border-left: 6px solid #14425f; }
.reveal .slide .output pre { border-color: #bbb; background: none; }
.reveal .slide table { margin: 0; font-size: inherit; line-height: 1.25; }
.reveal .slide caption { text-align: left; color: #555; }
.reveal .slide :is(th, td) { padding: 0.15em 0.6em; border-bottom: 1px solid #ddd; }
.reveal .slide blockquote { width: auto; margin: 0 0 0.5em; font-size: inherit; box-shadow: none; }
.reveal .slide mjx-container[display] { margin: 0.3em 0 !important; }
</style>
{%- endblock -%}
{%- block markdowncell -%}{{ cell.source | markdown2html }}{%- endblock -%}
{%- block footer_js -%}
<script src="_static/revealjs/dist/reveal.js"></script>
<script src="_static/revealjs/plugin/notes/notes.js"></script>
<script>
Reveal.initialize({hash: true, center: false, margin: 0, width: {{ resources.reveal.width }},
  height: {{ resources.reveal.height }}, transition: "{{ resources.reveal.transition }}",
  slideNumber: "{{ resources.reveal.number }}", plugins: [RevealNotes]});
</script>
{%- endblock -%}
"""
