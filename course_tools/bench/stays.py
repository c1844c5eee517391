"""Chapter 05's models on stays in intensive care: `course bench icu`."""

import statistics
import time

import numpy as np

from course_tools import chapter
from course_tools.bench.common import NOT_COMPARABLE, BenchError, divided

MEASURES = ("auroc", "auprc", "event1", "brier", "slope")
COMBINED = ("boosted trees", "four GRUs")  # chosen by cross-validation on set a
SEEDLESS = ("SAPS-I", "SOFA", "logistic regression")  # the same with every seed


def trainings(recipe):
    """Chapter 05's models: name -> function of (stays, seed) that gives (predict, number of parameters).

    Parameters
    ----------
    recipe : namespace
        Of chapter 05.
    """
    from keras import layers

    def four_together(stays, seed):
        return recipe.fit_recurrent(stays, layers.GRU, seed, units=32, members=4, more=True)

    return {
        "SAPS-I": lambda stays, seed: recipe.fit_score(stays, 0),
        "SOFA": lambda stays, seed: recipe.fit_score(stays, 1),
        "logistic regression": lambda stays, seed: recipe.fit_logistic(stays),
        "boosted trees": recipe.fit_trees,
        "LSTM": lambda stays, seed: recipe.fit_recurrent(stays, layers.LSTM, seed),
        "GRU": lambda stays, seed: recipe.fit_recurrent(stays, layers.GRU, seed),
        "four GRUs": four_together,
    }


def bench(icu, seeds, test=None, tell=print):
    """Train each model on the training stays with several seeds, and score it on other stays.

    Parameters
    ----------
    icu : course_utils.data.ICU
    seeds : sequence of int
    test : path, optional
        A folder with one set in the Challenge's layout, to score on in place of ``icu.test``.
    tell : callable
        Called with a line about each training.

    Returns
    -------
    dict
        ``{"source", "test", "models": [{"name", the MEASURES, "parameters", "seconds", "intervals",
        "auroc_of_seeds"}]}``. The measures are those of the seed with the median AUROC; the seconds, the median of a
        training. The threshold of event 1 is set on risks that three-fold cross-validation on the training stays gives.

    Raises
    ------
    BenchError
        If the models cannot be scored on these stays. It is raised before the first training.
    course_utils.DataError
        If the set cannot be read.
    """
    from course_utils import auc, risk_report
    from course_utils.data.physionet import read_stays

    stays, what = icu.test, "b" if icu.source != "simulator" else "simulated test stays"
    if test:
        stays, what = read_stays(*_set_in(test)), str(test)
    if len(np.unique(stays.died)) < 2:
        raise BenchError(
            f"{what}: its {len(stays.died)} stays all have one outcome. "
            "Name a set in which some died, and some did not."
        )
    recipe = chapter.find("05").recipe()

    def trainings_of(name):
        for seed in seeds if name not in SEEDLESS else seeds[:1]:
            yield f"seed {seed}, on all stays", seed, icu.train, stays

    held_out, *_ = _held_out_risks(recipe, icu.train, 3, tell)
    risks, costs = _trained(recipe, trainings_of, tell)
    rows = []
    for name, of_seeds in risks.items():
        aurocs = [auc(stays.died, risk, "binary-class") for risk in of_seeds]
        median = int(np.argsort(aurocs)[len(aurocs) // 2])
        threshold = recipe.best_threshold(icu.train.died, held_out[name])
        report = risk_report(stays.died, of_seeds[median], threshold, resamples=300)
        rows.append(
            {"name": name}
            | {key: report[key].value for key in MEASURES}
            | costs[name]
            | {"intervals": {key: list(report[key][1:]) for key in report}, "auroc_of_seeds": aurocs}
        )
    return {"source": icu.source, "test": what, "models": rows}


def cross_validate(icu, folds, tell=print):
    """Cross-validate each model by patient on the training stays; the test stays are not looked at.

    Parameters
    ----------
    icu : course_utils.data.ICU
    folds : int
    tell : callable
        Called with a line about each training.

    Returns
    -------
    dict
        As :func:`bench` gives it, but the measures are means over the folds, without intervals, and in place of
        ``"auroc_of_seeds"`` there is ``"auroc_of_folds"``. The threshold of event 1 is set on the other folds' risks.

    Raises
    ------
    BenchError
        If in a fold nobody died, or nobody survived. It is raised before the first training.
    """
    from course_utils import risk_report

    recipe, died = chapter.find("05").recipe(), icu.train.died
    risks, costs, fold = _held_out_risks(recipe, icu.train, folds, tell)
    rows = []
    for name, risk in risks.items():
        reports = []
        for k in range(folds):
            here = fold == k
            threshold = recipe.best_threshold(died[~here], risk[~here])
            reports.append(risk_report(died[here], risk[here], threshold, resamples=20))
        row = {"name": name} | costs[name]
        row |= {key: statistics.fmean(report[key].value for report in reports) for key in MEASURES}
        rows.append(row | {"auroc_of_folds": [report["auroc"].value for report in reports]})
    return {"source": icu.source, "test": f"{folds}-fold cross-validation on the training stays", "models": rows}


def _held_out_risks(recipe, stays, folds, tell):
    """Each stay's risk (N,) by models that were trained without it, what they cost, and the fold of each stay."""
    fold = np.random.default_rng(0).permutation(len(stays.died)) % folds
    divided(stays.died[:, None] == 1, folds, lambda: [(fold != k, fold == k) for k in range(folds)])

    def trainings_of(name):
        for k in range(folds):
            yield f"fold {k + 1} of {folds}", k, recipe.part(stays, fold != k), recipe.part(stays, fold == k)

    of_folds, costs = _trained(recipe, trainings_of, tell)
    risks = {name: np.zeros(len(fold)) for name in of_folds}
    for name, parts in of_folds.items():
        for k, part in enumerate(parts):
            risks[name][fold == k] = part
    return risks, costs, fold


def _trained(recipe, trainings_of, tell):
    """Train each model as often as `trainings_of(name)` says, which gives (what, seed, stays to fit, stays to predict).

    Returns risks, name -> one array a training, and costs, name -> parameters and the median seconds; the combination
    is among them.
    """
    risks, costs = {}, {}
    for name, train in trainings(recipe).items():
        risks[name], seconds = [], []
        for what, seed, fitted, predicted in trainings_of(name):
            tell(f"training: {name}, {what}")
            start = time.perf_counter()
            predict, parameters = train(fitted, seed)
            seconds.append(time.perf_counter() - start)
            risks[name].append(predict(predicted))
        costs[name] = {"parameters": int(parameters), "seconds": statistics.median(seconds)}
    parts = zip(*(risks[name] for name in COMBINED), strict=True)
    risks["combination"] = [recipe.combined([lambda _, r=risk: r for risk in part])(None) for part in parts]
    costs["combination"] = {key: sum(costs[name][key] for name in COMBINED) for key in ("parameters", "seconds")}
    return risks, costs


def _set_in(folder):
    """The stays (zip or folder) and the outcomes in a folder of the Challenge's layout."""
    stays = sorted(path for path in folder.glob("set-*") if path.suffix == ".zip" or path.is_dir())
    outcomes = sorted(folder.glob("Outcomes-*.txt"))
    if len(stays) != 1 or len(outcomes) != 1:
        found = stays + outcomes
        raise BenchError(f"{folder} should hold one set-x.zip (or folder set-x) and one Outcomes-x.txt; found {found}.")
    return stays[0], outcomes[0]


def table(result):
    """What :func:`bench` or :func:`cross_validate` gave, as a table: ``{"caption", "rows"}``, its cells texts."""
    rows = []
    for model in result["models"]:
        row = {"model": model["name"]} | {key: f"{model[key]:.3f}" for key in MEASURES}
        if "intervals" in model:
            low, high = model["intervals"]["auroc"]
            row["auroc"] += f" ({low:.3f} to {high:.3f})"
        rows.append(row | {"parameters": f"{model['parameters']:,}", "s": f"{model['seconds']:.1f}"})
    caption = f"Death in hospital, {result['test']}, source {result['source']}."
    generated = f" {NOT_COMPARABLE}" if result["source"] == "simulator" else ""
    return {"caption": f"{caption}{generated} Of several seeds the median; s a training.", "rows": rows}


def spread(result):
    """A line for each model about its AUROC with each seed, or in each fold, where there are several."""
    lines = []
    for model in result["models"]:
        kind = "seeds" if "auroc_of_seeds" in model else "folds"
        if len(aurocs := model[f"auroc_of_{kind}"]) > 1:
            lines.append(f"{model['name']}, AUROC of the {kind}: {' '.join(f'{auroc:.3f}' for auroc in aurocs)}")
    return lines
