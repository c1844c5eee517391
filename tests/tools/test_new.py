"""`course new`: its files alone make a chapter that passes what every chapter passes."""

import os
import shutil
import subprocess
import sys

import pytest

from course_tools import chapter as course
from course_tools.template import begin

NUMBER = f"{int(max(course.lessons())) + 1:02}"
STEM = f"{NUMBER}_a_try"


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """A copy of the checkout, committed, in which `course new` and `course build` have been called."""
    folder = tmp_path_factory.mktemp("new") / "course"
    listed = ["git", "ls-files", "-co", "--exclude-standard", "-z"]
    for name in subprocess.check_output(listed, cwd=course.ROOT, text=True).split("\0"):
        if name and (course.ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(course.ROOT / name, folder / name)
    git(folder, "init", "-q")
    git(folder, "add", "-A")
    git(folder, "-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "-qm", "copy")
    command(folder, "course_tools.cli", "new", NUMBER, "a_try")
    command(folder, "course_tools.cli", "build")
    return folder


def git(folder, *words):
    return subprocess.check_output(["git", *words], cwd=folder, text=True)


def command(folder, module, *words):
    env = os.environ | {"PYTHONPATH": str(folder), "PYTHONUTF8": "1"}
    options = {"cwd": folder, "env": env, "capture_output": True, "encoding": "utf-8", "timeout": 600}
    done = subprocess.run([sys.executable, "-m", module, *words], **options)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_nothing_else_is_touched(copy):
    made = [f"notebooks/{STEM}.ipynb", f"notebooks/solutions/{STEM}.ipynb"]
    files = [f"course_utils/exercises/chapters/{NUMBER}.py", f"lessons/{STEM}.py"]
    files += [f"tests/chapters/programs/{NUMBER}.py"]
    status = git(copy, "status", "--porcelain", "--untracked-files=all").splitlines()
    assert sorted(status) == sorted(
        [*(f"?? {name}" for name in files + made), " M README.md", " M notebooks/glossary.md"]
    )
    command(copy, "ruff", "check", "--force-exclude", *files)
    command(copy, "ruff", "format", "--check", "--force-exclude", *files)
    command(copy, "course_tools.cli", "build", "--check")


def test_it_passes_the_tests(copy):
    """Those of its own, nbval's with the budget among them, and those of the pages that name every chapter."""
    own = ["-k", f"{STEM} or {NUMBER}.contrast or is_complete or test_pages"]
    said = command(copy, "pytest", "-n", "0", "-p", "no:cacheprovider", "--ignore=tests/browser", *own)
    assert f"notebooks/{STEM}.ipynb" in said
    assert f"notebooks/solutions/{STEM}.ipynb" in said


@pytest.mark.browser  # the packages of site and slides are there then
def test_it_runs_and_is_on_the_site_and_on_slides(copy):
    assert "GENERATED DATA" in command(copy, "course_tools.cli", "run", NUMBER)
    command(copy, "course_tools.cli", "site")
    assert f"{STEM}.html" in (copy / "build" / "site" / "index.html").read_text(encoding="utf-8")
    assert f"{STEM}.html" in command(copy, "course_tools.cli", "slides", NUMBER)


@pytest.mark.parametrize(
    ("number", "topic", "words"),
    [
        ("0", "x", "There is a chapter 00: .*00_start_here.py"),
        ("100", "x", "two digits"),
        (NUMBER, "A b", "small letters"),
    ],
)
def test_what_cannot_be_begun(number, topic, words):
    with pytest.raises(course.ChapterError, match=words):
        begin(number, topic)


def test_programs_that_are_there_already_are_not_replaced(tmp_path, monkeypatch):
    monkeypatch.setattr(course, "ROOT", tmp_path)
    programs = tmp_path / "tests" / "chapters" / "programs" / "06.py"
    programs.parent.mkdir(parents=True)
    programs.write_text("mine")
    with pytest.raises(course.ChapterError, match=r"There is a chapter 06: .*programs"):
        begin("06", "x")
    assert programs.read_text() == "mine"
    assert [file for file in tmp_path.rglob("*") if file.is_file()] == [programs]
