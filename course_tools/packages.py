"""Packages that only some commands need: they are fetched when such a command is called."""

import importlib.util
import os
import shutil
import subprocess
import sys

from course_tools import chapter as course

AGAIN = "COURSE_RUN_AGAIN"  # set in the second run: there is no third
DOCS = ("sphinx", "myst_nb", "sphinx_book_theme", "sphinx_design", "sphinx_revealjs", "sphinx-mathjax-offline")


def with_docs(arguments):
    """Whether this Python has the packages of the group `docs`; if not, run the command again in one that has.

    Parameters
    ----------
    arguments : list of str
        What follows `course`, such as ["site"].

    Returns
    -------
    int or None
        The exit code of the second run; None if nothing is missing and the first can go on.

    Raises
    ------
    ChapterError
        If packages are missing and uv is not there to fetch them, or has not brought them.
    """
    missing = [name for name in DOCS if importlib.util.find_spec(name) is None]
    if not missing:
        return None
    command = ["run", "--project", str(course.ROOT), "--group", "docs", "course", *arguments]
    uv = shutil.which("uv")
    if uv is None or AGAIN in os.environ:
        raise course.ChapterError(
            f"This needs packages that are not installed ({', '.join(missing)}); uv fetches them: pip install uv, "
            f"then uv run --group docs course {' '.join(arguments)}"
        )
    print("Fetching the packages that this needs ...", file=sys.stderr)
    return subprocess.call([uv, *command], env=os.environ | {AGAIN: "1"})
