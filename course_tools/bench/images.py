"""Chapter 04's recipe on a MedMNIST data set, beside the published figures: `course bench breastmnist`."""

import dataclasses
import statistics
import time

import numpy as np

from course_tools import chapter
from course_tools.bench.common import NOT_COMPARABLE, divided

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


def bench(data, seeds, tell=print):
    """Train the recipe once a seed on the training split and score it on the test split.

    Parameters
    ----------
    data : course_utils.data.Dataset
    seeds : iterable of int
    tell : callable
        Called with a line about each training.

    Returns
    -------
    dict
        ``{"name", "source", "seeds": [{"auc", "acc", "seconds"}], "median": {"auc", "acc"}, "interval": [low, high]}``;
        the interval is the bootstrap 95 % interval of the AUC of the seed in the middle.
    """
    recipe = chapter.find("04").recipe()
    scored = [_train_and_score(recipe, data, seed, tell) for seed in seeds]
    results = [result for result, _ in scored]
    _, interval = sorted(scored, key=lambda pair: pair[0]["auc"])[(len(scored) - 1) // 2]
    return {
        "name": data.name,
        "source": data.source,
        "seeds": results,
        "median": {key: statistics.median(result[key] for result in results) for key in ("auc", "acc")},
        "interval": interval,
    }


def cross_validate(data, folds, seed=0, tell=print):
    """How the recipe was chosen: k-fold cross-validation on the training and validation images, never the test images.

    Parameters
    ----------
    data : course_utils.data.Dataset
    folds : int
    seed : int
        Of the division into folds; each fold's training has a seed of its own.
    tell : callable
        Called with a line about each training.

    Returns
    -------
    dict
        ``{"name", "source", "folds": [{"auc", "acc", "seconds"}], "mean": {"auc", "acc"}}``.

    Raises
    ------
    BenchError
        If there are too many folds for each to hold every class. It is raised before the first training.
    """
    from sklearn.model_selection import KFold, StratifiedKFold

    from course_utils.data import Split

    images, labels = (
        np.concatenate([getattr(part, field) for part in (data.train, data.val)]) for field in Split._fields[:2]
    )
    several = labels.ndim == 2  # findings, of which an image may have any number
    truths = labels == 1 if several else labels[:, None] == np.arange(len(data.class_names))
    divide = (KFold if several else StratifiedKFold)(folds, shuffle=True, random_state=seed).split
    recipe, results = chapter.find("04").recipe(), []
    for k, (fitted, held_out) in enumerate(divided(truths, folds, lambda: list(divide(images, labels)))):
        held = Split(images[held_out], labels[held_out])
        part = dataclasses.replace(data, train=Split(images[fitted], labels[fitted]), val=held, test=held)
        results.append(_train_and_score(recipe, part, 1000 * (seed + 1) + k, tell)[0])
    mean = {key: statistics.fmean(result[key] for result in results) for key in ("auc", "acc")}
    return {"name": data.name, "source": data.source, "folds": results, "mean": mean}


def _train_and_score(recipe, data, seed, tell):
    """AUC, accuracy and seconds of one training, and the AUC's interval."""
    from course_utils import evaluate

    start = time.perf_counter()
    network, _ = recipe.train_committee(data, seed=seed)
    seconds = time.perf_counter() - start
    scores = evaluate(data.test.labels, recipe.predict(network, data.test.images, data.task), data.task)
    result = {"auc": scores["auc"].value, "acc": scores["acc"].value, "seconds": seconds}
    tell(f"AUC {result['auc']:.3f}, ACC {result['acc']:.3f}, {seconds:.0f} s")
    return result, list(scores["auc"][1:])


def table(result):
    """What :func:`bench` or :func:`cross_validate` gave, as a table: ``{"caption", "rows"}``, its cells texts."""
    real = result["source"] == "medmnist"
    if "folds" in result:
        lines = {str(k): fold for k, fold in enumerate(result["folds"], 1)} | {"mean": result["mean"]}
        rows = [{"fold": name} | {key: f"{line[key]:.3f}" for key in ("auc", "acc")} for name, line in lines.items()]
        caption = f"{result['name']}, training and validation images, source {result['source']}."
        return {"caption": caption if real else f"{caption} {NOT_COMPARABLE}", "rows": rows}

    def row(what, auc, acc, seconds=""):
        return {"what": what, "AUC": auc, "ACC": f"{acc:.3f}", "s": seconds}

    rows = [
        row(f"this course, seed {seed}", f"{one['auc']:.3f}", one["acc"], f"{one['seconds']:.0f}")
        for seed, one in enumerate(result["seeds"])
    ]
    median, (low, high) = result["median"], result["interval"]
    what = f"this course, median of {len(result['seeds'])}"
    rows.append(row(what, f"{median['auc']:.3f} (95 %: {low:.3f} to {high:.3f})", median["acc"]))
    for model, (auc, acc) in PUBLISHED.get(result["name"], {}).items() if real else ():
        rows.append(row(f"{model} (published)", f"{auc:.3f}", acc))
    more = "Published: Yang et al. 2023, table 3." if real else NOT_COMPARABLE
    return {"caption": f"{result['name']}, test split, source {result['source']}. {more}", "rows": rows}
