"""A new chapter: a small lesson, its checks and the programs that try these; they run as they are."""

import re
from pathlib import Path

from course_tools import chapter as course


def begin(number, topic):
    """Write the files of a chapter, from the templates beside this one.

    Parameters
    ----------
    number : str
        Such as "06" or "6".
    topic : str
        What the file is named after, such as "features" or "class_activation"; the title is made from it.

    Returns
    -------
    list of pathlib.Path
        The lesson, its checks, and right and wrong programs on which these are tested.

    Raises
    ------
    ChapterError
        If number or topic cannot be used, or there is such a chapter.
    OSError
        If a file cannot be written.
    """
    here, known = Path(__file__).parent, course.lessons()
    number = number.zfill(2)
    if not re.fullmatch(r"[0-9]{2}", number):
        raise course.ChapterError(f"A chapter's number has two digits, such as 06, and not {number!r}.")
    if not re.fullmatch(r"[a-z][a-z0-9_]*", topic):
        raise course.ChapterError(f"A topic is written with small letters, digits and _, and not {topic!r}.")
    checks = course.checks(number)
    programs = course.ROOT / "tests" / "chapters" / "programs" / f"{number}.py"
    if number in known or checks.exists() or programs.exists():
        there = known.get(number, checks if checks.exists() else programs)
        raise course.ChapterError(f"There is a chapter {number}: {there.relative_to(course.ROOT)}.")
    lesson = course.ROOT / "lessons" / f"{number}_{topic}.py"
    files = {"lesson.txt": lesson, "checks.txt": checks, "programs.txt": programs}
    for template, file in files.items():
        file.parent.mkdir(parents=True, exist_ok=True)
        text = (here / template).read_text(encoding="utf-8")
        text = text.replace("%NN%", number).replace("%TITLE%", topic.replace("_", " ").capitalize())
        file.write_text(text, encoding="utf-8")
    return list(files.values())
