"""The `course` command, as somebody types it."""

import json
import sys
import zipfile

import nbformat
import pytest
from typer.testing import CliRunner

from course_tools import chapter, cli, execute, lab

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
    monkeypatch.setattr(lab, "run", lambda notebook, options: called.append((notebook, options)) or 7)
    assert course("lab").exit_code == 7
    assert course("lab", "4", "--no-browser").exit_code == 7
    assert course("lab", "--port=9999").exit_code == 7
    first, fourth = (
        chapter.ROOT / "notebooks" / name for name in ("00_start_here.ipynb", "04_medmnist_classification.ipynb")
    )
    assert called == [(first, []), (fourth, ["--no-browser"]), (first, ["--port=9999"])]


@pytest.mark.parametrize("name", ["", "_", "041", "4x", "²", "-0", " "])
def test_what_is_no_chapter_runs_none(name):
    """Neither the empty name, from an unset variable, nor one that only begins with a chapter's number."""
    result = course("run", "--", name)
    assert result.exit_code == 1
    assert f"There is no chapter {name!r}" in result.output


@pytest.mark.parametrize("name", ["4", "04", "04_medmnist_classification", "04_medmnist_classification.ipynb"])
def test_names_of_a_chapter(name):
    assert chapter.find(name).stem == "04_medmnist_classification"


@pytest.mark.parametrize("words", [["run", "99"], ["lab", "99"], ["build", "99"]])
def test_unknown_chapters(words):
    result = course(*words)
    assert result.exit_code == 1
    assert f"There is no chapter '99'; there are {', '.join(chapter.lessons())}" in flat(result)


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


def test_results_of_any_form_are_printed(capsys):
    cli.print_results({"caption": "a", "rows": []})
    cli.print_results({"caption": "[/] b", "rows": [{"x": "[/bold]"}, {"y": None}]})
    printed = capsys.readouterr().out
    assert "[/] b" in printed
    assert "[/bold]" in printed


def test_work_is_saved_from_the_home_of_a_hub(tmp_path, monkeypatch):
    """There all share the course's folder, and each home has notebooks of its own."""
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks" / "00_start_here.ipynb").write_text(
        (chapter.ROOT / "notebooks/00_start_here.ipynb").read_text()
    )
    assert cli.own_notebooks() == chapter.ROOT / "notebooks"
    monkeypatch.chdir(tmp_path)
    assert cli.own_notebooks() == tmp_path / "notebooks"
    done = course("save", "work.zip")
    assert done.exit_code == 0, done.output
    with zipfile.ZipFile(tmp_path / "work.zip") as archive:
        assert [name for name in archive.namelist() if name.endswith(".ipynb")] == ["notebooks/00_start_here.ipynb"]
