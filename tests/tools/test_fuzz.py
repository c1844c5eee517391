"""Files of others, damaged by chance: nothing may crash, hang, eat memory, or change a value without a word.

Each test damages one kind of file many times over. ``COURSE_FUZZ=1000 uv run pytest tests/tools/test_fuzz.py -n 0 -s``
does it a thousand times each and prints what came of it; without that variable it is a short run.
"""

import collections
import json
import os
import resource
import signal
import sys
import zipfile

import nbformat
import numpy as np
import pytest

from course_tools import chapter, editions, grade
from course_utils.data import DataError, medmnist, physionet
from course_utils.exercises import backup, progress_file

TIMES = int(os.environ.get("COURSE_FUZZ", "40"))
SECONDS, MEGABYTES = 20, 600  # for one damaged file; for all of one kind
TOKENS = (
    *(b"\r", b"\n", b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"\xc2\xb2", b",", b":", b'"', b"\\", b"../", b"-1", b"1e999"),
    *(
        b"NaN",
        b"-Infinity",
        b"null",
        b"true",
        b"[]",
        b"{}",
        b"[" * 100_000,
        b'{"a":' * 50_000,
        b"9" * 5_000,
        b"\x80" * 9,
    ),
)


def damaged(content, rng):
    """The bytes with one to three changes: bits flipped, parts cut, doubled, moved, overwritten, something put in."""
    content = bytearray(content)
    for _ in range(rng.integers(1, 4)):
        if not content:
            break
        at = int(rng.integers(len(content)))
        end = min(len(content), at + int(rng.choice([1, 2, 8, 64, 1024])))
        kind = rng.integers(8)
        if kind == 0:
            content[at] ^= 1 << int(rng.integers(8))
        elif kind == 1:
            content[at] = int(rng.choice([0, 10, 13, 48, 255]))
        elif kind == 2:
            del content[at:end]
        elif kind == 3:
            content[at:at] = content[at:end]
        elif kind == 4:
            del content[at:]
        elif kind == 5:
            content[at:end] = rng.bytes(end - at)
        elif kind == 6:
            content[at:at] = TOKENS[rng.integers(len(TOKENS))]
        else:
            other = int(rng.integers(len(content)))
            content[at:end] = content[other : other + end - at]
    return bytes(content)


@pytest.fixture
def each(request):
    """A function that tries something on many damaged versions of a content, and counts what it says."""
    rng = np.random.default_rng(sum(map(ord, request.node.name)))
    counts = collections.Counter()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    def too_long(*_):
        raise AssertionError(f"longer than {SECONDS} s")

    def run(content, attempt):
        for _ in range(TIMES):
            changed = damaged(content, rng)
            signal.alarm(SECONDS)
            counts[attempt(changed)] += 1
            signal.alarm(0)

    kept = signal.signal(signal.SIGALRM, too_long)
    yield run
    signal.alarm(0)
    signal.signal(signal.SIGALRM, kept)
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024 <= MEGABYTES
    print(f"{request.node.name}: {TIMES} damaged, {dict(counts)}")


def same(a, b):
    return all(
        (x is None and y is None) or np.array_equal(x, y, equal_nan=x.dtype.kind == "f")
        for x, y in zip(a, b, strict=True)
    )


def is_sentence(error):
    return 0 < len(str(error)) < 1000


def stay_text(number, rng):
    head = [f"00:00,RecordID,{number}", "00:00,Age,60", "00:00,Gender,1", "00:00,Height,170", "00:00,ICUType,2"]
    body = [f"{h:02}:{rng.integers(60):02},{p},{rng.integers(40, 140)}" for h in range(48) for p in ("HR", "SysABP")]
    return "\n".join(["Time,Parameter,Value", *head, *body, ""])


@pytest.fixture
def stays(tmp_path):
    """Six stays as a folder, as a zip, and their outcomes."""
    rng = np.random.default_rng(0)
    folder, zipped, outcomes = tmp_path / "set-a", tmp_path / "set-a.zip", tmp_path / "Outcomes-a.txt"
    folder.mkdir()
    with zipfile.ZipFile(zipped, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(1001, 1007):
            text = stay_text(number, rng)
            (folder / f"{number}.txt").write_text(text)
            archive.writestr(f"set-a/{number}.txt", text)
    rows = [f"{number},6,1,5,-1,{number % 2}" for number in range(1001, 1007)]
    outcomes.write_text("\n".join(["RecordID,SAPS-I,SOFA,Length_of_stay,Survival,In-hospital_death", *rows, ""]))
    return folder, zipped, outcomes


def test_a_damaged_stay_never_touches_another(stays, each, capsys):
    folder, _, outcomes = stays
    right = physionet.read_stays(folder, outcomes, cache=False)
    file = folder / "1003.txt"

    def attempt(content):
        file.write_bytes(content)
        found = physionet.read_stays(folder, outcomes, cache=False)
        others = [i for i, number in enumerate(found.patient) if number != 1003]
        assert found.patient[others].tolist() == [1001, 1002, 1004, 1005, 1006]
        kept = right.patient != 1003
        assert same([a[others] for a in found[:-1]], [a[kept] for a in right[:-1]])
        assert "-1 " not in capsys.readouterr().out
        return "read" if 1003 in found.patient else "left out"

    each(file.read_bytes(), attempt)


def test_a_damaged_zip_of_stays(stays, each):
    _, zipped, outcomes = stays
    right = physionet.read_stays(zipped, outcomes, cache=False)

    def attempt(content):
        zipped.write_bytes(content)
        try:
            found = physionet.read_stays(zipped, outcomes, cache=False)
        except DataError as error:
            return "refused" if is_sentence(error) else pytest.fail(str(error))
        for i, number in enumerate(found.patient):  # each stay that was read is as it was; a name may be changed
            if number in right.patient:
                (at,) = np.flatnonzero(right.patient == number)
                assert same([a[i] for a in found[:2]], [a[at] for a in right[:2]])
        return "read"

    each(zipped.read_bytes(), attempt)


def test_a_damaged_cache_of_stays(stays, each, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    _, zipped, outcomes = stays
    right = physionet.read_stays(zipped, outcomes)
    (kept,) = (tmp_path / "cache").rglob("*.npz")

    def attempt(content):
        kept.write_bytes(content)
        assert same(physionet.read_stays(zipped, outcomes)[:-1], right[:-1])
        return "same"

    each(kept.read_bytes(), attempt)


def test_a_damaged_npz(each, tmp_path):
    rng = np.random.default_rng(0)
    arrays = {}
    for split in ("train", "val", "test"):
        arrays[f"{split}_images"] = rng.integers(0, 256, (20, 28, 28), dtype="uint8")
        arrays[f"{split}_labels"] = rng.integers(0, 2, (20, 1), dtype="uint8")
    file = tmp_path / "breastmnist.npz"
    np.savez_compressed(file, **arrays)

    def attempt(content):
        file.write_bytes(content)
        try:
            data = medmnist.read_npz(file, "breastmnist", 28)
        except DataError as error:
            return "refused" if is_sentence(error) else pytest.fail(str(error))
        for split in ("train", "val", "test"):
            part = getattr(data, split)
            assert np.array_equal(part.images[..., 0], arrays[f"{split}_images"])
            assert np.array_equal(part.labels, arrays[f"{split}_labels"][:, 0])
        return "read"

    each(file.read_bytes(), attempt)


def test_a_damaged_progress_file(each, tmp_path, monkeypatch):
    file = tmp_path / "progress" / "progress.json"
    file.parent.mkdir()
    monkeypatch.setenv("COURSE_PROGRESS_FILE", str(file))
    progress_file.attempt("00.numbers", passed=True)
    progress_file.quiz("00", 3, 5)
    progress_file.next_hint("01.output_size", 3)
    before = file.read_bytes()

    def attempt(content):
        for old in file.parent.glob("*damaged*"):
            old.unlink()
        file.write_bytes(content)
        progress_file.attempt("00.again", passed=True)
        progress_file.merge({"exercises": {"02.softmax": {"attempts": 1}}})
        known = progress_file.read()
        assert "passed" in known["exercises"]["00.again"]
        assert json.loads(file.read_text(encoding="utf-8"))["exercises"]["02.softmax"]["attempts"] >= 1
        kept = list(file.parent.glob("*damaged*"))
        assert all(one.read_bytes() == content for one in kept)
        progress_file.forget()
        return "kept aside" if kept else "read"

    each(before, attempt)


def notebook(cells=6):
    code = [nbformat.v4.new_code_cell(f'check("99.numbers", {i})\nx = {i}') for i in range(cells)]
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# 00"), *code])


def test_a_damaged_backup(each, tmp_path):
    work, place = tmp_path / "work", tmp_path / "place"
    work.mkdir()
    for number in range(3):
        nbformat.write(notebook(3 + number), work / f"0{number}_x.ipynb")
    progress_file.attempt("00.numbers", passed=True)
    file, *_ = backup.save(work, tmp_path / "work.zip")
    contents = {path.read_bytes() for path in work.glob("*.ipynb")}

    def attempt(content):
        place.mkdir(exist_ok=True)
        mine = place / "mine.ipynb"
        mine.write_text("mine")
        file.write_bytes(content)
        try:
            backup.restore(file, place)
        except (ValueError, OSError) as error:
            came = "refused" if is_sentence(error) else pytest.fail(str(error))
        else:
            came = "restored"
        assert mine.read_text() == "mine"
        assert {path.name for path in tmp_path.iterdir()} <= {
            "work",
            "place",
            "work.zip",
            "progress.json",
            "progress.json.lock",
        }
        for path in place.iterdir():
            if path != mine:
                assert path.read_bytes() in contents
                path.unlink()
        return came

    each(file.read_bytes(), attempt)


def test_a_damaged_notebook(each, tmp_path):
    """Saved, looked at by `course build`, and read as `course grade` reads what is handed in: read or named."""
    folder = tmp_path / "ada"
    folder.mkdir()
    file, made = folder / "00_x.ipynb", editions.make(chapter.find("00"), "student")

    def attempt(content):
        file.write_bytes(content)
        written, names, *_ = backup.save(folder, tmp_path / "saved.zip")
        written.unlink()
        editions.has_been_worked_in(file, made)
        said, answer = os.pipe()
        child = os.fork()
        if child == 0:  # the process in which a handed-in notebook is read, without the second that it takes to start
            try:
                os.dup2(answer, 1)
                sys.stdout = os.fdopen(1, "w")
                grade._run(str(file), 1)
                os._exit(0)
            except BaseException:
                os._exit(1)
        os.close(answer)
        with open(said) as stream:
            told = json.loads(stream.readline())
        assert os.waitpid(child, 0)[1] == 0
        assert told.keys() <= {"chapter", "unreadable"}
        assert file.read_bytes() == content
        left_out = f"notebooks/{file.name}" not in names
        return ("unreadable" if "unreadable" in told else "read") + (", not saved" if left_out else ", saved")

    nbformat.write(notebook(), file)
    each(file.read_bytes(), attempt)
