"""Measures equal to MedMNIST's own, intervals that hold what they promise, thresholds that keep their word."""

import io
import time
from contextlib import redirect_stdout

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sklearn.metrics import confusion_matrix, f1_score, precision_score, recall_score, roc_auc_score

from course_utils import accuracy, auc, binary_report, choose_threshold, evaluate, risk_report
from course_utils.evaluation import MULTI_LABEL, TASKS, Estimate, _resamples, _weighted_auc

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
        s = rng.dirichlet(np.ones(5), n) + 0.2 * np.eye(5)[y[:, 0]]
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


@pytest.mark.parametrize("task", TASKS)
def test_a_thousand_resamples_within_a_second(task):
    y, s = example(task)
    start = time.perf_counter()
    for e in evaluate(y, s, task).values():
        assert e.low < e.value < e.high
    assert time.perf_counter() - start < 1.5  # < 1 s, with room for a busy machine


def test_resampled_auc_is_the_auc_of_the_resample():
    y, s = example("binary-class", 80)
    y = y[:, 0]
    for counts in _resamples(y, 20, seed=3):
        for weights, value in zip(counts, _weighted_auc(y == 1, s, counts), strict=True):
            again = np.repeat(np.arange(80), weights.astype(int))
            assert value == pytest.approx(roc_auc_score(y[again], s[again]), abs=1e-12)
            assert y[again].sum() == y.sum()  # stratified


def test_intervals_are_seeded_and_cover():
    """Of many samples of 150 cases, the 95 % interval holds the true AUC in about 95 %."""
    rng = np.random.default_rng(0)
    truth = 0.7602  # of scores N(1, 1) against N(0, 1): Phi(1 / sqrt 2)
    held = 0
    for _ in range(200):
        y = np.repeat([0, 1], [100, 50])
        s = rng.normal(y, 1.0)
        e = evaluate(y, s, "binary-class", resamples=300)["auc"]
        held += e.low <= truth <= e.high
    assert 0.90 <= held / 200 <= 0.99
    assert evaluate(y, s, "binary-class") == evaluate(y, s, "binary-class")


def test_binary_report_equals_scikit_learn():
    y, s = example("binary-class", 200)
    y, yes = y[:, 0], (s >= 0.45).astype(int)
    tn, fp, fn, tp = confusion_matrix(y, yes).ravel()
    report = binary_report(y, s, 0.45)
    expected = {
        "sensitivity": recall_score(y, yes),
        "specificity": tn / (tn + fp),
        "ppv": precision_score(y, yes),
        "npv": tn / (tn + fn),
        "f1": f1_score(y, yes),
        "accuracy": (tp + tn) / 200,
    }
    assert report.keys() == expected.keys()
    for name, e in report.items():
        assert e.value == pytest.approx(expected[name], abs=1e-12)
        assert e.low <= e.value <= e.high


@settings(max_examples=50, deadline=None)
@given(seed=st.integers(0, 1000), n=st.integers(20, 300), levels=st.sampled_from([4, 1000]))
def test_risk_report_agrees_with_scikit_learn(seed, n, levels):
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import average_precision_score, brier_score_loss, precision_score, recall_score

    rng = np.random.default_rng(seed)
    p = np.ceil(rng.uniform(0.02, 0.98, n) * levels) / (levels + 1)  # with many ties, or almost none
    y = (rng.random(n) < p).astype(int)
    if not 2 < y.sum() < n - 2:
        return
    report = risk_report(y, p, 0.5, resamples=20)
    assert report["auroc"].value == pytest.approx(auc(y, p, "binary-class"))
    assert report["auprc"].value == pytest.approx(average_precision_score(y, p))
    assert report["brier"].value == pytest.approx(brier_score_loss(y, p))
    yes = (p >= 0.5).astype(int)
    event1 = min(recall_score(y, yes), precision_score(y, yes, zero_division=0))
    assert report["event1"].value == pytest.approx(event1)
    logit = np.log(p / (1 - p))[:, None]
    slope = LogisticRegression(C=1e9, max_iter=5000, tol=1e-10).fit(logit, y).coef_[0, 0]
    if abs(slope) < 20:  # otherwise the two groups are apart, and no slope exists
        assert report["slope"].value == pytest.approx(slope, rel=0.02, abs=0.02)
    for value, low, high in report.values():
        assert low <= high
        assert np.isfinite(value)


def test_risk_report_knows_good_from_bad_risks():
    rng = np.random.default_rng(0)
    p = rng.beta(1, 6, 4000)
    y = (rng.random(4000) < p).astype(int)
    logit = np.log(p / (1 - p))
    good, extreme = (risk_report(y, 1 / (1 + np.exp(-k * logit)), 0.3) for k in (1, 2))
    assert good["slope"].low < 1 < good["slope"].high
    assert extreme["slope"].value == pytest.approx(good["slope"].value / 2, rel=0.01)
    assert extreme["auroc"].value == pytest.approx(good["auroc"].value)
    assert extreme["brier"].value > good["brier"].value
    assert np.isnan(risk_report(y, np.full(4000, 0.14), 0.3)["slope"].value)
    assert risk_report(y, np.full(4000, 0.14), 0.3)["event1"].value == 0
    with pytest.raises(ValueError, match="between 0 and 1"):
        risk_report(y, logit, 0.3)


def test_none_or_all_of_n_has_the_exact_binomial_interval():
    """As SciPy's exact interval; a bootstrap would give it no width."""
    from scipy.stats import binomtest

    y = np.repeat([0, 1], [40, 72])
    report = binary_report(y, np.full(112, 0.3))
    for name, k, n in (("sensitivity", 0, 72), ("specificity", 40, 40)):
        exact = binomtest(k, n).proportion_ci(0.95, method="exact")
        np.testing.assert_allclose(report[name], (k / n, exact.low, exact.high), atol=1e-12)


def test_measures_without_a_denominator_are_nan():
    report = binary_report([0, 0, 0], [0.1, 0.2, 0.3])
    assert np.isnan(report["sensitivity"].value)
    assert np.isnan(report["ppv"].value)
    assert report["specificity"].value == 1


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


def test_an_estimate_reads_well():
    assert str(Estimate(0.8934, 0.84, 0.938)) == "0.893 (0.840 to 0.938)"
