"""Measure a chapter's own recipe: train it with several seeds and set it beside the published figures."""

import dataclasses
import statistics
import time
from types import SimpleNamespace

import numpy as np

from course_tools import lesson

# AUC and accuracy on the test split at 28x28 pixels: Yang et al., Scientific Data 10:41 (2023), table 3.
PUBLISHED = {
    "breastmnist": {
        "ResNet-18": (0.901, 0.863),
        "ResNet-50": (0.857, 0.812),
        "auto-sklearn": (0.836, 0.803),
        "AutoKeras": (0.871, 0.831),
        "Google AutoML Vision": (0.919, 0.861),
    },
    "pneumoniamnist": {
        "ResNet-18": (0.944, 0.854),
        "ResNet-50": (0.948, 0.854),
        "auto-sklearn": (0.942, 0.855),
        "AutoKeras": (0.947, 0.878),
        "Google AutoML Vision": (0.991, 0.946),
    },
    "retinamnist": {
        "ResNet-18": (0.717, 0.524),
        "ResNet-50": (0.726, 0.528),
        "auto-sklearn": (0.690, 0.515),
        "AutoKeras": (0.719, 0.503),
        "Google AutoML Vision": (0.750, 0.531),
    },
    "pathmnist": {"ResNet-18": (0.983, 0.907), "ResNet-50": (0.990, 0.911)},
}


def recipe(chapter="04"):
    """A chapter's cells tagged `recipe`, executed: a namespace, with train_committee and predict in chapter 04."""
    _, cells = lesson.read(lesson.find(chapter))
    names = {}
    for cell in cells:
        if "recipe" in cell.metadata.get("tags", []):
            exec(compile(cell.source, f"chapter {chapter}, recipe", "exec"), names)
    return SimpleNamespace(**names)


def bench(data, seeds, on_seed=lambda result: None):
    """Train the recipe once a seed on the training split and score it on the test split.

    Parameters
    ----------
    data : course_utils.data.Dataset
    seeds : iterable of int
    on_seed : callable
        Called with each seed's result.

    Returns
    -------
    dict
        ``{"source", "seeds": [{"auc", "acc", "seconds"}], "median": {"auc", "acc"}, "interval": [low, high]}``; the
        interval is the bootstrap 95 % interval of the AUC of the seed in the middle.
    """
    made, results, intervals = recipe(), [], {}
    for seed in seeds:
        result, interval = _train_and_score(made, data, seed)
        intervals[result["auc"]] = interval
        results.append(result)
        on_seed(result)
    middle = statistics.median_low(result["auc"] for result in results)
    return {
        "source": data.source,
        "seeds": results,
        "median": {key: statistics.median(result[key] for result in results) for key in ("auc", "acc")},
        "interval": intervals[middle],
    }


def cross_validate(data, folds, seed=0, on_fold=lambda result: None):
    """How the recipe was chosen: k-fold cross-validation on the training and validation images, never the test images.

    Parameters
    ----------
    data : course_utils.data.Dataset
    folds : int
    seed : int
        Of the division into folds; each fold's training has a seed of its own.
    on_fold : callable
        Called with each fold's result.

    Returns
    -------
    dict
        ``{"source", "folds": [{"auc", "acc", "seconds"}], "mean": {"auc", "acc"}}``.
    """
    from sklearn.model_selection import KFold, StratifiedKFold

    from course_utils.data import Split

    images, labels = (
        np.concatenate([getattr(part, name) for part in (data.train, data.val)]) for name in Split._fields[:2]
    )
    divide = (KFold if labels.ndim == 2 else StratifiedKFold)(folds, shuffle=True, random_state=seed)
    made, results = recipe(), []
    for k, (fitted, held_out) in enumerate(divide.split(images, labels)):
        held = Split(images[held_out], labels[held_out])
        part = dataclasses.replace(data, train=Split(images[fitted], labels[fitted]), val=held, test=held)
        results.append(_train_and_score(made, part, seed=1000 * (seed + 1) + k)[0])
        on_fold(results[-1])
    mean = {key: statistics.fmean(result[key] for result in results) for key in ("auc", "acc")}
    return {"source": data.source, "folds": results, "mean": mean}


def _train_and_score(made, data, seed):
    from course_utils import evaluate

    start = time.perf_counter()
    network, _ = made.train_committee(data, seed=seed)
    seconds = time.perf_counter() - start
    scores = evaluate(data.test.labels, made.predict(network, data.test.images, data.task), data.task)
    result = {"auc": scores["auc"].value, "acc": scores["acc"].value, "seconds": seconds}
    return result, list(scores["auc"][1:])
