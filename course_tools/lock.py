"""uv.lock in forms that other tools read: pip's, and Binder's."""

import re
import subprocess

from course_tools import chapter


def export_lock(*options):
    """The learner's packages as uv.lock pins them, in the form that pip reads, with `options` of ``uv export``.

    Raises
    ------
    ChapterError
        If uv cannot be asked.
    """
    base = "uv export --no-dev --no-emit-project --no-header --no-annotate --locked --quiet"
    try:
        done = subprocess.run([*base.split(), *options], cwd=chapter.ROOT, capture_output=True, text=True, check=True)
    except FileNotFoundError:
        raise chapter.ChapterError("uv is needed to read the lock: pip install uv") from None
    except subprocess.CalledProcessError as error:
        raise chapter.ChapterError(f"uv cannot export the lock: {error.stderr.strip()}") from None
    return done.stdout


def binder_requirements():
    """binder/requirements.txt, from the lock: Binder does not read uv.lock. medmnist itself is added by postBuild."""
    # Binder's machines have no GPU.
    lock = export_lock("--no-hashes", "--prune", "medmnist")
    pins = re.sub(r"^tensorflow==", "tensorflow-cpu==", lock, flags=re.MULTILINE)
    return f"# Made by `course build` from uv.lock, without medmnist's tree (postBuild adds medmnist itself).\n{pins}"
