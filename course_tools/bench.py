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


class BenchError(ValueError):
    """What was asked for cannot be measured; the message says why and what to do."""


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

    Raises
    ------
    BenchError
        If there are too many folds for each to hold every class. It is raised before the first training.
    """
    from sklearn.model_selection import KFold, StratifiedKFold

    from course_utils.data import Split

    images, labels = (
        np.concatenate([getattr(part, name) for part in (data.train, data.val)]) for name in Split._fields[:2]
    )
    truths = labels == 1 if labels.ndim == 2 else labels[:, None] == np.arange(len(data.class_names))

    def divide():
        kind = KFold if labels.ndim == 2 else StratifiedKFold
        return list(kind(folds, shuffle=True, random_state=seed).split(images, labels))

    made, results = recipe(), []
    for k, (fitted, held_out) in enumerate(_divided(truths, folds, divide)):
        held = Split(images[held_out], labels[held_out])
        part = dataclasses.replace(data, train=Split(images[fitted], labels[fitted]), val=held, test=held)
        results.append(_train_and_score(made, part, seed=1000 * (seed + 1) + k)[0])
        on_fold(results[-1])
    mean = {key: statistics.fmean(result[key] for result in results) for key in ("auc", "acc")}
    return {"source": data.source, "folds": results, "mean": mean}


def _divided(truths, folds, divide):
    """What `divide` gives, (fitted, held out) for each fold; BenchError if a class is not in all that is held out.

    `truths` (N, K) says of each case and each class, or finding, whether it has it.
    """
    truths = truths[:, truths.any(axis=0) & ~truths.all(axis=0)]  # what some have and some have not
    fewest = min(truths.sum(axis=0).min(), (~truths).sum(axis=0).min()) if truths.size else 0
    parts = divide() if folds <= fewest else []
    if not parts or not all(truths[held].any(axis=0).all() and not truths[held].all(axis=0).any() for _, held in parts):
        raise BenchError(f"In some of {folds} folds there would be no case of a class. Take fewer: --folds 5, say.")
    return parts


def _train_and_score(made, data, seed):
    from course_utils import evaluate

    start = time.perf_counter()
    network, _ = made.train_committee(data, seed=seed)
    seconds = time.perf_counter() - start
    scores = evaluate(data.test.labels, made.predict(network, data.test.images, data.task), data.task)
    result = {"auc": scores["auc"].value, "acc": scores["acc"].value, "seconds": seconds}
    return result, list(scores["auc"][1:])


def icu_trainings():
    """Chapter 05's models: name -> function of (stays, seed) that gives (predict, number of parameters)."""
    made = recipe("05")
    from keras import layers

    def four_together(stays, seed):
        return made.fit_recurrent(stays, layers.GRU, seed, units=32, members=4, more=True)

    return {
        "SAPS-I": lambda stays, seed: made.fit_score(stays, 0),
        "SOFA": lambda stays, seed: made.fit_score(stays, 1),
        "logistic regression": lambda stays, seed: made.fit_logistic(stays),
        "boosted trees": made.fit_trees,
        "LSTM": lambda stays, seed: made.fit_recurrent(stays, layers.LSTM, seed),
        "GRU": lambda stays, seed: made.fit_recurrent(stays, layers.GRU, seed),
        "four GRUs": four_together,
    }


COMBINED = ("boosted trees", "four GRUs")  # chosen by cross-validation on set a


def held_out_risks(stays, folds, on_model=lambda name: None):
    """Each stay's risk by models that were trained without it.

    Returns
    -------
    (dict, dict, array)
        For each model the risks (N,); its parameters and median seconds of a training; and the fold of each stay.

    Raises
    ------
    BenchError
        If in a fold nobody died, or nobody survived. It is raised before the first training.
    """
    made = recipe("05")
    fold = np.random.default_rng(0).permutation(len(stays.died)) % folds
    _divided(stays.died[:, None] == 1, folds, lambda: [(fold != k, fold == k) for k in range(folds)])
    risks, costs = {}, {}
    for name, train in icu_trainings().items():
        risks[name], seconds = np.zeros(len(stays.died)), []
        for k in range(folds):
            on_model(f"{name}, fold {k + 1} of {folds}")
            start = time.perf_counter()
            predict, parameters = train(made.part(stays, fold != k), k)
            seconds.append(time.perf_counter() - start)
            risks[name][fold == k] = predict(made.part(stays, fold == k))
        costs[name] = parameters, statistics.median(seconds)
    risks["combination"] = made.combined([lambda _, p=risks[name]: p for name in COMBINED])(stays)
    costs["combination"] = tuple(sum(costs[name][i] for name in COMBINED) for i in (0, 1))
    return risks, costs, fold


def icu_models(stays, seeds, on_model=lambda name: None):
    """Chapter 05's models, trained: name -> (predictors, threshold, parameters, seconds); a predictor for each seed.

    Parameters
    ----------
    stays : course_utils.data.Stays
        All are trained on. The threshold of event 1 is set on risks that three-fold cross-validation gives.
    seeds : sequence of int
    on_model : callable
        Called with the name of each model before it is trained.
    """
    made = recipe("05")
    held_out, *_ = held_out_risks(stays, 3, on_model)
    models = {}
    for name, train in icu_trainings().items():
        predictors, seconds = [], []
        for seed in seeds if name not in ("SAPS-I", "SOFA", "logistic regression") else seeds[:1]:
            on_model(f"{name}, seed {seed}, on all stays")
            start = time.perf_counter()
            predict, parameters = train(stays, seed)
            seconds.append(time.perf_counter() - start)
            predictors.append(predict)
        threshold = made.best_threshold(stays.died, held_out[name])
        models[name] = predictors, threshold, parameters, statistics.median(seconds)
    parts = [models[name] for name in COMBINED]
    together = [made.combined(predictors) for predictors in zip(*(part[0] for part in parts), strict=True)]
    threshold = made.best_threshold(stays.died, held_out["combination"])
    return models | {"combination": (together, threshold, *(sum(part[i] for part in parts) for i in (2, 3)))}


def check_outcomes(died, what):
    """BenchError unless in a set of stays, called `what`, some died and some survived: else nothing can be scored."""
    if len(np.unique(died)) < 2:
        raise BenchError(
            f"{what}: its {len(died)} stays all have one outcome. Name a set in which some died, and some did not."
        )


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
    """Mean measures over folds by patient; the threshold of event 1 is set on the risks of the other folds."""
    from course_utils import risk_report

    made = recipe("05")
    risks, costs, fold = held_out_risks(stays, folds, on_model)
    rows, measures = [], ("auroc", "auprc", "event1", "brier", "slope")
    for name, risk in risks.items():
        reports = []
        for k in range(folds):
            here = fold == k
            threshold = made.best_threshold(stays.died[~here], risk[~here])
            reports.append(risk_report(stays.died[here], risk[here], threshold, resamples=20))
        row = {"name": name, "parameters": int(costs[name][0]), "seconds": costs[name][1]}
        row |= {measure: statistics.fmean(report[measure].value for report in reports) for measure in measures}
        rows.append(row | {"auroc_of_folds": [report["auroc"].value for report in reports]})
    return rows
