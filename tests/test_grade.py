"""`course grade`: what is solved is seen; whatever a notebook does, it is stopped, reported, and harms no other."""

import csv
import json
import time

import nbformat
import psutil
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from typer.testing import CliRunner

from course_tools import cli
from course_tools.grade import Limits, chapter_of, grade, notebooks_in, write_csv

START = "import numpy as np\nfrom course_utils import check, quiz"
SOLVED = 'check("00.majority", lambda labels: np.bincount(labels).max() / len(labels))'
STUB = 'def stub(y, p):\n    ...\n\ncheck("00.confident_error", stub)'


def write(folder, learner, *cells, name="00_start_here.ipynb"):
    notebook = new_notebook(cells=[new_code_cell(cell) for cell in (START, *cells)])
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
