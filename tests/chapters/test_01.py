"""What chapter 01 concludes in words, held against what its cells printed; and its comparisons under 16-bit layers."""

import re

import numpy as np
import pytest

from conftest import RESULTS, computed
from course_tools import chapter as course
from course_tools import editions

CHAPTER = course.find("01")
ESTIMATE = re.compile(r"(-?\d+\.\d+) \((-?\d+\.\d+) to (-?\d+\.\d+)\)")


def printed(notebook):
    """What the cells printed, and their tables by the beginning of their captions."""
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    said = "\n".join(o.get("text", "") + o.get("data", {}).get("text/plain", "") for o in outputs)
    return said, [output.data[RESULTS] for output in outputs if RESULTS in output.get("data", {})]


def estimate(text):
    return [float(number) for number in ESTIMATE.search(text).groups()]


def table(tables, word):
    return next(one for one in tables if word in one["caption"])


def solved():
    return printed(editions.solved(CHAPTER))


def conclusions(said, tables, stands=False, progress=True):
    """Sections 9, 10 and 12: what held with all seeds. (nbval does not keep what a progress line says in the end.)"""
    moved = table(tables, "test split")
    generated = moved["source"] == "phantom"
    change = {row["model"]: estimate(row["moved minus unmoved"]) for row in moved["rows"]}
    for name, (_, _, high) in change.items():  # "mind being moved, with either seed"
        if "averaged" not in name:
            assert high < 0, name
    if progress:
        best = re.findall(r"(\d+) epochs in .*epoch (\d+) kept", said)
        flattened, late = [int(kept) for _, kept in best[:2]], [int(kept) for _, kept in best[2:]]
        assert len(best) == 4
        assert min(late) > max(flattened)  # "need more epochs to get to their best"
        assert all(int(epochs) == int(kept) + 20 for epochs, kept in best)  # trained to the end, not to the limit
    steps = np.array(re.findall(r"moved by \d: AUC (\S+) and (\S+)", said), float)
    assert steps.shape == (7, 2)
    assert (steps[[2, 4]] < steps[[1, 3]] + 0.05).all()  # "about as high as the odd movements, or a little above"
    assert (steps[4:].mean(axis=0) < steps[0]).all()  # "by and large the AUC falls with the distance"
    mirrored = table(tables, "mirrored")
    for row in mirrored["rows"]:
        if "averaged" in row["model"]:
            assert estimate(row["mirrored minus as it is"])[0] < 0
    maps(said, tables, stands and not generated)


def maps(said, tables, worse):
    """Section 10: random maps and darkness show the lesion, too, in two layers not shown to be worse."""
    shown = table(tables, "best map for the lesion")
    for row in shown["rows"]:
        for column in ("random weights", "darkness of the pixels"):
            assert float(row[column].split()[0]) >= 0.75, row  # "far above 0.5"
    found = re.findall(r"layer (\d), trained minus (random|darkness).*: (\S+) \((\S+) to (\S+)\)", said)
    gain = {(int(layer), other): [float(n) for n in numbers] for layer, other, *numbers in found}
    assert len(gain) == 6
    for layer, other in gain:
        if layer < 3:
            assert gain[layer, other][1] <= 0, layer  # "not shown to be better"
    if worse:
        assert gain[2, "random"][2] < 0  # "even clearly worse"


def test_what_the_two_heads_do():
    conclusions(*solved(), stands=True)


@pytest.mark.parametrize("source", ["phantom", pytest.param("medmnist", marks=pytest.mark.real_data)])
def test_what_the_two_heads_do_on_generated_and_on_real_data(source):
    said, tables = printed(computed("01"))
    assert table(tables, "test split")["source"] == source
    conclusions(said, tables, progress=source == "medmnist")


def test_what_other_cells_print():
    said, _ = solved()
    scores = [float(s) for s in re.findall(r"validation images moved by \d pixels: AUC (\S+)", said)]
    assert scores[0] > scores[1] > scores[2]
    forward = {name: float(x) for name, x in re.findall(r"(\w+) +after 20 layers: numbers forward (\S+),", said)}
    back = {name: float(x) for name, x in re.findall(r"(\w+) +after 20 layers: .*gradient back (\S+)", said)}
    assert min(forward.values()) > 0.1  # "on the way forward, much is left in all three"
    assert back["sigmoid"] < 1e-9 < 0.1 < back["tanh"] < back["ReLU"]
    assert "33% of them in the Dense head" in said
    assert "measured: 18 × 18 pixels; your function says 18" in said
    assert "the shift is the image, one pixel on: True" in said
    assert "minus the negative is the image:      True" in said


def test_the_comparisons_hold_where_layers_compute_in_16_bits():
    """On GPUs with tensor cores `setup()` chooses them; the sections that compare with Keras must not mind."""
    import keras

    begin = ("from course_utils import make_phantom", "kernel = ", "def slide", "import keras", "small = ")
    chosen = [cell.source for cell in CHAPTER.cells if cell.kind == "code" and cell.source.startswith(begin)]
    assert len(chosen) == len(begin)
    before, names = keras.config.dtype_policy(), {"np": np}
    try:
        keras.config.set_dtype_policy("mixed_float16")
        for source in chosen:
            exec(source, names)
        assert keras.config.dtype_policy().compute_dtype == "float32"  # for the networks that follow, too
    finally:
        keras.config.set_dtype_policy(before)
