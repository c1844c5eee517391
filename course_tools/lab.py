"""JupyterLab for `course lab`: however the command ends, JupyterLab and its kernels end, too.

JupyterLab shuts its kernels down when it gets a SIGTERM, so that is how it is asked to end. The signals that a terminal
sends to the whole group are left to `course lab`, which asks; if `course lab` itself was killed, JupyterLab sees that
within a second and ends itself. Only a terminal's Ctrl-C is JupyterLab's: it asks the learner whether to end.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

import psutil

from course_tools import chapter as course
from course_tools.processes import alive, attempt, family

SECONDS = 10  # JupyterLab's to end in; it gives a kernel that does not answer five
ENDING = ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT")  # Windows has the first two


def run(notebook, options):
    """Open a notebook in JupyterLab, and wait until JupyterLab has ended or a signal ends both.

    Parameters
    ----------
    notebook : path
        Below the course's folder.
    options : list of str
        What JupyterLab is given besides.

    Returns
    -------
    int
        JupyterLab's exit code; 128 and the signal's number if it died of one.

    Raises
    ------
    SystemExit
        When a signal ends this process, with 128 and its number.
    """
    command = [
        *(sys.executable, "-m", "course_tools.lab", str(os.getpid())),
        f"--ServerApp.root_dir={course.ROOT}",
        f"--LabApp.default_url=/lab/tree/{notebook.relative_to(course.ROOT).as_posix()}",
        *options,
    ]
    # Our settings only switch off JupyterLab's question about news: the course works without a network.
    settings = [str(Path(__file__).parent / "jupyter"), os.environ.get("JUPYTER_CONFIG_PATH", "")]
    env = os.environ | {"JUPYTER_CONFIG_PATH": os.pathsep.join(filter(None, settings))}
    _handle(ENDING, _leave)
    server = subprocess.Popen(command, cwd=course.ROOT, env=env)
    try:
        code = server.wait()
    finally:
        stop(server)
    return code if code >= 0 else 128 - code


def stop(server):
    """Ask JupyterLab to end, wait for it, and kill what is left of it and of its kernels."""
    server.terminate()
    with suppress(subprocess.TimeoutExpired):
        server.wait(SECONDS)
    server.kill()  # before its kernels, which it would start again
    server.wait()
    _kill_kernels(server.pid)


def _kill_kernels(pid):
    """Kill the kernels of the JupyterLab with this number, and all that they have started.

    They are known by their environment, since kernels whose JupyterLab is gone are nobody's children. The browser that
    JupyterLab has opened is its child and no kernel: it is the learner's.
    """
    if sys.platform == "win32":  # there the variable holds another number, by which kernels see at once that it is gone
        return
    kernels = [one for one in psutil.process_iter() if (attempt(one.environ) or {}).get("JPY_PARENT_PID") == str(pid)]
    left = [one for kernel in kernels for one in family(kernel)]
    for one in left:
        attempt(one.kill)
    psutil.wait_procs(left, timeout=5)


def _handle(names, handler):
    """Handle those of the signals that this system has; what is ignored, as by nohup, stays ignored."""
    for number in (getattr(signal, name) for name in names if hasattr(signal, name)):
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, handler)


def _in_terminal():
    """Whether JupyterLab, which gets the terminal's Ctrl-C, too, asks what is meant: its own condition."""
    return sys.stdin is not None and sys.stdin.isatty()


def _leave(number, frame):
    if number != signal.SIGINT or not _in_terminal():
        _handle(ENDING, signal.SIG_IGN)  # a second signal must not cut short what the first has begun
        sys.exit(128 + number)


def _serve(parent):
    """Be JupyterLab, and end when the process of this number has ended."""
    # What a terminal sends to all of the group is for `course lab`. Handled, not ignored: kernels would inherit that.
    _handle(ENDING[2:] if _in_terminal() else ("SIGINT", *ENDING[2:]), lambda number, frame: None)
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    from jupyterlab.labapp import main

    sys.exit(main())


def _end_with(parent):
    """Wait until the process of this number has ended; then end this one, and after some seconds by force."""
    process = attempt(psutil.Process, pid=parent)
    while process and alive(process):
        time.sleep(1)
    if sys.platform == "win32":  # where os.kill would end it at once
        signal.raise_signal(signal.SIGTERM)
    else:  # the main thread itself: it may be asleep until somebody asks the server for a page
        signal.pthread_kill(threading.main_thread().ident, signal.SIGTERM)
    time.sleep(SECONDS)
    _kill_kernels(os.getpid())
    os._exit(1)


if __name__ == "__main__":
    _serve(int(sys.argv.pop(1)))
