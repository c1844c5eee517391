"""`course bench`: the form of the answers, and what is refused before the first training.

The recipes are those of the chapters, made small: what trains a network is replaced by something that takes the same
arguments, and is as quick as a table's mean. The chapters' own networks are trained by the chapters.
"""

import json
import zipfile
from types import SimpleNamespace
from unittest.mock import create_autospec

import numpy as np
import pytest
from typer.testing import CliRunner

from course_tools import chapter, cli
from course_utils import make_phantom, simulate_icu

OUTCOMES = "RecordID,SAPS-I,SOFA,Length_of_stay,Survival,In-hospital_death\n"
STAY = """Time,Parameter,Value
00:00,RecordID,{}
00:00,Age,60
00:00,Gender,1
00:00,Height,170
00:00,ICUType,2
00:00,Weight,80
01:00,HR,90
02:00,GCS,15
"""


def course(*words):
    return CliRunner().invoke(cli.app, [str(word) for word in words])


def flat(result):
    return " ".join(result.output.split())


def write_set(folder, died):
    """A set in the Challenge's layout: its outcomes are `died`, its stays all the same."""
    rows = "".join(f"{number},12,5,5,-1,{outcome}\n" for number, outcome in enumerate(died, 1))
    (folder / "Outcomes-c.txt").write_text(OUTCOMES + rows)
    with zipfile.ZipFile(folder / "set-c.zip", "w") as archive:
        for number, _ in enumerate(died, 1):
            archive.writestr(f"set-c/{number}.txt", STAY.format(number))


@pytest.fixture
def recipes(monkeypatch):
    """The recipes of chapters 04 and 05, which the command gets in place of new ones."""
    made = {number: chapter.find(number).recipe() for number in ("04", "05")}
    monkeypatch.setattr(chapter.Chapter, "recipe", lambda self: made[self.number])
    return made


@pytest.fixture
def images(recipes, monkeypatch):
    """Chapter 04's recipe, whose network answers with an image's brightness, and a tiny phantom to run it on."""
    recipe = recipes["04"]
    brightness = SimpleNamespace(predict=lambda images, verbose: images.mean(axis=(1, 2)) / 100 - 1)
    recipe.train_committee = create_autospec(recipe.train_committee, side_effect=lambda *_, **__: (brightness, []))
    tiny = make_phantom("breastmnist", counts={"train": 64, "val": 20, "test": 40})
    monkeypatch.setattr("course_utils.load_medmnist", lambda name, verify: tiny, raising=False)
    return recipe


@pytest.fixture
def stays(recipes, monkeypatch):
    """Chapter 05's recipe, whose trees and networks are logistic regressions on the last heart rate; few stays."""
    recipe = recipes["05"]

    def last_heart_rate(stays, *_, **__):
        model = recipe.LogisticRegression()

        def column(stays):
            return np.nan_to_num(recipe.filled(stays.values[..., [recipe.PLACE["HR"]]])[0][:, -1] - 80)

        model.fit(column(stays), stays.died)
        return lambda stays: model.predict_proba(column(stays))[:, 1], 2

    for name in ("fit_trees", "fit_recurrent"):
        setattr(recipe, name, create_autospec(getattr(recipe, name), side_effect=last_heart_rate))
    small = simulate_icu(train=300, test=120)
    monkeypatch.setattr("course_utils.load_icu", lambda verify: small, raising=False)
    return recipe


def test_the_bench_of_images(images):
    result = course("bench", "breastmnist", "--seeds", 3, "--json")
    assert result.exit_code == 0, result.output
    answer = json.loads(result.stdout)
    assert (answer["name"], answer["source"]) == ("breastmnist", "phantom")
    assert [set(seed) for seed in answer["seeds"]] == [{"auc", "acc", "seconds"}] * 3
    assert [call.kwargs for call in images.train_committee.call_args_list] == [{"seed": seed} for seed in range(3)]
    assert answer["median"]["auc"] == pytest.approx(np.median([seed["auc"] for seed in answer["seeds"]]))
    low, high = answer["interval"]
    assert low <= answer["median"]["auc"] <= high
    printed = flat(course("bench", "breastmnist", "--seeds", 1))
    assert "this course, median of 1" in printed
    assert "GENERATED DATA" in printed
    assert "ResNet" not in printed


def test_published_figures_stand_beside_real_data_only(images):
    from course_tools.bench.images import table

    result = {"name": "breastmnist", "seeds": [{"auc": 0.9, "acc": 0.8, "seconds": 9.0}]}
    result |= {"median": {"auc": 0.9, "acc": 0.8}, "interval": [0.85, 0.95]}
    real, generated = (table(result | {"source": source}) for source in ("medmnist", "phantom"))
    assert {"what": "ResNet-18 (published)", "AUC": "0.901", "ACC": "0.863", "s": ""} in real["rows"]
    assert "GENERATED" not in real["caption"]
    assert len(generated["rows"]) == 2


def test_the_folds_of_images(images):
    answer = json.loads(course("bench", "breastmnist", "--folds", 2, "--json").stdout)
    assert answer["mean"]["auc"] == pytest.approx(np.mean([fold["auc"] for fold in answer["folds"]]))
    fitted = [call.args[0] for call in images.train_committee.call_args_list]
    assert [len(data.train.images) for data in fitted] == [42, 42]  # of 64 + 20, none of them test images
    printed = flat(course("bench", "breastmnist", "--folds", 2))
    assert "mean" in printed
    assert "GENERATED DATA" in printed


MODELS = ["SAPS-I", "SOFA", "logistic regression", "boosted trees", "LSTM", "GRU", "four GRUs", "combination"]


def test_the_bench_of_stays(stays):
    result = course("bench", "icu", "--seeds", 2, "--json")
    assert result.exit_code == 0, result.output
    answer = json.loads(result.stdout)
    assert (answer["source"], answer["test"]) == ("simulator", "simulated test stays")
    assert [model["name"] for model in answer["models"]] == MODELS
    for model in answer["models"]:
        assert {"name", "auroc", "auprc", "event1", "brier", "slope", "parameters", "seconds"} <= set(model)
        assert 0 <= model["event1"] <= 1
        assert model["intervals"]["auroc"][0] <= model["auroc"] <= model["intervals"]["auroc"][1]
        assert model["auroc"] in model["auroc_of_seeds"]
        assert len(model["auroc_of_seeds"]) == (1 if model["name"] in MODELS[:3] else 2)
    costs = {model["name"]: model["parameters"] for model in answer["models"]}
    assert costs["combination"] == costs["boosted trees"] + costs["four GRUs"]


def test_the_bench_of_stays_on_another_set(stays, tmp_path):
    write_set(tmp_path, [1] * 5 + [0] * 25)
    printed = flat(course("bench", "icu", "--seeds", 1, "--test", tmp_path))
    assert "GENERATED DATA" in printed
    assert "four GRUs" in printed
    (tmp_path / "Outcomes-c.txt").unlink()
    result = course("bench", "icu", "--test", tmp_path)
    assert result.exit_code == 1
    assert "should hold one set-x.zip" in flat(result)
    result = course("bench", "breastmnist", "--test", tmp_path)
    assert result.exit_code == 1
    assert "--test is for icu" in flat(result)


def test_the_folds_of_stays(stays):
    printed = flat(course("bench", "icu", "--folds", 2))
    assert "2-fold cross-validation on the training stays" in printed
    assert "four GRUs, AUROC of the folds: " in printed


@pytest.fixture
def untrainable(images, stays):
    """The recipes of both chapters, which must not train."""

    def trains(*_, **__):
        raise AssertionError("training has begun")

    images.train_committee = stays.fit_score = trains


def test_stays_are_looked_at_before_the_training(untrainable, tmp_path):
    """What cannot be scored is said at once, not hours later."""
    for outcome in (0, 1):
        write_set(tmp_path, [outcome] * 30)
        result = course("bench", "icu", "--test", tmp_path)
        assert result.exit_code == 1
        assert flat(result).endswith(
            "its 30 stays all have one outcome. Name a set in which some died, and some did not."
        )


@pytest.mark.parametrize("name", ["icu", "breastmnist", "bloodmnist", "chestmnist"])
def test_folds_are_looked_at_before_the_training(name, untrainable, monkeypatch):
    if name != "icu":
        tiny = make_phantom(name, counts={"train": 200, "val": 50, "test": 40})
        monkeypatch.setattr("course_utils.load_medmnist", lambda name, verify: tiny, raising=False)
    for folds in (200, 100_000):
        result = course("bench", name, "--folds", folds)
        assert result.exit_code == 1
        assert f"In some of {folds} folds there would be no case of a class. Take fewer" in flat(result)


def test_bench_of_an_unknown_set():
    result = course("bench", "nonsense")
    assert result.exit_code == 1
    assert "no 2D MedMNIST data set" in flat(result)
