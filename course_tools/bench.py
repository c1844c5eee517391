"""Measure the chapters' own recipes: chapter 04's on images, beside published figures; chapter 05's on stays."""

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


def icu_models(train, val, seeds, on_model=lambda name: None):
    """Chapter 05's models, trained: name -> (predictors, threshold, parameters, seconds); a predictor for each seed.

    Parameters
    ----------
    train, val : course_utils.data.Stays
        Thresholds are set on `val`.
    seeds : sequence of int
        For the networks; the other models need one training.
    on_model : callable
        Called with the name of each model before it is trained.
    """
    made = recipe("05")
    from keras import layers

    trainings = {
        "SAPS-I": [(made.fit_score, 0)],
        "SOFA": [(made.fit_score, 1)],
        "logistic regression": [(made.fit_logistic,)],
        "boosted trees": [(made.fit_trees,)],
        "LSTM": [(made.fit_recurrent, layers.LSTM, seed) for seed in seeds],
        "GRU": [(made.fit_recurrent, layers.GRU, seed) for seed in seeds],
    }
    models = {}
    for name, calls in trainings.items():
        on_model(name)
        start = time.perf_counter()
        fitted = [fit_model(train, *arguments) for fit_model, *arguments in calls]
        seconds = (time.perf_counter() - start) / len(fitted)
        predictors = [predict for predict, _ in fitted]
        threshold = made.best_threshold(val.died, predictors[0](val))
        models[name] = predictors, threshold, fitted[0][1], seconds
    parts = [models[name] for name in made.TOGETHER]
    together = made.combined([predict for predictors, *_ in parts for predict in predictors])
    threshold = made.best_threshold(val.died, together(val))
    parameters = sum(len(p) * n for p, _, n, _ in parts)
    seconds = sum(len(p) * s for p, _, _, s in parts)
    return models | {"combination": ([together], threshold, parameters, seconds)}


def score_icu(models, stays, resamples=300):
    """What `icu_models` gave, scored: a list of dicts, one a model; of several seeds the one with the median AUROC."""
    from course_utils import auc, risk_report

    rows = []
    for name, (predictors, threshold, parameters, seconds) in models.items():
        risks = [predict(stays) for predict in predictors]
        aurocs = [auc(stays.died, p, "binary-class") for p in risks]
        median = int(np.argsort(aurocs)[len(aurocs) // 2])
        report = risk_report(stays.died, risks[median], threshold, resamples=resamples)
        rows.append(
            {"name": name}
            | {measure: report[measure].value for measure in ("auroc", "auprc", "event1", "brier", "slope")}
            | {"parameters": int(parameters), "seconds": seconds}
            | {"intervals": {measure: list(report[measure][1:]) for measure in report}, "auroc_of_seeds": aurocs}
        )
    return rows


def cross_validate_icu(stays, folds, on_model=lambda name: None):
    """Mean measures over folds by patient; thresholds are set within each fold's training part."""
    made = recipe("05")
    fold = np.random.default_rng(0).permutation(len(stays.died)) % folds
    each = []
    for k in range(folds):
        train, val = made.split(made.part(stays, fold != k))
        models = icu_models(train, val, [k], on_model)
        each.append(score_icu(models, made.part(stays, fold == k), resamples=20))
    measures = ("auroc", "auprc", "event1", "brier", "slope", "seconds")
    return [
        {"name": rows[0]["name"], "parameters": rows[0]["parameters"]}
        | {measure: statistics.mean(row[measure] for row in rows) for measure in measures}
        | {"auroc_of_folds": [row["auroc"] for row in rows]}
        for rows in zip(*each, strict=True)
    ]
