"""Chapters beyond what nbval runs: other editions, other tasks, real data, and what was concluded in words.

(nbval runs each chapter twice, open and small, solved and in full; the hooks in conftest.py measure and judge it.)
"""

import os
import time

import numpy as np
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from conftest import MEGABYTES, SECONDS
from course_tools import chapter as course
from course_tools import editions
from course_tools.bench import images, stays
from course_tools.execute import execute

ROOM = 2  # how much slower a busy machine may be
CHAPTERS = course.chapters()


def text_of(cells):
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    return "\n".join(output.get("text", "") + output.get("data", {}).get("text/plain", "") for output in outputs)


def execute_together(cells, root):
    for number, cell in enumerate(cells):
        cell.id = f"cell-{number}"  # two chapters may have the same cell
    done = execute(new_notebook(cells=cells), root / "notebooks")
    assert done.error == ""
    assert done.stderr == []
    return done


def test_the_editions_to_type_along_run(root):
    """All in one kernel, which is cleared between them: there is little to compute, and TensorFlow starts once."""
    parts = {one.stem: [c for c in editions.make(one, "blank").cells if c.cell_type == "code"] for one in CHAPTERS}
    cells = [cell for part in parts.values() for cell in (*part, new_code_cell("%reset -f"))]
    execute_together(cells, root)
    for stem, part in parts.items():
        assert "not attempted yet" in text_of(part), stem


PRETENDED = """
from course_utils import device
device._gpus = lambda backend: [{"name": "Pretended GPU", "capability": (7, 5)}]  # such as Colab's
"""


@pytest.mark.delivery  # a processor takes minutes for what a GPU has circuits for
def test_every_chapter_runs_in_16_bits(root, monkeypatch):
    """On GPUs with tensor cores layers compute in 16 bits. What a cell asserts to be equal it must compute in 32."""
    monkeypatch.setenv("COURSE_SMALL", "1")
    cells = [new_code_cell(PRETENDED)]
    for one in CHAPTERS:
        cells += [c for c in editions.make(one, "solutions").cells if c.cell_type == "code"]
        cells.append(new_code_cell("%reset -f"))
    done = execute(new_notebook(cells=cells), root / "notebooks")  # on standard error oneDNN may excuse itself
    assert done.error == ""
    assert text_of(done.notebook.cells).count("Pretended GPU), mixed precision") == len(CHAPTERS)


def run_in_full(number, root, edition):
    done = execute(editions.make(course.find(number), edition), root / "notebooks")
    print(
        f"chapter {number}, {edition}: {done.compute_seconds:.0f} s beyond starting TensorFlow, {done.peak_mb:.0f} MB"
    )
    assert done.error == ""
    assert done.stderr == []
    assert done.compute_seconds <= SECONDS * ROOM
    assert done.peak_mb <= MEGABYTES
    return done


@pytest.mark.real_data
@pytest.mark.parametrize("chapter", ["01", "02", "03"])
def test_the_teachers_edition_runs(chapter, root):
    """With its stubs *and* its solutions; those of the other chapters run below."""
    text = text_of(run_in_full(chapter, root, "instructor").notebook.cells)
    assert "not attempted yet" in text
    assert "right!" in text


@pytest.mark.real_data
@pytest.mark.parametrize(("chapter", "floor"), [("00", 0.82), ("04", 0.87)])
def test_on_real_data(chapter, floor, root):
    assert os.environ["COURSE_DATA_DIR"]
    done = run_in_full(chapter, root, "instructor")
    table = done.results()[0]
    assert table["source"] == "medmnist"
    assert "GENERATED" not in table["caption"]
    cnn = next(row for row in table["rows"] if "CNN" in row["model"])
    assert float(cnn["AUC (95 % interval)"].split()[0]) >= floor


@pytest.mark.real_data
def test_icu_on_real_stays(root):
    """Chapter 05 on sets a and b. Floors leave room for seeds; `course bench icu` prints the figures themselves."""
    done = run_in_full("05", root, "instructor")
    table = next(table for table in done.results() if "set b" in table["caption"])
    assert table["source"] == "physionet-2012"
    auroc = {row["model"]: float(row["AUROC (95 % interval)"].split()[0]) for row in table["rows"]}
    assert auroc["logistic regression"] >= 0.835
    assert auroc["boosted trees"] >= 0.84
    assert max(auroc["GRU"], auroc["LSTM"]) >= 0.825
    assert auroc["all four combined"] >= 0.842
    assert auroc["SAPS-I"] < 0.75
    event1 = next(row for row in table["rows"] if row["model"] == "all four combined")["event 1"]
    assert float(event1.split()[0]) >= 0.42


@pytest.mark.real_data
def test_the_best_of_the_bench_on_real_stays():
    """Trained on all of set a, scored on b, one seed; `course bench icu` prints the figures."""
    from course_utils import auc, load_icu

    icu, recipe = load_icu(source="real"), course.find("05").recipe()
    trainings, risks = stays.trainings(recipe), {}
    for name in stays.COMBINED:
        start = time.perf_counter()
        predict, _ = trainings[name](icu.train, 0)
        assert time.perf_counter() - start <= 60 * ROOM
        risks[name] = predict(icu.test)
    together = recipe.combined([lambda _, p=p: p for p in risks.values()])(icu.test)
    assert auc(icu.test.died, risks["boosted trees"], "binary-class") >= 0.85
    assert auc(icu.test.died, risks["four GRUs"], "binary-class") >= 0.847
    assert auc(icu.test.died, together, "binary-class") >= 0.855


@pytest.mark.real_data
def test_the_recipe_on_real_breastmnist():
    """The floor leaves room for seeds; `course bench breastmnist` prints the figure itself."""
    from course_utils import load_medmnist

    result = images.bench(load_medmnist("breastmnist", source="real"), range(3))
    assert result["median"]["auc"] >= 0.895
    assert all(seed["seconds"] <= 60 * ROOM for seed in result["seeds"])


def test_the_forget_gate_falls_where_the_task_needs_it():
    """Chapter 03's alarm counter: f is lower at resets by .3 and more, and without forgetting it counts far worse."""
    counter = course.find("03").recipe()
    resets = counter.x_alarm_test[..., 1] == 1

    def error(network):
        return np.sqrt(np.mean((counter.count_alarms(network, counter.x_alarm_test) - counter.y_alarm_test) ** 2))

    free = [counter.train_counter(counter.plain_lstm, seed) for seed in range(3)]
    gates = [counter.forget_gate(network, counter.x_alarm_test) for network in free]
    assert np.median([f[~resets].mean() - f[resets].mean() for f in gates]) >= 0.3
    held = counter.train_counter(counter.never_forgetting, 0)
    assert counter.forget_gate(held, counter.x_alarm_test).min() > 0.999
    assert error(held) >= 1.5 * np.median([error(network) for network in free])


def test_split_and_source_decide_in_chapter_03():
    """What the solved chapter printed: the network's error on its training windows is not that on unseen patients."""
    solved = editions.solved(course.find("03"))
    outputs = [output for cell in solved.cells for output in cell.get("outputs", [])]
    tables = [o.data["application/vnd.course.results+json"] for o in outputs if "course.results" in str(o.get("data"))]
    forecast = next(table for table in tables if "Heart rate" in table["caption"])
    rmse = {
        row["model"]: {part: float(value.split()[0]) for part, value in row.items() if part != "model"}
        for row in forecast["rows"]
    }
    for name in ("stacked LSTM, level", "stacked LSTM, change"):
        assert rmse[name]["40 unseen patients"] > rmse[name]["training windows"] + 0.3
        assert rmse[name]["40 unseen patients"] < rmse["last value"]["40 unseen patients"]


def test_chapter_04_on_other_kinds_of_tasks(root, monkeypatch):
    """Changing the name is all it takes: multi-class and multi-label, here on few images, small, in one kernel."""
    monkeypatch.setenv("COURSE_SMALL", "1")
    load, few = 'data = load_medmnist("breastmnist")', {"train": 240, "val": 80, "test": 120}
    cells, names = [], ("bloodmnist", "chestmnist")
    for name in names:
        part = editions.make(course.find("04"), "solutions").cells
        (cell,) = (cell for cell in part if load in cell.source)
        generated = f'from course_utils import make_phantom\n\ndata = make_phantom("{name}", counts={few})'
        cell.source = cell.source.replace(load, generated)
        cells += [cell for cell in part if cell.cell_type == "code"] + [new_code_cell("%reset -f")]
    done = execute_together(cells, root)
    for name in names:
        assert any(table["caption"].startswith(name) for table in done.results())
