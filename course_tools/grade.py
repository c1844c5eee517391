"""Run many learners' notebooks and see which exercises are solved: `course grade`.

Each notebook runs in a process of its own, in a folder of its own, and is stopped when it takes too long, too much
memory, too many processes, or prints too much. These limits keep accidents apart. They are no sandbox: a notebook can
read and write whatever the person who grades can. For learners who are not trusted, use nbgrader with an isolated
autograder (https://nbgrader.readthedocs.io), or a container for each notebook.
"""

import csv
import html
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path

import nbformat
import psutil

from course_utils import exercises

OUTPUT_STOP = 77  # exit code of a notebook that printed too much


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
    """The notebooks below a folder, without checkpoints and hidden folders: (learner, path) each.

    The learner is the first folder below `folder`, or the file's name where there is none.
    """
    for path in sorted(Path(folder).rglob("*.ipynb")):
        parts = path.relative_to(folder).parts
        if not any(part.startswith(".") for part in parts):
            yield (parts[0] if len(parts) > 1 else path.stem), path


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
    """

    def one(item):
        result = grade_one(*item, limits)
        on_grade(result)
        return result

    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(one, notebooks_in(folder)))


def grade_one(learner, path, limits):
    """Run one notebook in a copy, in a process of its own, and read which checks it passed."""
    result = Grade(learner, path.name)
    try:
        notebook = nbformat.read(path, as_version=4)
        result.chapter = chapter_of(notebook)
    except Exception as error:  # nbformat raises what it likes on a file that is no notebook
        result.status = f"not readable: {str(error).splitlines()[0][:80] if str(error) else type(error).__name__}"
        return result
    if result.chapter not in exercises.chapters():
        result.status = "no exercises of the course in it"
        return result
    result.exercises = [exercise.id for exercise in exercises.of_chapter(result.chapter)]
    with tempfile.TemporaryDirectory(prefix="grade ", ignore_cleanup_errors=True) as place:
        copy = Path(place) / "notebook.ipynb"
        shutil.copy(path, copy)
        progress = Path(place) / "progress.json"
        env = os.environ | {"COURSE_PROGRESS_FILE": str(progress)}
        command = [sys.executable, "-m", __spec__.name, str(copy), str(limits.output_mb)]
        process = psutil.Popen(
            command, cwd=place, env=env, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        result.status = _watch(process, limits, result)
        if progress.exists():
            try:
                known = json.loads(progress.read_text(encoding="utf-8"))
                done = known.get("exercises", {})
                result.passed = [name for name in result.exercises if done.get(name, {}).get("passed")]
                answered = known.get("quizzes", {}).get(result.chapter)
                result.quiz = f"{answered['right']} of {answered['of']}" if answered else ""
            except (ValueError, KeyError, AttributeError, TypeError):
                result.status += "; its progress file is damaged"
    return result


def _watch(process, limits, result):
    """Wait for the end, or for a limit; then stop the process and all that it has started."""
    began, seen = time.monotonic(), {}
    try:
        while True:
            for one in _family(process):
                seen[one.pid] = one
            alive = list(filter(_alive, seen.values()))
            result.seconds = time.monotonic() - began
            result.peak_mb = max(result.peak_mb, sum(map(_memory_mb, alive)))
            if result.peak_mb > limits.memory_mb:
                return f"stopped: more than {limits.memory_mb:.0f} MB of memory"
            if len(alive) > limits.processes:
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
        _stop(process, seen)


def _stop(process, seen):
    """Kill a process and all its descendants, those in `seen` whose parents are gone included."""
    while True:  # first they are held, so that none starts another while its neighbours are being killed
        new = [one for one in _family(process) if one.pid not in seen]
        for one in [*seen.values(), *new]:
            _try(one.suspend)
        seen.update({one.pid: one for one in new})
        for one in list(seen.values()):
            for child in _try(one.children, recursive=True) or ():
                new += [child] * (child.pid not in seen)
                seen.setdefault(child.pid, child)
        if not new:
            break
    for one in seen.values():
        _try(one.kill)
    psutil.wait_procs(list(seen.values()), timeout=5)


def _try(action, **options):
    """What the action gives; None if the process is gone."""
    try:
        return action(**options)
    except psutil.Error:
        return None


def _family(process):
    try:
        return [process, *process.children(recursive=True)]
    except psutil.Error:
        return []


def _alive(process):
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def _memory_mb(process):
    try:
        return process.memory_info().rss / 1e6
    except psutil.Error:
        return 0.0


def write_csv(grades, file):
    """One line a notebook; a column for each exercise: 1, 0, or empty where the exercise is of another chapter."""
    names = sorted({name for one in grades for name in one.exercises})
    with open(file, "w", newline="", encoding="utf-8-sig") as out:  # the mark makes spreadsheets read UTF-8
        writer = csv.writer(out)
        writer.writerow(["learner", "notebook", "chapter", "status", "passed", "of", "quiz", "seconds", "MB", *names])
        for one in grades:
            marks = [int(name in one.passed) if name in one.exercises else "" for name in names]
            counts = (len(one.passed), len(one.exercises), one.quiz, round(one.seconds), round(one.peak_mb))
            writer.writerow([*map(_cell, (one.learner, one.notebook)), one.chapter, _cell(one.status), *counts, *marks])


def _cell(text):
    """A name that a spreadsheet would take for a formula is marked as text."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@") else text


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
    Path(file).write_text(
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Grades</title><style>body{font-family:sans-serif;'
        "margin:2em}td,th{padding:.3em .8em;text-align:left;border-bottom:1px solid #ccc;vertical-align:top}</style>"
        f"<h1>Grades</h1><table><tr>{head}</tr>{''.join(rows)}</table></html>",
        encoding="utf-8",
    )


def _run(path, output_mb):
    """In the notebook's own process: run all cells, whatever fails; stop if it prints too much."""
    from nbclient import NotebookClient

    class Client(NotebookClient):
        printed = 0

        def process_message(self, msg, cell, cell_index):
            content = msg["content"]
            self.printed += len(content["text"]) if "text" in content else len(str(content))
            if self.printed > output_mb * 1e6:
                os._exit(OUTPUT_STOP)
            return super().process_message(msg, cell, cell_index)

    notebook = nbformat.read(path, as_version=4)
    Client(
        notebook,
        timeout=None,
        kernel_name="python3",
        allow_errors=True,
        resources={"metadata": {"path": os.path.dirname(path)}},
        extra_arguments=["--log-level=ERROR"],
    ).execute()


def as_json(grades):
    return json.dumps([asdict(one) for one in grades])


if __name__ == "__main__":
    _run(sys.argv[1], float(sys.argv[2]))
