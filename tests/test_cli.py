"""The `course` command, as somebody types it."""

import json
import os
import re
import shutil
import sys
import threading
import zipfile
from functools import partial

import nbformat
import numpy as np
import pytest
from typer.testing import CliRunner

from course_tools import bench, cli, execute, lesson
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


@pytest.mark.parametrize("name", ["", "_", "041", "4x", "²", "-0", " "])
def test_what_is_no_chapter_runs_none(name):
    """Neither the empty name, from an unset variable, nor one that only begins with a chapter's number."""
    result = course("run", "--", name)
    assert result.exit_code == 1
    assert f"There is no chapter {name!r}" in result.output


@pytest.mark.parametrize("name", ["4", "04", "04_medmnist_classification", "04_medmnist_classification.ipynb"])
def test_names_of_a_chapter(name):
    assert lesson.find(name).stem == "04_medmnist_classification"


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


run_notebook = cli.run_notebook


def pretend_to_run(notebook, name):
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.execution_count = 1
    return execute.Run(notebook)


@pytest.fixture
def own_course(tmp_path, monkeypatch):
    """A course of one small chapter, 07, built without a kernel; the folder with its notebooks."""
    for name in ("lessons", "notebooks"):
        (tmp_path / name).mkdir()
    monkeypatch.setattr(cli, "run_notebook", pretend_to_run)
    shutil.copy(lesson.ROOT / "pyproject.toml", tmp_path)
    write_lesson(tmp_path, "print(1)")
    monkeypatch.setattr(lesson, "ROOT", tmp_path)
    assert course("build", "07").exit_code == 0
    return tmp_path / "notebooks"


def write_lesson(root, *cells):
    fields = "title: T\n#     objectives: [a]\n#     needs: [b]\n#     minutes: 1\n#     data: d"
    text = f"# ---\n# jupyter:\n#   course:\n#     {fields}\n# ---\n\n# %% [markdown]\n# Words.\n"
    text += "".join(f"\n# %%\n{cell}\n" for cell in cells)
    (root / "lessons" / "07_x.py").write_text(text, encoding="utf-8")


def edited(change):
    """A change of a notebook as Jupyter makes it: read, change, write in its own layout."""

    def work(path):
        notebook = nbformat.read(path, as_version=4)
        change(notebook)
        nbformat.write(notebook, path, indent=4)

    return work


def typed(notebook):
    notebook.cells[-1].source += "\nmy_own_work = 1"


def run_once(notebook):
    notebook.cells[-1].execution_count = 1


def noted(notebook):
    notebook.cells[2].source += "\nA note."


def added(notebook):
    notebook.cells.append(nbformat.v4.new_code_cell("my_own_work = 1"))


def removed(notebook):
    del notebook.cells[2]


def moved(notebook):
    notebook.cells.reverse()


def of_the_last_version(notebook):
    del notebook.metadata["course"]
    typed(notebook)


WORK = {
    **{f.__name__: edited(f) for f in (typed, run_once, noted, added, removed, moved, of_the_last_version)},
    "cut off": lambda path: path.write_bytes(path.read_bytes()[:-200]),
    "emptied": lambda path: path.write_bytes(b""),
    "no notebook": lambda path: path.write_text('{"cells": [{"cell_type": "code"}], "nbformat": 4, "metadata": 5}'),
    "deep": lambda path: path.write_text("[" * 100_000),
    "no text": lambda path: path.write_bytes(b"\xff" * 100),
    "another's text": lambda path: path.write_text("worked in"),
}


@pytest.mark.parametrize("options", [[], ["--blank"], ["--instructor"]], ids=["student", "blank", "instructor"])
@pytest.mark.parametrize("work", WORK.values(), ids=WORK)
def test_build_puts_work_aside(own_course, work, options):
    folder = own_course.parent / "build" / options[0].strip("-") if options else own_course
    out = folder / "07_x.ipynb"
    course("build", "07", *options)
    built = out.read_bytes()
    work(out)
    mine = out.read_bytes()
    write_lesson(own_course.parent, "print(1)", "print(2)")
    result = course("build", "07", *options)
    assert result.exit_code == 0, result.output
    assert (folder / "07_x (before build).ipynb").read_bytes() == mine
    assert "07_x (before build).ipynb" in flat(result)
    assert out.read_bytes() not in (mine, built)


def test_build_keeps_what_was_written_into_the_solutions(own_course):
    out = own_course / "solutions" / "07_x.ipynb"
    for work in (edited(noted), WORK["cut off"]):
        work(out)
        mine = out.read_bytes()
        assert course("build", "07").exit_code == 0
        kept = out.with_name("07_x (before build).ipynb")
        assert kept.read_bytes() == mine
        kept.unlink()
        assert course("build", "--check", "07").exit_code == 0


def opened(notebook):
    """What Jupyter alone changes, by opening and saving: no source."""
    notebook.metadata["language_info"] = {"name": "python", "version": "3.13.1", "mimetype": "text/x-python"}
    notebook.metadata["kernelspec"]["display_name"] = "Python 3 (ipykernel)"
    notebook.metadata["widgets"] = {"application/vnd.jupyter.widget-state+json": {"state": {}}}
    notebook.cells[-1].metadata["collapsed"] = False


@pytest.mark.parametrize("change", [lambda notebook: None, opened])
def test_build_replaces_what_it_has_written(own_course, change):
    """Also when Jupyter has saved it anew, and when the lesson has changed since."""
    edited(change)(own_course / "07_x.ipynb")
    write_lesson(own_course.parent, "print(1)", "print(2)")
    for _ in range(2):
        assert "Somebody" not in course("build", "07").output
    assert [path.name for path in own_course.glob("*.ipynb")] == ["07_x.ipynb"]


def test_build_replaces_what_an_older_version_has_written(own_course):
    """It noted nothing, but the lesson still gives the same."""
    out = own_course / "07_x.ipynb"
    edited(lambda notebook: notebook.metadata.pop("course"))(out)
    assert "Somebody" not in course("build", "07").output
    assert "course" in nbformat.read(out, as_version=4).metadata


def test_build_follows_no_link_and_reads_no_pipe(own_course, tmp_path):
    out, elsewhere = own_course / "07_x.ipynb", tmp_path / "elsewhere.ipynb"
    shutil.move(out, elsewhere)
    content = elsewhere.read_bytes()
    write_lesson(own_course.parent, "print(1)", "print(2)")
    makes = [os.mkfifo]
    makes += [lambda path, to=target: path.symlink_to(to) for target in (elsewhere, tmp_path / "dangling.ipynb")]
    for make in makes:
        out.unlink(missing_ok=True)
        make(out)
        building = threading.Thread(target=course, args=("build", "07"), daemon=True)
        building.start()
        building.join(60)
        assert not building.is_alive()
        assert out.is_file()
        assert not out.is_symlink()
    assert elsewhere.read_bytes() == content
    assert not (tmp_path / "dangling.ipynb").exists()
    assert len([name for name in os.listdir(own_course) if "(before build" in name]) == 3


def test_check_names_what_it_cannot_read(own_course):
    (own_course / "07_x.ipynb").write_bytes(b"\xff")
    (own_course / "solutions" / "07_x.ipynb").write_text("[" * 100_000)
    result = course("build", "--check", "07")
    assert result.exit_code == 1
    assert "07_x.ipynb does not come from 07_x.py" in flat(result)
    assert "07_x.ipynb is damaged" in flat(result)


def test_a_broken_lesson_ends_in_one_sentence(own_course):
    (own_course.parent / "lessons" / "07_x.py").write_bytes(b"# \xe9")
    for words in (["run", "07"], ["build", "07"], ["build", "--check", "07"]):
        result = course(*words)
        assert result.exit_code == 1
        assert flat(result) == "07_x.py, line 1: this is not UTF-8. Save the file in that encoding."


KILLED = "print('so far', flush=True); import os, time; time.sleep(1); os.kill(os.getpid(), 9)"


def test_a_kernel_that_dies(own_course, monkeypatch):
    """As for want of memory: one sentence, and what ran until then is kept."""
    monkeypatch.setattr(cli, "run_notebook", run_notebook)
    solved = (own_course / "solutions" / "07_x.ipynb").read_bytes()
    write_lesson(own_course.parent, "print('first')", KILLED, "print('never')")
    result = course("run", "07")
    assert result.exit_code == 1
    assert isinstance(result.exception, SystemExit)
    assert "Python itself ended in cell 5 (print('so far'" in flat(result)
    assert "Close other programs and notebooks" in flat(result)
    kept = nbformat.read(own_course.parent / "build" / "run" / "07_x.ipynb", as_version=4)
    printed = ["".join(output.get("text", "") for output in cell.get("outputs", [])) for cell in kept.cells[3:]]
    assert printed == ["first\n", "so far\n", ""]
    result = course("build", "07")
    assert result.exit_code == 1
    assert "its solutions do not run cleanly" in flat(result)
    assert (own_course / "solutions" / "07_x.ipynb").read_bytes() == solved


def test_a_kernel_that_does_not_start_and_a_cell_without_end(monkeypatch, tmp_path):
    def notebook():
        return nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("while True:\n    pass")])

    assert (
        execute.execute(notebook(), tmp_path, timeout=1).error
        == "Stopped in cell 1 (while True:): it took more than 1 s."
    )
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    spec = {"argv": [str(tmp_path / "no-python"), "{connection_file}"], "display_name": "x", "language": "python"}
    (tmp_path / "kernels" / "python3").mkdir(parents=True)
    (tmp_path / "kernels" / "python3" / "kernel.json").write_text(json.dumps(spec))
    for argv in (spec["argv"], [sys.executable, "-c", "pass", "{connection_file}"]):
        (tmp_path / "kernels" / "python3" / "kernel.json").write_text(json.dumps(spec | {"argv": argv}))
        error = execute.execute(notebook(), tmp_path).error
        assert error.startswith("No kernel could be started"), error


def test_run_keeps_what_was_typed_into_its_notebook(own_course):
    assert course("run", "07").exit_code == 0
    assert "Somebody" not in course("run", "07").output
    out = own_course.parent / "build" / "run" / "07_x.ipynb"
    edited(typed)(out)
    mine = out.read_bytes()
    assert course("run", "07").exit_code == 0
    assert out.with_name("07_x (before run).ipynb").read_bytes() == mine


def test_results_of_any_form_are_printed(capsys):
    cli.print_results({"caption": "a", "rows": []})
    cli.print_results({"caption": "[/] b", "rows": [{"x": "[/bold]"}, {"y": None}]})
    printed = capsys.readouterr().out
    assert "[/] b" in printed
    assert "[/bold]" in printed


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


def test_bench_looks_before_it_trains(monkeypatch, tmp_path):
    """What cannot be scored is said before the first training, not hours later."""
    from test_icu import write_set

    from course_utils import data

    def trains(*_, **__):
        raise AssertionError("training has begun")

    made = bench.recipe("05")
    made.train_committee = made.fit_score = trains
    monkeypatch.setattr(bench, "recipe", lambda *_: made)
    small = data.simulate_icu(train=400, test=150)
    monkeypatch.setattr("course_utils.load_icu", lambda verify: small, raising=False)
    lines = dict.fromkeys(range(1, 31), "01:00,HR,90\n02:00,GCS,15\n")
    for outcome in (0, 1):
        write_set(tmp_path, lines, dict.fromkeys(lines, outcome), name="c")
        result = course("bench", "icu", "--test", tmp_path)
        assert result.exit_code == 1
        assert flat(result).endswith(
            "its 30 stays all have one outcome. Name a set in which some died, and some did not."
        )
    for folds in (60, 100_000):
        result = course("bench", "icu", "--folds", folds)
        assert result.exit_code == 1
        assert f"In some of {folds} folds there would be no case of a class. Take fewer" in flat(result)
    for name in ("breastmnist", "bloodmnist", "chestmnist"):
        tiny = make_phantom(name, counts={"train": 200, "val": 50, "test": 40})
        monkeypatch.setattr("course_utils.load_medmnist", lambda name, verify, tiny=tiny: tiny, raising=False)
        for folds in (200, 100_000):
            result = course("bench", name, "--folds", folds)
            assert result.exit_code == 1, name
            assert f"In some of {folds} folds there would be no case of a class. Take fewer" in flat(result)


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
