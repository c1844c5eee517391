"""The website, from the executed notebooks: `course site`."""

import os
import shutil
import subprocess
import sys

import nbformat

from course_tools import chapter as course
from course_tools import editions, pages
from course_tools.site.page import page


def build(on_line=print):
    """Build the site in build/site; Sphinx's output goes to `on_line`, line by line.

    Returns
    -------
    (pathlib.Path, int)
        The first page, and Sphinx's exit code: not 0 if anything was warned of.

    Raises
    ------
    ChapterError
        If a chapter is not as it should be, or its solved edition is stale.
    """
    source, out = (course.ROOT / "build" / name for name in ("site-source", "site"))
    shutil.rmtree(source, ignore_errors=True)
    shutil.rmtree(out, ignore_errors=True)
    shutil.copytree(course.ROOT / "site", source)
    (source / "images").mkdir(exist_ok=True)
    for chapter in course.chapters():
        (source / "images" / f"{chapter.number}.png").write_bytes(pages.cover(chapter)[0])
        nbformat.write(page(chapter, editions.solved(chapter)), source / f"{chapter.stem}.ipynb")
    for name, text in pages.of_site():
        (source / name).write_text(text, encoding="utf-8")
    command = [*(sys.executable, "-m", "sphinx"), *("-W", "--keep-going", "-q", "-b", "html"), str(source), str(out)]
    env = os.environ | {"COURSE_REPOSITORY": course.repository(), "PYTHONPATH": str(course.ROOT), "PYTHONUTF8": "1"}
    with subprocess.Popen(
        command, env=env, encoding="utf-8", stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as sphinx:
        for line in sphinx.stdout:
            on_line(line.rstrip())
    return out / "index.html", sphinx.returncode
