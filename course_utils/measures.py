"""How good is it? MedMNIST's two official measures, and the clinic's own.

Formulas: AUC is the probability that a sick case scores above a healthy one (Hanley & McNeil, Radiology 143:29, 1982).

What all functions ask of their arrays, or raise a ValueError that says what was found and what to do: at least one
case, and as many labels as scores; labels 0 and 1, or 0 to K - 1 for K columns of scores (whole numbers, of whatever
type); scores without nan. Probabilities lie from 0 to 1; the rows of a table need not add to 1.

Those that take `counts`, float (b, N), compute a measure b times at once: each case counts as often as its row says, as
in the resamples of a bootstrap.
"""

from numbers import Real

import numpy as np
from sklearn.metrics import roc_auc_score

from course_utils.arrays import numbers

MULTI_LABEL = "multi-label, binary-class"
TASKS = ("binary-class", "multi-class", MULTI_LABEL, "ordinal-regression")
ROUNDING = 1e-6  # so much beyond 0 or 1 a probability may lie that was computed in 32 bits


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
    truths, scores = columns(*checked(y_true, y_score, task, probabilities=False), task)
    values = [roc_auc_score(t, s) for t, s in zip(truths, scores, strict=True) if 0 < t.sum() < len(t)]
    if not values:
        raise ValueError("AUC needs cases of at least two classes; y_true has only one.")
    return float(np.mean(values))


def accuracy(y_true, y_score, task, threshold=0.5):
    """Share of right answers, as MedMNIST's own Evaluator computes it.

    Parameters as for :func:`auc`, but `y_score` are probabilities. In binary and multi-label tasks a score above
    `threshold`, 0 to 1, means yes; otherwise the class with the highest score is the answer.
    """
    return float(np.mean(right_answers(*checked(y_true, y_score, task), task, checked_threshold(threshold))))


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
    y, s = checked(y_true, y_score, "binary-class", probabilities=False)
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


def risk_measures(y, p, threshold, counts):
    """The measures of :func:`course_utils.risk_report` as {name: (b,)}.

    Parameters
    ----------
    y : int array (N,)
    p : float array (N,)
        Probabilities, 0 to 1.
    threshold : float
    counts : float array (b, N)
    """
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
        "auroc": weighted_auc(sick, p, counts),
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


def clinic_measures(cells):
    """The measures of :func:`course_utils.binary_report` as {name: (b,)}; a measure whose denominator is 0 is nan.

    Parameters
    ----------
    cells : float array (4, b)
        How many are TP, FP, TN and FN.
    """
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


def weighted_auc(truth, score, counts):
    """AUC (b,), the share of (sick, healthy) pairs in the right order; nan where one of the two is missing.

    Parameters
    ----------
    truth : bool array (N,)
    score : float array (N,)
    counts : float array (b, N)
    """
    order = np.argsort(score, kind="stable")
    starts = np.flatnonzero(np.diff(score[order], prepend=-np.inf))  # where each run of equal scores begins
    counts, truth = counts[:, order], truth[order]
    sick = np.add.reduceat(counts * truth, starts, axis=1)
    healthy = np.add.reduceat(counts * ~truth, starts, axis=1)
    below = np.cumsum(healthy, axis=1) - healthy
    pairs = sick.sum(axis=1) * healthy.sum(axis=1)
    ordered = (sick * (below + healthy / 2)).sum(axis=1)  # a tie counts half
    return np.divide(ordered, pairs, out=np.full(len(pairs), np.nan), where=pairs > 0)


def columns(y, s, task):
    """One yes-or-no question a class: lists of truths (N,) and scores (N,)."""
    if task == "binary-class":
        return [y == 1], [s]
    if task == MULTI_LABEL:
        return list(y.T == 1), list(s.T)
    return [y == k for k in range(s.shape[1])], list(s.T)


def right_answers(y, s, task, threshold):
    """Share of right answers for each case (N,): 0 or 1, or in a multi-label task the mean over its findings."""
    if task == "binary-class":
        return ((s > threshold) == y).astype(float)
    if task == MULTI_LABEL:
        return ((s > threshold) == y).mean(axis=1)
    return (s.argmax(axis=1) == y).astype(float)


def checked(y_true, y_score, task, probabilities=True):
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


def checked_threshold(threshold):
    value = _numbers("threshold", threshold)
    # Where nobody may be called sick `choose_threshold` gives the number after the highest score: it may be beyond 1.
    if value.size != 1 or not 0 <= value.item() <= 1 + ROUNDING:
        raise ValueError(f"threshold should be one number from 0 to 1; found {threshold!r}.")
    return value.item()


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
