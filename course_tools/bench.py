"""Measure a chapter's own recipe: train it with several seeds and set it beside the published figures."""

import statistics
import time
from types import SimpleNamespace

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


def recipe():
    """Chapter 04's cells tagged `recipe`, executed: a namespace with build_network, train_network and predict."""
    _, cells = lesson.read(lesson.find("04"))
    names = {}
    for cell in cells:
        if "recipe" in cell.metadata.get("tags", []):
            exec(compile(cell.source, "chapter 04, recipe", "exec"), names)
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
    from course_utils import evaluate

    made, results, intervals = recipe(), [], {}
    for seed in seeds:
        start = time.perf_counter()
        network, _ = made.train_network(data, seed=seed)
        seconds = time.perf_counter() - start
        scores = evaluate(data.test.labels, made.predict(network, data.test.images, data.task), data.task)
        result = {"auc": scores["auc"].value, "acc": scores["acc"].value, "seconds": seconds}
        intervals[result["auc"]] = list(scores["auc"][1:])
        results.append(result)
        on_seed(result)
    middle = statistics.median_low(result["auc"] for result in results)
    return {
        "source": data.source,
        "seeds": results,
        "median": {key: statistics.median(result[key] for result in results) for key in ("auc", "acc")},
        "interval": intervals[middle],
    }
