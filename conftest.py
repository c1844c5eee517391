"""What all tests share: a home without data, a network that refuses, and one pass over each notebook that measures it.

nbval runs the notebooks, cell by cell. The hooks here add what it lacks: standard error fails a cell (C code's, too),
each notebook's processor seconds and memory are held against the budget, and each edition must say what it should.
"""

import os
import re
import socket
import sys
import tempfile
import time
from collections import defaultdict
from functools import cache
from pathlib import Path

import nbformat
import psutil
import pytest
from nbval.plugin import IPyNbCell, IPyNbFile

REAL, BROWSER, DELIVERY = "real_data", "browser", "delivery"
CORES, SECONDS, MEGABYTES = 2, 60, 1500  # a chapter's budget: seconds beyond starting TensorFlow, on two cores

READS_OUTPUTS = re.compile(r"test_[0-9]{2}\.py")  # tests that hold what a chapter says to what its cells printed
collected = set()  # names of the notebooks that nbval runs here
measured = defaultdict(float)  # seconds of each test file and notebook
notebooks = {}  # what each notebook took
notes = []  # lines that slow tests want to stand at the end


def pytest_configure(config):
    config.addinivalue_line("markers", f"{REAL}: needs COURSE_DATA_DIR to hold real data; run with -m {REAL}")
    config.addinivalue_line("markers", f"{BROWSER}: needs chromium; run with -m {BROWSER}")
    config.addinivalue_line("markers", f"{DELIVERY}: slow tests of the ways to hand the course out; -m {DELIVERY}")
    import matplotlib

    if "COURSE_COMPUTED" not in os.environ:  # one folder for all processes of this run
        config.computed = tempfile.TemporaryDirectory(prefix="course-computed-")
        os.environ["COURSE_COMPUTED"] = config.computed.name
    if "PYTEST_XDIST_WORKER" in os.environ:  # each of the two processes has one core, or their threads would fight
        for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"):
            os.environ[name] = "1"
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # where it is set, each kernel compiles all of TensorFlow anew
    sys.dont_write_bytecode = False
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


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config):
    """The ways to hand the course out want the machine for themselves; with real data each test is a chapter."""
    if config.option.markexpr == DELIVERY:
        config.option.numprocesses = 0
    if config.option.markexpr == REAL:
        config.option.dist = "worksteal"


def pytest_collection_modifyitems(config, items):
    """`pytest` runs what needs no real data, no browser and little time; -m real_data, browser, delivery the rest."""
    if config.option.markexpr:
        return
    others = [item for item in items if any(map(item.get_closest_marker, (REAL, BROWSER, DELIVERY)))]
    config.hook.pytest_deselected(items=others)
    items[:] = [item for item in items if item not in others]
    collected.update(item.path.name for item in items if isinstance(item, IPyNbCell))
    items.sort(key=lambda item: bool(READS_OUTPUTS.fullmatch(item.path.name)))  # last, when all is computed


nbval_setup = IPyNbFile.setup


def start_kernel(notebook):
    """As nbval starts a notebook's kernel, but small for the open edition, and with C's standard error passed on."""
    mark = os.environ.pop("PYTEST_CURRENT_TEST", None)  # where it is set, ipykernel keeps what C code says to itself
    if notebook.path.parent.name == "notebooks":  # the edition with open exercises; the solutions compute all of it
        os.environ["COURSE_SMALL"] = "1"
    try:
        nbval_setup(notebook)
    finally:
        os.environ.pop("COURSE_SMALL", None)
        if mark:
            os.environ["PYTEST_CURRENT_TEST"] = mark


IPyNbFile.setup = start_kernel


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    if not isinstance(item, IPyNbCell):
        return (yield)
    before = processor_seconds(item)
    result = yield
    spent = processor_seconds(item) - before
    notebook = item.parent
    if not hasattr(notebook, "said"):
        notebook.said, notebook.computed, notebook.tables = "", 0.0, []
    for output in item.test_outputs or []:
        if output.output_type == "stream" and output.name == "stderr":
            pytest.fail(f"the cell writes to standard error: {output.text}", pytrace=False)
        data = output.get("data", {})
        notebook.said += output.get("text", "") + data.get("text/plain", "")
        notebook.tables += [data[RESULTS]] if RESULTS in data else []
    item.cell["outputs"] = item.test_outputs or []
    # `setup()` imports TensorFlow, which no chapter can help; the budget is for what comes on top.
    notebook.computed += 0 if "start" in item.cell.metadata.get("tags", []) else spent
    if item.cell is [cell for cell in notebook.nb.cells if cell.cell_type == "code"][-1]:
        finish(item, notebook)
    return result


RESULTS = "application/vnd.course.results+json"


def finish(item, notebook):
    """After a notebook's last cell: what it took, and whether it says what its edition should."""
    megabytes = peak_megabytes(item)
    item.user_properties.append(("notebook", (round(notebook.computed), round(megabytes))))
    if item.path.parent.name not in ("notebooks", "solutions"):
        return  # no chapter of the course
    small = item.path.parent.name == "notebooks"
    if not small:
        path = Path(os.environ["COURSE_COMPUTED"]) / item.path.name
        nbformat.write(notebook.nb, path.with_suffix(".new"))
        os.replace(path.with_suffix(".new"), path)
    assert notebook.tables  # no result without its table, which says where the data is from
    assert megabytes <= MEGABYTES
    assert small or notebook.computed <= CORES * SECONDS
    assert "❌" not in notebook.said
    assert ("not attempted yet" in notebook.said) == small
    assert "GENERATED DATA" in notebook.said
    for table in notebook.tables:
        assert table["source"] not in ("phantom", "simulator") or "GENERATED DATA" in table["caption"]


@cache
def computed(number):
    """A chapter's solved notebook and its outputs on generated data, computed by nbval in this run or else now.

    With -m real_data those on real data.
    """
    from course_tools import chapter, editions
    from course_tools.execute import execute

    one = chapter.find(number)
    path = Path(os.environ["COURSE_COMPUTED"]) / f"{one.stem}.ipynb"
    deadline = time.monotonic() + 300
    while path.name in collected and not path.exists() and time.monotonic() < deadline:
        time.sleep(1)  # the other process is at it
    if path.exists():
        return nbformat.read(path, as_version=4)
    done = execute(editions.make(one, "solutions"), one.lesson.parents[1] / "notebooks")
    assert done.error == ""
    assert done.stderr == []
    return done.notebook


def processor_seconds(item):
    try:
        kernel = psutil.Process(item.parent.kernel.km.provisioner.pid)
        return sum(p.cpu_times().user + p.cpu_times().system for p in (kernel, *kernel.children(recursive=True)))
    except psutil.NoSuchProcess:
        return 0.0


def peak_megabytes(item):
    pid = item.parent.kernel.km.provisioner.pid
    status = Path(f"/proc/{pid}/status")
    if status.exists():
        return next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmHWM")) / 1024
    return psutil.Process(pid).memory_info().rss / 1e6


def pytest_runtest_logreport(report):
    measured[report.nodeid.split("::")[0]] += report.duration
    for name, what in report.user_properties:
        if name == "notebook":
            notebooks[report.nodeid.split("::")[0]] = what


def pytest_terminal_summary(terminalreporter):
    """A table: seconds of each file, and what each notebook took beyond starting TensorFlow."""
    for line in notes:
        terminalreporter.write_line(line)
    for file, seconds in sorted(measured.items(), key=lambda pair: -pair[1]):
        computed, megabytes = notebooks.get(file, (None, None))
        budget = "" if computed is None else f"{computed:5} s of a processor beyond TensorFlow's start, {megabytes} MB"
        if seconds >= 1:
            terminalreporter.write_line(f"{seconds:6.0f} s  {file:55}{budget}")


@pytest.fixture(autouse=True)
def own_progress(tmp_path, monkeypatch):
    """Every test has a progress file of its own."""
    from course_utils.exercises import progress_file

    monkeypatch.setenv("COURSE_PROGRESS_FILE", str(tmp_path / "progress.json"))
    progress_file.forget()


@pytest.fixture
def root():
    return Path(__file__).resolve().parent
