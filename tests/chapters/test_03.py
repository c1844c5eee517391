"""Chapter 03: what its sentences conclude, asked of what the solved notebook's cells printed."""

import re

import jupytext
import numpy as np
import pytest

from course_tools import chapter as course
from course_tools import editions
from course_tools.execute import RESULTS

UNSEEN, SAME, TRAINING = "40 unseen patients", "held-out windows, same patients", "training windows"


@pytest.fixture(scope="module")
def outputs():
    solved = editions.solved(course.find("03"))
    return [output for cell in solved.cells for output in cell.get("outputs", [])]


@pytest.fixture(scope="module")
def printed(outputs):
    return "\n".join(output.get("text", "") for output in outputs)


@pytest.fixture(scope="module")
def tables(outputs):
    return [output.data[RESULTS] for output in outputs if RESULTS in output.get("data", {})]


def rows(tables, caption, key):
    (table,) = (table for table in tables if table["caption"].startswith(caption))
    return {row[key]: row for row in table["rows"]}


def interval(text):
    """The numbers of "+0.22 (+0.12 to +0.33)"."""
    return [float(number) for number in re.findall(r"[+-]?\d+\.\d+", text)]


def test_an_open_forget_gate_learns_and_keeps_it(printed):
    found = re.findall(
        r"bias (\S+), seed (\d): best epoch +(\d+) \((\S+), on new sequences (\S+)\), last (\S+)", printed
    )
    assert len(found) == 6
    lines = {(float(bias), int(seed)): tuple(map(float, rest)) for bias, seed, *rest in found}
    own = max(bias for bias, _ in lines)
    assert own == pytest.approx(4.05, abs=0.06)
    mean = float(re.search(r"always the mean: (\S+) on the validation", printed)[1])
    for seed in range(2):
        for bias in (0.0, 1.0):
            _, best, _, last = lines[bias, seed]
            assert 0.4 < best < mean - 0.1  # learned in part
            assert last > best + 0.4 * (mean - best)  # and most of it lost again
        assert lines[1.0, seed][0] < lines[0.0, seed][0]  # earlier
        _, best, new, last = lines[own, seed]
        assert max(best, new, last) < 0.35


def test_the_gradients_of_section_7(printed):
    found = re.findall(r"^(.+?) +lag 10: (\S+) +lag 50: (\S+)$", printed, re.M)
    ten, fifty = ({name: float(values[k]) for name, *values in found} for k in (0, 1))
    usual = "LSTM (forget bias 1, as Keras starts)"
    assert fifty["GRU"] < fifty["plain cell"] < fifty[usual] < 1e-3
    assert 0.05 <= fifty["GRU, gate z open (bias 3)"] <= 0.2  # near f to the power of 50
    lstm = "LSTM, forget gate open (bias 3)"
    assert ten[lstm] == pytest.approx(0.2, abs=0.1)
    assert fifty[lstm] >= 1.5 * ten[lstm]  # it rises again
    assert fifty["plain cell, inputs ten times smaller"] >= 0.1
    lag_50 = float(re.search(r"^lag 50: (\S+)$", printed, re.M)[1])
    assert 1e-6 <= lag_50 < 1e-5  # "a few millionths"


def test_the_lstm_counts_best(tables):
    by_model = rows(tables, "Counting alarms", "model")
    (paired,) = (key for key in by_model["LSTM"] if "paired" in key)
    for model in ("linear regression, last 20 inputs", "LSTM, forget gate held at 1", "GRU"):
        assert interval(by_model[model][paired])[1] > 0
    (error,) = (key for key in by_model["LSTM"] if key.startswith("error"))
    held, line = (
        interval(by_model[model][error])
        for model in ("LSTM, forget gate held at 1", "linear regression, last 20 inputs")
    )
    assert held[0] < 0.75 * line[0]


def test_training_windows_point_to_the_wrong_model(tables):
    error = {
        name: {part: interval(row[part])[0] for part in (TRAINING, SAME, UNSEEN)}
        for name, row in rows(tables, "Heart rate 3 hours ahead", "model").items()
    }
    assert np.ptp(list(error["last value"].values())) < 0.25  # the columns are about equally hard
    assert min(error, key=lambda name: error[name][TRAINING]) == "stacked LSTM, change"
    assert min(error, key=lambda name: error[name][UNSEEN]) == "ridge regression"
    step = {name: at[UNSEEN] - at[TRAINING] for name, at in error.items()}
    assert step["stacked LSTM, level"] > step["stacked LSTM, change"] > step["ridge regression"] + 0.1
    pairs = rows(tables, "Difference of two RMSEs", "difference")
    change = pairs["stacked LSTM, change minus ridge regression"]
    assert interval(change[TRAINING])[0] < 0
    assert interval(change[SAME])[1] < 0 < interval(change[SAME])[2]
    assert interval(change[UNSEEN])[1] > 0
    assert interval(pairs["stacked LSTM, level minus stacked LSTM, change"][UNSEEN])[1] > 0
    assert list(pairs)[2] == "stacked LSTM, change minus ridge regression"  # "the third row"


def test_the_level_forecast_keeps_missing(printed):
    off = {
        name: abs(float(mean))
        for name, mean in re.findall(r"^(stacked LSTM, \w+): on average (\S+) beats/min off", printed, re.M)
    }
    assert off["stacked LSTM, level"] >= 4 > 2 >= off["stacked LSTM, change"]


def test_the_counter_stops_counting(printed):
    found = re.findall(r"after +(\d+) steps: +(\d+) alarms, network +(\S+)", printed)
    truth, network = ({int(t): float(values[k]) for t, *values in found} for k in (0, 1))
    assert all(abs(truth[t] - network[t]) < 2.5 for t in (20, 40))
    assert network[100] - network[60] < 2 < 6 < truth[100] - truth[60]


@pytest.fixture
def sixteen_bits():
    import keras

    usual = keras.mixed_precision.dtype_policy()
    keras.mixed_precision.set_dtype_policy("mixed_float16")
    yield
    keras.mixed_precision.set_dtype_policy(usual)


def test_comparisons_with_keras_hold_where_layers_compute_in_16_bits(sixteen_bits):
    """As on a GPU with tensor cores: the cells up to section 7 that train nothing."""
    names = {}
    exec("from course_utils import check, hint", names)
    for cell in jupytext.read(course.find("03").lesson).cells:
        tags = cell.metadata.get("tags", [])
        if cell.source.startswith("norms ="):
            break
        if cell.cell_type == "code" and not {"start", "gpu", "exercise"} & set(tags) and "show(" not in cell.source:
            exec(cell.source, names)
    assert names["gru_layer"].compute_dtype == "float32"
    np.testing.assert_allclose(names["by_hand"], names["on_tape"], atol=1e-5)
    assert all(make().compute_dtype == "float32" for make in names["CELLS"].values())
