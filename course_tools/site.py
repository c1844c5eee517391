"""The website, from the executed notebooks: `course site`."""

import base64
import html
import os
import re
import shutil
import subprocess
import sys

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output

from course_tools import lesson, teaching
from course_utils import exercises

# The picture of each chapter on the landing page: words of its alt text.
COVERS = {
    "00": "Two rows of small grey ultrasound images",
    "01": "Left, a grey image with a frame",
    "02": "Left, cross-entropy and squared error",
    "03": "the true number of alarms",
    "04": "Four panels of loss against epoch",
    "05": "Two columns, a patient who died",
}


def build(on_line=print):
    """Build the site in build/site; Sphinx's output goes to `on_line`, line by line.

    Returns
    -------
    (pathlib.Path, int)
        The first page, and Sphinx's exit code: not 0 if anything was warned of.
    """
    source, out = (lesson.ROOT / "build" / name for name in ("site-source", "site"))
    shutil.rmtree(source, ignore_errors=True)
    shutil.rmtree(out, ignore_errors=True)
    shutil.copytree(lesson.ROOT / "site", source)
    (source / "images").mkdir(exist_ok=True)
    from course_tools.cli import differences

    for chapter, path in lesson.chapters().items():
        for difference in differences(path):
            raise lesson.LessonError(f"{difference}. First: uv run course build")
        notebook = nbformat.read(lesson.notebook_path(path, "solutions"), as_version=4)
        (source / "images" / f"{chapter}.png").write_bytes(cover(notebook, COVERS[chapter]))
        nbformat.write(page(path, notebook), source / f"{path.stem}.ipynb")
    (source / lesson.GLOSSARY).write_text(lesson.glossary(), encoding="utf-8")
    for name, text in teaching.pages():
        (source / name).write_text(text, encoding="utf-8")
    (source / "references.md").write_text(references(), encoding="utf-8")
    with (source / "course-map.md").open("a", encoding="utf-8") as file:
        file.write(chapter_list())
    command = [*(sys.executable, "-m", "sphinx"), *("-W", "--keep-going", "-q", "-b", "html"), str(source), str(out)]
    env = os.environ | {"COURSE_REPOSITORY": lesson.repository(), "PYTHONPATH": str(lesson.ROOT), "PYTHONUTF8": "1"}
    with subprocess.Popen(
        command, env=env, encoding="utf-8", stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as sphinx:
        for line in sphinx.stdout:
            on_line(line.rstrip())
    return out / "index.html", sphinx.returncode


def page(path, notebook):
    """A solved notebook as a page: stubs, folded solutions and answers, pictures with alt text, nothing of Jupyter's.

    Parameters
    ----------
    path : pathlib.Path
        The lesson.
    notebook : nbformat.NotebookNode
        Its solved edition.
    """
    stubs = iter(cell for cell in lesson.read(path)[1] if "exercise" in cell.metadata.get("tags", []))
    cells = []
    for cell in notebook.cells:
        tags = cell.metadata.get("tags", [])
        if "setup" in tags or cell.source.startswith("progress("):
            continue
        if cell.cell_type == "markdown":
            cell.source = cell.source.replace(f"(../{lesson.GLOSSARY})", f"({lesson.GLOSSARY})")
            cells.append(cell)
            continue
        if "solution" in tags:
            stub, _, _ = next(stubs).source.partition("\n\n\ncheck(")
            cells.append(new_code_cell(stub))
            cell.metadata["tags"] = ["hide-cell"]
        elif cell.source.startswith("quiz(") and "?" in cell.source:
            cells.append(new_markdown_cell(quiz_answers(path.name[:2])))
            continue
        cells.append(cell)
        if "widgets.explore_" in cell.source:
            cells.append(new_markdown_cell("*(A picture of the widget. In Jupyter its controls are alive.)*"))
        cell.outputs = [picture(o) if "image/png" in o.get("data", {}) else o for o in cell.outputs]
        for output in cell.outputs:
            output.get("data", {}).pop("application/vnd.course.results+json", None)
    cells[0].source = cells[0].source.replace(" (with solutions)", "")
    notebook.cells = cells
    return notebook


def quiz_answers(chapter):
    """What the quiz replies to the right answers, folded."""
    lines = [":::{dropdown} Show the answers"]
    for number, question in enumerate(exercises.questions(chapter), 1):
        text, reply = question.options["abcdef".index(question.right)]
        lines.append(f"{number}. {question.right}) {text} *{reply}*")
    return "\n".join([*lines, ":::"])


def picture(output):
    alt = html.escape(output.metadata["image/png"]["alt"], quote=True)
    content = output.data["image/png"].replace("\n", "")
    image = f'<img class="output" alt="{alt}" src="data:image/png;base64,{content}">'
    return new_output("display_data", {"text/html": image, "text/plain": output.data["text/plain"]})


def cover(notebook, words):
    """The bytes of the first picture whose alt text holds the words."""
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if "image/png" in output.get("data", {}) and words in output.metadata["image/png"]["alt"]:
                return base64.b64decode(output.data["image/png"])
    raise lesson.LessonError(f"No picture with “{words}” in its alt text; see COVERS in course_tools/site.py.")


def references():
    """What the chapters cite, chapter by chapter."""
    lines = ["# References", "", "What the chapters cite, each where it is used."]
    for chapter, path in lesson.chapters().items():
        header, cells = lesson.read(path)
        found = re.search(r"## References\n(.*)", cells[-1].source, re.DOTALL)
        lines += ["", f"## [{chapter} · {header['title']}]({path.stem}.ipynb)", found[1].rstrip() if found else ""]
    return "\n".join(lines) + "\n"


def chapter_list():
    """The chapters with their minutes and what one can do after each."""
    lines = ["", "## The chapters, and what you can after each"]
    for chapter, path in lesson.chapters().items():
        header, _ = lesson.read(path)
        lines += ["", f"[**{chapter} · {header['title']}**]({path.stem}.ipynb), about {header['minutes']} minutes", ""]
        lines += [f"- {goal}" for goal in header["objectives"]]
    return "\n".join(lines) + "\n"
