"""The ways to hand the course out, each followed step by step in an empty environment: `uv run pytest -m delivery`."""

import os
import re
import shutil
import subprocess
import sys

import pytest

import conftest
from course_tools import lesson

pytestmark = pytest.mark.delivery
BINDER_MB = 2000


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    """A copy of what git knows, in a folder with a space and a letter that is not ASCII."""
    folder = tmp_path_factory.mktemp("lieferung ü") / "course"
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=lesson.ROOT, capture_output=True, check=True
    )
    for name in listed.stdout.decode().split("\0"):
        if name and (lesson.ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(lesson.ROOT / name, folder / name)
    return folder


def open_network():
    """The environment for installing: without the closed proxy that the tests otherwise run behind."""
    closed = ("https_proxy", "HTTPS_PROXY", "PYTHONPATH", "VIRTUAL_ENV")
    return {name: value for name, value in os.environ.items() if name not in closed}


@pytest.fixture(scope="module")
def binder(checkout):
    """What mybinder.org would build, in the Python that runtime.txt names or the nearest here: its environment."""
    wanted = (checkout / "binder" / "runtime.txt").read_text().strip().removeprefix("python-")
    find = ["uv", "python", "find", "--system", "--no-python-downloads", wanted]
    found = subprocess.run(find, capture_output=True, text=True, cwd=checkout.parent)
    place = checkout.parent / "binder env"
    subprocess.run([found.stdout.strip() or sys.executable, "-m", "venv", place], check=True)
    env = open_network() | {"PATH": f"{place / 'bin'}{os.pathsep}{os.environ['PATH']}"}
    for command in (["pip", "install", "--quiet", "-r", "binder/requirements.txt"], ["bash", "binder/postBuild"]):
        done = subprocess.run(command, cwd=checkout, env=env, capture_output=True, text=True, timeout=1200)
        assert done.returncode == 0, done.stderr[-3000:]
    return env | {"HTTPS_PROXY": os.environ.get("HTTPS_PROXY", "")}


@pytest.mark.parametrize("chapter", lesson.chapters())
def test_a_chapter_on_binder(chapter, binder, checkout):
    """One processor core and 2 GB, as mybinder.org gives."""
    one_core = ["taskset", "-c", "0"] if shutil.which("taskset") else []
    done = subprocess.run(
        [*one_core, "bash", "binder/start", "course", "run", chapter],
        cwd=checkout,
        env=binder | {"COLUMNS": "200"},
        capture_output=True,
        text=True,
        timeout=1200,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    seconds, peak = re.search(r": (\d+) s, of which .*?; (\d+) MB at\s+most", done.stdout, re.DOTALL).groups()
    conftest.learner_pass.append(f"Binder, one core: chapter {chapter}: {seconds} s, {peak} MB")
    assert int(peak) <= BINDER_MB
