"""`course build` and `course run`: what they write, and that nobody's work is lost."""

import os
import re
import shutil
import threading

import nbformat
import pytest
from typer.testing import CliRunner

from course_tools import chapter, cli, execute

runner = CliRunner()


def course(*words):
    return runner.invoke(cli.app, [str(word) for word in words])


def flat(result):
    return " ".join(result.output.split())


def test_build_check_sees_a_difference(own_course):
    assert course("build", "--check", "07").exit_code == 0
    here = own_course / "07_x.ipynb"
    here.write_text(here.read_text(encoding="utf-8").replace("Words", "Birds", 1), encoding="utf-8")
    result = course("build", "--check", "07")
    assert result.exit_code == 1
    assert "notebooks/07_x.ipynb does not come from 07_x.py" in flat(result)
    assert "course build" in flat(result)


def test_the_checkout_is_built():
    assert course("build", "--check").exit_code == 0


def test_build_keeps_outputs_of_an_unchanged_chapter():
    before = chapter.find("00").notebook("solutions").read_bytes()
    result = course("build", "00")
    assert result.exit_code == 0
    assert chapter.find("00").notebook("solutions").read_bytes() == before


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
    shutil.copy(chapter.ROOT / "pyproject.toml", tmp_path)
    (tmp_path / "lessons" / "measured.toml").touch()
    write_lesson(tmp_path, "print(1)")
    monkeypatch.setattr(chapter, "ROOT", tmp_path)
    assert course("build", "07").exit_code == 0
    return tmp_path / "notebooks"


def write_lesson(root, *cells):
    fields = (
        "title: T|card: C|tagline: t|part: core|questions: [q]|objectives: [a]|needs: [b]|minutes_reading: 1|"
        "minutes_exercises: 1|datasets: e"
    )
    fields = f"{fields}|data: d".replace("|", "\n#     ")
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


def test_run_keeps_what_was_typed_into_its_notebook(own_course):
    assert course("run", "07").exit_code == 0
    assert "Somebody" not in course("run", "07").output
    out = own_course.parent / "build" / "run" / "07_x.ipynb"
    edited(typed)(out)
    mine = out.read_bytes()
    assert course("run", "07").exit_code == 0
    assert out.with_name("07_x (before run).ipynb").read_bytes() == mine


@pytest.mark.parametrize("edition", ["blank", "instructor"])
def test_build_other_editions(edition):
    result = course("build", "00", f"--{edition}")
    assert result.exit_code == 0
    assert (chapter.ROOT / "build" / edition / "00_start_here.ipynb").exists()
    assert course("build", "--blank", "--instructor").exit_code == 1


def test_the_teachers_edition_is_whole():
    """Chapters, pages and glossary in one folder, and no link between them leads nowhere."""
    assert course("build", "--instructor").exit_code == 0
    folder = chapter.ROOT / "build" / "instructor"
    assert {file.name for file in folder.glob("teach*.md")} == {"teach.md", "teach-guides.md", "teach-quiz.md"}
    for file in folder.iterdir():
        for link in re.findall(r"\]\((\w[\w.-]*\.(?:md|ipynb))\)", file.read_text(encoding="utf-8")):
            assert (folder / link).exists(), f"{file.name}: {link}"
