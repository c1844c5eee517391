"""Right programs are accepted and wrong ones refused, by people who wrote them without having seen the checks.

programs/NN.py has a cell for each: "# %% 02.softmax right", or "# %% 02.softmax wrong: overflows for 1000". It runs
alone, with NumPy as np and pandas as pd; the answer is what its last statement defines, assigns or computes.
"""

import ast
import re
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from course_utils import exercises
from course_utils.exercises import judge

FOLDER = Path(__file__).parent / "programs"
CHAPTERS = exercises.chapters()
KNOWN = {exercise.id: exercise for chapter in CHAPTERS for exercise in exercises.of_chapter(chapter)}
ENOUGH = 5  # of each kind, for each exercise


def programs(chapter):
    """For each program of a chapter (exercise, "right" or "wrong", what is wrong, source)."""
    path = FOLDER / f"{chapter}.py"
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    return re.findall(r"^# %% (\S+) (right|wrong)(?:: ([^\n]*))?\n(.*?)(?=^# %% |\Z)", text, re.MULTILINE | re.DOTALL)


def answer_of(source):
    names, last = {"np": np, "pd": pd}, ast.parse(source).body[-1]
    exec(compile(source, "<program>", "exec"), names)
    match last:
        case ast.FunctionDef():
            return names[last.name]
        case ast.Assign():
            return names[last.targets[0].id]
        case ast.Expr():
            return eval(compile(ast.Expression(last.value), "<program>", "eval"), names)


EACH = [
    pytest.param(*row, id=f"{row[0]}-{row[1]}-{number}")
    for chapter in CHAPTERS
    for number, row in enumerate(programs(chapter))
]


@pytest.mark.parametrize(("exercise", "kind", "why", "source"), EACH)
def test_no_program_is_misjudged(exercise, kind, why, source):
    mark, told, _ = judge.verdict(KNOWN[exercise], answer_of(source))
    assert mark == {"right": "✅", "wrong": "❌"}[kind], f"{told}\n{why}\n{source}"


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_there_are_enough(chapter):
    counted = Counter((exercise, kind) for exercise, kind, _, _ in programs(chapter))
    wanted = {(exercise.id, kind) for exercise in exercises.of_chapter(chapter) for kind in ("right", "wrong")}
    assert counted.keys() <= wanted
    assert {key: counted[key] for key in wanted if counted[key] < ENOUGH} == {}
