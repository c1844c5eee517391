"""What all tests share: a home without data, a network that refuses, and notebooks that must not write to stderr."""

import os
import socket
import tempfile
from collections import defaultdict
from pathlib import Path

import pytest

REAL, BROWSER, DELIVERY = "real_data", "browser", "delivery"
seconds = defaultdict(float)  # of each notebook that nbval ran
learner_pass = []  # a line for each notebook of test_notebooks.py


def pytest_configure(config):
    config.addinivalue_line("markers", f"{REAL}: needs COURSE_DATA_DIR to hold real data; run with -m {REAL}")
    config.addinivalue_line("markers", f"{BROWSER}: needs chromium; run with -m {BROWSER}")
    config.addinivalue_line("markers", f"{DELIVERY}: slow tests of the ways to hand the course out; -m {DELIVERY}")
    import matplotlib

    home = config.home = tempfile.TemporaryDirectory(prefix="course home ")  # with a space, as on many laptops
    os.environ["MPLCONFIGDIR"] = matplotlib.get_configdir()
    os.environ["HOME"] = home.name
    os.environ["XDG_CACHE_HOME"] = os.path.join(home.name, "cache")
    os.environ["COURSE_PROGRESS_FILE"] = os.path.join(home.name, "progress.json")
    if config.option.markexpr == REAL and not os.environ.get("COURSE_DATA_DIR"):
        raise pytest.UsageError("Set COURSE_DATA_DIR to the folder with the real data.")
    if config.option.markexpr == REAL:  # a relative folder means the same here, in kernels and in subprocesses
        os.environ["COURSE_DATA_DIR"] = os.path.abspath(os.environ["COURSE_DATA_DIR"])
        return
    # The suite gives the same result on every machine: no data, and a network that refuses at once.
    os.environ.pop("COURSE_DATA_DIR", None)
    closed = config.closed = socket.socket()
    closed.bind(("127.0.0.1", 0))  # bound but not listening: whoever connects is refused
    for name in ("https_proxy", "HTTPS_PROXY"):
        os.environ[name] = f"http://127.0.0.1:{closed.getsockname()[1]}"


def pytest_collection_modifyitems(config, items):
    """`pytest` runs what needs no real data, no browser and little time; -m real_data, browser, delivery the rest."""
    if config.option.markexpr:
        return
    others = [item for item in items if any(map(item.get_closest_marker, (REAL, BROWSER, DELIVERY)))]
    config.hook.pytest_deselected(items=others)
    items[:] = [item for item in items if item not in others]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    """A notebook cell that writes to standard error fails: nbval alone would let it pass."""
    result = yield
    for output in getattr(item, "test_outputs", None) or []:
        if output.output_type == "stream" and output.name == "stderr":
            pytest.fail(f"the cell writes to standard error: {output.text}", pytrace=False)
    return result


def pytest_runtest_logreport(report):
    notebook = report.nodeid.split("::")[0]
    if notebook.endswith(".ipynb"):
        seconds[notebook] += report.duration


def pytest_terminal_summary(terminalreporter):
    lines = [f"{notebook}: {s:.0f} s" for notebook, s in seconds.items()]
    for line in [*lines, *learner_pass]:
        terminalreporter.write_line(line)


@pytest.fixture(autouse=True)
def own_progress(tmp_path, monkeypatch):
    """Every test has a progress file of its own."""
    from course_utils.exercises import record

    monkeypatch.setenv("COURSE_PROGRESS_FILE", str(tmp_path / "progress.json"))
    record._memory.clear()
    record._warned.clear()


@pytest.fixture
def root():
    return Path(__file__).resolve().parent
