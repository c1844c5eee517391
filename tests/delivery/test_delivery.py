"""The ways to hand the course out, each followed step by step in an empty environment: `uv run pytest -m delivery`."""

import os
import pwd
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import conftest
from course_tools import chapter

pytestmark = pytest.mark.delivery
BINDER_MB = 2000


def copy_of_the_course(folder):
    """A copy of what git knows, as on a computer that has just got it."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=chapter.ROOT, capture_output=True, check=True
    )
    for name in listed.stdout.decode().split("\0"):
        if name and (chapter.ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(chapter.ROOT / name, folder / name)


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    """In a folder with a space and a letter that is not ASCII."""
    folder = tmp_path_factory.mktemp("lieferung ü") / "course"
    copy_of_the_course(folder)
    return folder


def open_network():
    """The environment for installing: without the closed proxy that the tests otherwise run behind."""
    closed = ("https_proxy", "HTTPS_PROXY", "PYTHONPATH", "VIRTUAL_ENV")
    return {name: value for name, value in os.environ.items() if name not in closed}


def home():
    """The real home: conftest.py has set another one."""
    return Path(pwd.getpwuid(os.getuid()).pw_dir)


def find_python(version):
    """This machine's Python of a version, pyenv's included (its shims answer only for the versions switched on)."""
    command = ["uv", "python", "find", "--system", "--no-python-downloads", version]
    found = subprocess.run(command, capture_output=True, text=True, cwd="/").stdout.strip()
    pyenv = Path(os.environ.get("PYENV_ROOT", home() / ".pyenv"))
    return found or next(map(str, pyenv.glob(f"versions/{version}.*/bin/python")), None)


def empty_environment(place, wanted):
    """A new virtual environment of the wanted Python, or of this one where there is none; how to run things in it."""
    python = find_python(wanted) or sys.executable
    subprocess.run([python, "-m", "venv", place], check=True)
    version = subprocess.run([python, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    conftest.notes.append(f"{place.name}: {version} (wanted: {wanted})")
    return open_network() | {"PATH": f"{place / 'bin'}{os.pathsep}{os.environ['PATH']}"}


@pytest.fixture(scope="module")
def binder(checkout):
    """What mybinder.org would build, in the Python that runtime.txt names or the nearest here: its environment."""
    wanted = (checkout / "binder" / "runtime.txt").read_text().strip().removeprefix("python-")
    env = empty_environment(checkout.parent / "binder env", wanted)
    for command in (["pip", "install", "--quiet", "-r", "binder/requirements.txt"], ["bash", "binder/postBuild"]):
        done = subprocess.run(command, cwd=checkout, env=env, capture_output=True, text=True, timeout=1200)
        assert done.returncode == 0, done.stderr[-3000:]
    return env | {"HTTPS_PROXY": os.environ.get("HTTPS_PROXY", "")}


@pytest.mark.parametrize("number", chapter.lessons())
def test_a_chapter_on_binder(number, binder, checkout):
    """One processor core and 2 GB, as mybinder.org gives: 0.15 for the server, the rest for the kernel."""
    limits = ["taskset", "-c", "0"] if shutil.which("taskset") else []
    if shutil.which("prlimit"):  # it counts what a process has asked for, which TensorFlow soon uses
        limits += ["prlimit", f"--data={(BINDER_MB - 150) * 1_000_000}"]
    done = subprocess.run(
        [*limits, "bash", "binder/start", "course", "run", number],
        cwd=checkout,
        env=binder | {"COLUMNS": "200"},
        capture_output=True,
        text=True,
        timeout=1200,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    seconds, peak = re.search(r": (\d+) s, of which .*?; (\d+) MB at\s+most", done.stdout, re.DOTALL).groups()
    conftest.notes.append(f"Binder, one core: chapter {number}: {seconds} s, {peak} MB")
    assert int(peak) <= BINDER_MB - 150


# Google Colab's own versions of what matters here (on 2026-11-20), and what else the notebooks import there.
COLAB_PYTHON = "3.13"
COLAB = ["tensorflow==2.20.0", "keras==3.13.2", "numpy==2.1.3", "pandas==2.2.3", "ipywidgets==7.7.1"]
COLAB += ["filelock", "ipykernel", "matplotlib", "nbconvert", "platformdirs", "pooch", "scikit-learn", "tqdm"]


@pytest.fixture(scope="module")
def colab(checkout, tmp_path_factory):
    """An environment like Colab's, with a module google.colab; the repository's address leads to this copy."""
    place = tmp_path_factory.mktemp("colab")
    env = empty_environment(place / "colab env", COLAB_PYTHON)
    subprocess.run(["pip", "install", "--quiet", *COLAB], env=env, check=True, timeout=1200)
    (place / "fake" / "google" / "colab").mkdir(parents=True)
    (place / "fake" / "google" / "colab" / "__init__.py").write_text("")
    (place / "fake" / "sitecustomize.py").write_text("import google.colab\n")
    repository = place / "repository"
    shutil.copytree(checkout, repository)
    for command in (["init", "-q"], ["add", "."], ["-c", "user.name=x", "-c", "user.email=x@x", "commit", "-qm", "x"]):
        subprocess.run(["git", *command], cwd=repository, check=True)
    (place / "content").mkdir()
    return env | {
        "PYTHONPATH": str(place / "fake"),
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.file://{repository}.insteadOf",
        "GIT_CONFIG_VALUE_0": chapter.repository(),
        "COURSE_PLACE": str(place / "content"),
    }


@pytest.mark.parametrize("number", chapter.lessons())
def test_a_chapter_on_colab(number, colab):
    """The notebook alone, its first cell included, which installs the course; widgets of version 7."""
    place = Path(colab["COURSE_PLACE"])
    notebook = chapter.find(number).notebook()
    shutil.copy(notebook, place)
    done = subprocess.run(
        ["jupyter", "nbconvert", "--to", "notebook", "--execute", "--output", "done.ipynb", notebook.name],
        cwd=place,
        env=colab,
        capture_output=True,
        text=True,
        timeout=1200,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    text = (place / "done.ipynb").read_text(encoding="utf-8")
    assert "not attempted yet" in text
    assert "application/vnd.jupyter.widget-view+json" in text
