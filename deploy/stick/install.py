"""Install the course from this folder, without a network:  python install.py  [--to FOLDER] [--no-open]

It needs Python (one of those named in pack.json) and about 3 GB of disk. It can be started again at any time: it goes
on where it ended, and no notebook in which somebody has worked is overwritten.
"""

import argparse
import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
import sysconfig

HERE = os.path.dirname(os.path.abspath(__file__))
ROOM = 3.2e9  # bytes: 2.6 GB of packages, and the course
PYTHON = ("Scripts", "python.exe") if os.name == "nt" else ("bin", "python")
LAUNCHERS = {
    "course": """\
#!/bin/sh
# ./course opens the course; ./course doctor, ./course run 01, ... do the rest.
here=$(cd "$(dirname "$0")" && pwd)
export COURSE_DATA_DIR="${COURSE_DATA_DIR:-$here/data}" PYTHONPATH="$here"
[ $# -eq 0 ] && set -- lab
exec "$here/.venv/bin/python" -m course_tools.cli "$@"
""",
    "course.bat": """\
@echo off\r
rem A double click opens the course; course doctor, course run 01, ... do the rest.\r
setlocal\r
if not defined COURSE_DATA_DIR set "COURSE_DATA_DIR=%~dp0data"\r
set "PYTHONPATH=%~dp0."\r
set PYTHONUTF8=1\r
set arguments=%*\r
if "%~1"=="" set arguments=lab\r
"%~dp0.venv\\Scripts\\python.exe" -m course_tools.cli %arguments%\r
if errorlevel 1 pause\r
""",
}


def fail(text):
    sys.exit("*** " + text)


def check_computer(plan):
    """Stop with a remedy unless this Python and this computer are among those the pack was made for."""
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    if version not in plan["pythons"]:
        say = ("py -" if os.name == "nt" else "python") + plan["pythons"][-1]
        fail(
            f"This is Python {version}, and the stick has packages for Python {', '.join(plan['pythons'])}. Start the "
            f"installer with one of these, say: {say} install.py. If there is none, install it first."
        )
    arm = platform.machine().lower() in ("arm64", "aarch64")
    here = {"Windows": "windows", "Darwin": "macos", "Linux": "linux-arm" if arm else "linux"}.get(platform.system())
    if here == "macos" and not arm:
        fail(
            "This is a Mac with an Intel processor, or a Python made for one, and TensorFlow has no packages for it. "
            "If it has Apple's processor, install Python from python.org and start again; else sit beside somebody."
        )
    if sysconfig.get_platform() == "win-arm64":
        fail(
            "This Python is made for Windows on ARM, and TensorFlow is not. Sit beside somebody with another computer."
        )
    if here not in plan["platforms"]:
        fail(
            f"The stick has packages for {', '.join(plan['platforms'])}, not for this computer ({platform.system()} "
            f"{platform.machine()}). Its owner can add them: uv run course pack FOLDER --platform ..."
        )
    if sys.maxsize < 2**32:
        fail("This Python is a 32-bit one; TensorFlow needs a 64-bit Python.")


def copy(target):
    """Bring course, data and website to `target`, each file checked; worked-in notebooks stay as they are."""
    with open(os.path.join(HERE, "SHA256SUMS"), encoding="utf-8") as file:
        sums = [line.rstrip("\n").split("  ", 1) for line in file]
    places = {"course/": "", "data/": "data/", "site/": os.path.join("build", "site", "")}
    for digest, name in sums:
        for start, place in places.items():
            if not name.startswith(start):
                continue
            to = os.path.join(target, place + name[len(start) :])
            if name.startswith("course/notebooks/") and os.path.exists(to):
                continue
            try:
                with open(os.path.join(HERE, name), "rb") as file:
                    content = file.read()
            except OSError:
                content = b""
            if hashlib.sha256(content).hexdigest() != digest:
                fail(name + " is damaged on this stick. Copy the stick again from another, and start again.")
            os.makedirs(os.path.dirname(to), exist_ok=True)
            with open(to + ".part", "wb") as file:
                file.write(content)
            os.replace(to + ".part", to)


def install(target):
    """Make the virtual environment, and bring the packages into it with the stick's own pip."""
    environment = os.path.join(target, ".venv")
    python = os.path.join(environment, *PYTHON)
    if os.path.exists(python):
        code = "import sys; print(sys.version_info[:2])"
        old = subprocess.run([python, "-c", code], stdout=subprocess.PIPE, text=True)
        if old.stdout.strip() != str(sys.version_info[:2]):  # its packages are for another Python
            shutil.rmtree(environment)
    # Without pip: some Linux systems keep the part of Python that would bring it in a package of its own.
    if subprocess.call([sys.executable, "-m", "venv", "--without-pip", environment]):
        fail(f"Python cannot make a virtual environment in {environment} (its message is above).")
    wheels = os.path.join(HERE, "wheels")
    (pip,) = [name for name in os.listdir(wheels) if name.startswith("pip-")]
    command = [python, os.path.join(wheels, pip, "pip"), "install", "--no-index", "--find-links", wheels, "--no-deps"]
    # pip compares every wheel with its hash in requirements.txt.
    packages = ["--require-hashes", "-r", os.path.join(HERE, "requirements.txt")]
    course = ["--no-build-isolation", "--editable", target]
    env = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "PYTHON", "VIRTUAL_ENV"))}
    env.update(PIP_CONFIG_FILE=os.devnull, PIP_DISABLE_PIP_VERSION_CHECK="1", PIP_PROGRESS_BAR="off", PYTHONUTF8="1")
    for what in (packages, course):
        if subprocess.call(command + what, env=env):
            fail("pip could not install the packages (its message is above). Start the installer again; it goes on.")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    default = os.path.join(os.path.expanduser("~"), "medical-diagnosis-course")
    parser.add_argument("--to", default=default, help="where to install; otherwise %(default)s")
    parser.add_argument("--no-open", action="store_true", help="only install")
    arguments = parser.parse_args()
    target = os.path.abspath(arguments.to)
    if os.path.join(target, "").startswith(os.path.join(HERE, "")):
        fail(f"{target} is on the stick itself. Name a folder of this computer, from its beginning.")
    if sys.platform == "win32" and sys.version_info < (3, 13) and not target.isascii():
        # It reads the file that leads to the course in the system's old encoding.
        fail(f"Before 3.13, Python on Windows stumbles over letters like those of {target}. Another: --to C:\\course")
    try:
        with open(os.path.join(HERE, "pack.json"), encoding="utf-8") as file:
            plan = json.load(file)
        check_computer(plan)
        print("1 of 3: copying the course to " + target, flush=True)
        os.makedirs(target, exist_ok=True)
        free = shutil.disk_usage(target).free
        if free < ROOM and not os.path.exists(os.path.join(target, ".venv")):
            fail(f"There are {free / 1e9:.1f} GB free for {target}; {ROOM / 1e9:.1f} are needed.")
        copy(target)
        print("2 of 3: installing the packages (a few minutes)", flush=True)
        install(target)
        for name, text in LAUNCHERS.items():
            path = os.path.join(target, name)
            with open(path, "w", encoding="utf-8", newline="") as file:
                file.write(text)
            os.chmod(path, 0o755)
    except OSError as error:
        fail(f"{error.filename or target}: {error.strerror or error}. (--to names another place to install to.)")
    launcher = os.path.join(target, "course.bat" if os.name == "nt" else "course")
    print("3 of 3: installed. To open the course, now and later:  " + launcher, flush=True)
    if not arguments.no_open:
        # Not the launcher: a shell would stumble over an & in its path.
        env = dict(os.environ, COURSE_DATA_DIR=os.path.join(target, "data"), PYTHONPATH=target, PYTHONUTF8="1")
        sys.exit(subprocess.call([os.path.join(target, ".venv", *PYTHON), "-m", "course_tools.cli", "lab"], env=env))


if __name__ == "__main__":
    main()
