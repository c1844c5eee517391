"""A learner's work goes into a zip and comes back; nothing is lost, and no other zip is taken for one."""

import io
import json
import zipfile
from pathlib import Path

import pytest
from typer.testing import CliRunner

from course_tools import cli, lesson
from course_utils import check
from course_utils.exercises import backup, record

NOTEBOOK = json.dumps({"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "my notebooks"
    place.mkdir()
    (place / "01_cnn.ipynb").write_text(NOTEBOOK)
    return place


def zipped(**files):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return content.getvalue()


def test_saved_work_comes_back(folder):
    check("00.majority", lambda labels: max(labels.mean(), 1 - labels.mean()))
    file, names, damaged = backup.save(folder)
    assert damaged == []
    assert names == ["notebooks/01_cnn.ipynb", "progress.json"]
    before = record.read()
    (folder / "01_cnn.ipynb").unlink()
    record.path().unlink()
    assert backup.restore(file, folder)[0] == "01_cnn.ipynb: restored"
    assert (folder / "01_cnn.ipynb").read_text() == NOTEBOOK
    assert record.read() == before
    assert sorted(f.name for f in folder.iterdir()) == ["01_cnn.ipynb", file.name]


def test_nothing_is_overwritten(folder):
    file, *_ = backup.save(folder)
    for text in ("newer", "newest"):
        (folder / "01_cnn.ipynb").write_text(text)
        told = " ".join(backup.restore(file, folder))
        assert "before restore" in told
        assert "open them again" in told
    assert (folder / "01_cnn (before restore).ipynb").read_text() == "newer"
    assert (folder / "01_cnn (before restore 2).ipynb").read_text() == "newest"
    assert "same already" in backup.restore(file, folder)[0]


def test_progress_is_joined():
    record.attempt("00.majority", passed=False)
    record.quiz("00", 2, 5)
    early = {"attempts": 7, "passed": "2026-01-01T00:00:00+00:00"}
    record.merge({"exercises": {"00.majority": early, "01.x": {"hints": 2}}, "quizzes": {"00": {"right": 1, "of": 5}}})
    assert record.read() == {
        "exercises": {"00.majority": early, "01.x": {"hints": 2}},
        "quizzes": {"00": {"right": 2, "of": 5}},
    }


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"no zip", "damaged"),
        (zipped(**{"notebooks/a.ipynb": NOTEBOOK}), "holds no progress"),
        (zipped(**{"progress.json": '{"exercises": {"a": {"attempts": "many"}}}'}), "holds no progress"),
        (zipped(**{"progress.json": '{"quizzes": {"00": {"right": 1}}}'}), "holds no progress"),
        (zipped(**{"progress.json": "{"}), "progress.json is damaged"),
        (zipped(**{"progress.json": "{}", "notebooks/a.ipynb": "{"}), "a.ipynb is damaged"),
        (zipped(**{"progress.json": "{}", "notebooks/a.ipynb": "{}"}), "a.ipynb is damaged"),
        (zipped(**{"progress.json": "{}", "notebooks/a.ipynb": "[]"}), "damaged"),
        (zipped(**{"progress.json": "{}", "notebooks/../../a.ipynb": NOTEBOOK}), "holds notebooks/../../a.ipynb"),
        (zipped(**{"progress.json": "{}", "notebooks/..\\a.ipynb": NOTEBOOK}), "it holds"),
        (zipped(**{"progress.json": "{}", "run.py": ""}), "holds run.py"),
    ],
)
def test_other_zips_are_refused_and_change_nothing(folder, content, words):
    with pytest.raises(ValueError, match=r"not a zip made by .*") as error:
        backup.restore(content, folder)
    assert words in str(error.value)
    assert [f.name for f in folder.iterdir()] == ["01_cnn.ipynb"]
    assert record.read() == {}


def test_a_zip_that_grows_beyond_measure_is_refused(folder, monkeypatch):
    monkeypatch.setattr(backup, "LARGEST", 1000)
    with pytest.raises(ValueError, match="more than"):
        backup.restore(zipped(**{"progress.json": " " * 2000 + "{}"}), folder)


def test_a_damaged_notebook_is_left_out_and_named(folder):
    (folder / "02.ipynb").write_text("")
    file, names, damaged = backup.save(folder)
    assert (names, damaged) == (["notebooks/01_cnn.ipynb", "progress.json"], ["02.ipynb"])
    assert "same already" in backup.restore(file, folder)[0]


@pytest.mark.parametrize("name", ["01_cnn.ipynb", "there.zip"])
def test_save_never_overwrites(folder, name):
    (folder / "there.zip").write_text("precious")
    before = (folder / name).read_text()
    with pytest.raises(OSError, match=r"zip|already"):
        backup.save(folder, folder / name)
    assert (folder / name).read_text() == before


def test_a_failed_save_leaves_nothing(folder, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(zipfile.ZipFile, "write", full)
    with pytest.raises(OSError, match="No space"):
        backup.save(folder)
    assert [f.name for f in folder.iterdir()] == ["01_cnn.ipynb"]


def test_a_full_disk_in_restore_leaves_everything_as_it_was(folder, monkeypatch):
    file, *_ = backup.save(folder)
    (folder / "01_cnn.ipynb").write_text("newer")
    write = Path.write_bytes

    def full(path, content):
        write(path, content[:3])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="No space"):
        backup.restore(file, folder)
    assert sorted(f.name for f in folder.iterdir()) == ["01_cnn.ipynb", file.name]
    assert (folder / "01_cnn.ipynb").read_text() == "newer"


def test_the_commands(folder, monkeypatch, tmp_path):
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks" / "01_cnn.ipynb").write_text(NOTEBOOK)
    monkeypatch.setattr(lesson, "ROOT", tmp_path)
    monkeypatch.chdir(tmp_path)
    run = CliRunner().invoke
    done = run(cli.app, ["save", "mine.zip"])
    assert done.exit_code == 0, done.output
    assert "2 files are in mine.zip" in done.output
    assert "same already" in run(cli.app, ["restore", "mine.zip"]).output
    for arguments in (
        ["restore", "absent.zip"],
        ["restore", "notebooks/01_cnn.ipynb"],
        ["save", "absent/x.zip"],
        ["save", "mine.zip"],
    ):
        done = run(cli.app, arguments)
        assert done.exit_code == 1
        assert arguments[1] in done.output.replace("\n", "")
    assert "Chapter 00: 0 of 2 exercises" in run(cli.app, ["progress"]).output
