"""A class on one machine: JupyterHub, its proxy, and for each learner a system user with a server of his or her own.

Started as root, from the course's folder:  .venv/bin/jupyterhub -f deploy/jupyterhub/jupyterhub_config.py
What can be set from outside, as environment variables:

    COURSE_LEARNERS   how many seats: learner01, learner02, ... (30)
    COURSE_HUB_URL    where it listens (http://127.0.0.1:8000: this machine only; http://:8000: the whole network)
    COURSE_HUB_STATE  the folder for its database, passwords and secret (/var/lib/course-hub)
    COURSE_DATA_DIR   the folder with the real data, read by all, written by none (/opt/course-data)
    COURSE_MEMORY_GB  the fence around each program of a learner (4)
"""

import os
import pwd
import subprocess
import sys
from pathlib import Path

c = get_config()  # noqa: F821  (JupyterHub provides it)

COURSE = Path(__file__).resolve().parents[2]
STATE = Path(os.environ.get("COURSE_HUB_STATE", "/var/lib/course-hub"))
LEARNERS = int(os.environ.get("COURSE_LEARNERS", 30))
FENCE_GB = float(os.environ.get("COURSE_MEMORY_GB", 4))
BIN = Path(sys.executable).parent  # not resolved: the virtual environment's own folder
STATE.mkdir(mode=0o700, parents=True, exist_ok=True)

c.JupyterHub.bind_url = os.environ.get("COURSE_HUB_URL", "http://127.0.0.1:8000")
c.JupyterHub.db_url = f"sqlite:///{STATE / 'jupyterhub.sqlite'}"
c.JupyterHub.cookie_secret_file = str(STATE / "cookie_secret")
c.ConfigurableHTTPProxy.pid_file = str(STATE / "proxy.pid")
c.JupyterHub.concurrent_spawn_limit = LEARNERS  # a class arrives all at once

# Seats, not names: whoever sits down first chooses the seat's password. No other name can log in, "root" above all.
c.JupyterHub.authenticator_class = "firstuseauthenticator.FirstUseAuthenticator"
c.FirstUseAuthenticator.dbm_path = str(STATE / "passwords.dbm")
c.FirstUseAuthenticator.create_users = False
c.Authenticator.allowed_users = {f"learner{seat:02}" for seat in range(1, LEARNERS + 1)}


BRING = """
import pathlib, shutil, sys
source, target = map(pathlib.Path, sys.argv[1:])
for file in sorted(source.rglob("*")):
    here = target / file.relative_to(source)
    if file.is_file() and not here.exists() and ".ipynb_checkpoints" not in file.parts:
        here.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, here)
"""


def seat(spawner):
    """Before a learner's server starts: a system user, and in its home the notebooks that are not there yet."""
    name = spawner.user.name
    try:
        user = pwd.getpwnam(name)
    except KeyError:
        subprocess.run(["useradd", "--create-home", "--shell", "/bin/bash", name], check=True)
        user = pwd.getpwnam(name)
    os.chmod(user.pw_dir, 0o700)
    # As the learner, not as root: in a folder of the learner's, a link may lead anywhere. And without root's
    # environment, which a learner could read from the process: the hub's tokens may be in it.
    command = [sys.executable, "-I", "-c", BRING, str(COURSE / "notebooks"), f"{user.pw_dir}/notebooks"]
    learner = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": [], "env": {}}
    done = subprocess.run(command, cwd=user.pw_dir, check=False, **learner)
    if done.returncode:  # a full disk, say: the learner still gets in, to what is there
        spawner.log.warning("The notebooks could not all be brought to %s.", user.pw_dir)


c.JupyterHub.spawner_class = "jupyterhub.spawner.LocalProcessSpawner"
c.Spawner.pre_spawn_hook = seat
# The fence: a program that asks for more data memory than this gets a MemoryError, and the others go on. (A chapter
# asks for up to 1.4 GB on two cores, and for a little more where each of many cores has its thread.)
c.Spawner.cmd = ["prlimit", f"--data={int(FENCE_GB * 1e9)}", "--core=0", str(BIN / "jupyterhub-singleuser")]
c.Spawner.default_url = "/lab/tree/notebooks/00_start_here.ipynb"
c.Spawner.start_timeout = c.Spawner.http_timeout = 180  # on a full machine the last of a class waits
c.Spawner.env_keep = ["LANG", "LC_ALL"]
c.Spawner.environment = {
    "PATH": f"{BIN}:/usr/local/bin:/usr/bin:/bin",
    "COURSE_DATA_DIR": os.environ.get("COURSE_DATA_DIR", "/opt/course-data"),
    "JUPYTER_CONFIG_PATH": str(COURSE / "course_tools" / "jupyter"),  # as `course lab` sets it
    # Where the kernels' sockets lie: only their owner may enter, and a socket's path has at most 107 bytes.
    "JUPYTER_RUNTIME_DIR": lambda spawner: f"{pwd.getpwnam(spawner.user.name).pw_dir}/.jupyter-run",
}

c.Spawner.args = [
    # Over TCP, the default, every user of the machine could connect to a kernel and read what it prints.
    "--KernelManager.transport=ipc",
    # A kernel whose tab has been closed for an hour is stopped: each holds about 1 GB.
    "--MappingKernelManager.cull_idle_timeout=3600",
]
# A server that nobody has used for three hours, longer than any lunch, is stopped; files stay, variables do not, and
# the next click starts it again.
c.JupyterHub.services = [
    {
        "name": "idle-culler",
        "command": [str(BIN / "jupyterhub-idle-culler"), "--timeout=10800", "--cull-every=300"],
    }
]
c.JupyterHub.load_roles = [
    {
        "name": "idle-culler",
        "scopes": ["list:users", "read:users:activity", "read:servers", "delete:servers"],
        "services": ["idle-culler"],
    }
]
