"""From a lesson (lessons/NN_topic.py, what authors edit) to its notebooks (what students open)."""

import hashlib
import json
import re
import subprocess
import tomllib
from pathlib import Path

# jupytext and nbformat are imported where they are used: `course doctor` starts without them, to say that they lack.

ROOT = Path(__file__).resolve().parent.parent
TAGS = {"exercise", "solution", "instructor", "gpu", "check-output", "recipe"}
HEADER = {"title": str, "objectives": list, "needs": list, "minutes": int, "data": str}
EDITIONS = ("student", "solutions", "blank", "instructor")


class LessonError(Exception):
    """A lesson is not as it should be; the message says where and what to do."""


def chapters():
    """Every lesson's number and path: {"00": .../00_start_here.py, ...}."""
    return {path.name[:2]: path for path in sorted((ROOT / "lessons").glob("[0-9][0-9]_*.py"))}


def find(chapter):
    """The path of one lesson, named "04", "4" or "04_medmnist_classification"."""
    known = chapters()
    number = str(chapter).partition("_")[0]
    wanted = number and number.zfill(2)
    if not known:
        raise LessonError(f"There is no folder {ROOT / 'lessons'}. Run the command from a checkout of the course.")
    if wanted not in known:
        raise LessonError(f"There is no chapter {chapter!r}; there are {', '.join(known)}.")
    return known[wanted]


def notebook_path(lesson, edition):
    """Where an edition is kept: the first two editions in notebooks/, the others in build/."""
    folders = {"student": ROOT / "notebooks", "solutions": ROOT / "notebooks" / "solutions"}
    return folders.get(edition, ROOT / "build" / edition) / f"{lesson.stem}.ipynb"


def read(lesson):
    """The lesson's header (a dict) and its cells.

    Raises
    ------
    LessonError
        For a file that cannot be read, a header that lacks a field or has one of the wrong kind, an unknown tag, or a
        stub that its solution does not follow.
    """
    notebook = _parsed(lesson)
    header = notebook.metadata.get("course", {})
    missing = [name for name in HEADER if not isinstance(header, dict) or name not in header]
    if missing:
        raise LessonError(f"{lesson.name}: the header lacks {', '.join(missing)} (under jupyter: course:).")
    for name, kind in HEADER.items():
        value = header[name]
        if not isinstance(value, kind) or (kind is list and not all(isinstance(text, str) for text in value)):
            wanted = {str: "a text", list: "a list of texts", int: "a whole number"}[kind]
            raise LessonError(f"{lesson.name}: in the header, {name} should be {wanted}; put texts in quotes.")
    cells = notebook.cells
    for i, cell in enumerate(cells):
        where = f"{lesson.name}, cell {i + 1} ({cell.source.strip().splitlines()[:1]})"
        if not isinstance(cell.metadata.get("tags", []), list):
            raise LessonError(f'{where}: its tags should be a list, such as tags=["exercise"].')
    for i, cell in enumerate(cells):
        tags = set(map(str, cell.metadata.get("tags", [])))
        where = f"{lesson.name}, cell {i + 1} ({cell.source.strip().splitlines()[:1]})"
        if tags - TAGS:
            raise LessonError(f"{where}: unknown tag {tags - TAGS}; known are {', '.join(sorted(TAGS))}.")
        following = cells[i + 1].metadata.get("tags", []) if i + 1 < len(cells) else []
        if "exercise" in tags and "solution" not in following:
            raise LessonError(f"{where}: an exercise must be followed at once by its solution.")
        if "solution" in tags and (i == 0 or "exercise" not in cells[i - 1].metadata.get("tags", [])):
            raise LessonError(f"{where}: a solution must stand directly after its exercise.")
    return header, cells


def _parsed(lesson):
    """The lesson as jupytext reads it; LessonError, with the line where it is known, if it cannot."""
    import jupytext

    try:
        return jupytext.read(lesson)
    except UnicodeDecodeError as error:
        raise LessonError(_not_utf8(lesson, error)) from None
    except Exception as error:  # jupytext raises what it likes, and the YAML of the header what yaml likes
        mark = getattr(error, "problem_mark", None)  # counts from 0, below the header's first line
        if mark is None:
            raise LessonError(f"{lesson.name} cannot be read as a lesson: {error}") from None
        what = f"line {mark.line + 2}: the header is no valid YAML ({error.problem})"
        raise LessonError(f"{lesson.name}, {what}. Put a text that has a colon or a bracket in quotes.") from None


def _not_utf8(path, error):
    line = error.object[: error.start].count(b"\n") + 1
    return f"{path.name}, line {line}: this is not UTF-8. Save the file in that encoding."


def make(lesson, edition):
    """Build one edition of a lesson as a notebook without outputs; the same lesson gives the same bytes.

    Its metadata, ``course: built:``, hold a digest of its cells, by which :func:`has_been_worked_in` knows it again.
    """
    from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

    header, cells = read(lesson)
    notebook = new_notebook(
        metadata={
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        }
    )
    notebook.cells = [
        new_markdown_cell(_live_links(_front(lesson, header, edition))),
        new_code_cell(_colab_cell(), metadata={"tags": ["setup"], "jupyter": {"source_hidden": True}}),
    ]
    if edition == "solutions":
        notebook.cells.append(new_code_cell(STRICT, metadata={"tags": ["setup"]}))
    for cell in cells:
        tags = set(cell.metadata.get("tags", []))
        source = cell.source
        if "instructor" in tags:
            if edition != "instructor":
                continue
            source = "> **For the teacher.** " + source.replace("\n", "\n> ")
        if "solution" in tags and edition in ("student", "blank"):
            continue
        if "exercise" in tags and edition == "solutions":
            continue
        if cell.cell_type == "markdown":
            notebook.cells.append(new_markdown_cell(_live_links(source)))
            continue
        if edition == "blank" and "exercise" not in tags and not source.startswith(KEPT_IN_BLANK):
            source = _comments(source)
        kept = sorted(tags & {"exercise", "solution", "gpu", "recipe"})
        if "check-output" in tags and edition == "solutions":
            kept.append("nbval-check-output")
        notebook.cells.append(new_code_cell(source, metadata={"tags": kept} if kept else {}))
    seen = {}
    for cell in notebook.cells:  # ids from content, so that every run writes the same bytes
        digest = hashlib.sha1(f"{cell.cell_type}\n{cell.source}".encode()).hexdigest()[:12]
        seen[digest] = seen.get(digest, 0) + 1
        cell.id = digest if seen[digest] == 1 else f"{digest}-{seen[digest]}"
    notebook.metadata["course"] = {"built": _digest(notebook)}
    return notebook


def _digest(notebook):
    """Of the kinds and sources of all cells: what Jupyter notes beside them and what they print does not count."""
    return hashlib.sha1(json.dumps([(cell.cell_type, cell.source) for cell in notebook.cells]).encode()).hexdigest()


GLOSSARY = "glossary.md"  # in notebooks/, made from lessons/glossary.toml


def read_toml(path):
    """What a TOML file holds; LessonError, with the line, if it cannot be read."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise LessonError(f"{path.name} is no valid TOML: {error}.") from None
    except UnicodeDecodeError as error:
        raise LessonError(_not_utf8(path, error)) from None
    except OSError as error:
        raise LessonError(f"{path.name} cannot be read: {error.strerror or error}.") from None


def terms():
    """The glossary's entries, as lessons/glossary.toml has them: a list of dict.

    Raises
    ------
    LessonError
        If the file or an entry is not as it should be.
    """
    path = ROOT / "lessons" / "glossary.toml"
    entries = read_toml(path).get("term")
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise LessonError(f"{path.name}: it should be a list of entries, each under [[term]].")
    for number, entry in enumerate(entries, 1):
        where = f"{path.name}, entry {number} ({entry.get('name', 'without a name')})"
        lacks = [name for name in ("name", "chinese", "chapter", "means") if not _is_text(entry.get(name))]
        if lacks:
            raise LessonError(f"{where}: it lacks {', '.join(lacks)}, or has no text there.")
        also = entry.get("also", [])
        if not isinstance(also, list) or not all(map(_is_text, also)):
            raise LessonError(f"{where}: also should be a list of texts.")
        if entry["chapter"] not in chapters():
            raise LessonError(f"{where}: there is no chapter {entry['chapter']!r}.")
    return entries


def _is_text(value):
    return isinstance(value, str) and bool(value.strip())


def glossary():
    """The glossary as a page: each term with its Chinese name, one sentence, and the chapter where it is taught."""
    lines = ["# Glossary", "", "Each term in one sentence, with its Chinese name and the chapter where it is taught."]
    letter = ""
    for term in sorted(terms(), key=lambda term: term["name"].lower()):
        first = term["name"][0].upper() if term["name"][0].isalpha() else "0–9"
        if first != letter:
            letter = first
            lines += ["", f"## {letter}"]
        chapter = term["chapter"]
        # Plurals go without saying.
        others = [name for name in term.get("also", []) if not name.lower().startswith(term["name"].lower()[:-1])]
        also = f" ({', '.join(others)})" if others else ""
        lines += [
            "",
            f"**{term['name']}**{also} · {term['chinese']} · [{chapter}]({find(chapter).stem}.ipynb)  ",
            term["means"],
        ]
    return "\n".join(lines) + "\n"


def measured():
    """What the chapters take, as :func:`note_measured` has noted it: ``{"01": {"seconds": 20, "mb": 1000}, ...}``."""
    return read_toml(ROOT / "lessons" / "measured.toml")


def note_measured(chapter, seconds, mb):
    """Note in lessons/measured.toml the seconds a chapter computes beyond starting TensorFlow, and its memory in MB."""
    known = measured() | {chapter: {"seconds": round(seconds), "mb": round(mb, -1)}}
    rows = [f"{name} = {{ seconds = {row['seconds']}, mb = {row['mb']:.0f} }}" for name, row in sorted(known.items())]
    head = "# Written by `uv run course run 00 01 02 03 04 05 --record`, on two processor cores without a GPU."
    (ROOT / "lessons" / "measured.toml").write_text("\n".join([head, *rows, ""]), encoding="utf-8")


def export_lock(*options):
    """The learner's packages as uv.lock pins them, in the form that pip reads, with `options` of ``uv export``.

    Raises
    ------
    LessonError
        If uv cannot be asked.
    """
    base = "uv export --no-dev --no-emit-project --no-header --no-annotate --locked --quiet"
    try:
        done = subprocess.run([*base.split(), *options], cwd=ROOT, capture_output=True, text=True, check=True)
    except FileNotFoundError:
        raise LessonError("uv is needed to read the lock: pip install uv") from None
    except subprocess.CalledProcessError as error:
        raise LessonError(f"uv cannot export the lock: {error.stderr.strip()}") from None
    return done.stdout


def binder_requirements():
    """binder/requirements.txt, from the lock: Binder does not read uv.lock. medmnist itself is added by postBuild."""
    # Binder's machines have no GPU.
    lock = export_lock("--no-hashes", "--prune", "medmnist")
    pins = re.sub(r"^tensorflow==", "tensorflow-cpu==", lock, flags=re.MULTILINE)
    return f"# Made by `course build` from uv.lock, without medmnist's tree (postBuild adds medmnist itself).\n{pins}"


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


def carry_outputs(old, new):
    """Give a newly made notebook the outputs of an old one, if both have the same code; say whether they have."""
    before, after = ([cell for cell in nb.cells if cell.cell_type == "code"] for nb in (old, new))
    if [cell.source for cell in before] != [cell.source for cell in after]:
        return False
    for kept, cell in zip(before, after, strict=True):
        cell.outputs, cell.execution_count = kept.outputs, kept.execution_count
    return True


def same_source(a, b):
    """Whether two notebooks have the same cells, whatever their outputs."""
    return [(c.id, c.cell_type, c.source, c.metadata.get("tags")) for c in a.cells] == [
        (c.id, c.cell_type, c.source, c.metadata.get("tags")) for c in b.cells
    ]


# What nobody should have to type: the cell that starts a chapter, and the way to quiz and progress.
KEPT_IN_BLANK = ("from course_utils import check", "quiz(", "progress(")

STRICT = """\
# In this edition the exercises are solved, and a solution that fails its check is an error.
from course_utils import exercises

exercises.strict()"""


def repository():
    """The one setting that all links are made from: [project.urls] Repository in pyproject.toml."""
    with open(ROOT / "pyproject.toml", "rb") as file:
        return tomllib.load(file)["project"]["urls"]["Repository"].removesuffix("/")


def _front(lesson, header, edition):
    place = repository().removeprefix("https://github.com/")
    path = f"notebooks/{lesson.stem}.ipynb"
    suffix = {"solutions": " (with solutions)", "blank": " (to type along)", "instructor": " (for teachers)"}
    objectives = "\n".join(f"- {text}" for text in header["objectives"])
    needs = "; ".join(header["needs"])
    return f"""\
# {lesson.name[:2]} · {header["title"]}{suffix.get(edition, "")}

[Open in Colab](https://colab.research.google.com/github/{place}/blob/main/{path}) ·
[Launch on Binder](https://mybinder.org/v2/gh/{place}/main?urlpath=lab/tree/{path}) ·
[Glossary]({"../" if edition == "solutions" else ""}glossary.md)

**After this chapter you can**

{objectives}

**You need** {needs}

**Time** about {header["minutes"]} minutes of yours. On two processor cores without a GPU, the computing in it takes
one to two minutes.

**Data** {header["data"]}

*For learning only. Nothing here has been tested for use with patients, and none of it may be used for that.*"""


def _live_links(text):
    """Links to chapters that are not written yet become plain text until they are."""
    known = {path.stem for path in chapters().values()}
    return re.sub(r"\[([^\]]+)\]\((\d\d_\w+)\.ipynb\)", lambda m: m[0] if m[2] in known else m[1], text)


def _colab_cell():
    return f"""\
# On Google Colab this cell installs the course; anywhere else it does nothing.
import sys

if "google.colab" in sys.modules:
    %pip install --quiet --no-deps medmnist git+{repository()}"""


def _comments(source):
    """The leading comments of a cell: what is to be typed, in words."""
    lines = [line for line in source.splitlines() if line.startswith("#")]
    return "\n".join([*lines, ""]).strip() or "# type the code here"
