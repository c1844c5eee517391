"""A class on one machine: the hub is really started, with its proxy, and twelve learners come at once."""

import importlib.util
import json
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests
from test_delivery import copy_of_the_course, open_network

import conftest
from course_tools import chapter

pytestmark = pytest.mark.delivery
LEARNERS, PASSWORD = 12, "rehearsal"
SYSTEM_PYTHON = "/usr/bin/python3"  # one that learners may start, unlike one below root's home

spec = importlib.util.spec_from_file_location("rehearse", chapter.ROOT / "deploy" / "jupyterhub" / "rehearse.py")
rehearse = importlib.util.module_from_spec(spec)
spec.loader.exec_module(rehearse)


def seats():
    return [user for user in pwd.getpwall() if user.pw_name.startswith("learner")]


@pytest.fixture(scope="module")
def hub():
    """The steps of deploy/jupyterhub/README.md; the hub's address."""
    if os.geteuid() or not shutil.which("useradd") or not shutil.which("npm") or not Path(SYSTEM_PYTHON).exists():
        pytest.skip("needs root (it makes system users), useradd, npm and a Python for everybody")
    if seats():
        pytest.skip("this machine has users named learner already; the test would remove them")
    with tempfile.TemporaryDirectory(prefix="hub") as place, socket.socket() as free:
        os.chmod(place, 0o755)
        course, state = Path(place) / "course", Path(place) / "state"
        copy_of_the_course(course)
        for command in (
            ["uv", "sync", "--quiet", "--locked", "--no-dev", "--group", "hub", "--python", SYSTEM_PYTHON],
            ["npm", "install", "--silent", "--prefix", place, "configurable-http-proxy"],
        ):
            subprocess.run(command, cwd=course, env=open_network(), check=True, timeout=900)
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
        free.close()
        env = open_network() | {
            "PATH": f"{place}/node_modules/.bin:{os.environ['PATH']}",
            "COURSE_HUB_URL": url,
            "COURSE_HUB_STATE": str(state),
            "COURSE_LEARNERS": str(LEARNERS + 1),
            "COURSE_DATA_DIR": str(course / "no-data-here"),
        }
        command = [course / ".venv/bin/jupyterhub", "-f", course / "deploy/jupyterhub/jupyterhub_config.py"]
        with open(Path(place) / "hub.log", "w") as log:
            process = subprocess.Popen(command, cwd=course, env=env, stdout=log, stderr=subprocess.STDOUT)
        try:
            until = time.monotonic() + 120
            while True:
                try:
                    requests.get(f"{url}/hub/health", timeout=5).raise_for_status()
                    break
                except requests.RequestException:
                    assert process.poll() is None, (Path(place) / "hub.log").read_text()[-3000:]
                    assert time.monotonic() < until, (Path(place) / "hub.log").read_text()[-3000:]
                    time.sleep(0.5)
            yield url, course
        finally:
            process.terminate()
            process.wait(60)
            for user in seats():
                subprocess.run(["pkill", "--signal", "KILL", "--uid", str(user.pw_uid)], check=False)
                subprocess.run(["userdel", "--remove", "--force", user.pw_name], check=False, capture_output=True)


def test_twelve_learners_run_chapter_01_at_once(hub):
    url, course = hub
    command = [course / ".venv/bin/python", "deploy/jupyterhub/rehearse.py", "--hub", url, "--json"]
    command += ["--learners", str(LEARNERS), "--chapter", "01", "--password", PASSWORD]
    done = subprocess.run(command, cwd=course, capture_output=True, text=True, timeout=1500)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    result = json.loads(done.stdout)
    assert result["failures"] == 0
    learners = result["learners"]
    assert len(learners) == LEARNERS
    first, finished = ([round(learner[what]) for learner in learners] for what in ("first_cell", "finished"))
    memory = [learner["peak_mb"] for learner in learners]
    assert max(memory) < 1600
    conftest.notes.append(
        f"Hub: {LEARNERS} learners on {result['cores']} cores: first cell after {min(first)} to {max(first)} s, "
        f"finished after {min(finished)} to {max(finished)} s, {min(memory):.0f} to {max(memory):.0f} MB each, "
        f"{result['all_learners_mb']:.0f} MB together, {result['core_seconds']:.0f} core-seconds"
    )


def test_who_may_come_in_and_who_may_not(hub):
    url, _ = hub
    seat = f"learner{LEARNERS + 1:02}"  # nobody has sat here yet: this becomes its password
    rehearse.Learner(url, seat, "first password").log_in()
    for name, password in (("root", "first password"), ("learner99", "x" * 9), (seat, "wrong password")):
        with pytest.raises(RuntimeError, match="login refused"):
            rehearse.Learner(url, name, password).log_in()
    with pytest.raises(KeyError):
        pwd.getpwnam("learner99")


def run_cells(url, name, password, sources, on_cell=lambda source: None):
    """Put a notebook of these cells into a learner's home, through the server, and run it."""
    learner = rehearse.Learner(url, name, password)
    learner.log_in()
    cells = [
        {"cell_type": "code", "source": s, "metadata": {}, "outputs": [], "execution_count": None} for s in sources
    ]
    notebook = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}
    head = {"X-XSRFToken": learner.xsrf(f"/user/{name}/")}
    body = {"type": "notebook", "content": notebook}
    learner.put(f"{learner.home}/api/contents/own.ipynb", json=body, headers=head, timeout=60).raise_for_status()
    learner.run("own.ipynb", on_cell)


def test_learners_do_not_disturb_each_other(hub):
    """One asks for all the memory there is and is refused; another's files and the course's are out of reach."""
    url, course = hub
    own = ["from course_utils import check", "import pathlib; home = pathlib.Path.home()"]
    own += ["assert (home / 'notebooks' / '01_cnn_basics.ipynb').exists() and home.name == 'learner02'"]
    greedy = ["import numpy as np", "x = np.ones(2_000_000_000)"]  # 16 GB
    curious = [f"open({str(Path('/home/learner02/notebooks/01_cnn_basics.ipynb'))!r})"]
    vandal = [f"open({str(course / 'course_utils' / '__init__.py')!r}, 'a')"]
    with ThreadPoolExecutor() as pool:
        good = pool.submit(run_cells, url, "learner02", PASSWORD, own)
        good.result(timeout=300)
        with pytest.raises(RuntimeError, match="MemoryError"):
            run_cells(url, "learner03", PASSWORD, greedy)
        for number, cells in ((4, curious), (5, vandal)):
            with pytest.raises(RuntimeError, match="PermissionError"):
                run_cells(url, f"learner{number:02}", PASSWORD, cells)


# What a user of the machine can hear of another's kernel, at every address that /proc shows of it.
LISTEN = """
import socket, time, zmq
ear = zmq.Context().socket(zmq.SUB)
ear.subscribe(b"")
for table in ("/proc/net/tcp", "/proc/net/tcp6"):
    for _, local, _, state, _, _, _, uid, *_ in map(str.split, open(table)):
        if state == "0A" and uid == "{uid}":
            ear.connect("tcp://127.0.0.1:" + str(int(local.rpartition(":")[2], 16)))
paths = sorted({{line.split()[-1] for line in open("/proc/net/unix") if " {home}/" in line}})
for path in paths:
    ear.connect("ipc://" + path)
heard, until = b"", time.monotonic() + 6
while time.monotonic() < until:
    if ear.poll(200):
        heard += b"".join(ear.recv_multipart())
"""
IN_VAIN = """
assert paths and not heard, heard[:500]
for path in paths:
    try:
        socket.socket(socket.AF_UNIX).connect(path)
    except PermissionError:
        continue
    raise AssertionError(path + " lets others in")
"""
SPEAK = """
import threading, time
def speak():
    for _ in range(1000):
        print("patient 4711", flush=True)
        time.sleep(0.1)
threading.Thread(target=speak, daemon=True).start()
"""


def test_nobody_hears_what_anothers_kernel_prints(hub):
    url, course = hub
    tried = []

    def listen(_):
        user = pwd.getpwnam("learner08")
        os.chmod(user.pw_dir, 0o755)  # even if the home has been opened to show somebody a notebook
        code = LISTEN.format(uid=user.pw_uid, home=user.pw_dir)
        run_cells(url, "learner09", PASSWORD, [code, IN_VAIN])
        root = f"{code}\nassert b'patient 4711' in heard"  # whom nothing stops: the addresses are the right ones
        subprocess.run([course / ".venv/bin/python", "-c", root], check=True, timeout=60)
        tried.append(True)

    run_cells(url, "learner08", PASSWORD, [SPEAK], listen)
    assert tried


def test_a_notebook_worked_in_is_not_replaced(hub):
    url, _ = hub
    rehearse.Learner(url, "learner06", PASSWORD).log_in()
    home = Path(pwd.getpwnam("learner06").pw_dir)
    notebook = home / "notebooks" / "00_start_here.ipynb"
    assert notebook.stat().st_uid == pwd.getpwnam("learner06").pw_uid
    notebook.write_text("worked in")
    (home / "notebooks" / "glossary.md").unlink()
    (home / "notebooks" / "solutions").rename(home / "elsewhere")
    (home / "notebooks" / "solutions").symlink_to("/etc")  # a learner's link leads nowhere that root would write to
    learner = rehearse.Learner(url, "learner06", PASSWORD)
    learner.log_in()
    head = {"X-XSRFToken": learner.xsrf("/hub/"), "Referer": f"{url}/hub/home"}
    learner.delete(f"{url}/hub/api/users/learner06/server", headers=head, timeout=60).raise_for_status()
    time.sleep(3)
    learner.log_in()
    assert notebook.read_text() == "worked in"
    assert not list(Path("/etc").glob("*.ipynb"))
