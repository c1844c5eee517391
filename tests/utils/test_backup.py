"""A learner's work goes into a zip and comes back; nothing is lost, and no other zip is taken for one."""

import io
import json
import os
import random
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from typer.testing import CliRunner

from course_tools import chapter, cli
from course_utils import check
from course_utils.exercises import backup, progress_file

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
    file, names, notes = backup.save(folder)
    assert notes == []
    assert names == ["notebooks/01_cnn.ipynb", "progress.json"]
    before = progress_file.read()
    (folder / "01_cnn.ipynb").unlink()
    progress_file.path().unlink()
    assert backup.restore(file, folder)[0] == "01_cnn.ipynb: restored"
    assert (folder / "01_cnn.ipynb").read_text() == NOTEBOOK
    assert progress_file.read() == before
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
    progress_file.attempt("00.majority", passed=False)
    progress_file.quiz("00", 2, 5)
    early = {"attempts": 7, "passed": "2026-01-01T00:00:00+00:00"}
    progress_file.merge(
        {"exercises": {"00.majority": early, "01.x": {"hints": 2}}, "quizzes": {"00": {"right": 1, "of": 5}}}
    )
    assert progress_file.read() == {
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
        (zipped(**{"progress.json": "{}", "notebooks/more/a.ipynb": NOTEBOOK}), "holds notebooks/more/a.ipynb"),
        (zipped(**{"progress.json": "{}", "run.py": ""}), "holds run.py"),
    ],
)
def test_other_zips_are_refused_and_change_nothing(folder, content, words):
    with pytest.raises(ValueError, match=r"not a zip made by .*") as error:
        backup.restore(content, folder)
    assert words in str(error.value)
    assert [f.name for f in folder.iterdir()] == ["01_cnn.ipynb"]
    assert progress_file.read() == {}


def test_a_zip_that_grows_beyond_measure_is_refused(folder, monkeypatch):
    monkeypatch.setattr(backup, "LARGEST", 1000)
    with pytest.raises(ValueError, match="more than"):
        backup.restore(zipped(**{"progress.json": " " * 2000 + "{}"}), folder)


def test_a_damaged_notebook_is_left_out_and_named(folder):
    (folder / "02.ipynb").write_text("")
    file, names, notes = backup.save(folder)
    assert names == ["notebooks/01_cnn.ipynb", "progress.json"]
    assert notes == ["02.ipynb is damaged and was left out."]
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

    monkeypatch.setattr(zipfile.ZipFile, "writestr", full)
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
    monkeypatch.setattr(chapter, "ROOT", tmp_path)
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


# --- which folder ----------------------------------------------------------------------------------------------------

OF_THE_COURSE = NOTEBOOK.replace("[]", json.dumps([{"cell_type": "code", "source": ['check("01.output_size", 3)']}]))


@pytest.mark.parametrize("place", [".", "notebooks"])
def test_the_folder_that_the_learner_works_in_is_saved_and_said(place, tmp_path, monkeypatch):
    """Notebooks of the course are known by what is in them: they may have been renamed."""
    folder = (tmp_path / place).resolve()
    folder.mkdir(exist_ok=True)
    (folder / "mine.ipynb").write_text(OF_THE_COURSE)
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(cli.app, ["save", "x.zip"])
    assert f"the notebooks of {folder}." in done.output.replace("\n", "")
    with zipfile.ZipFile("x.zip") as archive:
        assert archive.namelist() == ["notebooks/mine.ipynb", "progress.json"]
    (folder / "mine.ipynb").rename(folder / "renamed.ipynb")
    done = CliRunner().invoke(cli.app, ["restore", "x.zip"])
    assert f"The notebooks are in {folder}." in done.output.replace("\n", "")
    assert (folder / "mine.ipynb").exists()


def test_a_folder_with_other_notebooks_is_not_taken(tmp_path, monkeypatch):
    (tmp_path / "thesis.ipynb").write_text(NOTEBOOK)
    (tmp_path / "folder.ipynb").mkdir()
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe.ipynb")
    monkeypatch.chdir(tmp_path)
    assert cli.own_notebooks() == chapter.ROOT / "notebooks"


def test_what_is_not_saved_is_named(folder):
    (folder / "data.csv").write_text("1")
    (folder / "more").mkdir()
    (folder / "more" / "02.ipynb").write_text(NOTEBOOK)
    assert backup.save(folder)[2] == ["Only the notebooks of this folder are saved, not data.csv, more/."]
    (folder / "01_cnn.ipynb").unlink()
    _, names, notes = backup.save(folder, folder / "again.zip")
    assert names == ["progress.json"]
    assert notes[0] == f"There is no notebook to save in {folder}."


def test_two_in_one_second(folder):
    """A double click on the button."""
    assert len({backup.save(folder)[0] for _ in range(3)}) == 3
    assert len(list(folder.glob("*.zip"))) == 3


def test_a_folder_that_is_gone(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(chapter, "ROOT", tmp_path)
    done = CliRunner().invoke(cli.app, ["save", "x.zip"])
    assert isinstance(done.exception, SystemExit)
    assert "notebooks cannot be read: No such file" in " ".join(done.output.split())
    assert list(tmp_path.glob("*.zip")) == []


# --- what is saved can be restored -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "names",
    [
        ["copy 12:30.ipynb"],
        ["a\\b.ipynb"],
        ["CON.ipynb", "aux.2.ipynb"],
        ["a?.ipynb", "a_.ipynb", "A_.ipynb"],
        ["\u00e9.ipynb", "e\u0301.ipynb"],
        ["x" * 240 + ".ipynb", "\u00e9" * 120 + ".ipynb"],
        ["a\nb\x1b.ipynb", ".ipynb"],
        [b"\xff\xfe.ipynb".decode("utf-8", "surrogateescape")],
    ],
    ids=["colon", "backslash", "reserved", "capitals", "accents", "long", "control", "not UTF-8"],
)
def test_notebooks_with_names_that_some_computer_refuses(names, folder, tmp_path):
    kept = {}
    for name in names:
        try:
            (folder / name).write_text(NOTEBOOK + " " * len(kept))
        except OSError:
            pytest.skip("this system has no such names")
        kept[name] = (folder / name).read_bytes()
    file, _, notes = backup.save(folder)
    target = tmp_path / "another computer"
    told = backup.restore(file, target)
    (target / "01_cnn.ipynb").unlink()
    assert {path.read_bytes() for path in target.iterdir()} == set(kept.values())
    for path in target.iterdir():
        assert f"{path.name}: restored" in told
        assert path.name in kept or any(f"is called {path.name} in the zip" in note for note in notes)
        assert not set(path.name) & set('<>:"/\\|?*\n\x1b')
        assert len(path.name.encode()) <= 210
        assert path.stem.upper() != "CON"
    assert len({path.name.casefold() for path in target.iterdir()}) == len(kept)
    "".join([*told, *notes]).encode()  # what is said can be shown


def test_zips_of_old_with_such_names_are_taken(folder):
    old = zipped(**{"notebooks/copy 12:30.ipynb": NOTEBOOK, "notebooks/..\\a.ipynb": NOTEBOOK, "progress.json": "{}"})
    told = backup.restore(old, folder)
    assert told[:2] == [".._a.ipynb: restored", "copy 12_30.ipynb: restored"]
    assert not (folder.parent / "a.ipynb").exists()


def test_more_than_a_zip_may_hold(folder, tmp_path, monkeypatch):
    """Saved is what can be restored, the rest is named; and of a zip that holds more, what can be taken is."""
    for number in range(2, 6):
        (folder / f"0{number}.ipynb").write_text(NOTEBOOK.ljust(1000))
    (folder / "06.ipynb").write_text(NOTEBOOK.ljust(1500))
    whole = backup.save(folder, tmp_path / "whole.zip")[0]
    monkeypatch.setattr(backup, "LARGEST", 1400)
    monkeypatch.setattr(backup, "ALTOGETHER", 3500)
    part, _, notes = backup.save(folder, tmp_path / "part.zip")
    assert [note.split()[0] for note in notes] == ["05.ipynb", "06.ipynb"]
    for file in (whole, part):
        target = tmp_path / file.stem
        told = backup.restore(file, target)
        assert sorted(path.name[:2] for path in target.iterdir()) == ["01", "02", "03", "04"]
        assert sum(line.startswith("Not restored: 0") for line in told) == (2 if file == whole else 0)


@pytest.mark.parametrize("seconds", [0, -1e9, 5e9])
def test_notebooks_of_any_date(seconds, folder):
    """A zip takes no date before 1980 or after 2107."""
    os.utime(folder / "01_cnn.ipynb", (seconds, seconds))
    assert backup.save(folder)[1] == ["notebooks/01_cnn.ipynb", "progress.json"]


@pytest.mark.parametrize("now", [(1970, 1, 1), (2200, 1, 1)])
def test_a_clock_that_is_wrong(now, folder, monkeypatch):
    monkeypatch.setattr(zipfile.time, "localtime", lambda *_: (*now, 0, 0, 0, 0, 1, 0))
    assert backup.save(folder)[1] == ["notebooks/01_cnn.ipynb", "progress.json"]


def test_one_that_cannot_be_saved_does_not_stop_the_rest(folder):
    (folder / "gone.ipynb").symlink_to("nowhere.ipynb")
    (folder / "inner.ipynb").mkdir()
    (folder / "nested.ipynb").write_text("[" * 200_000)
    (folder / "deep.ipynb").write_text('{"cells": ' + "[" * 200_000)
    (folder / "cut.ipynb").write_text(OF_THE_COURSE[:60])
    if hasattr(os, "mkfifo"):
        os.mkfifo(folder / "pipe.ipynb")
    _, names, notes = backup.save(folder)
    assert names == ["notebooks/01_cnn.ipynb", "progress.json"]
    left_out = {path.name for path in folder.glob("*.ipynb")} - {"01_cnn.ipynb"}
    assert {note.split()[0] for note in notes if note.endswith("was left out.")} == left_out


def test_progress_that_cannot_be_read_or_saved_is_said(folder):
    progress_file.attempt("00.majority", passed=True)
    file, *_ = backup.save(folder)
    progress_file.path().unlink()
    progress_file.path().mkdir()
    assert "cannot be read" in backup.save(folder, folder / "again.zip")[2][0]
    assert "progress: could not be saved on this computer" in backup.restore(file, folder)


def test_files_of_the_learner_are_no_scratch_paper(folder):
    for name in ("there.zip.new", "01_cnn.ipynb.new"):
        (folder / name).write_text("precious")
    file, *_ = backup.save(folder, folder / "there.zip")
    (folder / "01_cnn.ipynb").unlink()
    backup.restore(file, folder)
    assert [path.read_text() for path in sorted(folder.glob("*.new"))] == ["precious"] * 2


def test_links_and_folders_in_the_way_are_not_lost(folder):
    file, *_ = backup.save(folder)
    notebook = folder / "01_cnn.ipynb"
    notebook.unlink()
    notebook.symlink_to("elsewhere.ipynb")  # on a disk that is not there just now, say
    (folder / "01_cnn (before restore).ipynb").symlink_to("elsewhere too.ipynb")
    backup.restore(file, folder)
    assert notebook.read_text() == NOTEBOOK
    assert os.readlink(folder / "01_cnn (before restore).ipynb") == "elsewhere too.ipynb"
    assert os.readlink(folder / "01_cnn (before restore 2).ipynb") == "elsewhere.ipynb"
    notebook.unlink()
    notebook.mkdir()
    assert "01_cnn.ipynb: could not be restored" in backup.restore(file, folder)[0]
    assert notebook.is_dir()


# --- zips that are damaged, or made to do damage ---------------------------------------------------------------------


def test_of_a_damaged_zip_what_is_whole_comes_back(folder, tmp_path):
    (folder / "02.ipynb").write_text(OF_THE_COURSE)
    content = bytearray(backup.save(folder)[0].read_bytes())
    content[content.index(b"01_cnn.ipynb") + 20] ^= 255  # within the packed content
    told = backup.restore(bytes(content), tmp_path / "new")
    assert told[:1] + told[2:] == ["02.ipynb: restored", "Not restored: 01_cnn.ipynb is damaged."]
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["02.ipynb"]


def mutated(content, rng):
    """The content with one to a few places changed, lost or repeated."""
    content = bytearray(content)
    for _ in range(rng.choice([1, 1, 2, 8])):
        i, j = rng.randrange(len(content)), rng.randrange(len(content))
        content[i : i + rng.choice([0, 1, 1, 30])] = rng.choice([rng.randbytes(1), b"", content[j : j + 30]])
    return bytes(content)


def test_no_damage_to_a_zip_is_a_crash_or_goes_unsaid(folder, tmp_path):
    rng = random.Random(0)
    for number in range(2, 5):
        (folder / f"0{number}.ipynb").write_text(json.dumps({"cells": [rng.random() for _ in range(20)]}))
    whole = backup.save(folder)[0].read_bytes()
    kept = {path.name: path.read_bytes() for path in folder.glob("*.ipynb")}
    for number in range(400):
        target = tmp_path / str(number)
        target.mkdir()
        try:
            told = backup.restore(mutated(whole, rng), target)
        except ValueError as error:
            told = [str(error)] * len(kept)
            assert list(target.iterdir()) == []
        came = {path.name: path.read_bytes() for path in target.iterdir()}
        assert came.items() <= kept.items()
        assert len(came) + sum(line.startswith(("Not restored", "This is not a zip")) for line in told) >= len(kept)


@pytest.mark.skipif(sys.platform != "linux", reason="measures memory as Linux counts it")
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is measured as Linux tells it")
def test_a_small_zip_takes_little_memory(folder, tmp_path):
    """Packed some 50 kB; unpacked and read as JSON more than a gigabyte."""
    content = '{"cells": [' + "[]," * 16_000_000 + "[]]}"
    file = tmp_path / "small.zip"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("notebooks/a.ipynb", content)
        archive.writestr("progress.json", content)
    code = """if True:
        import sys
        from course_utils.exercises import backup
        for job in (lambda: backup.restore(sys.argv[1], sys.argv[2]), lambda: backup.save(sys.argv[2], sys.argv[3])):
            try:
                job()
            except ValueError:
                pass
        with open("/proc/self/status") as status:  # what getrusage says counts the parent's memory in
            print(next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM")))
        """
    done = subprocess.run(
        [sys.executable, "-c", code, file, folder, tmp_path / "again.zip"], capture_output=True, text=True, check=True
    )
    assert float(done.stdout.split()[-1]) < 400


@pytest.mark.parametrize("kind", ["pipe", "folder", "device"])
def test_what_is_no_file_is_no_zip(kind, folder, tmp_path):
    if not hasattr(os, "mkfifo"):
        pytest.skip("there are no pipes here")
    place = Path("/dev/zero") if kind == "device" else tmp_path / "x.zip"
    if kind != "device":
        (os.mkfifo if kind == "pipe" else os.mkdir)(place)
    with pytest.raises(ValueError, match="not a zip made by"):
        backup.restore(place, folder)
