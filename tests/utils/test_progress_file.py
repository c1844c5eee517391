"""The progress file: nothing in it, or in its place, loses what a learner has done or stops a notebook."""

import errno
import json
import os
import random
import sys
from pathlib import Path

import pytest
from filelock import FileLock, Timeout

from course_utils import progress
from course_utils.exercises import progress_file

needs_posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such files")


def passed():
    return {name for name, entry in progress_file.read().get("exercises", {}).items() if entry.get("passed")}


# --- where it is -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["~/here/progress.json", "here/progress.json"])
def test_a_name_means_the_same_file_in_every_folder(name, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.setenv("COURSE_PROGRESS_FILE", name)
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        monkeypatch.chdir(tmp_path / folder)
        assert progress_file.path() == Path(os.path.realpath(tmp_path / "here" / "progress.json"))
        progress_file.attempt(f"00.{folder}", passed=True)
    assert passed() == {"00.a", "00.b"}
    assert list((tmp_path / "b").iterdir()) == []


def test_an_unknown_user_is_no_error(monkeypatch):
    monkeypatch.setenv("COURSE_PROGRESS_FILE", "~nosuch/progress.json")
    assert progress_file.path().is_absolute()


@needs_posix
@pytest.mark.parametrize("there", [True, False])
def test_a_link_stays_a_link(there, tmp_path, monkeypatch):
    real, link = tmp_path / "real.json", tmp_path / "link.json"
    if there:
        real.write_text('{"exercises": {"00.before": {"passed": "2026-01-01"}}}')
    link.symlink_to("real.json")
    monkeypatch.setenv("COURSE_PROGRESS_FILE", str(link))
    progress_file.attempt("00.now", passed=True)
    assert link.is_symlink()
    assert json.loads(real.read_text())["exercises"].keys() == ({"00.before", "00.now"} if there else {"00.now"})


@needs_posix
@pytest.mark.parametrize("kind", ["pipe", "folder", "linked device"])
def test_what_is_no_ordinary_file_is_left_alone(kind, tmp_path, monkeypatch, capsys):
    place = tmp_path / "place" / "progress.json"
    place.parent.mkdir()
    make = {"pipe": os.mkfifo, "folder": os.mkdir, "linked device": lambda path: path.symlink_to("/dev/zero")}
    make[kind](place)
    before = place.lstat()
    monkeypatch.setenv("COURSE_PROGRESS_FILE", str(place))
    assert progress_file.read() == {}
    progress_file.attempt("00.now", passed=True)
    assert passed() == {"00.now"}
    assert (place.lstat().st_mode, place.lstat().st_ino) == (before.st_mode, before.st_ino)
    assert list(place.parent.iterdir()) == [place]
    assert "not an ordinary file" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["progress.lock", "progress.new"])
def test_its_helpers_have_names_of_their_own(name, tmp_path, monkeypatch):
    """Whatever the file is called, and whatever lies beside it."""
    (tmp_path / "progress.new").write_text('{"exercises": {}}')
    monkeypatch.setenv("COURSE_PROGRESS_FILE", str(tmp_path / name))
    for exercise in ("00.a", "00.b"):
        progress_file.attempt(exercise, passed=True)
    assert passed() == {"00.a", "00.b"}
    assert (tmp_path / "progress.new").exists()
    progress_file.path().unlink()
    assert {path.name for path in tmp_path.iterdir()} - {"progress.new"} <= {f"{name}.lock"}


# --- what cannot be written ------------------------------------------------------------------------------------------


def test_after_a_lock_that_was_held_the_next_call_saves_all(monkeypatch, capsys):
    progress_file.attempt("00.first", passed=True)
    with monkeypatch.context() as patch:

        def busy(lock, *_, **__):
            raise Timeout(lock.lock_file)

        patch.setattr(FileLock, "acquire", busy)
        progress_file.attempt("00.second", passed=True)
        assert passed() == {"00.first", "00.second"}
        assert "cannot be saved" in capsys.readouterr().out
    other = json.loads(progress_file.path().read_text())
    other["exercises"]["00.of another notebook"] = {"attempts": 1, "passed": "2026-01-01"}
    progress_file.path().write_text(json.dumps(other))
    progress_file.attempt("00.third", passed=True)
    kept = json.loads(progress_file.path().read_text())["exercises"]
    assert set(kept) == {"00.first", "00.second", "00.third", "00.of another notebook"}
    assert progress_file._memory == {}


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS])
def test_a_full_disk_keeps_the_file_as_it_was(code, monkeypatch, capsys):
    progress_file.attempt("00.first", passed=True)
    before = progress_file.path().read_bytes()
    with monkeypatch.context() as patch:

        def full(path, text, **_):
            path.touch()
            raise OSError(code, os.strerror(code))

        patch.setattr(Path, "write_text", full)
        progress_file.attempt("00.second", passed=True)
        assert progress_file.path().read_bytes() == before
    assert passed() == {"00.first", "00.second"}  # and that was written, too
    assert "00.second" in progress_file.path().read_text()
    assert {path.name for path in progress_file.path().parent.iterdir()} == {"progress.json", "progress.json.lock"}


def test_a_file_that_cannot_be_read_is_not_replaced(monkeypatch, capsys):
    progress_file.attempt("00.first", passed=True)
    before = progress_file.path().read_bytes()
    with monkeypatch.context() as patch:
        opened = Path.open

        def broken(path, mode="r", *more, **options):
            if path == progress_file.path() and "r" in mode:
                raise OSError(errno.EIO, "Input/output error")
            return opened(path, mode, *more, **options)

        patch.setattr(Path, "open", broken)
        progress_file.attempt("00.second", passed=True)
        assert "cannot be read (Input/output error)" in capsys.readouterr().out
    assert progress_file.path().read_bytes() == before
    assert passed() == {"00.first", "00.second"}


@needs_posix
@pytest.mark.parametrize("code", [errno.ENOLCK, errno.EOPNOTSUPP])
def test_a_network_share_without_locks(code, monkeypatch, capsys):
    import fcntl

    def refused(*_):
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(fcntl, "flock", refused)
    progress_file.attempt("00.first", passed=True)
    assert "00.first" in progress_file.path().read_text()
    assert capsys.readouterr().out == ""


# --- what is in it ---------------------------------------------------------------------------------------------------

ENTRY = '{"exercises": {"00.majority": %s}}'
DAMAGED = {
    "nested": "[" * 200_000,
    "nested further in": ENTRY % ('{"more": ' + '{"a": ' * 500 + "1" + "}" * 501),
    "a long name": json.dumps({"exercises": {"x" * 10_000_000: {"attempts": 1}}}),
    "true": ENTRY % '{"attempts": true}',
    "negative": ENTRY % '{"hints": -1}',
    "huge": ENTRY % '{"attempts": 1%s}' % ("0" * 4000),
    "not a number": ENTRY % '{"attempts": NaN}',
    "digits without end": ENTRY % '{"attempts": %s}' % ("9" * 10_000),
    "passed without a time": ENTRY % '{"passed": ""}',
    "no table": '{"exercises": {}, "more": [1]}',
}


@pytest.mark.parametrize("content", DAMAGED.values(), ids=DAMAGED)
def test_what_is_no_record_is_put_aside(content, capsys):
    progress_file.path().write_text(content)
    progress()
    progress_file.attempt("00.majority", passed=True)
    assert progress_file.next_hint("00.majority", 3) == 1
    assert passed() == {"00.majority"}
    assert progress_file.path().with_name("progress.damaged.json").read_text() == content
    assert "It is kept as progress.damaged.json" in capsys.readouterr().out


def test_every_damaged_file_is_kept():
    for text in ("{1", "{2", "{3"):
        progress_file.path().write_text(text)
        progress_file.attempt("00.majority", passed=False)
    kept = {path.name: path.read_text() for path in progress_file.path().parent.glob("progress.damaged*")}
    assert kept == {
        "progress.damaged.json": "{1",
        "progress.damaged 2.json": "{2",
        "progress.damaged 3.json": "{3",
    }


def test_parts_that_are_not_known_yet_are_kept():
    """The file of a newer version of the course."""
    newer = {"exercises": {"00.majority": {"attempts": 1, "note": "a"}}, "badges": {"00": {"given": "2026-01-01"}}}
    progress_file.path().write_text(json.dumps(newer))
    progress_file.attempt("00.majority", passed=False)
    newer["exercises"]["00.majority"]["attempts"] = 2
    assert progress_file.read() == newer


def test_any_damage_leaves_a_file_that_can_be_written(capsys):
    rng = random.Random(0)
    progress_file.attempt("00.majority", passed=True)
    progress_file.quiz("00", 3, 5)
    whole = progress_file.path().read_bytes()
    for _ in range(300):
        content = bytearray(whole)
        for _ in range(rng.choice([1, 1, 2, 8])):
            i = rng.randrange(len(content))
            content[i : i + rng.choice([0, 1, 1, 9])] = rng.randbytes(rng.choice([0, 1, 1, 3]))
        progress_file.path().write_bytes(content)
        progress_file.read()
        progress_file.attempt("00.majority", passed=True)
        assert "00.majority" in passed()
        assert "00.majority" in progress_file.load()["exercises"]
        for kept in progress_file.path().parent.glob("progress.damaged*"):
            assert kept.read_bytes() == content
            kept.unlink()
