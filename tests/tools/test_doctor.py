"""`course doctor`: each thing that may be wrong is seen, and its remedy named."""

import importlib.metadata
import json
import shutil
import subprocess
import sys
import webbrowser
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from course_tools import chapter, cli, doctor


def run(*arguments):
    return CliRunner().invoke(cli.app, ["doctor", *arguments])


def test_on_this_computer():
    done = run("--json", "--no-network")
    findings = {finding["what"]: finding for finding in json.loads(done.stdout)}
    assert done.exit_code == 0
    for what in ("Python", "packages", "TensorFlow", "folder for notebooks", "folder for progress"):
        assert findings[what]["status"] == "ok", findings[what]
    assert "CPU" in findings["TensorFlow"]["found"] or "GPU" in findings["TensorFlow"]["found"]
    assert findings["real data"]["status"] == "warning"  # the tests' home has none
    assert "uv run course data fetch breastmnist icu" in findings["real data"]["remedy"]


ALL = ["jupytext", "matplotlib", "nbclient", "nbformat", "numpy", "pandas", "pooch", "psutil"]
HIDE = """
import subprocess, sys, types
subprocess.run = lambda *_, **__: types.SimpleNamespace(returncode=0, stdout="CPU")  # TensorFlow need not start here
for name in sys.argv.pop(1).split(","):
    sys.modules[name] = None  # importing it now says that it is not there
from course_tools.cli import app
app(prog_name="course")
"""


@pytest.mark.parametrize("hidden", [["nbformat"], ["psutil"], ["numpy"], ALL])
def test_the_doctor_speaks_where_packages_are_missing(hidden):
    command = [sys.executable, "-c", HIDE, ",".join(hidden), "doctor", "--json", "--no-network"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=chapter.ROOT, timeout=240)
    assert "Traceback" not in done.stderr
    assert done.returncode == 1
    findings = json.loads(done.stdout)
    for name in hidden:
        assert any(f"{name} is missing" in f["found"] and "uv sync" in f["remedy"] for f in findings), name


def test_a_look_that_fails_ends_none_of_the_others(monkeypatch):
    def broken():
        raise TypeError("damaged")

    for name in ("packages", "device", "data", "browser", "memory_limit"):
        monkeypatch.setattr(doctor, name, broken)
    findings = {finding.what: finding for finding in doctor.examine(network=False)}
    assert len(findings) == 10
    for what in ("packages", "TensorFlow", "memory", "real data", "browser"):
        assert findings[what].status == "failure"
        assert "damaged" in findings[what].found


def test_a_failure_is_shown_with_its_remedy(monkeypatch):
    wrong = doctor.Finding("thing", doctor.FAILURE, "broken [1]", "mend it")
    monkeypatch.setattr(doctor, "examine", lambda network: iter([wrong]))
    done = run()
    assert done.exit_code == 1
    for words in ("failure", "thing", "broken [1]", "mend it"):
        assert words in done.output


@pytest.mark.parametrize(("version", "status"), [((3, 10, 1), "failure"), ((3, 13, 0), "ok"), ((3, 14, 0), "failure")])
def test_python(version, status):
    assert doctor.python(version).status == status


def test_packages(monkeypatch):
    monkeypatch.setattr(importlib.metadata, "requires", lambda _: ["nowhere>=1", "numpy>=99", "x; extra == 'gpu'"])
    finding = doctor.packages()
    assert finding.status == "failure"
    assert "nowhere is missing" in finding.found
    assert "wanted >=99" in finding.found


@pytest.mark.parametrize(("gigabytes", "status"), [(1.0, "failure"), (1.8, "warning"), (2.1, "ok")])
def test_memory(gigabytes, status):
    assert doctor.memory(gigabytes * 1e9).status == status


def test_disk():
    assert doctor.disk(5e8).status == "warning"
    assert doctor.disk(5e9).status == "ok"


def test_a_folder_that_cannot_be_written(monkeypatch, tmp_path):
    def refused(dir):
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(doctor.tempfile, "TemporaryFile", refused)
    finding = doctor.writable("progress", tmp_path / "not yet" / "there")
    assert finding.status == "warning"
    assert "COURSE_PROGRESS_FILE" in finding.remedy


@pytest.mark.parametrize(
    ("result", "status", "words"),
    [
        (SimpleNamespace(returncode=1, stdout="", stderr="a\nImportError: no"), "failure", "ImportError: no"),
        (SimpleNamespace(returncode=-11, stdout="", stderr=""), "failure", "code -11"),
        (SimpleNamespace(returncode=0, stdout="Device: CPU (no GPU found)", stderr=""), "warning", "CPU"),
    ],
)
def test_tensorflow(monkeypatch, result, status, words):
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: result)
    monkeypatch.setattr(shutil, "which", lambda name: sys.executable)  # as if nvidia-smi were there
    finding = doctor.device()
    assert finding.status == status
    assert words in finding.found


def test_tensorflow_that_hangs(monkeypatch):
    def hangs(*_, **__):
        raise subprocess.TimeoutExpired("python", 180)

    monkeypatch.setattr(subprocess, "run", hangs)
    assert doctor.device().status == "failure"


def test_network_and_browser(monkeypatch):
    assert doctor.reachable(("http://127.0.0.1:9",)).status == "warning"

    def none():
        raise webbrowser.Error

    monkeypatch.setattr(webbrowser, "get", none)
    assert "course lab" in doctor.browser().remedy
