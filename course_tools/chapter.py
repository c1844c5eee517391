"""A chapter of the course: what its lesson says, read here once for everything that is made of it."""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

# jupytext and yaml are imported where they are used: `course doctor` starts without them, to say that they lack.

ROOT = Path(__file__).resolve().parent.parent
PARTS = ("core", "elective")
HEADER = {
    "title": str,
    "tagline": str,
    "card": str,
    "part": str,
    "questions": list,
    "objectives": list,
    "needs": list,
    "minutes_reading": int,
    "minutes_exercises": int,
    "data": str,
    "datasets": str,
}
KINDS = ("exercise", "instructor", "start", "quiz", "answers", "progress", "words")  # a cell has one at most
MARKS = ("gpu", "recipe", "cover")
TAGS = {*KINDS, *MARKS, "solution"}


class ChapterError(Exception):
    """A chapter is not as it should be; the message says where and what to do."""


@dataclass(frozen=True)
class Cell:
    """A cell of a lesson.

    Attributes
    ----------
    kind : str
        "prose", "code", "exercise", "note" (for teachers), "start" (sets the chapter up), "quiz" (with buttons),
        "answers" (the quiz, typed) or "progress".
    source : str
        Its text; of an exercise, the stub with its check.
    solution : str
        Of an exercise: the cell that solves it.
    marks : tuple of str
        Those of "gpu", "recipe" and "cover" that it is tagged with.
    """

    kind: str
    source: str
    solution: str = ""
    marks: tuple = ()

    @property
    def exercise(self):
        """The name of an exercise, such as "01.output_size"."""
        return CHECK.search(self.source)[1]

    @property
    def stub(self):
        """What an exercise gives to fill in, without its check."""
        return self.source[: CHECK.search(self.source).start()].rstrip()


CHECK = re.compile(r'^check\("(.*?)"', re.MULTILINE)


@dataclass(frozen=True)
class Word:
    """An entry of the glossary: a name and its Chinese name, one sentence, and other names in use."""

    name: str
    chinese: str
    means: str
    also: tuple = ()


@dataclass(frozen=True)
class Chapter:
    """What a lesson's header says, its cells and its words.

    Attributes
    ----------
    lesson : pathlib.Path
    title, tagline, card : str
        The name, one sentence, and what stands above that sentence on the website's card.
    part : str
        "core" or "elective".
    questions, objectives, needs : tuple of str
        Questions that the course map answers with this chapter; what one can do after it; what one needs before.
    minutes_reading, minutes_exercises : int
        A learner's, estimated: reading and running the cells; exercises and quiz.
    data, datasets : str
        What it computes on: in sentences, and in a few words.
    cells : tuple of Cell
    words : tuple of Word
    """

    lesson: Path
    title: str
    tagline: str
    card: str
    part: str
    questions: tuple
    objectives: tuple
    needs: tuple
    minutes_reading: int
    minutes_exercises: int
    data: str
    datasets: str
    cells: tuple
    words: tuple

    @property
    def stem(self):
        """Such as "04_medmnist_classification"."""
        return self.lesson.stem

    @property
    def number(self):
        """Such as "04"."""
        return self.stem[:2]

    @property
    def checks(self):
        """The file with the checks of its exercises, and its quiz."""
        return checks(self.number)

    def notebook(self, edition="student"):
        """Where an edition is kept: the first two in notebooks/, the others in build/."""
        folders = {"student": ROOT / "notebooks", "solutions": ROOT / "notebooks" / "solutions"}
        return folders.get(edition, ROOT / "build" / edition) / f"{self.stem}.ipynb"

    @property
    def guide(self):
        """The teacher's guide: the first note, without its heading.

        Raises
        ------
        ChapterError
            If the chapter has no note.
        """
        for cell in self.cells:
            if cell.kind == "note":
                return cell.source.partition("\n")[2].strip()
        raise ChapterError(f"{self.lesson.name} has no guide for teachers: a first text cell tagged instructor.")

    @property
    def references(self):
        """The list of what it cites, as Markdown; "" if it cites nothing."""
        texts = (cell.source.partition("## References\n")[2] for cell in self.cells if cell.kind == "prose")
        return next(filter(None, texts), "").strip()

    @property
    def seconds(self):
        """What it computes beyond starting TensorFlow, as measured; None if nobody has."""
        return measured().get(self.number, {}).get("seconds")

    def recipe(self):
        """Run the cells tagged `recipe`: a namespace of what they define."""
        names = {}
        for cell in self.cells:
            if "recipe" in cell.marks:
                exec(compile(cell.source, f"chapter {self.number}, recipe", "exec"), names)
        return SimpleNamespace(**names)


def checks(number):
    """The file with the exercises and the quiz of the chapter of this number."""
    return ROOT / "course_utils" / "exercises" / "chapters" / f"{number}.py"


def lessons():
    """Every lesson's number and path, unread: {"00": .../00_start_here.py, ...}."""
    return {path.name[:2]: path for path in sorted((ROOT / "lessons").glob("[0-9][0-9]_*.py"))}


def chapters(part=None):
    """The chapters of one part, or all of them, in order: a list of Chapter.

    Raises
    ------
    ChapterError
        As :func:`read`.
    """
    found = map(read, lessons().values())
    return [chapter for chapter in found if part in (None, chapter.part)]


def find(name):
    """One chapter, named "04", "4" or "04_medmnist_classification".

    Raises
    ------
    ChapterError
        If there is none of that name, and as :func:`read`.
    """
    known = lessons()
    number = str(name).partition("_")[0]
    wanted = number and number.zfill(2)
    if not known:
        raise ChapterError(f"There is no folder {ROOT / 'lessons'}. Run the command from a checkout of the course.")
    if wanted not in known:
        raise ChapterError(f"There is no chapter {name!r}; there are {', '.join(known)}.")
    return read(known[wanted])


def read(lesson):
    """The chapter in a lesson's file.

    Raises
    ------
    ChapterError
        For a file that cannot be read, a header that lacks a field or has one of the wrong kind, an unknown tag, a
        stub without its check or its solution, or words that are not as they should be.
    """
    notebook = _parsed(lesson)
    header = _header(lesson, notebook.metadata.get("course", {}))
    cells, words, stub = [], [], None
    for number, cell in enumerate(notebook.cells, 1):
        where = f"{lesson.name}, cell {number} ({cell.source.strip().splitlines()[:1]})"
        tags = cell.metadata.get("tags", [])
        if not isinstance(tags, list):
            raise ChapterError(f'{where}: its tags should be a list, such as tags=["exercise"].')
        tags = set(map(str, tags))
        if tags - TAGS:
            raise ChapterError(f"{where}: unknown tag {tags - TAGS}; known are {', '.join(sorted(TAGS))}.")
        kinds = [kind for kind in KINDS if kind in tags]
        if len(kinds) > 1:
            raise ChapterError(f"{where}: it cannot be tagged {' and '.join(kinds)}.")
        if ("solution" in tags) != (stub is not None):
            raise ChapterError(
                f"{where}: a solution must stand directly after its exercise."
                if stub is None
                else f"{stub[0]}: an exercise must be followed at once by its solution."
            )
        marks = tuple(mark for mark in MARKS if mark in tags)
        kind = kinds[0] if kinds else "prose" if cell.cell_type == "markdown" else "code"
        if stub:
            cells.append(Cell("exercise", stub[1], cell.source, stub[2]))
            stub = None
        elif kind == "exercise":
            if not CHECK.search(cell.source):
                raise ChapterError(
                    f'{where}: an exercise must end with its check, such as check("{lesson.name[:2]}.a", a).'
                )
            stub = (where, cell.source, marks)
        elif kind == "words":
            words += _words(where, cell.source)
        else:
            cells.append(Cell("note" if kind == "instructor" else kind, cell.source, marks=marks))
    if stub:
        raise ChapterError(f"{stub[0]}: an exercise must be followed at once by its solution.")
    return Chapter(lesson, **header, cells=tuple(cells), words=tuple(words))


def _header(lesson, header):
    missing = [name for name in HEADER if not isinstance(header, dict) or name not in header]
    if missing:
        raise ChapterError(f"{lesson.name}: the header lacks {', '.join(missing)} (under jupyter: course:).")
    unknown = header.keys() - HEADER.keys()
    if unknown:
        raise ChapterError(f"{lesson.name}: the header has no field {', '.join(unknown)}; it has {', '.join(HEADER)}.")
    for name, kind in HEADER.items():
        value = header[name]
        if not isinstance(value, kind) or (kind is list and not all(isinstance(text, str) for text in value)):
            wanted = {str: "a text", list: "a list of texts", int: "a whole number"}[kind]
            raise ChapterError(f"{lesson.name}: in the header, {name} should be {wanted}; put texts in quotes.")
    if header["part"] not in PARTS:
        raise ChapterError(f"{lesson.name}: in the header, part should be {' or '.join(PARTS)}.")
    return {name: tuple(value) if isinstance(value, list) else value for name, value in header.items()}


def _words(where, source):
    import yaml

    try:
        entries = yaml.safe_load(source)
    except yaml.YAMLError as error:
        raise ChapterError(f"{where}: the words are no valid YAML ({error.problem}, line {_line(error)}).") from None
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise ChapterError(f"{where}: the words should be a list of entries, each beginning with - name:")
    for number, entry in enumerate(entries, 1):
        here = f"{where}, word {number} ({entry.get('name', 'without a name')})"
        lacks = [name for name in ("name", "chinese", "means") if not _is_text(entry.get(name))]
        if lacks:
            raise ChapterError(f"{here}: it lacks {', '.join(lacks)}, or has no text there.")
        also = entry.get("also", [])
        if not isinstance(also, list) or not all(map(_is_text, also)):
            raise ChapterError(f"{here}: also should be a list of texts.")
        if entry.keys() - {"name", "chinese", "means", "also"}:
            raise ChapterError(f"{here}: it has only name, chinese, means and also.")
        yield Word(entry["name"], entry["chinese"], entry["means"], tuple(also))


def _is_text(value):
    return isinstance(value, str) and bool(value.strip())


def _parsed(lesson):
    """The lesson as jupytext reads it; ChapterError, with the line where it is known, if it cannot."""
    import jupytext

    try:
        return jupytext.read(lesson)
    except UnicodeDecodeError as error:
        raise ChapterError(_not_utf8(lesson, error)) from None
    except Exception as error:  # jupytext raises what it likes, and the YAML of the header what yaml likes
        line = _line(error)  # counts from 0, below the header's first line
        if line is None:
            raise ChapterError(f"{lesson.name} cannot be read as a lesson: {error}") from None
        what = f"line {line + 1}: the header is no valid YAML ({error.problem})"
        raise ChapterError(f"{lesson.name}, {what}. Put a text that has a colon or a bracket in quotes.") from None


def _line(error):
    """Where YAML found an error, counted from 1; None if it does not say."""
    mark = getattr(error, "problem_mark", None)
    return mark and mark.line + 1


def _not_utf8(path, error):
    line = error.object[: error.start].count(b"\n") + 1
    return f"{path.name}, line {line}: this is not UTF-8. Save the file in that encoding."


def read_toml(path):
    """What a TOML file holds; ChapterError, with the line, if it cannot be read."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise ChapterError(f"{path.name} is no valid TOML: {error}.") from None
    except UnicodeDecodeError as error:
        raise ChapterError(_not_utf8(path, error)) from None
    except OSError as error:
        raise ChapterError(f"{path.name} cannot be read: {error.strerror or error}.") from None


def repository():
    """The one setting that all links are made from: [project.urls] Repository in pyproject.toml."""
    return read_toml(ROOT / "pyproject.toml")["project"]["urls"]["Repository"].removesuffix("/")


def measured():
    """What the chapters take, as :func:`note_measured` has noted it: ``{"01": {"seconds": 20, "mb": 1000}, ...}``."""
    return read_toml(ROOT / "lessons" / "measured.toml")


def note_measured(number, seconds, mb):
    """Note in lessons/measured.toml the seconds a chapter computes beyond starting TensorFlow, and its memory in MB."""
    known = measured() | {number: {"seconds": round(seconds), "mb": round(mb, -1)}}
    rows = [f"{name} = {{ seconds = {row['seconds']}, mb = {row['mb']:.0f} }}" for name, row in sorted(known.items())]
    head = "# Written by `uv run course run --record`, on two processor cores without a GPU."
    (ROOT / "lessons" / "measured.toml").write_text("\n".join([head, *rows, ""]), encoding="utf-8")
