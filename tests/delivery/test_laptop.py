"""The laptops that the course meets: Pythons, folders, homes, terminals. The slow ones: `uv run pytest -m delivery`."""

import ast
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import time
import tomllib
import urllib.request
from pathlib import Path

import pytest
from test_delivery import checkout, find_python, home, open_network  # noqa: F401  (a fixture)

from course_tools import cli
from course_tools.lock import export_lock

PYTHONS = ("3.11", "3.12", "3.13")


def python(version):
    """This machine's Python of a version; without one the test is skipped."""
    return find_python(version) or pytest.skip(f"there is no Python {version} here")


def uv_cache():
    """The user's own cache, so that nothing is downloaded twice."""
    return os.environ.get("UV_CACHE_DIR", str(home() / ".cache" / "uv"))


def environment(checkout, version, *options):  # noqa: F811
    """What the README's second line makes, beside the checkout; the environment variables to use it."""
    place = checkout.parent / f"env {version.replace(os.sep, ' ')}"
    env = open_network() | {"UV_CACHE_DIR": uv_cache(), "UV_PROJECT_ENVIRONMENT": str(place)}
    wanted = version if os.sep in version else python(version)
    subprocess.run(
        ["uv", "sync", "--quiet", "--no-dev", "--locked", "--python", wanted, *options],
        cwd=checkout,
        env=env,
        check=True,
        timeout=1200,
    )
    return env | {"HTTPS_PROXY": os.environ["HTTPS_PROXY"], "COLUMNS": "200"}


@pytest.fixture(scope="module")
def laptop(checkout):  # noqa: F811
    """An installed course, and a way to run things in it: laptop("course", "run", "00", HOME="/x", cwd=...)."""
    env = environment(checkout, PYTHONS[-1], "--group", "docs")  # what `course site` otherwise fetches when called
    programs = Path(env["UV_PROJECT_ENVIRONMENT"]) / "bin"

    def run(program, *args, cwd=checkout, before=(), **changes):
        now = {k: v for k, v in (env | changes).items() if v is not None}
        command = [*before, programs / program, *args]
        return subprocess.run(
            command, cwd=cwd, env=now, capture_output=True, encoding="utf-8", errors="replace", timeout=600
        )

    run.checkout, run.programs, run.env = checkout, programs, env
    return run


def fine(done, code=0):
    assert done.returncode == code, done.stdout[-3000:] + done.stderr[-3000:]
    assert "Traceback" not in done.stdout + done.stderr, done.stdout[-3000:] + done.stderr[-3000:]
    return " ".join(done.stdout.split())


@pytest.mark.delivery
@pytest.mark.parametrize("version", PYTHONS)
def test_the_readmes_way_with_each_python(version, checkout):  # noqa: F811
    env = environment(checkout, version)

    def course(*args):
        return subprocess.run(
            ["uv", "run", "--no-sync", *args], cwd=checkout, env=env, capture_output=True, text=True, timeout=600
        )

    assert fine(course("python", "-c", "import sys; print(*sys.version_info[:2], sep='.')")) == version
    fine(course("python", "-W", "error::SyntaxWarning", "-c", EVERYTHING))
    findings = {f["what"]: f for f in json.loads(fine(course("course", "doctor", "--json")))}
    assert findings["packages"]["status"] == findings["TensorFlow"]["status"] == "ok", findings
    assert "small CNN" in fine(course("course", "run", "00"))


EVERYTHING = """\
import importlib, pkgutil, course_tools, course_utils
for package in (course_utils, course_tools):
    for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        importlib.import_module(module.name)
for name in course_utils.__all__:
    getattr(course_utils, name)
"""


@pytest.fixture
def read_only(laptop):
    """A way to run things with the checkout mounted read-only (permissions would not hold for root)."""
    where = str(laptop.checkout)
    mount = ["unshare", *([] if os.geteuid() == 0 else ["--map-root-user"]), "--mount", "sh", "-ec"]
    mount += ['mount --bind "$0" "$0"; mount -o remount,ro,bind "$0"; cd "$0"; exec "$@"', where]
    if not shutil.which("unshare") or subprocess.run([*mount, "true"], capture_output=True).returncode:
        pytest.skip("this machine does not let a test mount anything")
    return lambda program, *args, **more: laptop(program, *args, before=mount, **more)


@pytest.mark.delivery
def test_a_read_only_checkout(read_only, laptop, tmp_path):
    """A course installed for all: what only reads works; what would write says so in one sentence."""
    shutil.rmtree(laptop.checkout / "build", ignore_errors=True)
    done = read_only("course", "run", "00", "--html")
    assert "small CNN" in fine(done, 1)  # the results come first
    assert re.search(r"build cannot be written: .* Copy the course to a folder of your own\.", oneline(done.stderr))
    notebook = ("--to", "notebook", "--execute", "--output-dir", tmp_path, "notebooks/00_start_here.ipynb")
    done = read_only("jupyter", "nbconvert", *notebook)
    fine(done)
    assert "not attempted yet" in (tmp_path / "00_start_here.ipynb").read_text(encoding="utf-8")
    doctor = json.loads(fine(read_only("course", "doctor", "--json", "--no-network")))
    notebooks = next(finding for finding in doctor if finding["what"] == "folder for notebooks")
    assert (notebooks["status"], notebooks["remedy"]) == ("warning", "Copy the course to a folder of your own.")
    fine(read_only("course", "progress"))
    fine(read_only("course", "build", "--check"))
    fine(read_only("course", "save", tmp_path / "work.zip"))
    assert "Name another: course save" in oneline(refused(read_only("course", "save")))
    assert "is the same already" in fine(read_only("course", "restore", tmp_path / "work.zip"))
    for command in (["build"], ["build", "--blank", "00"], ["site"]):
        assert "Copy the course to a folder of your own." in oneline(refused(read_only("course", *command)))


def refused(done):
    """A command that failed with a sentence: what it said."""
    fine(done, 1)
    return done.stderr


def oneline(text):
    return " ".join(text.split())


@pytest.mark.delivery
@pytest.mark.parametrize("where", [None, "/proc/none", "/dev/null"], ids=["unset", "not there", "no folder"])
def test_no_home(where, laptop, tmp_path):
    """A service account, a container: nothing can be kept between two starts, and that is all."""
    changes = {"HOME": where, "XDG_CACHE_HOME": None, "COURSE_PROGRESS_FILE": None, "MPLCONFIGDIR": None}
    if where is None:  # then the home is the password file's, or nowhere; it must not be this machine's in a test
        changes |= {"XDG_CACHE_HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path)}
    assert "small CNN" in fine(laptop("course", "run", "00", **changes))
    assert "Chapter 05" in fine(laptop("course", "progress", **changes))
    fine(laptop("course", "doctor", "--no-network", **changes))
    fine(laptop("course", "data", "list", **changes))
    said = fine(laptop("python", "-c", "from course_utils import check; check('00.majority', 1)", **changes))
    assert where is None or "cannot be saved" in said


@pytest.mark.delivery
def test_a_user_without_name_and_home_and_one_whose_home_is_closed(laptop, tmp_path):
    if os.geteuid() or not shutil.which("setpriv"):
        pytest.skip("needs root, to become somebody else")
    env = environment(laptop.checkout, "/usr/bin/python3")  # one that everybody may run
    for folder in laptop.checkout.parents:  # pytest's own folders are closed to others
        if folder.name and folder.stat().st_uid == os.getuid():
            folder.chmod(folder.stat().st_mode | 0o055)
    somebody = ["setpriv", "--reuid=54321", "--regid=54321", "--clear-groups"]
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    free = {k: v for k, v in env.items() if k not in ("HOME", "XDG_CACHE_HOME", "COURSE_PROGRESS_FILE", "MPLCONFIGDIR")}
    for now in (free, free | {"HOME": str(closed)}):
        for command in (["progress"], ["data", "list"], ["doctor", "--no-network"]):
            done = subprocess.run(
                [*somebody, Path(env["UV_PROJECT_ENVIRONMENT"]) / "bin" / "course", *command],
                cwd="/",
                env=now,
                capture_output=True,
                text=True,
                timeout=300,
            )
            fine(done)


@pytest.mark.delivery
def test_from_another_folder(laptop, tmp_path):
    (tmp_path / "my data").mkdir()
    done = subprocess.run(
        ["uv", "run", "--no-sync", "--project", laptop.checkout, "course", "run", "00"],
        cwd=tmp_path,
        env=laptop.env | {"COURSE_DATA_DIR": "my data"},
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert "data: phantom" in fine(done)
    said = fine(laptop("course", "data", "list", cwd=tmp_path, COURSE_DATA_DIR="my data"))
    assert f"$COURSE_DATA_DIR: {tmp_path / 'my data'}" in said


@pytest.mark.delivery
def test_the_lab_starts_from_another_folder(laptop, tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    command = [laptop.programs / "course", "lab", "03", "--no-browser"]
    command += [f"--port={port}", "--IdentityProvider.token=abc"]
    command += ["--allow-root"] * (os.geteuid() == 0)
    with subprocess.Popen(
        command, cwd=tmp_path, env=laptop.env, start_new_session=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as lab:
        try:
            chapter = ask(f"{address}/api/contents/notebooks/03_lstm_gates.ipynb?content=0&token=abc")
            assert json.loads(chapter)["writable"]
            assert b"jupyter-config-data" in ask(f"{address}/lab/tree/notebooks/03_lstm_gates.ipynb?token=abc")
        finally:
            os.killpg(lab.pid, signal.SIGTERM)


def ask(address, patience=60):
    """An address's answer, once there is one."""
    until = time.monotonic() + patience
    while True:
        try:
            with urllib.request.urlopen(address, timeout=10) as answer:
                return answer.read()
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.5)


TERMINALS = {
    "ascii": {"PYTHONIOENCODING": "ascii"},
    "Windows, piped": {"PYTHONIOENCODING": "cp1252"},
    "LC_ALL=C": {"LC_ALL": "C"},
}


@pytest.mark.delivery
@pytest.mark.parametrize("terminal", TERMINALS.values(), ids=TERMINALS)
def test_a_terminal_without_unicode(terminal, laptop, tmp_path):
    progress = tmp_path / "progress.json"
    passed = {"exercises": {"00.majority": {"attempts": 1, "passed": "2026-01-01"}}}
    progress.write_text(json.dumps(passed), encoding="utf-8")
    terminal = terminal | {"COURSE_PROGRESS_FILE": str(progress)}
    said = fine(laptop("course", "progress", **terminal))
    assert len(set(re.findall(r"(\S+) 00\.", said))) > 1  # done and not done are still two things
    commands = (["doctor", "--no-network"], ["data", "list"], ["data", "verify"], ["--help"], ["run", "00"])
    for command in commands:
        fine(laptop("course", *command, **terminal))
    refused(laptop("course", "run", "überall", **terminal))


def test_gpu_wheels_are_in_the_lock(root):
    """`uv sync --extra gpu` finds NVIDIA's libraries; without the extra there are none."""
    found = [
        set(re.findall(r"^(nvidia-\S+?)-cu\d+==", export_lock("--no-hashes", *extra), re.MULTILINE))
        for extra in ([], ["--extra", "gpu"])
    ]
    assert not found[0]
    assert {"nvidia-cudnn", "nvidia-cublas", "nvidia-cuda-runtime"} <= found[1]


@pytest.mark.parametrize("version", ["311", "312", "313"])
@pytest.mark.parametrize(
    ("platform", "tag"), [("win32", r"win_amd64"), ("darwin", r"macosx\w*_(arm64|universal2)"), ("linux", r"x86_64")]
)
def test_every_package_has_a_wheel_for_each_system(platform, tag, version, root):
    """Nobody needs a compiler. (Intel Macs and Windows on ARM are left out: TensorFlow has no wheels for them.)"""
    from packaging.markers import Marker

    with open(root / "uv.lock", "rb") as file:
        packages = tomllib.load(file)["package"]
    files = {(p["name"], p["version"]): [w["url"].rsplit("/", 1)[1] for w in p.get("wheels", [])] for p in packages}
    dotted = f"3.{version[1:]}"
    here = {"sys_platform": platform, "python_version": dotted, "python_full_version": f"{dotted}.9", "extra": ""}
    here |= {"os_name": "nt" if platform == "win32" else "posix", "implementation_name": "cpython"}
    here["platform_system"] = {"win32": "Windows", "darwin": "Darwin", "linux": "Linux"}[platform]
    exact = re.compile(rf"(cp{version}-cp{version}|cp\d+-abi3|py3-none|py2\.py3-none)-\w*{tag}|none-any\.whl$")
    for line in export_lock("--no-hashes").splitlines():
        pin, _, marker = line.partition(" ; ")
        if not marker or Marker(marker).evaluate(here):
            name, _, wanted = pin.strip().partition("==")
            assert any(map(exact.search, files[name, wanted])), f"{name} {wanted}: {files[name, wanted]}"


def test_text_files_are_opened_as_utf_8(root):
    """On Windows the default is another encoding."""
    found = []
    for path in [*root.glob("course_*/**/*.py"), *root.glob("deploy/**/*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                modes = [a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
                binary = name == "open" and any(re.fullmatch("[rwax]b[+]?", mode) for mode in modes)
                named = any(keyword.arg == "encoding" for keyword in node.keywords)
                if name in ("open", "read_text", "write_text") and not binary and not named:
                    found.append(f"{path.relative_to(root)}:{node.lineno}: {ast.unparse(node)}")
    # A zip's members are bytes, and so is what the system itself opens.
    assert [line for line in found if not re.search(r"archive\.open|os\.open", line)] == []


def test_names_that_windows_and_macos_can_keep(root):
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=root, capture_output=True, text=True)
    names = listed.stdout.splitlines()
    assert len(names) > 50
    assert [name for name in names if re.search(r'[<>:"\\|?*]|[. ](/|$)', name) or len(name) > 150] == []
    reserved = r"(^|/)(con|prn|aux|nul|com\d|lpt\d)(\.|/|$)"
    assert [name for name in names if re.search(reserved, name, re.IGNORECASE)] == []
    assert len({name.casefold() for name in names}) == len(names)


def test_a_path_on_another_drive(monkeypatch):
    """On Windows os.path.relpath cannot go from D: to C:."""
    import ntpath

    monkeypatch.setattr(cli.os.path, "relpath", lambda path: ntpath.relpath(path, r"D:\here"))
    assert cli.shown(r"C:\course\build") == r"C:\course\build"
