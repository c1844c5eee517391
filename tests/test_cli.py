"""The `course` command, as somebody types it."""

import json
import re
import zipfile
from functools import partial

import numpy as np
import pytest
from typer.testing import CliRunner

from course_tools import bench, cli, lesson
from course_utils import make_phantom

runner = CliRunner()


def course(*words):
    return runner.invoke(cli.app, [str(word) for word in words])


def flat(result):
    return " ".join(result.output.split())


def test_help_names_the_commands():
    for words, expected in (
        (["--help"], ["lab", "run", "build", "bench", "data"]),
        (["lab", "--help"], ["Open a chapter in JupyterLab"]),
        (["data", "--help"], ["list", "fetch", "verify"]),
    ):
        result = course(*words)
        assert result.exit_code == 0
        for word in expected:
            assert word in result.output


def test_lab_opens_the_chapter(monkeypatch):
    called = []
    monkeypatch.setattr(cli.subprocess, "call", lambda command, cwd, env: called.append((command, cwd)) or 0)
    assert course("lab").exit_code == 0
    assert course("lab", "4", "--no-browser").exit_code == 0
    assert course("lab", "--port=9999").exit_code == 0
    texts = [" ".join(command) for command, _ in called]
    assert "/lab/tree/notebooks/00_start_here.ipynb" in texts[0]
    assert "/lab/tree/notebooks/04_medmnist_classification.ipynb" in texts[1]
    assert texts[1].endswith(" --no-browser")
    assert "/lab/tree/notebooks/00_start_here.ipynb" in texts[2]
    assert texts[2].endswith(" --port=9999")
    assert called[0][1] == lesson.ROOT


@pytest.mark.parametrize("words", [["run", "99"], ["lab", "99"], ["build", "99"]])
def test_unknown_chapters(words):
    result = course(*words)
    assert result.exit_code == 1
    assert "There is no chapter '99'; there are 00, 01, 02, 03, 04, 05" in flat(result)


def test_build_check_sees_a_difference(monkeypatch, tmp_path):
    assert course("build", "--check").exit_code == 0
    here = lesson.notebook_path(lesson.find("00"), "student")
    changed = tmp_path / here.name
    changed.write_text(here.read_text(encoding="utf-8").replace("lump", "bump", 1), encoding="utf-8")
    keep = lesson.notebook_path
    monkeypatch.setattr(
        lesson, "notebook_path", lambda p, e: changed if e == "student" and "00" in p.name else keep(p, e)
    )
    result = course("build", "--check")
    assert result.exit_code == 1
    assert "does not come from 00_start_here.py" in flat(result)
    assert "course build" in flat(result)


def test_build_keeps_outputs_of_an_unchanged_chapter():
    before = lesson.notebook_path(lesson.find("00"), "solutions").read_bytes()
    result = course("build", "00")
    assert result.exit_code == 0
    assert lesson.notebook_path(lesson.find("00"), "solutions").read_bytes() == before


@pytest.mark.parametrize("edition", ["blank", "instructor"])
def test_build_other_editions(edition):
    result = course("build", "00", f"--{edition}")
    assert result.exit_code == 0
    assert (lesson.ROOT / "build" / edition / "00_start_here.ipynb").exists()
    assert course("build", "--blank", "--instructor").exit_code == 1


def test_the_teachers_edition_is_whole():
    """Chapters, pages and glossary in one folder, and no link between them leads nowhere."""
    assert course("build", "--instructor").exit_code == 0
    folder = lesson.ROOT / "build" / "instructor"
    assert {file.name for file in folder.glob("teach*.md")} == {"teach.md", "teach-guides.md", "teach-quiz.md"}
    for file in folder.iterdir():
        for link in re.findall(r"\]\((\w[\w.-]*\.(?:md|ipynb))\)", file.read_text(encoding="utf-8")):
            assert (folder / link).exists(), f"{file.name}: {link}"


def test_data_commands(tmp_path, monkeypatch):
    result = course("data", "verify")
    assert result.exit_code == 0
    assert "No data files on this computer" in flat(result)
    assert "course data fetch breastmnist" in flat(result)
    assert "breastmnist" in course("data", "list").output
    result = course("data", "fetch", "brestmnist")
    assert result.exit_code == 1
    assert "Did you mean 'breastmnist'" in flat(result)
    result = course("data", "fetch", "breastmnist")
    assert result.exit_code == 1
    assert "no connection" in flat(result)
    assert course("data", "fetch", "breastmnist", "--size", 30).exit_code == 1
    monkeypatch.setenv("COURSE_DATA_DIR", str(tmp_path))
    np.savez(tmp_path / "breastmnist.npz", x=np.zeros(3))
    for words in (["data", "verify"], ["data", "fetch", "breastmnist"]):
        result = course(*words)
        assert result.exit_code == 1
        assert "750601b1f35ba3300ea97c75c52ff8f6" in flat(result)


def test_icu_files_are_listed_fetched_and_verified(monkeypatch, tmp_path):
    assert "icu: PhysioNet Challenge 2012" in flat(course("data", "list"))
    result = course("data", "fetch", "icu")
    assert result.exit_code == 1
    assert "set-a.zip" in flat(result)
    assert "no connection" in flat(result)
    monkeypatch.setenv("COURSE_DATA_DIR", str(tmp_path))
    (tmp_path / "physionet-2012").mkdir()
    (tmp_path / "physionet-2012" / "set-b.zip").write_bytes(b"something else")
    assert "missing: set-a.zip, Outcomes-a.txt, Outcomes-b.txt" in flat(course("data", "list"))
    for words in (["data", "verify"], ["data", "fetch", "icu"]):
        result = course(*words)
        assert result.exit_code == 1
        assert "4eed6e9b4d77ee1173db89f45176c6f5" in flat(result)


def test_bench_icu(monkeypatch, tmp_path):
    """On a small simulated unit: the form of the answer, the folds, and another set in the official layout."""
    from test_icu import write_set

    from course_utils import data

    small = data.simulate_icu(train=400, test=150)
    made = bench.recipe("05")
    made.fit_recurrent = partial(made.fit_recurrent, epochs=1)
    made.fit_trees = partial(made.fit_trees, trees=20)
    monkeypatch.setattr(bench, "recipe", lambda chapter: made)
    train_all, trained = bench.icu_models, {}

    def train_once(*arguments):
        trained.update(trained or train_all(*arguments))
        return trained

    monkeypatch.setattr(bench, "icu_models", train_once)
    monkeypatch.setattr("course_utils.load_icu", lambda verify: small, raising=False)
    answer = json.loads(course("bench", "icu", "--seeds", 1, "--json").stdout)
    assert (answer["source"], answer["test"]) == ("simulator", "simulated test stays")
    names = ["SAPS-I", "SOFA", "logistic regression", "boosted trees", "LSTM", "GRU", "four GRUs", "combination"]
    assert [model["name"] for model in answer["models"]] == names
    for model in answer["models"]:
        assert {"name", "auroc", "auprc", "event1", "brier", "parameters", "seconds"} <= set(model)
        assert 0 <= model["event1"] <= 1
        assert model["intervals"]["auroc"][0] <= model["auroc"] <= model["intervals"]["auroc"][1]
    lines = dict.fromkeys(range(1, 31), "01:00,HR,90\n02:00,GCS,15\n")
    write_set(tmp_path, lines, {number: int(number < 6) for number in lines}, name="c")
    result = course("bench", "icu", "--seeds", 1, "--test", tmp_path)
    assert "GENERATED DATA" in flat(result)
    assert "GRU" in flat(result)
    (tmp_path / "Outcomes-c.txt").unlink()
    result = course("bench", "icu", "--test", tmp_path)
    assert result.exit_code == 1
    assert "should hold one set-x.zip" in flat(result)
    result = course("bench", "breastmnist", "--test", tmp_path)
    assert result.exit_code == 1
    assert "--test is for icu" in flat(result)


def test_bench_of_an_unknown_set():
    result = course("bench", "nonsense")
    assert result.exit_code == 1
    assert "no 2D MedMNIST data set" in flat(result)


def test_bench_measures_the_chapters_own_recipe(monkeypatch):
    """On a tiny phantom, with the recipe's training cut short: the form of the answer, not its height."""
    tiny = make_phantom("breastmnist", counts={"train": 64, "val": 20, "test": 40})
    made = bench.recipe()
    whole = made.train_committee
    made.train_committee = lambda data, seed: whole(data, seed=seed, epochs=1, members=1)
    monkeypatch.setattr(bench, "recipe", lambda: made)
    monkeypatch.setattr("course_utils.load_medmnist", lambda name, verify: tiny, raising=False)
    result = course("bench", "breastmnist", "--seeds", 2, "--json")
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert found["source"] == "phantom"
    assert [set(seed) for seed in found["seeds"]] == [{"auc", "acc", "seconds"}] * 2
    assert found["median"]["auc"] == pytest.approx(np.median([seed["auc"] for seed in found["seeds"]]))
    found = json.loads(course("bench", "breastmnist", "--folds", 2, "--json").stdout)
    assert found["mean"]["auc"] == pytest.approx(np.mean([fold["auc"] for fold in found["folds"]]))
    assert "mean" in course("bench", "breastmnist", "--folds", 2).stdout
    result = course("bench", "breastmnist", "--seeds", 1)
    assert "GENERATED DATA" in flat(result)
    assert "ResNet" not in flat(result)


def test_work_is_saved_from_the_home_of_a_hub(tmp_path, monkeypatch):
    """There all share the course's folder, and each home has notebooks of its own."""
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks" / "00_start_here.ipynb").write_text(
        (lesson.ROOT / "notebooks/00_start_here.ipynb").read_text()
    )
    assert cli.own_notebooks() == lesson.ROOT / "notebooks"
    monkeypatch.chdir(tmp_path)
    assert cli.own_notebooks() == tmp_path / "notebooks"
    done = course("save", "work.zip")
    assert done.exit_code == 0, done.output
    with zipfile.ZipFile(tmp_path / "work.zip") as archive:
        assert [name for name in archive.namelist() if name.endswith(".ipynb")] == ["notebooks/00_start_here.ipynb"]
