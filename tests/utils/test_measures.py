"""Measures equal to MedMNIST's own, thresholds that keep their word, and what is no label or score refused."""

import io
from contextlib import redirect_stdout
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from course_utils import (
    accuracy,
    auc,
    auc_difference,
    binary_report,
    choose_threshold,
    evaluate,
    risk_report,
)
from course_utils.measures import MULTI_LABEL, TASKS

with redirect_stdout(io.StringIO()):  # the package complains about torch on being imported
    from medmnist.evaluator import Evaluator


def example(task, n=624, seed=0, ties=True):
    """Labels as MedMNIST keeps them, (N, 1) or (N, L), and scores that are somewhat right."""
    rng = np.random.default_rng(seed)
    if task == "binary-class":
        y = rng.integers(0, 2, (n, 1))
        s = np.clip(0.3 * y[:, 0] + 0.7 * rng.random(n), 0, 1)
    elif task == MULTI_LABEL:
        y = (rng.random((n, 14)) < 0.2).astype(int)
        s = 0.3 * y + 0.7 * rng.random((n, 14))
    else:
        y = rng.integers(0, 5, (n, 1))
        s = (rng.dirichlet(np.ones(5), n) + 0.2 * np.eye(5)[y[:, 0]]) / 1.2
    return y, np.round(s, 2) if ties else s


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("seed", range(5))
def test_equal_to_medmnist_evaluator(task, seed, tmp_path):
    y, s = example(task, 200, seed)
    flag = {"binary-class": "breastmnist", "multi-class": "octmnist", MULTI_LABEL: "chestmnist"}.get(
        task, "retinamnist"
    )
    np.savez(tmp_path / f"{flag}.npz", test_labels=y)
    evaluator = Evaluator(flag, "test", root=str(tmp_path))
    evaluator.info = {"task": task}
    official = evaluator.evaluate(s)
    ours = evaluate(y, s, task, resamples=10)
    assert ours["auc"].value == pytest.approx(official.AUC, abs=1e-9)
    assert ours["acc"].value == pytest.approx(official.ACC, abs=1e-9)
    assert auc(y, s, task) == pytest.approx(official.AUC, abs=1e-9)
    assert accuracy(y, s, task) == pytest.approx(official.ACC, abs=1e-9)


def test_binary_scores_may_come_in_two_columns():
    y, s = example("binary-class", 50)
    assert auc(y, np.column_stack([1 - s, s]), "binary-class") == auc(y[:, 0], s, "binary-class")


scores = st.lists(st.tuples(st.integers(0, 1), st.integers(0, 20)), min_size=2, max_size=40)


@settings(max_examples=200, deadline=None)
@given(scores, st.floats(0.01, 1.0))
def test_thresholds_keep_their_word(cases, wanted):
    y, s = np.array(cases).T
    s = s / 20
    assume(0 < y.sum() < len(y))
    t = choose_threshold(y, s, sensitivity=wanted)
    assert (s[y == 1] >= t).mean() >= wanted - 1e-9
    higher = s[s > t]
    if len(higher):  # and the next higher threshold would not reach it
        assert (s[y == 1] >= higher.min()).mean() < wanted
    t = choose_threshold(y, s, specificity=wanted)
    assert (s[y == 0] < t).mean() >= wanted - 1e-9


@pytest.mark.parametrize("kind", ["float32", "float64"])
def test_a_threshold_keeps_its_word_in_the_precision_of_the_scores(kind):
    """NumPy compares an array of 32 bits with a Python float in 32 bits."""
    rng = np.random.default_rng(0)
    for highest in (*rng.random(20), 0.5, 1.0):
        y, s = np.array([0, 0, 1, 1]), np.array([0.0, highest, highest / 2, 1.0]).astype(kind)
        t = choose_threshold(y, s, specificity=1.0)
        assert not (s[y == 0] >= t).any()
        assert t - highest < 2e-7
    close = np.array([0.5, 0.5 + 1e-12])  # two scores that 32 bits cannot tell apart
    assert close[0] < choose_threshold([0, 1], close, specificity=1.0) <= close[1]


@settings(max_examples=100, deadline=None)
@given(scores)
def test_auc_is_a_probability_and_turns_round(cases):
    y, s = np.array(cases).T
    assume(0 < y.sum() < len(y))
    value = auc(y, s, "binary-class")
    assert 0 <= value <= 1
    assert auc(1 - y, s, "binary-class") == pytest.approx(1 - value)
    pairs = [(a > b) + (a == b) / 2 for a in s[y == 1] for b in s[y == 0]]
    assert value == pytest.approx(np.mean(pairs))


def test_a_class_missing_from_the_test_set_is_left_out():
    y, s = example("multi-class", 60)
    y = np.where(y == 4, 3, y)
    expected = np.mean([roc_auc_score(y[:, 0] == k, s[:, k]) for k in range(4)])
    assert auc(y, s, "multi-class") == pytest.approx(expected)
    assert np.isfinite(evaluate(y, s, "multi-class")["auc"]).all()


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: auc([0, 1], [0.1, 0.2], "binary"), "task is one of"),
        (lambda: auc([0, 1, 1], [0.1, 0.2], "binary-class"), "do not fit"),
        (lambda: auc([0, 2], [0.1, 0.2], "binary-class"), "0 and 1 only"),
        (lambda: auc([1, 1], [0.1, 0.2], "binary-class"), "only one"),
        (lambda: auc([0, 1], [0.1, np.nan], "binary-class"), "nan or infinity"),
        (lambda: auc([0, 1], [0.1, 0.2], "multi-class"), "one column a class"),
        (lambda: choose_threshold([0, 1], [0, 1]), "either"),
        (lambda: choose_threshold([0, 1], [0, 1], sensitivity=95), "95 % is 0.95"),
        (lambda: choose_threshold([1, 1], [0, 1], sensitivity=0.9), "sick and healthy"),
    ],
)
def test_errors_say_what_is_wrong(call, words):
    with pytest.raises(ValueError, match=words):
        call()


# --- what is no label, no probability, no threshold -------------------------------------------------------------------

Y, P = [0, 0, 1, 1], [0.1, 0.6, 0.4, 0.9]
THREE = np.array([[0.8, 0.1, 0.1], [0.1, 0.8, 0.1], [0.1, 0.1, 0.8]])
MEASURES = {  # how each function is asked about a binary task
    "auc": lambda y, s: auc(y, s, "binary-class"),
    "accuracy": lambda y, s: accuracy(y, s, "binary-class"),
    "evaluate": lambda y, s: evaluate(y, s, "binary-class", resamples=10)["auc"].value,
    "auc_difference": lambda y, s: auc_difference(y, s, s, "binary-class", resamples=10).value,
    "binary_report": lambda y, s: binary_report(y, s, resamples=10)["sensitivity"].value,
    "risk_report": lambda y, s: risk_report(y, s, 0.5, resamples=10)["auroc"].value,
    "choose_threshold": lambda y, s: choose_threshold(y, s, sensitivity=0.9),
}
PROBABILITIES_ONLY = ("accuracy", "evaluate", "binary_report", "risk_report")


class Rude:
    def __array__(self, *args, **kwargs):
        raise RuntimeError("no")


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize(
    ("y", "s", "words"),
    [
        pytest.param([1, 1, 2, 2], P, r"holds 0 and 1 only; found \[1. 2.\]", id="labels 1 and 2"),
        pytest.param([0, 0, 1, np.nan], P, "holds 0 and 1 only", id="label nan"),
        pytest.param([0, 0, 0.5, 1], P, "holds 0 and 1 only", id="label between"),
        pytest.param(list("0011"), P, "found text, such as '0'", id="labels as text"),
        pytest.param([b"0", b"0", b"1", b"1"], P, "found bytes", id="labels as bytes"),
        pytest.param(np.array(["0", "0", "1", "1"], dtype=object), P, "found '0'", id="labels as objects"),
        pytest.param([0, 0, 1, None], P, "found None", id="label missing"),
        pytest.param([0, 0, 1, 10**400], P, "found", id="huge label"),
        pytest.param(Y, [str(p) for p in P], "found text", id="scores as text"),
        pytest.param(Y, [0.1, 0.6, 0.4, 0.9 + 1j], "found complex numbers", id="complex scores"),
        pytest.param(Y, np.array(P, dtype=complex), "found complex numbers", id="complex array"),
        pytest.param(Y, np.ma.masked_greater(P, 0.8), "found masked values", id="masked scores"),
        pytest.param(np.ma.masked_equal(Y, 1), P, "found masked values", id="masked labels"),
        pytest.param(Y, np.arange(4).astype("M8[s]"), "dates", id="dates"),
        pytest.param(Y, (p for p in P), "y_score should be an array of numbers", id="generator"),
        pytest.param(Y, [[0.1], [0.6, 0.7], [0.4], [0.9]], "y_score should be an array", id="ragged"),
        pytest.param(Y, Rude(), "y_score should be an array", id="an object that raises"),
        pytest.param(Y, 0.5, "at least one case", id="a single number"),
        pytest.param([], [], "at least one case", id="empty"),
        pytest.param(Y, np.zeros((4, 0)), "at least one case", id="no columns"),
        pytest.param(Y, THREE[[0, 1, 2, 0]], "is one column, the score of class 1, or two", id="three columns"),
        pytest.param(Y, np.zeros((4, 2)), "Apply a softmax first", id="two columns that do not add to 1"),
        pytest.param(Y, np.array([[2.0, -1]] * 4), "Apply a softmax first", id="two columns of logits"),
        pytest.param(Y, [0.1, 0.2, 0.3, np.inf], "nan or infinity", id="infinite score"),
    ],
)
def test_what_is_no_label_or_score_is_refused_by_each_measure(measure, y, s, words):
    with pytest.raises(ValueError, match=words):
        MEASURES[measure](y, s)


@pytest.mark.parametrize("measure", MEASURES)
def test_percentages_and_logits_are_no_probabilities(measure):
    """Whoever ranks by scores alone takes any scale."""
    percentages, logits = 100 * np.array(P), np.log(np.array(P) / (1 - np.array(P)))
    if measure not in PROBABILITIES_ONLY:
        for scores in (percentages, logits):
            assert np.isfinite(MEASURES[measure](Y, scores))
        return
    with pytest.raises(ValueError, match=r"between 0 and 1; found 10 to 90\. These look like percentages"):
        MEASURES[measure](Y, percentages)
    with pytest.raises(ValueError, match=r"between 0 and 1; found -2\.2 to 2\.2\. These look like logits: apply"):
        MEASURES[measure](Y, logits)


@pytest.mark.parametrize("measure", MEASURES)
def test_numbers_of_harmless_other_types_are_taken(measure):
    import keras
    import pandas as pd

    wanted = MEASURES[measure](Y, P)
    labels = np.array(Y)
    for y in (labels == 1, labels.astype(float), labels[:, None], labels.astype("uint8"), pd.Series(Y, [9, 3, 3, 1])):
        assert MEASURES[measure](y, P) == wanted
    for s in (
        keras.ops.convert_to_tensor(np.array(P)),
        pd.Series(P, dtype="Float64"),
        pd.DataFrame({"p": P}),
        np.ma.array(P),
        [Decimal(str(p)) for p in P],
        [Fraction(str(p)) for p in P],
        np.column_stack([1 - np.array(P), P]),
        np.array(P)[:, None],
    ):
        assert MEASURES[measure](Y, s) == pytest.approx(wanted, abs=1e-6)
    for kind in ("float16", "float32", "longdouble"):
        p = np.array(P, kind)
        for s in (p, np.column_stack([1 - p, p])):
            assert MEASURES[measure](Y, s) == pytest.approx(wanted, abs=1e-3)


@pytest.mark.parametrize("kind", ["float16", "bfloat16", "float32"])
def test_probabilities_computed_in_few_bits_are_probabilities(kind):
    import keras

    rng = np.random.default_rng(0)
    logits = rng.normal(0, 8, (2000, 2))
    y = (rng.random(2000) < 0.5).astype(int)
    for s in (
        keras.ops.softmax(keras.ops.cast(logits, kind)),
        keras.ops.sigmoid(keras.ops.cast(logits[:, 1] * 5, kind)),
    ):
        assert 0 <= evaluate(y, s, "binary-class", resamples=5)["auc"].value <= 1


@pytest.mark.parametrize("task", ["multi-class", "ordinal-regression"])
@pytest.mark.parametrize(
    ("y", "words"),
    [
        ([1, 2, 3], r"whole numbers from 0 to 2.*found \[3.\]. If the labels count from 1, subtract 1"),
        ([0, 1, -1], "found .-1"),
        ([0, 1, 1.5], "found .1.5"),
        ([0, 1, np.nan], "found .nan"),
        ([0, 1, np.inf], "found .inf"),
        (list("012"), "found text"),
        (["cyst", "mass", "none"], "found text, such as 'cyst'"),
        (np.eye(3), "one number a case"),
    ],
)
def test_classes_count_from_0(task, y, words):
    for call in (
        lambda: auc(y, THREE, task),
        lambda: accuracy(y, THREE, task),
        lambda: evaluate(y, THREE, task, resamples=10),
        lambda: auc_difference(y, THREE, THREE, task, resamples=10),
    ):
        with pytest.raises(ValueError, match=words):
            call()
    assert accuracy(np.array([0.0, 1.0, 2.0]), THREE, task) == 1


def test_several_columns_are_probabilities_each_but_need_not_add_to_1():
    """One-against-the-rest models give such tables; for AUC any scale will do, for accuracy only the highest counts."""
    y = [0, 1, 2]
    assert accuracy(y, np.minimum(2 * THREE, 1), "multi-class") == 1
    assert auc(y, 10 * THREE - 5, "multi-class") == 1
    for call in (accuracy, evaluate):
        with pytest.raises(ValueError, match="look like logits"):
            call(y, 10 * THREE - 5, "multi-class")
        with pytest.raises(ValueError, match="look like percentages"):
            call(np.eye(3), 100 * THREE, MULTI_LABEL)
    for bad in (2 * np.eye(3), np.full((3, 3), np.nan)):
        with pytest.raises(ValueError, match="multi-label task holds 0 and 1 only"):
            auc(bad, THREE, MULTI_LABEL)


@pytest.mark.parametrize("threshold", [np.nan, -0.1, 1.1, 50, np.inf, "0.5", None, [0.1, 0.2], 1j])
def test_a_threshold_is_a_number_from_0_to_1(threshold):
    for call in (
        lambda: accuracy(Y, P, "binary-class", threshold),
        lambda: binary_report(Y, P, threshold, resamples=10),
        lambda: risk_report(Y, P, threshold, resamples=10),
    ):
        with pytest.raises(ValueError, match="threshold should be"):
            call()


@pytest.mark.parametrize("wanted", ["0.9", np.nan, 0, 1.1, [0.9], 1j])
def test_a_wanted_sensitivity_is_a_share(wanted):
    for which in ("sensitivity", "specificity"):
        with pytest.raises(ValueError, match=r"95 % is 0\.95"):
            choose_threshold(Y, P, **{which: wanted})


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("only", [0, 1])
def test_one_class_only_is_said(only):
    """A binary_report has measures left; the others would have none that means anything."""
    y = [only] * 4
    for measure, words in (
        ("auc", "only one"),
        ("evaluate", "only one"),
        ("auc_difference", "only one"),
        ("risk_report", f"with and without the event; y_true holds only {only}"),
        ("choose_threshold", "only one kind"),
    ):
        with pytest.raises(ValueError, match=words):
            MEASURES[measure](y, P)
    with pytest.raises(ValueError, match="only one"):
        auc(np.full((3, 3), only), THREE, MULTI_LABEL)


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(sorted(MEASURES)),
    st.lists(st.one_of(st.integers(-1, 2), st.floats(), st.booleans(), st.text(max_size=2), st.none()), max_size=6),
    st.lists(st.one_of(st.floats(-0.5, 1.5), st.floats(), st.complex_numbers(), st.text(max_size=2)), max_size=6),
)
def test_whatever_is_given_the_answer_is_a_number_or_a_sentence(measure, y, s):
    try:
        value = MEASURES[measure](y, s)
    except ValueError:
        return
    assert isinstance(value, float)
