"""How good is it, and how sure are we? MedMNIST's two official measures, the clinic's own, and bootstrap intervals.

Formulas: AUC is the probability that a sick case scores above a healthy one (Hanley & McNeil, Radiology 143:29, 1982).
Intervals are percentile bootstrap intervals (Efron & Tibshirani, An Introduction to the Bootstrap, 1993, ch. 13): the
cases are drawn anew with replacement, and the measure is computed again. For measures that do not depend on how many
are sick (AUC, sensitivity, specificity) cases are drawn within each class; for those that do (accuracy, PPV, NPV, F1)
they are drawn from all, since another sample would have had another share of sick people, too.

What all functions ask of their arrays, or raise a ValueError that says what was found and what to do: at least one
case, and as many labels as scores; labels 0 and 1, or 0 to K - 1 for K columns of scores (whole numbers, of whatever
type); scores without nan. Probabilities lie from 0 to 1; the rows of a table need not add to 1.
"""

from collections.abc import Iterable
from numbers import Integral, Real
from typing import NamedTuple

import numpy as np
from sklearn.metrics import roc_auc_score

from course_utils.arrays import numbers

MULTI_LABEL = "multi-label, binary-class"
TASKS = ("binary-class", "multi-class", MULTI_LABEL, "ordinal-regression")
ROUNDING = 1e-6  # so much beyond 0 or 1 a probability may lie that was computed in 32 bits


class Estimate(NamedTuple):
    """A measure and the ends of its 95 % interval."""

    value: float
    low: float
    high: float

    def __str__(self):
        return f"{self.value:.3f} ({self.low:.3f} to {self.high:.3f})"


def auc(y_true, y_score, task):
    """Area under the ROC curve, averaged over the classes, as MedMNIST's own Evaluator computes it.

    Parameters
    ----------
    y_true : int array (N,) or (N, 1); (N, L) for a multi-label task
    y_score : float array
        (N,) score of class 1 for a binary task, (N, K) for K classes, (N, L) for L findings. Any increasing scale.
        A binary task's may have two columns, if they are probabilities: then the second counts.
    task : str
        One of MedMNIST's four tasks.

    Returns
    -------
    float
        0 to 1. A class without both a positive and a negative case has no AUC; it is left out of the mean.

    Raises
    ------
    ValueError
        If no class has both, or the arrays are not as said above.

    Examples
    --------
    >>> auc([0, 0, 1, 1], [0.1, 0.6, 0.4, 0.9], "binary-class")
    0.75
    """
    truths, scores = _columns(*_checked(y_true, y_score, task, probabilities=False), task)
    values = [roc_auc_score(t, s) for t, s in zip(truths, scores, strict=True) if 0 < t.sum() < len(t)]
    if not values:
        raise ValueError("AUC needs cases of at least two classes; y_true has only one.")
    return float(np.mean(values))


def accuracy(y_true, y_score, task, threshold=0.5):
    """Share of right answers, as MedMNIST's own Evaluator computes it.

    Parameters as for :func:`auc`, but `y_score` are probabilities. In binary and multi-label tasks a score above
    `threshold`, 0 to 1, means yes; otherwise the class with the highest score is the answer.
    """
    return float(np.mean(_right(*_checked(y_true, y_score, task), task, _checked_threshold(threshold))))


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
    y, s = _checked(y_true, y_score, task)
    truths, scores = _columns(y, s, task)
    right = _right(y, s, task, 0.5)
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
        y, s = _checked(y_true, score, task, probabilities=False)
        drawn.append(_resampled_aucs(y, *_columns(y, s, task), resamples, seed))
    return _interval(difference, drawn[0] - drawn[1])


def _resampled_aucs(y, truths, scores, resamples, seed):
    means = []
    for counts in _resamples(y, resamples, seed):
        aucs = np.array([_weighted_auc(t, s, counts) for t, s in zip(truths, scores, strict=True)])
        with np.errstate(invalid="ignore"):  # no class may have both a positive and a negative case: nan
            means.append(np.nansum(aucs, axis=0) / np.isfinite(aucs).sum(axis=0))
    return np.concatenate(means)


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
    y, s = _checked(y_true, y_score, "binary-class")
    yes, sick = s >= _checked_threshold(threshold), y == 1
    cells = np.stack([yes & sick, yes & ~sick, ~yes & ~sick, ~yes & sick]).astype(float)  # TP, FP, TN, FN
    values = _clinic(cells.sum(axis=1)[:, None])
    within_class, from_all = (
        _clinic(np.concatenate([cells @ counts.T for counts in _resamples(y, resamples, seed, stratified)], axis=1))
        for stratified in (True, False)
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


def _clinic(cells):
    tp, fp, tn, fn = cells
    with np.errstate(invalid="ignore", divide="ignore"):
        return {
            "sensitivity": tp / (tp + fn),
            "specificity": tn / (tn + fp),
            "ppv": tp / (tp + fp),
            "npv": tn / (tn + fn),
            "f1": 2 * tp / (2 * tp + fp + fn),
            "accuracy": (tp + tn) / (tp + fp + tn + fn),
        }


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
    (y, p), threshold = _checked(y_true, p, "binary-class"), _checked_threshold(threshold)
    if not 0 < y.sum() < len(y):
        raise ValueError(f"Judging risks needs cases with and without the event; y_true holds only {y[0]}.")
    values = _risk_measures(y, p, threshold, np.ones((1, len(y))))
    drawn = [
        _risk_measures(y, p, threshold, c) for c in _resamples(y, resamples, seed, stratified=False, cells=400_000)
    ]
    return {name: _interval(float(values[name][0]), np.concatenate([d[name] for d in drawn])) for name in values}


def _risk_measures(y, p, threshold, counts):
    sick, alarm = y == 1, p >= threshold
    order = np.argsort(-p, kind="stable")
    starts = np.flatnonzero(np.diff(-p[order], prepend=-np.inf))  # of each run of equal risks
    found = np.cumsum(np.add.reduceat((counts * sick)[:, order], starts, axis=1), axis=1)
    alarms = np.cumsum(np.add.reduceat(counts[:, order], starts, axis=1), axis=1)
    tp, fp, fn = (counts @ (mask.astype(float)) for mask in (sick & alarm, ~sick & alarm, sick & ~alarm))
    with np.errstate(invalid="ignore", divide="ignore"):
        gained = np.diff(found, prepend=0, axis=1) / found[:, -1:]
        auprc = (gained * np.where(alarms > 0, found / alarms, 0)).sum(axis=1)
        event1 = np.where((tp > 0) | (fn == 0), np.minimum(tp / (tp + fn), tp / (tp + fp)), 0.0)
    return {
        "auroc": _weighted_auc(sick, p, counts),
        "auprc": auprc,
        "event1": event1,
        "brier": counts @ (p - y) ** 2 / counts.sum(axis=1),
        "slope": _calibration_slope(y, p, counts),
    }


def _calibration_slope(y, p, counts, steps=12):
    """Slope (b,) of the logistic regression of y on logit(p), with counts (b, N) as weights, by Newton's method.

    Where a threshold parts the two groups (or one is missing, or all risks are equal) no slope fits best: nan.
    """
    p = np.clip(p, 1e-6, 1 - 1e-6)
    x = np.log(p / (1 - p))
    sick, healthy = (counts > 0) & (y == 1), (counts > 0) & (y == 0)
    (low_sick, high_sick), (low_healthy, high_healthy) = (
        (np.where(drawn, x, np.inf).min(axis=1), np.where(drawn, x, -np.inf).max(axis=1)) for drawn in (sick, healthy)
    )
    parted = (low_sick >= high_healthy) | (low_healthy >= high_sick)
    share = np.clip(counts @ y / counts.sum(axis=1), 1e-6, 1 - 1e-6)
    a, b = np.log(share / (1 - share)), np.zeros(len(counts))  # from the model without slope Newton's steps are safe
    for _ in range(steps):
        mu = 1 / (1 + np.exp(-np.clip(a[:, None] + b[:, None] * x, -30, 30)))
        weight, residual = counts * mu * (1 - mu), counts * (y - mu)
        s0, s1, s2 = weight.sum(axis=1), weight @ x, weight @ x**2
        g0, g1 = residual.sum(axis=1), residual @ x
        determinant = np.maximum(s0 * s2 - s1**2, 1e-12)
        a = a + (s2 * g0 - s1 * g1) / determinant
        b = b + (s0 * g1 - s1 * g0) / determinant
    return np.where(parted, np.nan, b)


def choose_threshold(y_true, y_score, *, sensitivity=None, specificity=None):
    """The threshold that just reaches a wanted sensitivity (or specificity) on these cases: use validation data.

    Among all thresholds that reach the wanted sensitivity the highest is chosen, which gives the best specificity;
    for a wanted specificity the lowest, which gives the best sensitivity.

    Parameters
    ----------
    y_true : int array (N,)
        1 for the disease.
    y_score : float array (N,)
        Any increasing scale.
    sensitivity, specificity : float, greater than 0, at most 1
        Give one of the two.

    Returns
    -------
    float
        Scores of at least this much mean yes.

    Examples
    --------
    >>> choose_threshold([0, 0, 1, 1], [0.1, 0.6, 0.4, 0.9], sensitivity=1.0)
    0.4
    """
    wanted = sensitivity if specificity is None else specificity
    one = (sensitivity is None) != (specificity is None)
    if not (one and isinstance(wanted, Real) and 0 < wanted <= 1):
        raise ValueError("Give either sensitivity or specificity, as a number above 0 and at most 1 (95 % is 0.95).")
    y, s = _checked(y_true, y_score, "binary-class", probabilities=False)
    if not 0 < y.sum() < len(y):
        raise ValueError("Choosing a threshold needs sick and healthy cases; y_true has only one kind.")
    sick, healthy = np.sort(s[y == 1]), np.sort(s[y == 0])
    if specificity is None:
        needed = int(np.ceil(round(wanted * len(sick), 9)))  # so many of the sick must score at least the threshold
        return float(sick[len(sick) - needed])
    needed = int(np.ceil(round(wanted * len(healthy), 9)))  # so many of the healthy must score below it
    highest = healthy[needed - 1]
    # Scores of 32 bits are compared in 32 bits (in a cell, too), where the next number of 64 bits is the same number.
    kind = np.float32 if np.float32(highest) == highest else np.float64
    return float(min(np.nextafter(kind(highest), kind(np.inf)), s[s > highest].min(initial=np.inf)))


def show_results(rows, source, caption=""):
    """Show a table of results: in a notebook as a table, and for `course run` as data.

    Parameters
    ----------
    rows : list of dict
        One a line, at least one, all with the same keys; an :class:`Estimate` is shown with its interval.
    source : str
        The data's ``.source``. Generated data is announced in the table itself.
    caption : str

    Raises
    ------
    ValueError
        If `rows` is anything else.
    """
    import pandas as pd
    from IPython.display import display

    from course_utils.data.medmnist import notice

    rows = list(rows) if isinstance(rows, Iterable) else []
    if not rows or not all(isinstance(row, dict) and row for row in rows):
        raise ValueError("There is no table to show: rows should be a list of dicts, one for each line.")
    table = pd.DataFrame([{key: _text(value) for key, value in row.items()} for row in rows])
    caption = ". ".join(part for part in (caption, notice(source), f"Source of the data: {source}") if part)
    data = {
        "application/vnd.course.results+json": {
            "source": source,
            "caption": caption,
            "rows": table.to_dict(orient="records"),
        },
        "text/html": table.style.hide(axis="index").set_caption(caption).set_uuid("results").to_html(),
        "text/plain": f"{caption}\n{table.to_string(index=False)}",
    }
    display(data, raw=True)


def _text(value):
    if isinstance(value, float):
        return f"{value:.3f}"
    return str(value)


def _checked(y_true, y_score, task, probabilities=True):
    """Labels, int (N,) or (N, L), and scores, float (N,) or (N, K), or a ValueError that says what is wrong."""
    if task not in TASKS:
        raise ValueError(f"task is one of {TASKS}, not {task!r}.")
    y, s = _numbers("y_true", y_true), _numbers("y_score", y_score)
    shapes = f"y_true {y.shape} and y_score {s.shape}"
    if not (y.ndim and s.ndim and y.size and s.size):
        raise ValueError(f"The scores of at least one case are needed; the shapes are: {shapes}.")
    if not np.isfinite(s).all():
        raise ValueError("y_score holds nan or infinity; a network that gives these has diverged.")
    if task != MULTI_LABEL:
        y = y.reshape(len(y), -1)
        if y.shape[1] != 1:
            raise ValueError(f"y_true should have one number a case; its shape is {np.shape(y_true)}.")
        y = y[:, 0]
    if task == "binary-class":
        s = _of_class_one(s.reshape(len(s), -1))
    elif s.ndim != 2:
        raise ValueError(f"y_score should have one column a class; its shape is {s.shape}.")
    if len(y) != len(s) or (task == MULTI_LABEL and y.shape != s.shape):
        raise ValueError(f"{shapes} do not fit together.")
    if task in ("binary-class", MULTI_LABEL):
        if not np.isin(y, (0, 1)).all():
            kind = "binary" if task == "binary-class" else "multi-label"
            raise ValueError(
                f"y_true of a {kind} task holds 0 and 1 only; found {np.unique(y)[:5]}. "
                "Write 1 for what is asked about, and 0 for its absence."
            )
    elif not np.isin(y, range(s.shape[1])).all():
        raise ValueError(
            f"y_true holds whole numbers from 0 to {s.shape[1] - 1}, the number of a column of y_score; found "
            f"{np.setdiff1d(y, range(s.shape[1]))[:5]}. If the labels count from 1, subtract 1."
        )
    if probabilities and (s.min() < -ROUNDING or s.max() > 1 + ROUNDING):
        like = "logits: apply a sigmoid (one column) or a softmax (one column a class) first"
        if s.min() >= 0 and s.max() <= 100:
            like = "percentages: divide them by 100"
        raise ValueError(
            f"Probabilities lie between 0 and 1; found {s.min():.3g} to {s.max():.3g}. These look like {like}."
        )
    return y.astype(int), s


def _numbers(name, values):
    try:
        return numbers(values)
    except TypeError as error:
        raise ValueError(f"{name} should be an array of numbers without gaps; found {error}.") from error


def _of_class_one(s):
    """Scores (N,) of class 1 from an array (N, 1), or (N, 2) if it holds probabilities."""
    if s.shape[1] == 1:
        return s[:, 0]
    # Only of probabilities the second column tells all: of two logits it is their difference that counts.
    if s.shape[1] > 2 or not np.allclose(s.sum(axis=1), 1, rtol=0, atol=0.01) or s.min() < 0:  # 0.01: 16 bits
        raise ValueError(
            f"y_score of a binary task is one column, the score of class 1, or two columns of probabilities that add "
            f"to 1 in each row; found an array of shape {s.shape}. Apply a softmax first, or give the one column."
        )
    return s[:, 1]


def _checked_threshold(threshold):
    value = _numbers("threshold", threshold)
    # Where nobody may be called sick `choose_threshold` gives the number after the highest score: it may be beyond 1.
    if value.size != 1 or not 0 <= value.item() <= 1 + ROUNDING:
        raise ValueError(f"threshold should be one number from 0 to 1; found {threshold!r}.")
    return value.item()


def _columns(y, s, task):
    """One yes-or-no question a class: lists of truths (N,) and scores (N,)."""
    if task == "binary-class":
        return [y == 1], [s]
    if task == MULTI_LABEL:
        return list(y.T == 1), list(s.T)
    return [y == k for k in range(s.shape[1])], list(s.T)


def _right(y, s, task, threshold):
    """Share of right answers for each case (N,): 0 or 1, or in a multi-label task the mean over its findings."""
    if task == "binary-class":
        return ((s > threshold) == y).astype(float)
    if task == MULTI_LABEL:
        return ((s > threshold) == y).mean(axis=1)
    return (s.argmax(axis=1) == y).astype(float)


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


def _weighted_auc(truth, score, counts):
    """AUC (b,) of b resamples given as counts (b, N): the share of (sick, healthy) pairs in the right order."""
    order = np.argsort(score, kind="stable")
    starts = np.flatnonzero(np.diff(score[order], prepend=-np.inf))  # where each run of equal scores begins
    counts, truth = counts[:, order], truth[order]
    sick = np.add.reduceat(counts * truth, starts, axis=1)
    healthy = np.add.reduceat(counts * ~truth, starts, axis=1)
    below = np.cumsum(healthy, axis=1) - healthy
    pairs = sick.sum(axis=1) * healthy.sum(axis=1)
    ordered = (sick * (below + healthy / 2)).sum(axis=1)  # a tie counts half
    return np.divide(ordered, pairs, out=np.full(len(pairs), np.nan), where=pairs > 0)


def _interval(value, drawn):
    drawn = drawn[np.isfinite(drawn)]
    low, high = np.percentile(drawn, (2.5, 97.5)) if len(drawn) else (np.nan, np.nan)
    return Estimate(value, float(low), float(high))
