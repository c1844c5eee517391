"""Run many learners' notebooks and see which exercises are solved: `course grade`.

Each notebook is read and run in a process of its own, in a folder of its own that is also its home, and is stopped
when it takes too long, too much memory, too many processes, or prints too much. Of the environment it gets what Python
needs, no more. These limits keep accidents apart. They are no sandbox: a notebook can read and write whatever the
person who grades can, and its marks are what stands in its own progress file, which it can forge. For learners who are
not trusted, use nbgrader with an isolated autograder (https://nbgrader.readthedocs.io), or a container for each
notebook.

Links are not followed, since they may lead to another learner's work; each has a line in the table that says so, and so
has a learner's folder without a notebook. What learners have named or written stands in the table, the page and the
terminal as plain text: no control codes, no formulas.
"""

import csv
import ctypes
import html
import io
import json
import os
import re
import shutil
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

import nbformat
import psutil
from nbformat.v4 import new_code_cell, new_notebook

from course_tools.processes import alive, attempt, family, memory_mb
from course_utils import exercises
from course_utils.data import store
from course_utils.exercises import backup, progress_file

OUTPUT_STOP = 77  # exit code of a notebook that printed too much
NOTEBOOK_MB, PROGRESS_MB = 100, 1  # the largest files that are read
SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER in Linux' sys/prctl.h
# What a notebook gets of the environment: what finds Python, its libraries and the data, and what Windows cannot do
# without. Keys, tokens and the addresses of agents are none of its business.
HANDED_DOWN = re.compile(
    r"PATH|PYTHONPATH|PYTHONHOME|VIRTUAL_ENV|CONDA_PREFIX|LD_LIBRARY_PATH|LANG|LANGUAGE|LC_\w+|TZ"
    r"|COURSE_DATA_DIR|KERAS_BACKEND|(CUDA|NVIDIA|OMP|OPENBLAS|TF|XLA)_\w+|(HTTPS?|ALL|NO)_PROXY|SSL_CERT_(FILE|DIR)"
    r"|SYSTEMROOT|SYSTEMDRIVE|WINDIR|COMSPEC|PATHEXT|NUMBER_OF_PROCESSORS|PROCESSOR_\w+",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Limits:
    """What one notebook may take: seconds, megabytes of memory, processes, and megabytes of output."""

    seconds: float = 600
    memory_mb: float = 2500
    processes: int = 64
    output_mb: float = 20


@dataclass
class Grade:
    """What came of one notebook."""

    learner: str
    notebook: str
    chapter: str = ""
    status: str = ""
    seconds: float = 0.0
    peak_mb: float = 0.0
    passed: list = field(default_factory=list)
    exercises: list = field(default_factory=list)
    quiz: str = ""


def notebooks_in(folder):
    """What is handed in below a folder, without checkpoints and hidden folders: (learner, path) each.

    The learner is the first folder below `folder`, or the file's name where there is none. The path is a notebook, or
    what :func:`grade` will refuse in so many words: a link, a folder that cannot be read or, where a learner has handed
    in no notebook, the learner's folder.
    """
    for top in _visible(folder):
        learner, found, waiting = top.name if os.path.isdir(top) else top.stem, False, [top]
        while waiting:  # no recursion: folders may be nested a thousand deep
            path = waiting.pop()
            wanted = path.suffix.lower() == ".ipynb"
            if os.path.isdir(path):
                wanted = path.is_symlink()
                if not wanted:
                    try:
                        waiting += reversed(_visible(path))
                    except OSError:
                        wanted = True
            if wanted:
                found = True
                yield learner, path
        if not found and os.path.isdir(top):
            yield learner, top


def _visible(folder):
    return sorted(Path(folder) / name for name in os.listdir(folder) if not name.startswith("."))


def chapter_of(notebook):
    """The chapter whose exercises a notebook checks, as two digits; "" if it checks none."""
    found = re.findall(r"""check\(\s*["'](\d\d)\.""", "\n".join(cell.source for cell in notebook.cells))
    return max(set(found), key=found.count) if found else ""


def grade(folder, limits, workers, on_grade: Callable = lambda grade: None):
    """Grade every notebook below a folder, several at once.

    Parameters
    ----------
    folder : path
    limits : Limits
        For each notebook.
    workers : int
        How many run at once.
    on_grade : callable
        Called with each :class:`Grade` when it is there.

    Returns
    -------
    list of Grade
        In the order of the learners' names.

    Raises
    ------
    KeyboardInterrupt
        At Ctrl-C, as soon as the notebooks that were running have been stopped.
    """
    stop, results = threading.Event(), []
    with ThreadPoolExecutor(workers) as pool:
        try:
            for learner, path in notebooks_in(folder):
                parts = path.relative_to(folder).parts
                result = Grade(plain(learner), plain("/".join(parts[1:] or parts)))
                results.append(pool.submit(_grade_one, result, path, limits, stop))
            open_ones = set(results)
            while open_ones:
                done, open_ones = wait(open_ones, 0.5, FIRST_COMPLETED)  # on Windows, Ctrl-C ends no longer wait
                for one in done:
                    on_grade(one.result())
        except BaseException:
            stop.set()
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return [one.result() for one in results]


def plain(text):
    """Text from learners without what could rewrite a terminal or break a file: control codes, half characters."""
    return re.sub(
        r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]",
        lambda found: found[0].encode("unicode_escape").decode(),
        text,
    )


def _grade_one(result, path, limits, stop):
    """Run one notebook and read which checks it passed; whatever happens, there is a result."""
    place = None
    try:
        place = tempfile.mkdtemp(prefix="grade ")
        _run_and_read(result, _content(path, NOTEBOOK_MB), place, limits, stop)
    except Exception as error:  # no notebook may cost the others their grades
        result.status = f"not graded: {getattr(error, 'strerror', None) or _first_line(error)}"
    finally:
        if place:
            _remove(place)
    result.status = plain(result.status)
    return result


def _content(path, most_mb):
    """A regular file's bytes; an OSError that says why for all else. (On a pipe one would wait for ever.)"""
    found = os.lstat(path)
    if stat.S_ISLNK(found.st_mode):
        raise OSError(0, "it is a link; put the file or folder itself in its place")
    if stat.S_ISDIR(found.st_mode):
        os.listdir(path)  # says why, if it cannot be read
        raise OSError(0, "no notebook in this folder")
    if not stat.S_ISREG(found.st_mode):
        raise OSError(0, "it is not a regular file")
    if found.st_size > most_mb * 1e6:
        raise OSError(0, f"it is larger than {most_mb} MB; clear its outputs")
    return Path(path).read_bytes()


def _run_and_read(result, content, place, limits, stop):
    notebook, progress = Path(place, "notebook.ipynb"), Path(place, "progress.json")
    notebook.write_bytes(content)
    command = [sys.executable, "-P", "-m", __spec__.name, str(notebook), str(limits.output_mb)]
    with tempfile.TemporaryFile() as told:
        process = psutil.Popen(
            command,
            cwd=place,
            env=_environment(place, progress),
            start_new_session=True,
            stdin=subprocess.DEVNULL,  # not the terminal of the person who grades
            stdout=told,
            stderr=subprocess.DEVNULL,
        )
        result.status = _watch(process, str(progress), limits, result, stop)
        told.seek(0)
        found = json.loads(told.readline() or "{}")
    result.chapter = found.get("chapter", "")
    if "unreadable" in found:
        result.status = f"not readable, so it has to be handed in again: {found['unreadable']}"
    elif result.chapter in exercises.chapters():
        result.exercises = [exercise.id for exercise in exercises.of_chapter(result.chapter)]
        try:
            read_progress(result, progress)
        except FileNotFoundError:
            pass  # it has come to no check
        except (OSError, ValueError):
            result.status += "; its progress file is damaged"
    elif result.status == "finished":
        result.status = "no exercises of the course in it"


def _environment(place, progress):
    """A notebook's environment: its folder is its home, too; data and fonts are found where they always are."""
    import matplotlib

    kept = {name: value for name, value in os.environ.items() if HANDED_DOWN.fullmatch(name)}
    kept = {name: value for name, value in kept.items() if not (name.upper().endswith("_PROXY") and "@" in value)}
    for name in (".medmnist", ".keras"):  # downloads of other packages, looked for in the home
        there = os.path.expanduser(f"~/{name}")
        with suppress(OSError):  # Windows allows links to few
            if os.path.isdir(there):
                os.symlink(there, os.path.join(place, name))
    return kept | {
        **dict.fromkeys(("HOME", "USERPROFILE", "TMPDIR", "TEMP", "TMP"), place),
        "XDG_CACHE_HOME": str(store.cache_folder().parent),
        "MPLCONFIGDIR": matplotlib.get_cachedir(),
        "COURSE_PROGRESS_FILE": str(progress),
    }


def read_progress(result, file):
    """Note what a notebook says that it has solved.

    Parameters
    ----------
    result : Grade
        With its chapter and its exercises; what else the file names does not count.
    file : path

    Raises
    ------
    OSError, ValueError
        If there is no such file, or it is not as the exercises write it.
    """
    known = progress_file.parse(_content(file, PROGRESS_MB))
    answered = known.get("quizzes", {}).get(result.chapter)
    if answered:
        if not 0 <= answered["right"] <= answered["of"] == len(exercises.questions(result.chapter)):
            raise ValueError("no such quiz")
        result.quiz = f"{answered['right']:d} of {answered['of']:d}"
    result.passed = [name for name in result.exercises if known.get("exercises", {}).get(name, {}).get("passed")]


def _remove(place):
    """Delete a notebook's folder, with what it has made unreadable in it; links go, what they lead to stays."""
    with suppress(OSError, RecursionError):
        if os.path.islink(place):
            os.unlink(place)
        os.chmod(place, 0o700)
        for folder, names, _ in os.walk(place):
            for path in (os.path.join(folder, name) for name in names):
                if not os.path.islink(path):
                    os.chmod(path, 0o700)
        shutil.rmtree(place, ignore_errors=True)


def _watch(process, progress, limits, result, stop):
    """Wait for the end, or for a limit; then stop the process and all that it has started."""
    began, seen = time.monotonic(), {}
    try:
        while True:
            for one in family(process):
                seen[one.pid] = one
            running = list(filter(alive, seen.values()))
            result.seconds = time.monotonic() - began
            result.peak_mb = max(result.peak_mb, sum(map(memory_mb, running)))
            if stop.is_set():
                return "stopped by hand"
            if result.peak_mb > limits.memory_mb:
                return f"stopped: more than {limits.memory_mb:.0f} MB of memory"
            if len(running) > limits.processes:
                return f"stopped: more than {limits.processes} processes"
            if result.seconds > limits.seconds:
                return f"stopped: more than {limits.seconds:.0f} s"
            try:
                code = process.wait(0.1)
            except psutil.TimeoutExpired:
                continue
            if code == OUTPUT_STOP:
                return f"stopped: more than {limits.output_mb:.0f} MB of output"
            return "finished" if code == 0 else f"its kernel or runner died (exit code {code})"
    finally:
        _stop(process, progress, seen)


def _stop(process, progress, seen):
    """Kill a process and all its descendants, those in `seen` or with its progress file whose parents are gone, too."""
    while True:  # first they are held, so that none starts another while its neighbours are being killed
        new = [one for one in [*family(process), *_marked(progress)] if one.pid not in seen]
        for one in [*seen.values(), *new]:
            attempt(one.suspend)
        seen.update({one.pid: one for one in new})
        for one in list(seen.values()):
            for child in attempt(one.children, recursive=True) or ():
                new += [child] * (child.pid not in seen)
                seen.setdefault(child.pid, child)
        if not new:
            break
    for one in seen.values():
        attempt(one.kill)
    psutil.wait_procs(list(seen.values()), timeout=5)


def _marked(progress):
    """The processes that were started with this progress file in their environment, whosever children they are now."""
    return [p for p in psutil.process_iter() if (attempt(p.environ) or {}).get("COURSE_PROGRESS_FILE") == progress]


def begin(out):
    """Try the table's place before anything runs: write it with no lines, and its page.

    Parameters
    ----------
    out : pathlib.Path
        The CSV file; its page has the same name and ends in .html.

    Returns
    -------
    list of pathlib.Path
        The names that an earlier table and page have now.

    Raises
    ------
    OSError
        If that is no place for a table; then an earlier one is where it was.
    """
    if os.path.isdir(out) or out.suffix.lower() in (".html", ".ipynb"):
        raise OSError(0, "the table needs the name of a file, such as grades.csv", str(out))
    files = [Path(os.path.realpath(file)) for file in (out, out.with_suffix(".html"))]
    for file in files:
        if os.path.lexists(file) and not file.is_file():
            raise OSError(0, "there is something of that name that is no file", str(file))
        with tempfile.TemporaryFile(dir=file.parent):  # can it be written to? Before anything is moved
            pass
    kept = [backup.put_aside(file, "grade") for file in files if file.exists()]
    write([], out)
    return kept


def write(grades, out):
    """Write the table and its page, in the order of the learners' names; at every moment there is a whole one.

    Parameters
    ----------
    grades : list of Grade
    out : path
        The CSV file; its page has the same name and ends in .html.

    Raises
    ------
    OSError
        If they cannot be written; the ones that were there stay.
    """
    grades = sorted(grades, key=lambda one: (one.learner, one.notebook))
    write_csv(grades, out)
    write_page(grades, Path(out).with_suffix(".html"))


def write_csv(grades, file):
    """One line a notebook; a column for each exercise: 1, 0, or empty where the exercise is of another chapter."""
    names = sorted({name for one in grades for name in one.exercises})
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(["learner", "notebook", "chapter", "status", "passed", "of", "quiz", "seconds", "MB", *names])
    for one in grades:
        marks = [int(name in one.passed) if name in one.exercises else "" for name in names]
        counts = (len(one.passed), len(one.exercises), _cell(one.quiz), round(one.seconds), round(one.peak_mb))
        writer.writerow([*map(_cell, (one.learner, one.notebook)), one.chapter, _cell(one.status), *counts, *marks])
    _replace(file, out.getvalue(), encoding="utf-8-sig")  # the mark makes spreadsheets read UTF-8


def _cell(text):
    """What a spreadsheet would take for a formula is marked as text; where cells end with a semicolon, too."""
    return re.sub(r"""(^|[;,\t"])(?=\s*[=+\-@＝＋－＠])""", r"\1'", text)


def _replace(file, text, encoding="utf-8"):
    """Write a file under a temporary name and rename it: a crash leaves the one before, or the new one, never half."""
    file = Path(os.path.realpath(file))  # a link goes on leading where it leads
    new = file.with_name(f"{file.name}.new")
    new.unlink(missing_ok=True)
    try:
        with open(new, "x", newline="", encoding=encoding) as out:
            out.write(text)
        os.replace(new, file)
    finally:
        new.unlink(missing_ok=True)


def write_page(grades, file):
    """The same as a page to look at."""
    rows = []
    for one in grades:
        marks = " ".join(f"{'✅' if name in one.passed else '❌'}&nbsp;{name[3:]}" for name in one.exercises)
        cells = (one.learner, one.notebook, one.status, f"{len(one.passed)} of {len(one.exercises)}")
        cells = [*map(html.escape, cells), marks, html.escape(one.quiz), f"{one.seconds:.0f}", f"{one.peak_mb:.0f}"]
        rows.append("<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>")
    head = "".join(
        f"<th>{name}</th>" for name in ("learner", "notebook", "status", "passed", "exercises", "quiz", "s", "MB")
    )
    _replace(
        file,
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Grades</title><style>body{font-family:sans-serif;'
        "margin:2em}td,th{padding:.3em .8em;text-align:left;border-bottom:1px solid #ccc;vertical-align:top}</style>"
        f"<h1>Grades</h1><table><tr>{head}</tr>{''.join(rows)}</table></html>",
    )


def _run(path, output_mb):
    """In the notebook's own process: say which chapter it is, run all cells, whatever fails; stop if it prints much."""
    from nbclient import NotebookClient

    class Client(NotebookClient):
        printed = 0

        def process_message(self, msg, cell, cell_index):
            content = msg["content"]
            self.printed += len(content["text"]) if "text" in content else len(str(content))
            if self.printed > output_mb * 1e6:
                os._exit(OUTPUT_STOP)
            return super().process_message(msg, cell, cell_index)

    if sys.platform == "linux":  # what the notebook starts and leaves alone becomes a child of this process
        ctypes.CDLL(None).prctl(SUBREAPER, 1, 0, 0, 0)
    chapter, code = "", []
    try:
        notebook = nbformat.read(path, as_version=4)
        chapter = chapter_of(notebook)
        code = [new_code_cell(cell.source) for cell in notebook.cells if cell.cell_type == "code"]
        found = {"chapter": chapter}
    except Exception as error:  # nbformat raises what it likes on a file that is no notebook
        found = {"unreadable": _first_line(error)}
    print(json.dumps(found), flush=True)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # from here on nobody can say another thing
    if "unreadable" in found or chapter not in exercises.chapters():
        return
    client = Client(
        new_notebook(cells=code),  # no outputs, no widgets, no kernel of another language
        timeout=None,
        kernel_name="python3",
        allow_errors=True,
        resources={"metadata": {"path": os.path.dirname(path)}},
        extra_arguments=["--log-level=ERROR"],
    )
    try:
        client.execute()
    finally:
        while left := list(filter(alive, psutil.Process().children(recursive=True))):
            for one in left:
                attempt(one.kill)


def _first_line(error):
    return (str(error).splitlines() or [type(error).__name__])[0][:80]


def as_json(grades):
    return json.dumps([asdict(one) for one in grades])


if __name__ == "__main__":
    _run(sys.argv[1], float(sys.argv[2]))
