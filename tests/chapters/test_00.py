"""What chapter 00 concludes in words, held against what its cells printed."""

import re
from types import SimpleNamespace

import pytest

from conftest import computed
from course_tools import chapter as course
from course_tools import editions


def text_of(notebook):
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    return "\n".join(output.get("text", "") + output.get("data", {}).get("text/plain", "") for output in outputs)


def conclusions(text, progress=True):
    """(nbval does not keep what a progress line says in the end.)"""
    if progress:
        losses = re.search(r"kept \(best val_loss\): loss ([\d.]+), val_loss ([\d.]+)", text).groups()
        assert float(losses[1]) > 1.2 * float(losses[0])  # "the solid one falls behind"
    found, cancers = map(int, re.search(r"finds (\d+) of (\d+) cancers", text).groups())
    assert found < cancers  # "it misses cancers"
    wrong, sure = map(int, re.search(r"(\d+) of \d+ answers are wrong; (\d+) of those", text).groups())
    assert 0 < sure <= wrong  # "being sure is not being right"


def test_on_generated_images():
    conclusions(text_of(computed("00")), progress=False)


def test_as_it_stands():
    conclusions(text_of(editions.solved(course.find("00"))))


@pytest.mark.real_data
def test_on_real_images():
    conclusions(text_of(computed("00")))


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [(0.01, 0.1, "the network is better"), (-0.1, 0.1, "not decided"), (-0.1, -0.01, "the regression is better")],
)
def test_the_verdict_can_go_either_way(low, high, words):
    (source,) = (c.source for c in editions.make(course.find("00"), "student").cells if "verdict = " in c.source)
    part = source[source.index("verdict = ") : source.index("print(")]
    names = {"gain": SimpleNamespace(low=low, high=high)}
    exec(part, names)
    assert words in names["verdict"]
