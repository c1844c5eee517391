"""The hub's seats: what is done for a learner as root, and what is done as the learner, without anything of root's."""

import pwd
import runpy
import subprocess
from types import SimpleNamespace
from unittest.mock import MagicMock

from course_tools import chapter


def test_nothing_of_roots_environment_reaches_a_learners_process(tmp_path, monkeypatch):
    """Whoever may look into a process as its user reads its environment: the hub's tokens and keys, otherwise."""
    monkeypatch.setenv("COURSE_HUB_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("A_TOKEN", "secret")
    config = chapter.ROOT / "deploy" / "jupyterhub" / "jupyterhub_config.py"
    hub = runpy.run_path(str(config), {"get_config": MagicMock})
    user = pwd.getpwall()[0]
    (tmp_path / "home").mkdir()
    home = SimpleNamespace(pw_dir=str(tmp_path / "home"), pw_uid=user.pw_uid, pw_gid=user.pw_gid)
    monkeypatch.setattr(pwd, "getpwnam", lambda name: home)
    started = []

    def run(command, **options):
        started.append(options)
        here = {name: value for name, value in options.items() if name not in ("user", "group", "extra_groups")}
        return real(command, **here)

    real = subprocess.run
    monkeypatch.setattr(subprocess, "run", run)
    hub["seat"](MagicMock())
    assert started[0]["user"] == user.pw_uid
    assert started[0].get("env") == {}
    assert (tmp_path / "home" / "notebooks" / "00_start_here.ipynb").exists()
