"""Slides for a lecture, from the executed notebooks: `course slides`.

By rule, and by nobody's hand: a slide shows a first sentence, a formula, a result or a picture, in large letters; the
full text and the code are in the speaker notes (key S).
"""

import importlib.util
import shutil
from pathlib import Path

from nbformat.v4 import new_markdown_cell, new_notebook

from course_tools import editions
from course_tools.slides.choose import slides
from course_tools.slides.measure import HEIGHT, WIDTH, pages, size_of

FONTS = "dist/theme/fonts/source-sans-pro"
REVEAL = ("LICENSE", "dist/reveal.css", "dist/reveal.js", "dist/theme/white.css", FONTS, "plugin/notes/notes.js")
TEMPLATE = Path(__file__).with_name("template.html.j2")


def build(chapters, out):
    """Write the slides of some chapters, and beside them what they need, so that they work without a network.

    Parameters
    ----------
    chapters : list of Chapter
    out : pathlib.Path
        The folder to write to.

    Yields
    ------
    (pathlib.Path, int)
        Each presentation, when it is written, and how many slides it has.

    Raises
    ------
    ChapterError
        If a solved edition is stale.
    """
    from nbconvert import SlidesExporter

    packages = map(importlib.util.find_spec, ("sphinx_revealjs", "sphinx-mathjax-offline"))
    reveal, mathjax = (Path(package.origin).parent for package in packages)
    for name in REVEAL:
        source, target = reveal / "_static" / "revealjs" / name, out / "_static" / "revealjs" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(source, target, dirs_exist_ok=True) if source.is_dir() else shutil.copy(source, target)
    shutil.copy(mathjax / "static" / "mathjax" / "tex-svg.js", out / "_static")
    exporter = SlidesExporter(
        raw_template=TEMPLATE.read_text(encoding="utf-8"),
        exclude_anchor_links=True,
        reveal_url_prefix="_static/revealjs",
        reveal_theme="white",
        reveal_transition="none",
        reveal_number="c/t",
        reveal_width=str(WIDTH),
        reveal_height=str(HEIGHT),
    )
    for chapter in chapters:
        deck = [page for slide in slides(chapter, editions.solved(chapter)) for page in pages(slide)]
        target = out / f"{chapter.stem}.html"
        target.write_text(exporter.from_notebook_node(as_notebook(deck, chapter.stem))[0], encoding="utf-8")
        yield target, len(deck)


def as_notebook(deck, title):
    """What nbconvert makes a presentation of: for each slide two cells of Markdown, the slide and its notes."""
    notebook = new_notebook(metadata={"title": title})
    for one in deck:
        where = "" if one["new"] else f'<div class="where">\n\n{one["section"]}\n\n</div>'
        parts = [f'<div class="slide" style="font-size:{one["size"]}px">', where, one["heading"]]
        for kind, text in one["blocks"]:
            letters = size_of(kind, text, one["size"])[0]
            bare = kind in ("item", "text", "picture", "quote")
            parts.append(
                text if bare else f'<div class="{kind}" style="font-size:{int(letters)}px">\n\n{text}\n\n</div>'
            )
        body = "\n\n".join([*filter(None, parts), "</div>"])
        kinds = ["slide" if one["new"] else "subslide", "notes"]
        for kind, text in zip(kinds, (body, "\n\n".join(one["notes"])), strict=True):
            notebook.cells.append(new_markdown_cell(text, metadata={"slideshow": {"slide_type": kind}}))
    return notebook
