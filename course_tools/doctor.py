"""What this computer has and lacks for the course: `course doctor`. Each finding comes with its remedy."""

import importlib.metadata
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import webbrowser
from pathlib import Path
from typing import NamedTuple

from course_tools import chapter

# Whatever else a look needs is imported by that look: the doctor starts without it, to say that it is missing.

OK, WARNING, FAILURE = "ok", "warning", "failure"
SMALL, TOO_SMALL = 2.0, 1.6  # GB of memory: Binder has 2; a chapter may take 1.5
ROOM = 1.0  # GB of disk for data, caches and notebooks


class Finding(NamedTuple):
    """One line: what was looked at, its status, what was found, and what to do about it ("" if nothing)."""

    what: str
    status: str
    found: str
    remedy: str = ""


def examine(network=True):
    """Yield a :class:`Finding` for each thing that a chapter needs or can use.

    Parameters
    ----------
    network : bool
        Whether to knock at the addresses that data comes from (it takes at most 5 s).
    """
    looks = {
        "Python": lambda: python(sys.version_info),
        "packages": packages,
        "TensorFlow": device,
        "memory": lambda: memory(memory_limit()),
        "folder for notebooks": lambda: writable("notebooks", chapter.ROOT / "notebooks"),
        "folder for data and caches": lambda: writable("data and caches", data_folder()),
        "folder for progress": lambda: writable("progress", progress_folder()),
        "disk": lambda: disk(shutil.disk_usage(existing(data_folder())).free),
        "real data": data,
        "network": reachable,
        "browser": browser,
    }
    for what, look in looks.items():
        if what != "network" or network:
            try:
                yield look()
            except Exception as error:  # a computer may be broken in any way, and the doctor goes on
                lacks = isinstance(error, ModuleNotFoundError) and error.name
                found = f"{lacks} is missing" if lacks else f"{type(error).__name__}: {error}"
                yield Finding(what, FAILURE, found, "In the course's folder: uv sync")


def python(version):
    found = ".".join(map(str, version[:3]))
    if (3, 11) <= version[:2] < (3, 14):
        return Finding("Python", OK, found)
    return Finding("Python", FAILURE, found, "Use Python 3.11 to 3.13; `uv python install 3.12` fetches one.")


def packages():
    """Whether what the course needs is installed, and new enough."""
    from packaging.requirements import Requirement
    from packaging.version import Version

    wanted = [Requirement(text) for text in importlib.metadata.requires("medical-diagnosis-course")]
    missing = []
    for requirement in wanted:
        if requirement.marker and not requirement.marker.evaluate({"extra": ""}):
            continue
        if importlib.util.find_spec({"scikit-learn": "sklearn"}.get(requirement.name, requirement.name)) is None:
            missing.append(f"{requirement.name} is missing")
            continue
        try:
            version = importlib.metadata.version(requirement.name)
        except importlib.metadata.PackageNotFoundError:
            if requirement.name != "tensorflow":  # on Binder it is tensorflow-cpu
                missing.append(f"{requirement.name} is damaged")
            continue
        if not requirement.specifier.contains(Version(version), prereleases=True):
            missing.append(f"{requirement.name} is {version}, wanted {requirement.specifier}")
    if missing:
        return Finding("packages", FAILURE, "; ".join(missing), "In the course's folder: uv sync")
    return Finding("packages", OK, f"{len(wanted)} found, all new enough")


def device():
    """TensorFlow is started in a process of its own: if it crashes here, it crashes there."""
    code = "from course_utils import setup; setup()"
    env = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, [str(chapter.ROOT), os.environ.get("PYTHONPATH")]))}
    try:
        run = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, errors="replace", timeout=180, env=env
        )
    except subprocess.TimeoutExpired:
        return Finding("TensorFlow", FAILURE, "did not start within three minutes", "Close other programs; try again.")
    if run.returncode:
        said = (run.stderr.strip().splitlines() or [f"it stopped with code {run.returncode}"])[-1]
        return Finding("TensorFlow", FAILURE, said, "In the course's folder: uv sync --reinstall-package tensorflow")
    found = run.stdout.strip().removeprefix("Device: ")
    if shutil.which("nvidia-smi") and "no GPU found" in found:
        return Finding("TensorFlow", WARNING, found, "There is a GPU that it cannot use: uv sync --extra gpu")
    return Finding("TensorFlow", OK, found)


def memory_limit():
    """Bytes this process may use: the machine's memory, or less in a container."""
    import psutil

    limits = [psutil.virtual_memory().total]
    for file in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        try:
            limits.append(int(Path(file).read_text(encoding="utf-8")))
        except (OSError, ValueError):  # no such container, or "max"
            continue
    return min(limits)


def memory(limit):
    found = f"{limit / 1e9:.1f} GB"
    if limit < TOO_SMALL * 1e9:
        return Finding("memory", FAILURE, found, f"A chapter takes up to 1.5 GB; {SMALL:.0f} GB are wanted.")
    if limit < SMALL * 1e9:
        return Finding("memory", WARNING, found, "It may do, with one notebook open at a time.")
    return Finding("memory", OK, found)


def existing(folder):
    """The folder, or the first above it that exists."""
    return next(place for place in (Path(folder), *Path(folder).absolute().parents) if os.path.exists(place))


def writable(what, folder):
    try:
        with tempfile.TemporaryFile(dir=existing(folder)):
            return Finding(f"folder for {what}", OK, str(folder))
    except OSError as error:
        remedy = {
            "notebooks": "Copy the course to a folder of your own.",
            "progress": "Set COURSE_PROGRESS_FILE to a file that can be written, or progress ends with the kernel.",
        }.get(what, "Set COURSE_DATA_DIR to a folder that can be written.")
        return Finding(f"folder for {what}", WARNING, f"{folder}: {error.strerror}", remedy)


def data_folder():
    from course_utils.data import store

    return store.download_folder()


def progress_folder():
    from course_utils.exercises import progress_file

    return progress_file.path().parent


def disk(free):
    found = f"{free / 1e9:.1f} GB free"
    if free < ROOM * 1e9:
        return Finding("disk", WARNING, found, f"Make room: {ROOM:.0f} GB are wanted for data and notebooks.")
    return Finding("disk", OK, found)


def data():
    from course_utils.data import catalogue

    present = {}
    for name, file, *_ in catalogue.present():
        present.setdefault(name, set()).add(file)
    # Of a set that comes in several sizes, one is enough.
    here = [name for name, files in present.items() if all(f.pixels or f in files for f in catalogue.SETS[name].files)]
    missing = [name for name in catalogue.CHAPTERS if name not in here]
    if missing:
        found = f"here: {', '.join(here) or 'none'}; the chapters run on generated data without {' and '.join(missing)}"
        return Finding("real data", WARNING, found, f"uv run course data fetch {' '.join(missing)}")
    return Finding("real data", OK, ", ".join(here))


def reachable(addresses=None):
    """The network is needed only to fetch data; `addresses` are those of its servers if none are given."""
    import requests

    from course_utils.data import catalogue

    addresses = addresses or catalogue.servers()
    silent = []
    for address in addresses:
        try:
            requests.head(address, timeout=5 / len(addresses))
        except requests.RequestException:
            silent.append(address)
    if silent:
        remedy = "Needed only to fetch data. Behind a proxy, set HTTPS_PROXY."
        return Finding("network", WARNING, f"no answer from {', '.join(silent)}", remedy)
    return Finding("network", OK, f"{', '.join(addresses)} answer")


def browser():
    try:
        return Finding("browser", OK, webbrowser.get().name)
    except (webbrowser.Error, AttributeError):
        remedy = "Open the address that `course lab` prints in a browser, on this computer or another."
        return Finding("browser", WARNING, "none found from here", remedy)
