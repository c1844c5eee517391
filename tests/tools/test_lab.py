"""`course lab`: whichever signal ends it, JupyterLab and its kernels end, too; and JupyterLab answers Ctrl-C."""

import fcntl
import json
import os
import pty
import signal
import socket
import subprocess
import sys
import termios
import time
import urllib.request
from contextlib import contextmanager
from types import SimpleNamespace

import psutil
import pytest
from jupyter_client import BlockingKernelClient

from course_tools import lab
from course_tools.processes import alive, attempt, family

SLEEP = "import time; time.sleep(99)"
CHILD = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {SLEEP!r}])"
CTRL_C = b"\x03"


def until(true, seconds):
    """What `true` gives as soon as that is something; at the end, what it gives."""
    end = time.monotonic() + seconds
    while not (found := true()) and time.monotonic() < end:
        time.sleep(0.05)
    return found


@contextmanager
def started(tmp_path, root, terminal=None):
    """`course lab` with a kernel that has started a process, all in a home of its own; what its family is then."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    runtime = tmp_path / "runtime"
    names = {"HOME": tmp_path, "JUPYTER_RUNTIME_DIR": runtime, "PYTHONPATH": root}
    env = os.environ | {name: str(path) for name, path in names.items()}
    command = [sys.executable, "-m", "course_tools.cli", "lab", "--no-browser", f"--ServerApp.port={port}"]
    command += ["--IdentityProvider.token=x", *["--allow-root"] * (os.geteuid() == 0)]

    def begin():
        signal.signal(signal.SIGINT, signal.default_int_handler)  # also where the tests themselves ignore it
        if terminal:
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)

    def ask(path, data=None):
        try:
            address = f"http://127.0.0.1:{port}/api/{path}?token=x"
            with urllib.request.urlopen(urllib.request.Request(address, data), timeout=10) as answer:
                return json.load(answer)
        except OSError:
            return None

    log = tmp_path / "log"
    with log.open("wb") as out:
        streams = {"stdin": terminal or subprocess.DEVNULL, "stdout": out, "stderr": out}
        process = subprocess.Popen(command, cwd=tmp_path, env=env, start_new_session=True, preexec_fn=begin, **streams)
    seen = []
    try:
        assert until(lambda: ask("status") or process.poll() is not None, 60)
        assert process.poll() is None, log.read_text()
        number = ask("kernels", b'{"name": "python3"}')["id"]
        client = BlockingKernelClient(connection_file=str(runtime / f"kernel-{number}.json"))
        client.load_connection_file()
        client.start_channels()
        client.wait_for_ready(timeout=60)
        assert client.execute(CHILD, reply=True, timeout=20)["content"]["status"] == "ok"
        client.stop_channels()
        seen = family(psutil.Process(process.pid))
        assert len(seen) == 4  # with JupyterLab, the kernel and what it has started
        yield SimpleNamespace(process=process, seen=seen, log=log, runtime=runtime)
    finally:
        for one in seen or family(psutil.Process(process.pid)):
            attempt(one.kill)
        process.wait(20)


def ended(running):
    """The exit code of `course lab`, once all are gone and JupyterLab has tidied up."""
    code = running.process.wait(15)
    assert until(lambda: not any(map(alive, running.seen)), 15), list(filter(alive, running.seen))
    assert list(running.runtime.glob("*.json")) == []  # kernels that were killed leave their connection files
    return code


SLOW = pytest.mark.delivery  # the usual run is content with two ways to end


@pytest.mark.parametrize(
    "name", ["SIGTERM", "SIGKILL", *(pytest.param(name, marks=SLOW) for name in ("SIGINT", "SIGHUP", "SIGQUIT"))]
)
def test_a_signal_to_the_command_ends_all(name, tmp_path, root):
    with started(tmp_path, root) as running:
        running.process.send_signal(getattr(signal, name))
        code = ended(running)
    assert code == (-signal.SIGKILL if name == "SIGKILL" else 128 + getattr(signal, name))


@SLOW
def test_a_signal_to_the_whole_group_ends_all(tmp_path, root):
    with started(tmp_path, root) as running:
        os.killpg(running.process.pid, signal.SIGINT)
        assert ended(running) == 128 + signal.SIGINT


@pytest.fixture
def terminal():
    """The learner's end of a terminal, and the command's."""
    ends = [os.fdopen(end, "wb", buffering=0) for end in pty.openpty()]
    yield ends
    for end in ends:
        end.close()


@SLOW
def test_ctrl_c_asks_and_takes_no_and_yes(tmp_path, root, terminal):
    learner, commands = terminal
    with started(tmp_path, root, commands) as running:
        learner.write(CTRL_C)
        assert until(lambda: "Shut down this Jupyter server (y/[n])?" in running.log.read_text(), 15)
        with pytest.raises(subprocess.TimeoutExpired):  # the learner thinks
            running.process.wait(1)
        learner.write(b"n\n")
        assert until(lambda: "resuming operation" in running.log.read_text(), 15)
        assert all(map(alive, running.seen))
        learner.write(CTRL_C)
        assert until(lambda: running.log.read_text().count("Shut down this Jupyter server") == 2, 15)
        learner.write(b"y\n")
        assert ended(running) == 0


@SLOW
def test_a_second_ctrl_c_ends_all(tmp_path, root, terminal):
    learner, commands = terminal
    with started(tmp_path, root, commands) as running:
        learner.write(CTRL_C)
        assert until(lambda: "Shut down this Jupyter server (y/[n])?" in running.log.read_text(), 15)
        learner.write(CTRL_C)
        assert ended(running) == 0


@SLOW
def test_closing_the_terminal_ends_all(tmp_path, root, terminal):
    learner, commands = terminal
    with started(tmp_path, root, commands) as running:
        learner.close()
        assert ended(running) == 128 + signal.SIGHUP


def test_what_does_not_end_when_asked_is_killed(monkeypatch):
    """A JupyterLab that is deaf, and a deaf kernel of it in a session of its own; a browser that it opened stays."""
    code = f"import os, signal, subprocess, sys; signal.signal(signal.SIGTERM, signal.SIG_IGN); sleep = {SLEEP!r}; "
    code += "start = lambda env: subprocess.Popen([sys.executable, '-c', sleep], env=env, start_new_session=True).pid; "
    code += "print(start(os.environ | {'JPY_PARENT_PID': str(os.getpid())}), start(os.environ), flush=True); "
    server = subprocess.Popen([sys.executable, "-c", code + SLEEP], stdout=subprocess.PIPE, text=True)
    kernel, browser = (psutil.Process(int(number)) for number in server.stdout.readline().split())
    monkeypatch.setattr(lab, "SECONDS", 0.2)
    try:
        lab.stop(server)
        assert server.returncode == -signal.SIGKILL
        assert not alive(kernel)
        assert alive(browser)
    finally:
        for one in (server, kernel, browser):
            attempt(one.kill)
