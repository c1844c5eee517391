"""From a chapter to its notebooks: one that is open, one that is solved, one to type along, one for teachers."""

import hashlib
import json
import os
import re

from course_tools import chapter as course

# nbformat is imported where it is used: `course doctor` starts without it, to say that it lacks.

EDITIONS = {
    "student": "",
    "solutions": " (with solutions)",
    "blank": " (to type along)",
    "instructor": " (for teachers)",
}  # and what stands behind the title
GLOSSARY = "glossary.md"  # in notebooks/, made by course_tools.pages
KEPT_IN_BLANK = ("exercise", "start", "quiz", "answers", "progress")  # what nobody should have to type

STRICT = """\
# In this edition the exercises are solved, and a solution that fails its check is an error.
from course_utils import exercises

exercises.strict()"""


def make(chapter, edition):
    """Build one edition of a chapter as a notebook without outputs; the same lesson gives the same bytes.

    Its metadata, ``course: built:``, hold a digest of its cells, by which :func:`has_been_worked_in` knows it again.
    """
    from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

    notebook = new_notebook(
        metadata={
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        }
    )
    known = {path.stem for path in course.lessons().values()}

    def text(source):
        """Markdown, in which links to chapters that are not written yet are plain text until they are."""
        pattern = r"\[([^\]]+)\]\((\d\d_\w+)\.ipynb\)"
        return new_markdown_cell(re.sub(pattern, lambda m: m[0] if m[2] in known else m[1], source))

    def code(source, *tags):
        return new_code_cell(source, metadata={"tags": sorted(tags)} if tags else {})

    notebook.cells = [text(_front(chapter, edition)), code(_colab_cell(), "setup")]
    notebook.cells[1].metadata["jupyter"] = {"source_hidden": True}
    if edition == "solutions":
        notebook.cells.append(code(STRICT, "setup"))
    for cell in chapter.cells:
        tags = {"gpu", "recipe"} & set(cell.marks) | {"start"} & {cell.kind}  # whoever measures leaves the start out
        if cell.kind == "prose":
            notebook.cells.append(text(cell.source))
        elif cell.kind == "note":
            if edition == "instructor":
                notebook.cells.append(text("> **For the teacher.** " + cell.source.replace("\n", "\n> ")))
        elif cell.kind == "exercise":
            if edition != "solutions":
                notebook.cells.append(code(cell.source, "exercise", *tags))
            if edition in ("solutions", "instructor"):
                notebook.cells.append(code(cell.solution, "solution", *tags))
        elif edition == "blank" and cell.kind not in KEPT_IN_BLANK:
            notebook.cells.append(code(_comments(cell.source), *tags))
        else:
            notebook.cells.append(code(cell.source, *tags))
    seen = {}
    for cell in notebook.cells:  # ids from content, so that every run writes the same bytes
        digest = hashlib.sha1(f"{cell.cell_type}\n{cell.source}".encode()).hexdigest()[:12]
        seen[digest] = seen.get(digest, 0) + 1
        cell.id = digest if seen[digest] == 1 else f"{digest}-{seen[digest]}"
    notebook.metadata["course"] = {"built": _digest(notebook)}
    return notebook


def _front(chapter, edition):
    place = course.repository().removeprefix("https://github.com/")
    path = f"notebooks/{chapter.stem}.ipynb"
    objectives = "\n".join(f"- {text}" for text in chapter.objectives)
    seconds = chapter.seconds
    computing = f"takes about {seconds} seconds" if seconds else "has not been measured yet"
    return f"""\
# {chapter.number} · {chapter.title}{EDITIONS[edition]}

[Open in Colab](https://colab.research.google.com/github/{place}/blob/main/{path}) ·
[Launch on Binder](https://mybinder.org/v2/gh/{place}/main?urlpath=lab/tree/{path}) ·
[Glossary]({"../" if edition == "solutions" else ""}{GLOSSARY})

**After this chapter you can**

{objectives}

**You need** {"; ".join(chapter.needs)}

**Time** about {chapter.minutes_reading} minutes to read and run, about {chapter.minutes_exercises} for exercises and
quiz. The computing in it, on two processor cores without a GPU, {computing}.

**Data** {chapter.data}

*For learning only. Nothing here has been tested for use with patients, and none of it may be used for that.*"""


def _colab_cell():
    return f"""\
# On Google Colab this cell installs the course; anywhere else it does nothing.
import sys

if "google.colab" in sys.modules:
    %pip install --quiet --no-deps medmnist git+{course.repository()}"""


def _comments(source):
    """The leading comments of a cell: what is to be typed, in words."""
    lines = [line for line in source.splitlines() if line.startswith("#")]
    return "\n".join(lines) or "# type the code here"


def _digest(notebook):
    """Of the kinds and sources of all cells: what Jupyter notes beside them and what they print does not count."""
    return hashlib.sha1(json.dumps([(cell.cell_type, cell.source) for cell in notebook.cells]).encode()).hexdigest()


def to_text(notebook):
    """The notebook as it is written to disk."""
    import nbformat

    return nbformat.writes(notebook, version=4, indent=1, sort_keys=True) + "\n"


def read_notebook(path):
    """The notebook in a file, or None if there is none that can be read: cut off, say."""
    import nbformat

    if not path.is_file():  # of a pipe, reading would never end
        return None
    try:
        notebook = nbformat.read(path, as_version=4)
        nbformat.validate(notebook)
    except Exception:  # it may hold anything, and nbformat raises what it likes
        return None
    return notebook


def has_been_worked_in(path, made=None, executed=False):
    """Whether a notebook, or what is left of one, differs from what a build wrote.

    Parameters
    ----------
    path : path
    made : nbformat.NotebookNode, optional
        What the lesson gives today: with it a notebook is compared that does not note what it was built as.
    executed : bool
        Whether the build runs such notebooks; otherwise a cell that has been run is a difference.
    """
    kept = read_notebook(path)
    if kept is None:
        return True
    noted = kept.metadata.get("course") or (made.metadata["course"] if made else None)
    ran = any(cell.cell_type == "code" and (cell.outputs or cell.execution_count) for cell in kept.cells)
    return noted != {"built": _digest(kept)} or (ran and not executed)


def write(notebook, out, command, executed):
    """Write a chapter's notebook. What is there and not as `command` has written it is somebody's work, and is kept.

    Returns
    -------
    pathlib.Path or None
        Where that work is now.

    Raises
    ------
    OSError
        If the file cannot be written.
    """
    from course_utils.exercises.backup import put_aside

    kept = None
    if os.path.lexists(out) and (out.is_symlink() or has_been_worked_in(out, notebook, executed)):
        kept = put_aside(out, command)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(to_text(notebook), encoding="utf-8")
    return kept


def carry_outputs(old, new):
    """Give a newly made notebook the outputs of an old one, if both have the same code; say whether they have."""
    before, after = ([cell for cell in nb.cells if cell.cell_type == "code"] for nb in (old, new))
    if [cell.source for cell in before] != [cell.source for cell in after]:
        return False
    for kept, cell in zip(before, after, strict=True):
        cell.outputs, cell.execution_count = kept.outputs, kept.execution_count
    return True


def differences(chapter):
    """What is wrong with the two notebooks kept of a chapter: a list of sentences."""
    found = []
    student, solutions = map(chapter.notebook, ("student", "solutions"))
    text = student.read_text(encoding="utf-8", errors="replace") if student.is_file() else None
    if text != to_text(make(chapter, "student")):
        found.append(f"{_name(student)} does not come from {chapter.lesson.name}")
    kept = read_notebook(solutions)
    if kept is None:
        found.append(f"{_name(solutions)} is {'damaged' if solutions.exists() else 'missing'}")
    elif _cells(kept) != _cells(make(chapter, "solutions")):
        found.append(f"{_name(solutions)} does not come from {chapter.lesson.name}")
    elif any(cell.cell_type == "code" and cell.execution_count is None for cell in kept.cells):
        found.append(f"{_name(solutions)} has not been run")
    return found


def _cells(notebook):
    """What makes two notebooks the same, whatever their outputs."""
    return [(cell.id, cell.cell_type, cell.source, cell.metadata.get("tags")) for cell in notebook.cells]


def _name(path):
    return path.relative_to(course.ROOT).as_posix()


def strangers():
    """What is wrong with notebooks in notebooks/ that come from no lesson: a list of sentences."""
    known = {path.stem for path in course.lessons().values()}
    folders = (course.ROOT / "notebooks", course.ROOT / "notebooks" / "solutions")
    found = sorted(file for folder in folders for file in folder.glob("[0-9][0-9]_*.ipynb"))
    return [f"{_name(file)} has no lesson" for file in found if file.stem not in known]


def solved(chapter):
    """The solved edition with its outputs.

    Returns
    -------
    nbformat.NotebookNode

    Raises
    ------
    ChapterError
        If it, or the open edition, is not what the lesson gives today.
    """
    for difference in differences(chapter):
        raise course.ChapterError(f"{difference}. First: uv run course build")
    return read_notebook(chapter.notebook("solutions"))


def side_by_side(chapter, notebook):
    """Each cell of a lesson with that of its solved edition; with None for a note.

    Yields
    ------
    (Cell, nbformat.NotebookNode or None)
    """
    # The solved notebook begins with the title and the cells that set it up.
    cells = iter(cell for cell in notebook.cells[1:] if "setup" not in cell.metadata.get("tags", []))
    for cell in chapter.cells:
        yield cell, None if cell.kind == "note" else next(cells)


def build(chapter, edition, again, run):
    """Make one edition and write it. Solutions are run if their code has changed; otherwise outputs are kept.

    Parameters
    ----------
    chapter : Chapter
    edition : str
    again : bool
        Whether to run the solutions in any case.
    run : callable
        Runs a notebook in place and returns a :class:`course_tools.execute.Run`.

    Returns
    -------
    pathlib.Path or None
        Where :func:`write` has kept somebody's work.

    Raises
    ------
    ChapterError
        If the solutions do not run cleanly; the notebook is left as it was.
    OSError
        If it cannot be written.
    """
    out = chapter.notebook(edition)
    notebook = make(chapter, edition)
    if edition == "solutions":
        kept = None if again else read_notebook(out)
        if kept is None or not carry_outputs(kept, notebook):
            done = run(notebook)
            if done.error or done.stderr:
                said = done.error or "".join(done.stderr)
                clause = f"{chapter.lesson.name}: its solutions do not run cleanly; {_name(out)} was left as it was."
                raise course.ChapterError(f"{said}\n{clause}")
            notebook.metadata["language_info"] = {"name": "python"}  # without the kernel's own version
    return write(notebook, out, "build", executed=edition == "solutions")
