"""ICU stays: the official form read, its faults counted, and the cache trusted only when it may be."""

import hashlib
import http.server
import io
import multiprocessing
import os
import struct
import threading
import time
import zipfile
from contextlib import redirect_stdout
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from course_utils.data import DataError, catalogue, load_icu, physionet, store
from course_utils.data.physionet import read_stays
from course_utils.data.stays import HOURS, MEASUREMENTS

NAMES = list(MEASUREMENTS)
HEAD = "Time,Parameter,Value\n"
ADMISSION = "00:00,RecordID,{}\n00:00,Age,54\n00:00,Gender,0\n00:00,Height,-1\n00:00,ICUType,4\n00:00,Weight,80\n"
OUTCOMES = "RecordID,SAPS-I,SOFA,Length_of_stay,Survival,In-hospital_death\n"


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def write_set(folder, stays, outcomes=None, name="a", as_zip=True):
    """Stays {number: lines}, and outcomes {number: died}, in the official form."""
    folder.mkdir(parents=True, exist_ok=True)
    outcomes = dict.fromkeys(stays, 0) if outcomes is None else outcomes
    rows = "".join(f"{number},12,-1,5,-1,{died}\n" for number, died in outcomes.items())
    (folder / f"Outcomes-{name}.txt").write_text(OUTCOMES + rows)
    texts = {
        number: lines if isinstance(lines, bytes) else (HEAD + ADMISSION.format(number) + lines).encode()
        for number, lines in stays.items()
    }
    if as_zip:
        with zipfile.ZipFile(folder / f"set-{name}.zip", "w") as archive:
            for number, text in texts.items():
                archive.writestr(f"set-{name}/{number}.txt", text)
        return folder / f"set-{name}.zip", folder / f"Outcomes-{name}.txt"
    (folder / f"set-{name}").mkdir()
    for number, text in texts.items():
        (folder / f"set-{name}" / f"{number}.txt").write_bytes(text)
    return folder / f"set-{name}", folder / f"Outcomes-{name}.txt"


def value(stays, name, hour, stay=0):
    return float(stays.values[stay, hour, NAMES.index(name)])


LINES = "00:07,HR,70\n00:37,HR,80\n01:10,Urine,30\n01:50,Urine,40.5\n02:00,Temp,-1\n48:00,HR,90\n47:59,HR,60\n"


@pytest.mark.parametrize("as_zip", [True, False])
def test_the_official_form(tmp_path, as_zip, capsys):
    stays = read_stays(*write_set(tmp_path, {7: "03:00,pH,7.4\n", 5: LINES}, {7: 1, 5: 0}, as_zip=as_zip))
    assert stays.patient.tolist() == [5, 7]  # in the order of their numbers
    assert stays.died.tolist() == [0, 1]
    assert stays.values.shape == (2, HOURS, len(MEASUREMENTS))
    assert stays.values.dtype == stays.static.dtype == np.float32
    assert value(stays, "HR", 0) == 75  # the mean of an hour
    assert value(stays, "Urine", 1) == 70.5  # its sum
    assert np.isnan(value(stays, "Temp", 2))  # -1 means unknown
    assert value(stays, "HR", 47) == 75  # 48:00 belongs to the last hour
    assert np.isfinite(stays.values[0]).sum() == 4  # with the weight at admission
    np.testing.assert_array_equal(stays.static[0], np.array([54, 0, np.nan, 4, 80], "float32"))
    np.testing.assert_array_equal(stays.scores, np.array([[12, np.nan]] * 2, "float32"))
    assert capsys.readouterr().out == ""


def test_the_same_time_twice_counts_as_two_measurements(tmp_path):
    stays = read_stays(*write_set(tmp_path, {1: "05:00,HR,60\n05:00,HR,60\n05:00,HR,90\n"}))
    assert value(stays, "HR", 5) == 70


BAD = [
    "nonsense", "10:00,HR", "10:00,HR,", "10:00,HR,many", "10:00,HR,80,90", "ten,HR,80", "10:61,HR,80", "48:01,HR,80",
    "10:00,Mood,5", "10:00,,5", "", '10:00,"HR,80', ",,", "10:00;HR;80", "-1:00,HR,80", "10:00,HR,nan", "10:00,HR,inf",
]  # fmt: skip


@pytest.mark.parametrize("bad", BAD)
def test_a_malformed_line_is_counted_and_harms_no_other(tmp_path, bad, capsys):
    stays = read_stays(*write_set(tmp_path, {1: f"09:00,HR,70\n{bad}\n11:00,HR,75\n", 2: "10:00,HR,99\n"}))
    assert [value(stays, "HR", hour) for hour in (9, 11)] == [70, 75]
    assert np.isfinite(stays.values).sum() == 5
    assert value(stays, "HR", 10, stay=1) == 99
    assert "Note: set-a.zip holds 1 line(s) that are not of the form" in capsys.readouterr().out


def test_all_malformed_lines_are_counted(tmp_path, capsys):
    read_stays(*write_set(tmp_path, {1: "\n".join(BAD) + "\n", 2: "\n".join(BAD) + "\n"}))
    assert f"holds {2 * len(BAD)} line(s)" in capsys.readouterr().out


@pytest.mark.parametrize("text", [b"", b"\n\n", b"\xff\xfe\x00", HEAD.encode()])
def test_a_stay_without_measurements_stays(tmp_path, text):
    stays = read_stays(*write_set(tmp_path, {1: text, 2: "10:00,HR,99\n"}))
    assert np.isnan(stays.values[0]).all()
    assert np.isnan(stays.static[0]).all()
    assert value(stays, "HR", 10, stay=1) == 99


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("last", [True, False])
def test_line_ends_of_all_kinds(tmp_path, end, last, capsys):
    text = HEAD + ADMISSION.format(1) + "10:00,HR,99\n11:00,HR,98" + "\n" * last
    stays = read_stays(*write_set(tmp_path, {1: text.replace("\n", end).encode(), 2: "10:00,HR,70\n"}))
    assert [value(stays, "HR", hour) for hour in (10, 11)] == [99, 98]
    assert stays.static[0, 0] == 54
    assert value(stays, "HR", 10, stay=1) == 70
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    "other", ["\r1,00:07,HR,299", "\r0,00:07,HR,299", "\n1,00:07,HR,299", "\x0b1,00:07,HR,299", "\0"]
)
def test_no_line_reaches_another_patient(tmp_path, other, capsys):
    """A line's stay is the file it stands in, whatever the line says."""
    lines = {1: "00:07,HR,70\n", 2: f"00:07,HR,200{other}\n00:37,HR,80\n", 3: "00:07,HR,90\n"}
    stays = read_stays(*write_set(tmp_path, lines))
    assert [value(stays, "HR", 0, stay) for stay in (0, 2)] == [70, 90]
    assert value(stays, "HR", 0, 1) == (140 if other[0] in "\r\n" else 80)
    assert np.isfinite(stays.values).sum() == 3 + 3  # and the weights
    assert "holds 1 line(s) that are not of the form" in capsys.readouterr().out


def test_lines_are_counted_truly(tmp_path, capsys):
    """However the file ends its lines, and however many commas they have."""
    text = HEAD + "a\rb\r\nc,d,e,f,g\n\n10:00,HR,80\r\r"
    read_stays(*write_set(tmp_path, {1: text.encode(), 2: b""}))
    assert "holds 4 line(s)" in capsys.readouterr().out  # a, b, c... and the empty one between two others


def test_only_ascii_digits_and_few_are_numbers(tmp_path, capsys):
    bad = ["²:00,HR,80", "1²:00,HR,80", "10:³0,HR,80", "10:00,HR,8²", "10:00,HR,1_0", "٣:00,HR,80", "10:00,HR,٣"]
    bad += [f"{'9' * 5000}:00,HR,80", f"10:{'0' * 5000},HR,80", f"10:00,HR,{'9' * 5000}", "10:00,HR,1e999"]
    lines = "\n".join(["09:00,HR,70", *bad, "11:00,HR,75"]) + "\n"
    stays = read_stays(*write_set(tmp_path, {1: (HEAD + ADMISSION.format(1) + lines).encode()}))
    assert [value(stays, "HR", hour) for hour in (9, 11)] == [70, 75]
    assert np.isnan(value(stays, "HR", 10))
    assert f"holds {len(bad)} line(s)" in capsys.readouterr().out


@pytest.mark.parametrize("as_zip", [True, False])
@pytest.mark.parametrize("name", ["²", "1²", "٣", "9" * 30, "9" * 200, "-7", "1.5", " 7"])
def test_names_that_are_no_numbers_of_stays(tmp_path, as_zip, name):
    files = write_set(tmp_path, {name: b"10:00,HR,99\n", 1: LINES}, {1: 0}, as_zip=as_zip)
    assert read_stays(*files).patient.tolist() == [1]


@pytest.mark.parametrize("as_zip", [True, False])
def test_of_two_files_with_one_number_the_first_counts(tmp_path, as_zip, capsys):
    text = HEAD + ADMISSION.format(7)
    lines = {number: (text + f"10:00,HR,{hr}\n").encode() for number, hr in (("007", 60), ("07", 70), ("7", 80))}
    stays = read_stays(*write_set(tmp_path, lines, {7: 0}, as_zip=as_zip))
    assert stays.patient.tolist() == [7]
    assert value(stays, "HR", 10) == 60
    assert "holds 2 file(s) of a stay that has one already; left out" in capsys.readouterr().out


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_one_name_twice_in_a_zip(tmp_path, capsys):
    stays, outcomes = write_set(tmp_path, {7: "10:00,HR,60\n"})
    with zipfile.ZipFile(stays, "a") as archive:
        for name in ("set-a/7.txt", "copy/7.txt"):
            archive.writestr(name, HEAD + "10:00,HR,80\n")
    assert value(read_stays(stays, outcomes), "HR", 10) == 60
    assert "holds 2 file(s) of a stay that has one already" in capsys.readouterr().out


@pytest.mark.parametrize("inside", ["8", "8.0", "7.5", "-1", "1e999"])
def test_a_stay_whose_file_bears_another_number(tmp_path, inside, capsys):
    wrong = (HEAD + ADMISSION.format(inside) + "10:00,HR,99\n").encode()
    stays = read_stays(*write_set(tmp_path, {7: wrong, 9: "10:00,HR,70\n"}, {7: 1, 9: 0}))
    assert stays.patient.tolist() == [9]
    assert stays.died.tolist() == [0]
    assert "holds 1 stay(s) whose RecordID is not the number in their file's name" in capsys.readouterr().out


def test_two_stays_in_one_file(tmp_path, capsys):
    both = HEAD + "".join(ADMISSION.format(number) + "10:00,HR,80\n" for number in (7, 8))
    stays = read_stays(*write_set(tmp_path, {7: both.encode(), 9: "10:00,HR,70\n"}))
    assert stays.patient.tolist() == [9]
    assert "1 stay(s) whose RecordID" in capsys.readouterr().out


def test_implausible_values_are_left_out_and_counted(tmp_path, capsys):
    stays = read_stays(*write_set(tmp_path, {1: "01:00,HR,0\n01:10,HR,80\n02:00,pH,735\n03:00,Temp,-17.8\n"}))
    assert value(stays, "HR", 1) == 80
    assert np.isnan(value(stays, "pH", 2))
    assert np.isnan(value(stays, "Temp", 3))
    assert "3 value(s) outside the plausible range" in capsys.readouterr().out


def test_a_weight_at_admission_counts_once(tmp_path, capsys):
    read_stays(*write_set(tmp_path, {1: "00:00,Weight,800\n"}))
    assert "1 value(s) outside the plausible range" in capsys.readouterr().out


def test_stays_and_outcomes_that_do_not_belong_together(tmp_path, capsys):
    stays = read_stays(*write_set(tmp_path, {1: "", 2: "", 3: ""}, {2: 1, 3: -1, 9: 0, 8: 0}))
    assert stays.patient.tolist() == [2]
    said = capsys.readouterr().out
    assert "1 outcome(s) that are neither 0 nor 1" in said
    assert "2 stay(s) without an outcome" in said
    assert "2 outcome(s) without a stay" in said
    with pytest.raises(DataError, match="Do the two files belong together"):
        read_stays(*write_set(tmp_path / "other", {1: ""}, {2: 1}))


def test_an_outcome_given_twice(tmp_path, capsys):
    stays, outcomes = write_set(tmp_path, {1: ""}, {1: 1})
    outcomes.write_text(outcomes.read_text() + "1,12,3,5,-1,0\n")
    assert read_stays(stays, outcomes).died.tolist() == [1]
    assert "has one already" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("set-a.zip", b"no zip", "cannot be read"),
        ("set-a.zip", b"", "cannot be read"),
        ("Outcomes-a.txt", b"", "not a table of outcomes"),
        ("Outcomes-a.txt", b"RecordID,Age\n1,2\n", "not a table of outcomes"),
        ("Outcomes-a.txt", OUTCOMES.encode() + b"1,2,3,4,5,dead\n", "not a table of outcomes"),
    ],
)
def test_files_that_are_not_what_they_should_be(tmp_path, name, content, words):
    files = write_set(tmp_path, {1: ""})
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError, match=words):
        read_stays(*files)


def test_outcomes_with_a_field_too_many(tmp_path, capsys):
    """No column may move: of the first row's 7 the stay would be 12 and the death in hospital something else."""
    stays, outcomes = write_set(tmp_path, {1: "", 12: ""}, {1: 1, 12: 0})
    text = outcomes.read_text()
    outcomes.write_text(text.replace(",1\n", ",1,\n").replace(",0\n", ",0,\n"))
    found = read_stays(stays, outcomes)
    assert (found.patient.tolist(), found.died.tolist()) == ([1, 12], [1, 0])
    outcomes.write_text(text.replace(",1\n", ",1,0\n").replace(",0\n", ",0,0\n"))
    with pytest.raises(DataError, match="not a table of outcomes"):
        read_stays(stays, outcomes)


@pytest.mark.parametrize("row", ["1,1e39,-1,5,-1,0", "1,inf,-1,5,-1,0"])
@pytest.mark.filterwarnings("error")
def test_scores_that_no_patient_has(tmp_path, row, capsys):
    stays, outcomes = write_set(tmp_path, {1: ""})
    outcomes.write_text(OUTCOMES + row + "\n")
    assert np.isnan(read_stays(stays, outcomes).scores[0, 0])
    assert "holds 1 score(s) or number(s) of days that no patient has" in capsys.readouterr().out


@pytest.mark.parametrize(
    "row", ["abc,1,1,1,1,0", "1_0,1,1,1,1,0", "1,1,1,1,1,0,9\n2,1,1,1,1,0\n3,1,1,1,1,0,1", "\0" * 9, '1,"']
)
def test_outcomes_are_numbers_or_refused_in_one_line(tmp_path, row):
    stays, outcomes = write_set(tmp_path, {10: ""})
    outcomes.write_text(OUTCOMES + "7,1,1,1,1,1\n" + row + "\n")
    with pytest.raises(DataError) as error:
        read_stays(stays, outcomes)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("at", [60, 90, -40])
def test_a_zip_damaged_inside(tmp_path, at):
    stays, outcomes = write_set(tmp_path, {1: LINES * 200})
    with zipfile.ZipFile(stays, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("set-a/1.txt", np.random.default_rng(0).bytes(5000))
    data = bytearray(stays.read_bytes())
    data[at : at + 8 if at > 0 else None] = b"\xff" * len(data[at : at + 8 if at > 0 else None])
    stays.write_bytes(data)
    with pytest.raises(DataError, match="cannot be read"):
        read_stays(stays, outcomes)


def test_a_full_disk_costs_a_note_and_leaves_nothing(tmp_path, monkeypatch, capsys):
    def full(path, data):
        with open(path, "wb") as file:
            file.write(data[:100])
        raise OSError(28, "No space left on device")

    files = write_set(tmp_path, {1: LINES})
    monkeypatch.setattr(Path, "write_bytes", full)
    assert value(read_stays(*files), "HR", 0) == 75
    assert "No space left" in capsys.readouterr().out
    assert list((store.cache_folder() / physionet.FOLDER).iterdir()) == []


def test_a_zip_without_stays_and_a_missing_file(tmp_path):
    stays, outcomes = write_set(tmp_path, {1: ""})
    with zipfile.ZipFile(stays, "w") as archive:
        archive.writestr("readme.txt", "hello")
    with pytest.raises(DataError, match="holds no stays"):
        read_stays(stays, outcomes)
    with pytest.raises(DataError, match="There is no"):
        read_stays(tmp_path / "set-z.zip", outcomes)


def let_everybody_in(folder):
    for one in (folder, *folder.parents):
        if not one.stat().st_mode & 0o001:
            one.chmod(0o755)


def as_nobody(function, *arguments):
    """What a function prints or raises where the user may not do as he likes (root, who runs many tests, may)."""

    def work(answer):
        if os.geteuid() == 0:
            os.setuid(65534)
        with redirect_stdout(io.StringIO()) as said:
            try:
                function(*arguments)
            except Exception as error:
                print(f"{type(error).__name__}: {error}")
        answer.put(said.getvalue())

    context = multiprocessing.get_context("fork")
    answer = context.Queue()
    process = context.Process(target=work, args=(answer,))
    process.start()
    said = answer.get(timeout=60)
    process.join()
    return said


@pytest.mark.parametrize("which", ["set-a.zip", "Outcomes-a.txt", "set-a/1.txt", "set-a"])
def test_a_file_that_may_not_be_read(tmp_path, which):
    let_everybody_in(tmp_path)
    files = write_set(tmp_path, {1: LINES}, as_zip=which.endswith("zip"))
    (tmp_path / which).chmod(0)
    said = as_nobody(read_stays, *files)
    (tmp_path / which).chmod(0o755)
    assert said == (
        f"DataError: {tmp_path / which} cannot be read (Permission denied): see that you may read it, then ask again.\n"
    )


@pytest.mark.parametrize("kind", ["pipe", "folder", "broken link"])
def test_something_else_named_like_a_stay(tmp_path, kind):
    stays, outcomes = write_set(tmp_path, {1: LINES}, as_zip=False)
    odd = stays / "2.txt"
    {"pipe": os.mkfifo, "folder": os.mkdir, "broken link": lambda path: os.symlink("nowhere", path)}[kind](odd)
    with pytest.raises(
        DataError, match=r"2.txt is not a file but .*: remove it|no .*2.txt, or it is a link to nowhere"
    ):
        read_stays(stays, outcomes)


@pytest.mark.parametrize("as_zip", [True, False])
def test_a_stay_of_many_megabytes(tmp_path, as_zip):
    files = write_set(tmp_path, {1: LINES, 2: b"10:00,HR,80\n" * 300_000}, as_zip=as_zip)
    with pytest.raises(DataError, match=r"2.txt of more than 2 MB"):
        read_stays(*files)


def test_a_zip_that_would_fill_the_memory(tmp_path):
    stays, outcomes = write_set(tmp_path, {1: LINES})
    with zipfile.ZipFile(stays, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("set-a/1.txt", LINES)
        archive.writestr("set-a/2.txt", bytes(100_000_000))
    with pytest.raises(DataError, match="would unpack to 100,000,"):
        read_stays(stays, outcomes)
    with zipfile.ZipFile(stays, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("set-a/1.txt", LINES)
    with pytest.raises(DataError, match="unusual way"):
        read_stays(stays, outcomes)


@pytest.mark.parametrize("stated", [0, 40])
def test_a_member_that_states_less_than_it_holds(tmp_path, stated):
    stays, outcomes = write_set(tmp_path, {1: LINES})
    with zipfile.ZipFile(stays) as archive:
        size = struct.pack("<I", archive.infolist()[0].file_size)
    stays.write_bytes(stays.read_bytes().replace(size * 2, size + struct.pack("<I", stated)))
    with pytest.raises(DataError, match="cannot be read"):
        read_stays(stays, outcomes)


# --- cache -----------------------------------------------------------------------------------------------------------


def kept():
    return sorted((store.cache_folder() / physionet.FOLDER).glob("*.npz"))


@pytest.mark.parametrize("as_zip", [True, False])
def test_the_cache_is_used_for_the_same_files_only(tmp_path, as_zip, monkeypatch):
    files = write_set(tmp_path, {1: LINES}, as_zip=as_zip)
    first = read_stays(*files)
    assert len(kept()) == 1
    with monkeypatch.context() as patch:
        patch.setattr(physionet, "_texts", lambda path: pytest.fail("parsed again"))
        again = read_stays(*files)
    for a, b in zip(first[:-1], again[:-1], strict=True):
        np.testing.assert_array_equal(a, b)
        assert a.dtype == b.dtype
    if as_zip:
        write_set(tmp_path, {1: LINES.replace("80", "81")})
    else:
        (files[0] / "1.txt").write_text(HEAD + "00:00,HR,75.5\n")
    assert value(read_stays(*files), "HR", 0) == 75.5
    files[1].write_text(OUTCOMES + "1,12,-1,5,-1,1\n")
    assert read_stays(*files).died.tolist() == [1]
    assert len(kept()) == 3


@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04cut off", b"hello"])
def test_a_damaged_cache_is_made_anew(tmp_path, damage):
    files = write_set(tmp_path, {1: LINES})
    read_stays(*files)
    kept()[0].write_bytes(damage)
    assert value(read_stays(*files), "HR", 0) == 75
    assert kept()[0].stat().st_size > 1000


def test_a_cache_with_one_changed_byte_is_made_anew(tmp_path):
    """Wherever it is: in the numbers, in the headers or in the zip's own tables."""
    files = write_set(tmp_path, {1: LINES, 2: "10:00,HR,99\n"})
    first = read_stays(*files)
    content = kept()[0].read_bytes()
    rng = np.random.default_rng(0)
    for at in rng.integers(0, len(content), 100):
        changed = bytearray(content)
        changed[at] ^= 1 << rng.integers(8)
        kept()[0].write_bytes(changed)
        for a, b in zip(first[:-1], read_stays(*files)[:-1], strict=True):
            np.testing.assert_array_equal(a, b)
        assert kept()[0].read_bytes() == content


def test_a_damaged_cache_in_a_folder_that_cannot_be_written_to(tmp_path):
    let_everybody_in(tmp_path)
    files = write_set(tmp_path, {1: LINES})
    read_stays(*files)
    (file,) = kept()
    file.write_bytes(b"hello")
    file.parent.chmod(0o555)
    said = as_nobody(read_stays, *files)
    file.parent.chmod(0o755)
    assert said == (
        f"Note: {file.parent} cannot be written to (Permission denied), so the next load takes as long as this one.\n"
    )
    assert file.read_bytes() == b"hello"


@pytest.mark.parametrize("kind", ["pipe", "folder", "link"])
def test_what_stands_in_the_place_of_the_cache_is_not_harmed(tmp_path, kind):
    files = write_set(tmp_path, {1: LINES})
    read_stays(*files)
    (file,) = kept()
    file.unlink()
    mine = tmp_path / "mine.txt"
    mine.write_text("mine")
    {"pipe": os.mkfifo, "folder": os.mkdir, "link": lambda path: os.symlink(mine, path)}[kind](file)
    if kind == "folder":
        (file / "mine.txt").write_text("mine")
    assert value(read_stays(*files), "HR", 0) == 75
    assert mine.read_text() == "mine"
    assert kind != "folder" or (file / "mine.txt").read_text() == "mine"


def test_a_stay_changed_at_its_size_and_time_is_read_anew(tmp_path):
    """As when files are copied with their times, or on a file system whose clock ticks by the second."""
    stays, outcomes = write_set(tmp_path, {1: LINES}, as_zip=False)
    assert value(read_stays(stays, outcomes), "HR", 0) == 75
    file = stays / "1.txt"
    before = file.stat()
    file.write_text(file.read_text().replace("HR,80", "HR,90"))
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert file.stat().st_size == before.st_size
    assert value(read_stays(stays, outcomes), "HR", 0) == 80


def test_the_cache_of_a_set_is_small(tmp_path):
    read_stays(*write_set(tmp_path, dict.fromkeys(range(300), LINES)))
    assert kept()[0].stat().st_size < 100_000  # 2 MB of numbers, most of them unknown


def test_a_cache_that_cannot_be_written_costs_a_note(tmp_path, monkeypatch, capsys):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert value(read_stays(*write_set(tmp_path, {1: LINES})), "HR", 0) == 75
    assert "cannot be written to" in capsys.readouterr().out


# --- load_icu --------------------------------------------------------------------------------------------------------


def both_sets(folder):
    for name, number in (("a", 1), ("b", 2)):
        write_set(folder / physionet.FOLDER, {number: LINES}, name=name)
    return {f.name: hashlib.md5(f.read_bytes()).hexdigest() for f in (folder / physionet.FOLDER).iterdir()}


def as_official(monkeypatch, md5, address=""):
    """The files with these MD5s, at this address, in place of PhysioNet's."""
    entry = catalogue.SETS["icu"]
    files = tuple(file._replace(url=f"{address}{file.name}", md5=md5[file.name]) for file in entry.files)
    monkeypatch.setitem(catalogue.SETS, "icu", entry._replace(files=files))


def test_load_from_a_folder(tmp_path, monkeypatch, capsys):
    md5 = both_sets(tmp_path / "data")
    monkeypatch.setenv("COURSE_DATA_DIR", str(tmp_path / "data"))
    with pytest.raises(DataError, match="not the official file"):
        load_icu()
    data = load_icu(verify=False)
    assert data.source == "physionet-2012"
    assert (data.train.patient.tolist(), data.test.patient.tolist()) == ([1], [2])
    assert "real stays, train / test 1 (0.0% died) / 1 (0.0% died)" in capsys.readouterr().out
    as_official(monkeypatch, md5)
    assert load_icu("real").test.patient.tolist() == [2]


def test_load_from_unpacked_folders(tmp_path, monkeypatch):
    for name, number in (("a", 1), ("b", 2)):
        write_set(tmp_path / "data" / physionet.FOLDER, {number: LINES}, name=name, as_zip=False)
    monkeypatch.setenv("COURSE_DATA_DIR", str(tmp_path / "data"))
    assert load_icu("real", verify=False).train.patient.tolist() == [1]


def test_load_from_the_network(tmp_path, monkeypatch, capsys):
    """From a server laid out as PhysioNet's; the second time nothing is asked for."""
    md5 = both_sets(tmp_path / "server")
    asked = []

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            asked.append(self.path)

    handler = partial(Quiet, directory=tmp_path / "server" / physionet.FOLDER)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        as_official(monkeypatch, md5, f"http://127.0.0.1:{server.server_port}/")
        assert load_icu("real").train.patient.tolist() == [1]
        assert sorted(asked) == ["/Outcomes-a.txt", "/Outcomes-b.txt", "/set-a.zip", "/set-b.zip"]
        assert load_icu("real").test.patient.tolist() == [2]
        server.shutdown()
    assert len(asked) == 4
    assert "(from the network)" in capsys.readouterr().out


def test_without_data_and_network(capsys):
    with pytest.raises(DataError, match="no connection"):
        load_icu("real")
    data = load_icu()
    assert data.source == "simulator"
    said = capsys.readouterr().out
    assert "*** GENERATED DATA (simulator), not real patients: the Challenge's files are not on this computer" in said
    with pytest.raises(ValueError, match='"auto", "real" or "simulator"'):
        load_icu("phantom")


# --- real data -------------------------------------------------------------------------------------------------------


@pytest.mark.real_data
def test_real_stays():
    folder = Path(os.environ["COURSE_DATA_DIR"]) / physionet.FOLDER
    files = folder / "set-a.zip", folder / "Outcomes-a.txt"
    start = time.perf_counter()
    parsed = read_stays(*files)
    parsing = time.perf_counter() - start
    start = time.perf_counter()
    cached = read_stays(*files)
    loading = time.perf_counter() - start
    assert parsing <= 8 * 2  # with room for a busy machine
    assert loading <= 0.3 * 2
    np.testing.assert_array_equal(parsed.values, cached.values)
    data = load_icu("real")
    assert [len(s.died) for s in (data.train, data.test)] == [4000, 4000]
    assert [s.died.sum() for s in (data.train, data.test)] == [554, 568]
    assert len(np.intersect1d(data.train.patient, data.test.patient)) == 0
