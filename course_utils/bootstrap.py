"""How sure are we? Measures with their 95 % bootstrap intervals.

They are percentile intervals (Efron & Tibshirani, An Introduction to the Bootstrap, 1993, ch. 13): the cases are drawn
anew with replacement, and the measure is computed again. For measures that do not depend on how many are sick (AUC,
sensitivity, specificity) cases are drawn within each class; for those that do (accuracy, PPV, NPV, F1) they are drawn
from all, since another sample would have had another share of sick people, too.

Arrays as in :mod:`course_utils.measures`; what does not fit raises a ValueError.
"""

from numbers import Integral
from typing import NamedTuple

import numpy as np

from course_utils.measures import (
    auc,
    checked,
    checked_threshold,
    clinic_measures,
    columns,
    right_answers,
    risk_measures,
    weighted_auc,
)


class Estimate(NamedTuple):
    """A measure and the ends of its 95 % interval."""

    value: float
    low: float
    high: float

    def __str__(self):
        return f"{self.value:.3f} ({self.low:.3f} to {self.high:.3f})"


def evaluate(y_true, y_score, task, resamples=1000, seed=0):
    """AUC and accuracy with their 95 % bootstrap intervals.

    Returns
    -------
    dict
        ``{"auc": Estimate, "acc": Estimate}``; parameters as for :func:`accuracy`.

    Notes
    -----
    1,000 resamples of 624 cases take a fraction of a second: a resample is a vector of how often each case was
    drawn, and with the scores sorted once, AUC is a cumulative sum over it.
    """
    y, s = checked(y_true, y_score, task)
    truths, scores = columns(y, s, task)
    right = right_answers(y, s, task, 0.5)
    accs = [counts @ right / len(y) for counts in _resamples(y, resamples, seed, stratified=False)]
    return {
        "auc": _interval(auc(y, s, task), _resampled_aucs(y, truths, scores, resamples, seed)),
        "acc": _interval(float(right.mean()), np.concatenate(accs)),
    }


def auc_difference(y_true, score_a, score_b, task, resamples=1000, seed=0):
    """AUC of model a minus AUC of model b on the same cases, with its 95 % bootstrap interval.

    Both models are scored on the same resamples (a *paired* comparison), so that what is hard for both cancels out:
    the interval of the difference is usually narrower than those of the two AUCs suggest. If it holds 0, these cases
    do not show which model is better.

    Parameters
    ----------
    y_true, score_a, score_b, task
        As for :func:`auc`.

    Returns
    -------
    Estimate
        From -1 to 1; positive where a is better.
    """
    difference, drawn = auc(y_true, score_a, task) - auc(y_true, score_b, task), []
    for score in (score_a, score_b):
        y, s = checked(y_true, score, task, probabilities=False)
        drawn.append(_resampled_aucs(y, *columns(y, s, task), resamples, seed))
    return _interval(difference, drawn[0] - drawn[1])


def binary_report(y_true, y_score, threshold=0.5, resamples=1000, seed=0):
    """The clinic's measures for a yes-or-no answer, each with its 95 % bootstrap interval.

    Parameters
    ----------
    y_true : int array (N,)
        1 for the disease, 0 for its absence.
    y_score : float array (N,)
        Probability of disease, 0 to 1.
    threshold : float
        Scores of at least this much mean yes; 0 to 1.

    Returns
    -------
    dict of str to Estimate
        sensitivity = TP / (TP + FN), specificity = TN / (TN + FP), ppv = TP / (TP + FP), npv = TN / (TN + FN),
        f1 = 2 TP / (2 TP + FP + FN), accuracy = (TP + TN) / N. A measure whose denominator is 0 is nan. A share of
        exactly 0 or 1 has the exact binomial interval (Clopper & Pearson, Biometrika 26:404, 1934), because a bootstrap
        would give it no width at all.

    Examples
    --------
    >>> report = binary_report([1, 1, 1, 0], [0.9, 0.8, 0.3, 0.4])
    >>> round(report["sensitivity"].value, 2), report["specificity"].value
    (0.67, 1.0)
    """
    y, s = checked(y_true, y_score, "binary-class")
    yes, sick = s >= checked_threshold(threshold), y == 1
    cells = np.stack([yes & sick, yes & ~sick, ~yes & ~sick, ~yes & sick]).astype(float)  # TP, FP, TN, FN
    values = clinic_measures(cells.sum(axis=1)[:, None])
    within_class, from_all = (
        clinic_measures(np.concatenate([cells @ counts.T for counts in drawn], axis=1))
        for drawn in (_resamples(y, resamples, seed), _resamples(y, resamples, seed, stratified=False))
    )
    drawn = from_all | {name: within_class[name] for name in ("sensitivity", "specificity")}
    report = {name: _interval(float(values[name][0]), drawn[name]) for name in values}
    tp, fp, tn, fn = cells.sum(axis=1)
    cases = {"sensitivity": tp + fn, "specificity": tn + fp, "ppv": tp + fp, "npv": tn + fn, "accuracy": len(y)}
    for name, n in cases.items():
        # Whoever is found 0 times in n, or n times, is so in each resample; another n cases need not be so alike.
        value = report[name].value
        if value == 0:
            report[name] = Estimate(value, 0.0, 1 - 0.025 ** (1 / n))
        elif value == 1:
            report[name] = Estimate(value, 0.025 ** (1 / n), 1.0)
    return report


def risk_report(y_true, p, threshold, resamples=500, seed=0):
    """How good predicted risks are: their order, their values, and the alarms they give.

    Parameters
    ----------
    y_true : int array (N,)
        1 for the event, 0 for its absence. Both have to be there.
    p : float array (N,)
        Predicted probability of the event, 0 to 1.
    threshold : float
        Risks of at least this much give an alarm; 0 to 1. Choose it on other data.

    Returns
    -------
    dict of str to Estimate
        ``"auroc"``; ``"auprc"``, the average precision, sum over the thresholds of the gain in recall times the
        precision there (the share of events is what guessing reaches); ``"event1"``, min(sensitivity, PPV), by which
        the PhysioNet Challenge 2012 was scored; ``"brier"``, the mean of (p - y)^2, small is good; ``"slope"``, the
        slope b of the logistic regression of y on a + b logit(p) (Cox, Biometrika 45:562, 1958): 1 for calibrated
        risks, below 1 where they are too extreme. There is no slope (nan) where one threshold parts all events from
        all others. Intervals: bootstrap over all cases; resamples in which a measure is nan are left out.

    Raises
    ------
    ValueError
        If there are no cases with, or none without the event, or the arrays are not as said above.

    Examples
    --------
    >>> report = risk_report([0, 0, 1, 1], [0.1, 0.6, 0.4, 0.9], threshold=0.5)
    >>> report["auroc"].value, report["event1"].value
    (0.75, 0.5)
    """
    (y, p), threshold = checked(y_true, p, "binary-class"), checked_threshold(threshold)
    if not 0 < y.sum() < len(y):
        raise ValueError(f"Judging risks needs cases with and without the event; y_true holds only {y[0]}.")
    values = risk_measures(y, p, threshold, np.ones((1, len(y))))
    drawn = [risk_measures(y, p, threshold, c) for c in _resamples(y, resamples, seed, stratified=False, cells=400_000)]
    return {name: _interval(float(values[name][0]), np.concatenate([d[name] for d in drawn])) for name in values}


def _resampled_aucs(y, truths, scores, resamples, seed):
    means = []
    for counts in _resamples(y, resamples, seed):
        aucs = np.array([weighted_auc(t, s, counts) for t, s in zip(truths, scores, strict=True)])
        with np.errstate(invalid="ignore"):  # no class may have both a positive and a negative case: nan
            means.append(np.nansum(aucs, axis=0) / np.isfinite(aucs).sum(axis=0))
    return np.concatenate(means)


def _resamples(y, n, seed, stratified=True, cells=4_000_000):
    """Yield (b, N) arrays: how often each case is drawn in each of b resamples, n in all.

    Stratified means within each class, so that every resample has as many of each class as the data. (Cases of a
    multi-label task are of no single class, and are always drawn from all.)
    """
    if not isinstance(n, Integral) or n < 1:
        raise ValueError(f"resamples should be a whole number, at least 1; found {n!r}.")
    rng = np.random.default_rng(seed)
    groups = [np.arange(len(y))] if y.ndim == 2 or not stratified else [np.flatnonzero(y == k) for k in np.unique(y)]
    step = max(1, cells // len(y))
    for start in range(0, n, step):
        b = min(step, n - start)
        counts = np.zeros((b, len(y)))
        for group in groups:
            counts[:, group] = rng.multinomial(len(group), np.full(len(group), 1 / len(group)), size=b)
        yield counts


def _interval(value, drawn):
    drawn = drawn[np.isfinite(drawn)]
    low, high = np.percentile(drawn, (2.5, 97.5)) if len(drawn) else (np.nan, np.nan)
    return Estimate(value, float(low), float(high))
