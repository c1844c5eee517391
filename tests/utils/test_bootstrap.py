"""Intervals that hold what they promise, and reports equal to scikit-learn's."""

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import confusion_matrix, f1_score, precision_score, recall_score, roc_auc_score
from test_measures import P, Y, example

from course_utils import auc, auc_difference, binary_report, choose_threshold, evaluate, risk_report
from course_utils.bootstrap import Estimate, _resamples
from course_utils.measures import MULTI_LABEL, TASKS, _calibration_slope, weighted_auc


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
        for weights, value in zip(counts, weighted_auc(y == 1, s, counts), strict=True):
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
        s = 1 / (1 + np.exp(-rng.normal(y, 1.0)))
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
    apart = p[y == 1].min() >= p[y == 0].max() or p[y == 0].min() >= p[y == 1].max()
    if not apart:
        assert report["slope"].value == pytest.approx(slope, rel=0.02, abs=0.02)
    assert np.isnan(report["slope"].value) == apart
    for name, (value, low, high) in report.items():
        if name != "slope":
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


def test_an_estimate_reads_well():
    assert str(Estimate(0.8934, 0.84, 0.938)) == "0.893 (0.840 to 0.938)"


def test_the_threshold_that_calls_nobody_sick_is_one():
    t = choose_threshold([0, 0, 1], [0.2, 1.0, 0.9], specificity=1.0)
    assert binary_report([0, 0, 1], [0.2, 1.0, 0.9], t, resamples=10)["specificity"].value == 1
    assert binary_report(Y, P, np.array(0.5), resamples=10) == binary_report(Y, P, 0.5, resamples=10)


@pytest.mark.parametrize("resamples", [0, -5, 2.5, "10", None])
def test_resamples_are_counted(resamples):
    for call in (
        lambda: evaluate(Y, P, "binary-class", resamples),
        lambda: auc_difference(Y, P, P, "binary-class", resamples),
        lambda: binary_report(Y, P, 0.5, resamples),
        lambda: risk_report(Y, P, 0.5, resamples),
    ):
        with pytest.raises(ValueError, match="resamples should be a whole number, at least 1"):
            call()


def test_there_is_no_slope_where_a_threshold_parts_the_groups():
    """Nor in those resamples in which it does; these would have drawn the interval to 0 or to wherever Newton stood."""
    assert np.isnan(risk_report(Y, [0.1, 0.2, 0.8, 0.9], 0.5, resamples=20)["slope"]).all()
    assert np.isnan(risk_report(Y, [0.9, 0.5, 0.5, 0.2], 0.5, resamples=20)["slope"]).all()
    rng = np.random.default_rng(0)
    y, p = np.repeat([0, 1], [40, 3]), rng.beta(1, 6, 43)  # three events: one resample in twenty has none
    y[np.argmin(p)], y[np.argmax(p)] = 1, 0
    slopes = _calibration_slope(y, p, np.concatenate(list(_resamples(y, 400, 0, stratified=False))))
    none = np.concatenate(list(_resamples(y, 400, 0, stratified=False))) @ y == 0
    assert none.any()
    assert np.isnan(slopes[none]).all()


@pytest.mark.filterwarnings("error")
def test_resamples_of_a_rare_finding_raise_no_warning():
    y = np.zeros((6, 2), int)
    y[0, 0] = 1
    assert np.isfinite(evaluate(y, np.linspace(0, 1, 12).reshape(6, 2), MULTI_LABEL, resamples=100)["auc"]).all()
