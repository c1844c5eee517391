"""`course grade`: what is solved is seen; whatever a notebook does, it is stopped, reported, and harms no other."""

import csv
import json
import os
import signal
import subprocess
import sys
import time

import nbformat
import psutil
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from typer.testing import CliRunner

from course_tools import cli
from course_tools.grade import Grade, Limits, chapter_of, grade, notebooks_in, read_progress, write_csv

START = "import numpy as np\nfrom course_utils import check, quiz"
SOLVED = 'check("00.majority", lambda labels: np.bincount(labels).max() / len(labels))'
STUB = 'def stub(y, p):\n    ...\n\ncheck("00.confident_error", stub)'


def write(folder, learner, *cells, name="00_start_here.ipynb", start=START):
    notebook = new_notebook(cells=[new_code_cell(cell) for cell in (start, *cells)])
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3"}
    (folder / learner).mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, folder / learner / name)


def test_a_class(tmp_path):
    """One has solved half; one's notebook stops with an error in between; of one the file is cut off."""
    write(tmp_path, "Ada Ö", STUB, SOLVED, 'quiz("00", "bcada")')
    write(tmp_path, "Bob", "1 / 0", SOLVED, "raise SystemExit", STUB)
    write(tmp_path, "=Eve", "x = 1", name="other.ipynb")
    (tmp_path / "Cy").mkdir()
    (tmp_path / "Cy" / "00.ipynb").write_text('{"cells": [')
    (tmp_path / ".ipynb_checkpoints").mkdir()
    (tmp_path / ".ipynb_checkpoints" / "x.ipynb").write_text("{}")
    done = CliRunner().invoke(cli.app, ["grade", str(tmp_path), "--out", str(tmp_path / "g.csv"), "--json"])
    assert done.exit_code == 0, done.output
    grades = {one["learner"]: one for one in json.loads(done.stdout)}
    assert list(grades) == ["=Eve", "Ada Ö", "Bob", "Cy"]
    assert grades["Ada Ö"]["passed"] == grades["Bob"]["passed"] == ["00.majority"]
    assert grades["Ada Ö"]["status"] == grades["Bob"]["status"] == "finished"
    assert grades["Ada Ö"]["quiz"].endswith("of 5")
    assert grades["Cy"]["status"].startswith("not readable")
    assert grades["=Eve"]["status"] == "no exercises of the course in it"
    with (tmp_path / "g.csv").open(encoding="utf-8-sig") as file:
        rows = {row["learner"]: row for row in csv.DictReader(file)}
    assert rows["Ada Ö"]["00.majority"] == "1"
    assert rows["Ada Ö"]["00.confident_error"] == "0"
    assert "'=Eve" in rows
    page = (tmp_path / "g.html").read_text(encoding="utf-8")
    assert "Ada Ö" in page
    assert "✅&nbsp;majority" in page


HARMFUL = {
    "forever": ("while True:\n    pass", Limits(seconds=30), "more than 30 s"),
    "memory": ("x = [bytes(10**8).replace(b'\\0', b'1') for _ in range(99)]", Limits(memory_mb=900), "MB of memory"),
    "processes": (
        "import subprocess, sys\nkept = [subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(99)'], "
        "start_new_session=True) for _ in range(30)]\nimport time\ntime.sleep(99)",
        Limits(processes=12),
        "more than 12 processes",
    ),
    "output": (
        "import time\nwhile True:\n    print('x' * 10**6)\n    time.sleep(0.05)",
        Limits(output_mb=3),
        "more than 3 MB of output",
    ),
    "dead kernel": ("import os\nos._exit(3)", Limits(), "died"),
}


@pytest.mark.delivery
@pytest.mark.parametrize("name", HARMFUL)
def test_harm_is_stopped_and_harms_no_other(name, tmp_path):
    code, limits, words = HARMFUL[name]
    write(tmp_path, "bad", SOLVED, code)
    write(tmp_path, "good", SOLVED, "import time\ntime.sleep(3)", STUB)
    began = time.monotonic()
    bad, good = grade(tmp_path, limits, workers=2)
    assert words in bad.status
    assert bad.passed == ["00.majority"]  # what was solved before counts
    assert good.status == "finished"
    assert good.passed == ["00.majority"]
    assert time.monotonic() - began < 90
    time.sleep(0.5)
    left = [p for p in psutil.process_iter(["cmdline"]) if "time.sleep(99)" in " ".join(p.info["cmdline"] or [])]
    assert left == []


def test_the_learners_files_stay_as_they_are(tmp_path):
    write(tmp_path, "Ada", SOLVED, "open('notebook.ipynb', 'w').write('')\nopen('left.txt', 'w').write('')")
    before = (tmp_path / "Ada" / "00_start_here.ipynb").read_bytes()
    grade(tmp_path, Limits(), workers=1)
    assert (tmp_path / "Ada" / "00_start_here.ipynb").read_bytes() == before
    assert [f.name for f in (tmp_path / "Ada").iterdir()] == ["00_start_here.ipynb"]


def test_small_things(tmp_path):
    assert (
        chapter_of(new_notebook(cells=[new_code_cell("check('02.loss', f); check( \"02.x\", 1); check('01.a', 2)")]))
        == "02"
    )
    assert chapter_of(new_notebook()) == ""
    (tmp_path / "Ada.ipynb").write_text("{}")
    assert [learner for learner, _ in notebooks_in(tmp_path)] == ["Ada"]
    write_csv([], tmp_path / "empty.csv")
    for folder, words in ((tmp_path / "nowhere", "no folder"), (tmp_path / "empty", "no notebook")):
        (tmp_path / "empty").mkdir(exist_ok=True)
        done = CliRunner().invoke(cli.app, ["grade", str(folder)])
        assert done.exit_code == 1
        assert words in " ".join(done.output.split())


def start_course(*arguments, **environment):
    command = [sys.executable, "-c", "from course_tools.cli import app; app()", "grade", *map(str, arguments)]
    options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "errors": "surrogateescape"}
    if os.name == "posix":  # where the tests run in the background, SIGINT is ignored, and children inherit that
        options["preexec_fn"] = lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)
    return subprocess.Popen(command, env=os.environ | environment, **options)


def rows_of(file):
    with file.open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))


QUICK = "# check('00.majority')\nimport json, os, sys\nprogress = os.environ['COURSE_PROGRESS_FILE']"
FORGED = {"exercises": {"00.majority": {"passed": "now"}, "99.x": {"passed": "now"}, "=cmd|' /C calc'!A0": {}}}
HOSTILE = {  # what the notebook does, what is said of it, how many exercises count
    "a folder": ("os.mkdir(progress)", "damaged", 0),
    "a pipe": ("os.mkfifo(progress)", "damaged", 0),
    "nested": ("open(progress, 'w').write('[' * 200_000)", "damaged", 0),
    "forged": (f"json.dump({FORGED}, open(progress, 'w'))", "finished", 1),  # cannot be told from a true one
    "vandal": (
        "import shutil\nfor n in range(9):\n    os.makedirs(f'd{n}/e')\n    os.symlink('KEPT', f'd{n}/link')\n"
        "    os.chmod(f'd{n}', 0)\nos.chmod('.', 0)",
        "finished",
        0,
    ),
    "homeless": ("import shutil\nshutil.rmtree(os.getcwd())\nos.symlink('KEPT', os.environ['HOME'])", "finished", 0),
    "killer": ("import signal\nos.kill(os.getppid(), signal.SIGKILL)", "died", 0),
    "daemon": (
        "if not os.fork():\n    os.setsid()\n    if not os.fork():\n"
        "        os.execve(sys.executable, [sys.executable, '-c', 'import time; time.sleep(98)'], {})\n    os._exit(0)",
        "finished",
        0,
    ),
    "daemon of a killer": (
        "import signal\nif not os.fork():\n    os.setsid()\n    if not os.fork():\n"
        "        os.kill(int(os.environ['JPY_PARENT_PID']), signal.SIGKILL)\n"
        "        os.execv(sys.executable, [sys.executable, '-c', 'import time; time.sleep(98)'])\n    os._exit(0)",
        "died",
        0,
    ),
    "curious": (
        "if 'A_TOKEN' in os.environ or os.environ['HOME'] != os.getcwd() or os.isatty(0):\n    os.mkdir(progress)",
        "finished",
        0,
    ),
}


def test_no_notebook_costs_the_others_their_grades(tmp_path):
    kept = tmp_path / "kept"
    kept.mkdir(mode=0o750)
    (kept / "mine.txt").write_text("mine")
    for name, (code, *_) in HOSTILE.items():
        write(tmp_path / "in", name, code.replace("KEPT", str(kept)), start=QUICK)
    write(tmp_path / "in", "good", SOLVED)
    (tmp_path / "temp").mkdir()
    process = start_course(
        tmp_path / "in", "--out", tmp_path / "g.csv", "--workers=2", A_TOKEN="secret", TMPDIR=str(tmp_path / "temp")
    )
    told, errors = process.communicate(timeout=300)
    assert process.returncode == 0, errors
    rows = {row["learner"]: row for row in rows_of(tmp_path / "g.csv")}
    assert sorted(rows) == sorted([*HOSTILE, "good"])
    for name, (_, words, passed) in HOSTILE.items():
        assert words in rows[name]["status"], (name, rows[name])
        assert rows[name]["passed"] == str(passed), (name, rows[name])
        assert rows[name]["quiz"] == ""
    assert (rows["good"]["status"], rows["good"]["passed"], rows["good"]["00.majority"]) == ("finished", "1", "1")
    assert "cmd" not in (tmp_path / "g.csv").read_text(encoding="utf-8")
    assert "\033" not in told + errors
    assert list((tmp_path / "temp").iterdir()) == []
    assert kept.stat().st_mode & 0o777 == 0o750
    assert (kept / "mine.txt").read_text() == "mine"
    left = [p for p in psutil.process_iter(["cmdline"]) if "time.sleep(98)" in " ".join(p.info["cmdline"] or [])]
    assert left == []


def test_what_is_not_a_learners_own_notebook_is_refused(tmp_path):
    """Pipes, links, folders without a notebook, other encodings, too large, too deep: a line each, and no waiting."""
    handed_in = tmp_path / "real folder"
    write(handed_in, "Ada", "x = 1")
    (tmp_path / "in").symlink_to(handed_in)  # the folder that is named may be a link
    refused = {
        "Bob": "it is a link",
        "Cy": "it is a link",
        "Dan": "it is a link",
        "Eve": "it is a link",
        "Flo": "not a regular file",
        "Gus": "no notebook in this folder",
        "Hal": "larger than 100 MB; clear its outputs",
        "Ida": "recursion",
        "Joe": "not readable",
        "Kim": "not readable",
        "\\udcd5\\udcc5": "no exercises",
        "\\x1b[2J\\n\\u202e": "no exercises",
        "ada": "no exercises",
    }
    for name in ("Bob", "Cy", "Flo", "Gus", "Hal", "Ida", "Joe", "Kim"):
        (handed_in / name).mkdir()
    (handed_in / "Bob" / "00.ipynb").symlink_to(handed_in / "Ada" / "00_start_here.ipynb")
    (handed_in / "Cy" / "linked").symlink_to(handed_in / "Ada")
    (handed_in / "Dan").symlink_to(handed_in / "Ada")
    (handed_in / "Eve.ipynb").symlink_to("nowhere")
    os.mkfifo(handed_in / "Flo" / "00.ipynb")
    with (handed_in / "Hal" / "00.ipynb").open("wb") as file:
        file.truncate(10**9)
    (handed_in / "Ida" / "00.ipynb").write_text("[" * 200_000)
    (handed_in / "Joe" / "00.ipynb").write_bytes(b"\xff\xfe\x00")
    (handed_in / "Kim" / "00.ipynb").write_text(
        '{"nbformat": 4, "nbformat_minor": 5, "metadata": [], "cells": [1, {}]}'
    )
    write(handed_in, os.fsdecode("张".encode("gbk")), "x = 1")
    write(handed_in, "\033[2J\n\u202e", "x = 1")
    write(handed_in, "ada", "x = 2")
    process = start_course(tmp_path / "in", "--out", tmp_path / "g.csv", "--json", "--workers=2")
    try:
        told, errors = process.communicate(timeout=120)
    finally:
        process.kill()
    assert process.returncode == 0, errors
    assert "\033" not in told + errors
    rows = {row["learner"]: row for row in rows_of(tmp_path / "g.csv")}
    assert sorted(rows) == sorted([*refused, "Ada"])
    for name, words in refused.items():
        assert words in rows[name]["status"], (name, rows[name])
        assert rows[name]["passed"] == "0"
    assert len(json.loads(told)) == len(rows)
    assert "\\x1b[2J" in (tmp_path / "g.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "content",
    [
        "[" * 200_000,
        "9" * 5000,
        "{",
        "[]",
        "\xff",
        '{"exercises": []}',
        '{"exercises": {"00.majority": {"passed": true}}}',
        '{"quizzes": {"00": {"right": "=cmd|1", "of": 5}}}',
        '{"quizzes": {"00": {"right": 6, "of": 5}}}',
        '{"quizzes": {"00": {"right": 7, "of": 7}}}',
        " " * 2_000_000,
    ],
)
def test_no_progress_file_but_one_as_the_exercises_write_it(content, tmp_path):
    file = tmp_path / "progress.json"
    file.write_text(content, encoding="latin-1")
    result = Grade("Ada", "00.ipynb", "00", exercises=["00.majority"])
    with pytest.raises((ValueError, OSError)):
        read_progress(result, file)
    assert (result.passed, result.quiz) == ([], "")


def test_folders_nested_a_thousand_deep(tmp_path):
    (tmp_path / "Ada").mkdir()
    here = os.getcwd()
    try:
        os.chdir(tmp_path / "Ada")
        for _ in range(1500):
            os.mkdir("d")
            os.chdir("d")
        assert [learner for learner, _ in notebooks_in(tmp_path)] == ["Ada"]
    finally:
        os.chdir(here)
        subprocess.run(["rm", "-r", tmp_path / "Ada"], check=True)  # too deep for pytest's own cleaning


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@x", "＝1", "x;=1", 'x";=1', "x, @y", " =1"])
def test_no_text_of_a_learner_is_a_formula(text, tmp_path):
    """However a spreadsheet splits a line: at commas, at semicolons, with quotes or without."""
    write_csv([Grade(text, text, "00", text, quiz=text)], tmp_path / "g.csv")
    line = (tmp_path / "g.csv").read_text(encoding="utf-8-sig").splitlines()[1]
    for separator in (",", ";"):
        for cell in next(csv.reader([line], delimiter=separator)) + line.split(separator):
            assert cell.strip(' "')[:1] not in ("=", "+", "-", "@", "＝"), line


@pytest.mark.parametrize("name", [".", "/", "g.html", "00.ipynb", "no such folder/g.csv", "page.csv", "pipe"])
def test_the_place_of_the_table_is_tried_first(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "in", "Ada", "x = 1", start=QUICK)
    (tmp_path / "page.html").mkdir()
    (tmp_path / "page.csv").write_text("earlier")
    os.mkfifo(tmp_path / "pipe")
    done = CliRunner().invoke(cli.app, ["grade", "in", "--out", name])
    assert done.exit_code == 1
    assert isinstance(done.exception, SystemExit)
    assert "cannot be written" in " ".join(done.output.split())
    assert "--out" in done.output
    assert "at once" not in done.output  # nothing has run
    assert (tmp_path / "page.csv").read_text() == "earlier"
    assert sorted(os.listdir(tmp_path)) == ["in", "page.csv", "page.html", "pipe"]


def test_what_was_there_is_kept_and_a_link_stays_a_link(tmp_path):
    (tmp_path / "in" / "Ada.ipynb").mkdir(parents=True)
    write(tmp_path / "in", "Bob", "x = 1", start="")
    (tmp_path / "g.csv").write_text("much work")
    (tmp_path / "shared").mkdir()
    (tmp_path / "g.html").symlink_to(tmp_path / "shared" / "page.html")
    (tmp_path / "victim").write_text("mine")
    (tmp_path / "g.csv.new").symlink_to(tmp_path / "victim")
    done = CliRunner().invoke(cli.app, ["grade", str(tmp_path / "in"), "--out", str(tmp_path / "g.csv")])
    assert done.exit_code == 0, done.output
    assert (tmp_path / "g (before grade).csv").read_text() == "much work"
    assert "g (before grade).csv" in done.output
    assert [row["learner"] for row in rows_of(tmp_path / "g.csv")] == ["Ada.ipynb", "Bob"]
    assert (tmp_path / "g.html").is_symlink()
    assert "Bob" in (tmp_path / "shared" / "page.html").read_text()
    assert (tmp_path / "victim").read_text() == "mine"


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_rows_are_written_as_they_come_and_ctrl_c_ends_at_once(name, tmp_path):
    (tmp_path / "in" / "Ada").mkdir(parents=True)
    write(
        tmp_path / "in",
        "Bob",
        "import time\nopen('PLACE', 'w').close()\ntime.sleep(97)".replace("PLACE", str(tmp_path / "began")),
        start=QUICK,
    )
    write(tmp_path / "in", "Cy", "1", start=QUICK)
    process = start_course(tmp_path / "in", "--out", tmp_path / "g.csv", "--workers=1")
    try:
        until = time.monotonic() + 60
        while not (tmp_path / "began").exists() and time.monotonic() < until:
            time.sleep(0.1)
        assert [row["learner"] for row in rows_of(tmp_path / "g.csv")] == ["Ada"]
        process.send_signal(getattr(signal, name))
        _, errors = process.communicate(timeout=20)
    finally:
        process.kill()
    assert process.returncode == 130, errors
    assert "1 of 3 notebooks are graded" in errors
    assert str(tmp_path / "g.csv") in errors
    assert [row["learner"] for row in rows_of(tmp_path / "g.csv")] == ["Ada"]
    commands = [" ".join(p.info["cmdline"] or []) for p in psutil.process_iter(["cmdline"])]
    assert not any("ipykernel" in command and "grade " in command for command in commands)


def test_grades_are_not_lost_where_the_table_cannot_be_written_at_the_end(tmp_path, monkeypatch):
    (tmp_path / "in" / "Ada").mkdir(parents=True)
    write(
        tmp_path / "in",
        "Bob",
        f"import os\nos.remove({str(tmp_path / 'out' / 'g.csv')!r})\nos.mkdir({str(tmp_path / 'out' / 'g.csv')!r})",
        start=QUICK,
    )
    (tmp_path / "out").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    done = CliRunner().invoke(cli.app, ["grade", str(tmp_path / "in"), "--out", str(tmp_path / "out" / "g.csv")])
    assert done.exit_code == 1
    assert "The grades are in" in done.output
    (rescued,) = tmp_path.glob("grades */grades.csv")
    assert [row["learner"] for row in rows_of(rescued)] == ["Ada", "Bob"]
