"""Each chapter once as a learner meets it: a fresh kernel, from top to bottom, measured against its budget."""

import os

import nbformat
import pytest

import conftest
from course_tools import lesson
from course_tools.bench import bench
from course_tools.execute import execute

SECONDS, ROOM = 60, 2  # of computing beyond starting TensorFlow; and how much slower a busy machine may be
MEGABYTES = 1500
LESSONS = list(lesson.chapters().values())


def run_as_a_learner(path, root):
    notebook = nbformat.read(lesson.notebook_path(path, "student"), as_version=4)
    done = execute(notebook, root / "notebooks")
    conftest.learner_pass.append(
        f"notebooks/{path.stem}.ipynb as a learner: {done.seconds:.0f} s, {done.compute_seconds:.0f} s beyond starting "
        f"TensorFlow (budget {SECONDS}), {done.peak_mb:.0f} MB (budget {MEGABYTES}), data: {', '.join(done.sources())}"
    )
    assert done.error == ""
    assert done.stderr == []
    assert done.compute_seconds <= SECONDS * ROOM
    assert done.peak_mb <= MEGABYTES
    return done


def text_of(done):
    outputs = [output for cell in done.notebook.cells for output in cell.get("outputs", [])]
    return "\n".join(output.get("text", "") + output.get("data", {}).get("text/plain", "") for output in outputs)


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_on_generated_data(path, root):
    done = run_as_a_learner(path, root)
    assert done.results()
    for table in done.results():
        if table["source"] in ("phantom", "simulator"):
            assert "GENERATED DATA" in table["caption"]
    text = text_of(done)
    assert "*** GENERATED DATA" in text
    assert "not attempted yet" in text
    assert "❌" not in text


@pytest.mark.real_data
@pytest.mark.parametrize(("chapter", "floor"), [("00", 0.82), ("04", 0.87)])
def test_on_real_data(chapter, floor, root):
    assert os.environ["COURSE_DATA_DIR"]
    done = run_as_a_learner(lesson.find(chapter), root)
    table = done.results()[0]
    assert table["source"] == "medmnist"
    assert "GENERATED" not in table["caption"]
    cnn = next(row for row in table["rows"] if "CNN" in row["model"])
    assert float(cnn["AUC (95 % interval)"].split()[0]) >= floor


@pytest.mark.real_data
def test_the_recipe_on_real_breastmnist():
    """The floor leaves room for seeds; `course bench breastmnist` prints the figure itself."""
    from course_utils import load_medmnist

    result = bench(load_medmnist("breastmnist", source="real"), range(3))
    assert result["median"]["auc"] >= 0.895
    assert all(seed["seconds"] <= 60 * ROOM for seed in result["seeds"])


@pytest.mark.parametrize("name", ["bloodmnist", "chestmnist"])
def test_chapter_04_on_another_kind_of_task(name, root):
    """Changing the name is all it takes: multi-class and multi-label, here on few images and few steps."""
    notebook = lesson.make(lesson.find("04"), "solutions")
    changes = {
        'data = load_medmnist("breastmnist")': (
            f"from course_utils import make_phantom\n\n"
            f'data = make_phantom("{name}", counts={{"train": 240, "val": 80, "test": 120}})'
        ),
        "round(450 / steps)": "round(30 / steps)",
        "device.pick(cpu=15, gpu=40)": "2",
        "device.pick(cpu=5, gpu=20)": "1",
    }
    for cell in notebook.cells:
        for old, new in list(changes.items()):
            if old in cell.source:
                cell.source = cell.source.replace(old, new)
                changes.pop(old)
    assert not changes, f"chapter 04 no longer contains {list(changes)}"
    done = execute(notebook, root / "notebooks")
    assert done.error == ""
    assert done.stderr == []
    assert done.results()[0]["caption"].startswith(name)
