"""A folder for USB sticks: made with faults on the way, checked, and installed with the network really cut."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from test_store import BODY, server  # noqa: F401  (a fixture)
from typer.testing import CliRunner

from course_tools import chapter, cli, pack
from course_tools.lock import export_lock
from course_utils.data import store

SHA256 = hashlib.sha256(BODY).hexdigest()


def course(*words):
    return CliRunner().invoke(cli.app, [str(word) for word in words])


@pytest.mark.parametrize("platform", pack.PLATFORMS)
def test_the_lock_has_a_wheel_of_everything_for_each_platform(platform):
    """So that no learner needs a compiler; and none of them is torch."""
    for python in pack.PYTHONS:
        names = pack.wheels([platform], [python])
        assert len(names) > 150
        packages = {name.partition("-")[0].lower() for name in names}
        assert {"tensorflow", "keras", "jupyterlab", "medmnist", "hatchling", "pip"} <= packages
        assert not packages & {"torch", "torchvision", "pytest"}
        assert ("pywinpty" in packages) == (platform == "windows")
        assert all(re.fullmatch("[0-9a-f]{64}", sha256) for _, sha256 in names.values())


def test_a_missing_wheel_is_named(monkeypatch):
    monkeypatch.setitem(pack.PLATFORMS, "amiga", (["amiga"], {"sys_platform": "amiga", "os_name": "amiga"}))
    monkeypatch.setitem(pack.MACHINES, "amiga", "m68k")
    with pytest.raises(pack.PackError, match=r"has no wheel for amiga and Python 3\.11"):
        pack.wheels(["amiga"], ["3.11"])


@pytest.fixture
def small(server, monkeypatch, tmp_path):  # noqa: F811
    """`course pack` with two small packages from a server on this machine, and a site of one page."""
    wanted = {"a.whl": (f"{server}/good/a", SHA256), "b.whl": (f"{server}/good/b", SHA256)}
    monkeypatch.setattr(pack, "wheels", lambda platforms, pythons: wanted)
    monkeypatch.setattr(store, "TIMEOUT", (1, 0.5))
    monkeypatch.setattr(store.fetch, "__defaults__", (None, None, (1, 0.5), True, None))
    root = tmp_path / "root"
    root.mkdir()
    for name in pack.COURSE:
        (root / name).symlink_to(chapter.ROOT / name)
    (root / "deploy").symlink_to(chapter.ROOT / "deploy")
    page = root / "build" / "site" / "index.html"
    page.parent.mkdir(parents=True)
    page.write_text("site")
    monkeypatch.setattr("course_tools.site.build", lambda on_line: (page, 0))
    monkeypatch.setattr(cli, "get_docs", lambda: None, raising=False)  # no page is made here
    (root / "binder").symlink_to(chapter.ROOT / "binder")
    monkeypatch.setattr(pack, "export_lock", lambda *options: "a==1\n")
    monkeypatch.setattr(chapter, "ROOT", root)
    return wanted


def test_a_pack_is_made_and_checked(small, tmp_path):
    out = tmp_path / "stick"
    done = course("pack", f"{out}.zip", "--platform", "linux", "--python", "3.13")
    assert done.exit_code == 0, done.output
    assert "generated data" in done.output  # there is no real data here, and that is said
    assert (out / "wheels" / "a.whl").read_bytes() == BODY
    names = {file.relative_to(out).as_posix() for file in out.rglob("*") if file.is_file()}
    assert {
        "install",
        "install.bat",
        "install.py",
        "READ-ME-FIRST.txt",
        "site/index.html",
        "data/LICENCES.txt",
    } <= names
    assert {"course/pyproject.toml", "course/lessons/00_start_here.py", "course/course_utils/__init__.py"} <= names
    assert "course/notebooks/solutions/05_ehr_prediction.ipynb" in names
    assert not [name for name in names if "__pycache__" in name or "/." in name]
    assert json.loads((out / "pack.json").read_text()) == {"platforms": ["linux"], "pythons": ["3.13"]}
    if shutil.which("sha256sum"):
        subprocess.run(["sha256sum", "--quiet", "-c", pack.SUMS], cwd=out, check=True)
    for place in (out, f"{out}.zip"):
        assert course("pack", place, "--verify").exit_code == 0
    with zipfile.ZipFile(f"{out}.zip") as archive:
        assert {name.removeprefix("stick/") for name in archive.namelist()} == names

    (out / "wheels" / "a.whl").write_bytes(b"changed")
    (out / "data" / "LICENCES.txt").unlink()
    (out / "virus.exe").write_bytes(b"")
    (out / "python").mkdir()  # the teacher's own, and what systems leave, are no differences
    (out / "python" / "python-3.13.exe").write_bytes(b"x")
    (out / ".DS_Store").write_bytes(b"x")
    done = course("pack", out, "--verify")
    assert done.exit_code == 1
    for words in ("changed: wheels/a.whl", "missing: data/LICENCES.txt", "not part of the pack: virus.exe"):
        assert words in done.output
    (out / "virus.exe").unlink()
    done = course("pack", out, "--platform", "linux", "--python", "3.13")  # mends it, and brings only what is wrong
    assert done.exit_code == 0
    assert "2 packages, of which 1 are here already" in done.output
    assert course("pack", out, "--verify").exit_code == 0
    assert (out / "python" / "python-3.13.exe").exists()


def test_pip_is_not_asked_to_install_itself():
    """Its wheel is on the stick, but on Windows pip refuses to install itself."""
    assert any(name.startswith("pip-") for name in pack.wheels(["windows"], ["3.13"]))
    pins = export_lock("--group", "pack", "--no-emit-package", "pip")
    assert "\ntensorflow==" in pins
    assert "\npip==" not in pins


def test_a_pack_goes_on_after_a_fault(small, server, tmp_path):  # noqa: F811
    out = tmp_path / "stick"
    small["b.whl"] = (f"{server}/truncated", SHA256)
    done = course("pack", out)
    assert done.exit_code == 1
    assert "run the same command again" in " ".join(done.output.split())
    assert (out / "wheels" / "a.whl").exists()
    part = out / "wheels" / "b.whl.part"
    assert 0 < part.stat().st_size < len(BODY)
    done = course("pack", out, "--verify")
    assert done.exit_code == 1
    assert "not finished" in done.output
    small["b.whl"] = (f"{server}/good", SHA256)
    assert course("pack", out).exit_code == 0
    assert not part.exists()
    assert course("pack", out, "--verify").exit_code == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["OUT", "--platform", "amiga"], '"amiga", only for windows, macos'),
        (["OUT", "--python", "3.9"], '"3.9", only for'),
        (["FILE"], "is a file"),
        (["FULL"], "holds other files"),
        (["FULL", "--verify"], "no pack"),
        (["FILE", "--verify"], "no pack"),
        (["OUT", "--verify"], "There is no"),
    ],
)
def test_bad_input_has_one_message(small, tmp_path, words, said):
    (tmp_path / "FILE").write_text("x")
    (tmp_path / "FULL").mkdir()
    (tmp_path / "FULL" / "thesis.txt").write_text("x")
    done = course("pack", tmp_path / words[0], *words[1:])
    assert done.exit_code == 1
    assert said in " ".join(done.output.split())
    assert (tmp_path / "FULL" / "thesis.txt").exists()


def test_a_wrong_file_is_not_kept(small, server, tmp_path):  # noqa: F811
    small["b.whl"] = (f"{server}/wrong", SHA256)
    done = course("pack", tmp_path / "stick")
    assert done.exit_code == 1
    assert SHA256 in "".join(done.output.split())
    assert not (tmp_path / "stick" / "wheels" / "b.whl").exists()


def install(folder, *words):
    return subprocess.run([sys.executable, "install.py", *words], cwd=folder, capture_output=True, text=True)


def test_the_installer_says_what_is_wrong(small, tmp_path):
    out = tmp_path / "stick"
    here = "{}.{}".format(*sys.version_info)
    for platforms, pythons, words in (
        (["linux"], ["3.99"], f"This is Python {here}"),
        (["amiga"], [here], "has packages for amiga, not for this computer"),
    ):
        pack.pack(out, platforms, pythons, lambda line: None)
        done = install(out, "--to", str(tmp_path / "here"))
        assert done.returncode == 1
        assert words in done.stderr
        assert "Traceback" not in done.stderr
        assert not (tmp_path / "here").exists()
    pack.pack(out, list(pack.PLATFORMS), [here], lambda line: None)
    (tmp_path / "file").write_text("x")
    done = install(out, "--to", str(tmp_path / "file" / "below"))
    assert "--to names another place" in done.stderr
    done = install(out, "--to", "here")
    assert "on the stick itself" in done.stderr
    (out / "course" / "README.md").write_text("damaged")
    done = install(out, "--to", str(tmp_path / "there"))
    assert done.returncode == 1
    assert "course/README.md is damaged on this stick" in done.stderr


OFFLINE = """\
set -e
ip link set lo up
if curl --silent --max-time 5 https://pypi.org; then exit 9; fi
sh stick/install --no-open
home=$HOME/medical-diagnosis-course
"$home/course" doctor --no-network
"$home/course" run 00
"$home/course" lab 01 --no-browser --allow-root --IdentityProvider.token=x --ServerApp.port=8931 > lab.log 2>&1 &
for i in $(seq 60); do
  curl --silent --fail "http://127.0.0.1:8931/api/contents/notebooks/01_cnn_basics.ipynb?token=x&content=0" && break
  sleep 1
done
curl --silent --fail "http://127.0.0.1:8931/lab/tree/notebooks/01_cnn_basics.ipynb?token=x" | grep -c JupyterLab
kill %1
"""


@pytest.mark.delivery
def test_the_course_from_a_stick_with_the_network_cut(tmp_path_factory):
    """The real packages for this computer, installed and opened in a network namespace that has no network."""
    if subprocess.run(["unshare", "-n", "true"], check=False).returncode:
        pytest.skip("this system does not let us cut the network")
    place = tmp_path_factory.mktemp("stick ü")
    python = "{}.{}".format(*sys.version_info)
    machine = "linux-arm" if os.uname().machine == "aarch64" else "linux"
    env = {name: value for name, value in os.environ.items() if name.lower() != "https_proxy"}
    command = ["uv", "run", "course", "pack", str(place / "stick"), "--platform", machine, "--python", python]
    for words in (command, [*command[:4], "--verify", command[4]]):
        done = subprocess.run(words, cwd=chapter.ROOT, env=env, capture_output=True, text=True, timeout=1500)
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    home = place / "home"
    home.mkdir()
    # The Python that this environment was made from: a learner's computer has no more than that.
    env = {"HOME": str(home), "PATH": f"{Path(sys.base_prefix) / 'bin'}:/usr/sbin:/usr/bin:/bin", "COLUMNS": "200"}
    inside = ["unshare", "--net", "bash", "-c", OFFLINE]
    done = subprocess.run(inside, cwd=place, env=env, capture_output=True, text=True, timeout=1500)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert "00_start_here:" in done.stdout

    course_there = home / "medical-diagnosis-course"
    notebook = course_there / "notebooks" / "01_cnn_basics.ipynb"
    notebook.write_text("worked in")
    (course_there / "course_utils" / "models.py").write_text("broken")
    again = subprocess.run(["unshare", "--net", "sh", "stick/install", "--no-open"], cwd=place, env=env, timeout=600)
    assert again.returncode == 0  # a second time mends, and leaves the notebook
    assert notebook.read_text() == "worked in"
    assert "broken" not in (course_there / "course_utils" / "models.py").read_text()
