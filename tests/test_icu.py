"""ICU stays: the official form read, its faults counted, the cache trusted only when it may be; and the simulator."""

import hashlib
import http.server
import os
import threading
import time
import zipfile
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from course_utils import auc
from course_utils.data import DataError, icu, load_icu, store
from course_utils.data.icu import HOURS, MEASUREMENTS, STATIC, read_stays
from course_utils.data.icu_simulator import PLANTED, best_auroc, simulate_icu

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


def test_windows_line_ends(tmp_path):
    stays = read_stays(*write_set(tmp_path, {1: (HEAD + "10:00,HR,99\n11:00,HR,98").replace("\n", "\r\n").encode()}))
    assert [value(stays, "HR", hour) for hour in (10, 11)] == [99, 98]


def test_implausible_values_are_left_out_and_counted(tmp_path, capsys):
    stays = read_stays(*write_set(tmp_path, {1: "01:00,HR,0\n01:10,HR,80\n02:00,pH,735\n03:00,Temp,-17.8\n"}))
    assert value(stays, "HR", 1) == 80
    assert np.isnan(value(stays, "pH", 2))
    assert np.isnan(value(stays, "Temp", 3))
    assert "3 value(s) outside the plausible range" in capsys.readouterr().out


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
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez", full)
    assert value(read_stays(*write_set(tmp_path, {1: LINES})), "HR", 0) == 75
    assert "No space left" in capsys.readouterr().out
    assert list((store.cache_folder() / icu.FOLDER).iterdir()) == []


def test_a_zip_without_stays_and_a_missing_file(tmp_path):
    stays, outcomes = write_set(tmp_path, {1: ""})
    with zipfile.ZipFile(stays, "w") as archive:
        archive.writestr("readme.txt", "hello")
    with pytest.raises(DataError, match="holds no stays"):
        read_stays(stays, outcomes)
    with pytest.raises(DataError, match="There is no"):
        read_stays(tmp_path / "set-z.zip", outcomes)


# --- cache -----------------------------------------------------------------------------------------------------------


def kept():
    return sorted((store.cache_folder() / icu.FOLDER).glob("*.npz"))


@pytest.mark.parametrize("as_zip", [True, False])
def test_the_cache_is_used_for_the_same_files_only(tmp_path, as_zip, monkeypatch):
    files = write_set(tmp_path, {1: LINES}, as_zip=as_zip)
    first = read_stays(*files)
    assert len(kept()) == 1
    with monkeypatch.context() as patch:
        patch.setattr(icu, "_texts", lambda path: pytest.fail("parsed again"))
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


def test_a_cache_that_cannot_be_written_costs_a_note(tmp_path, monkeypatch, capsys):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert value(read_stays(*write_set(tmp_path, {1: LINES})), "HR", 0) == 75
    assert "cannot be written to" in capsys.readouterr().out


# --- load_icu --------------------------------------------------------------------------------------------------------


def both_sets(folder):
    for name, number in (("a", 1), ("b", 2)):
        write_set(folder / icu.FOLDER, {number: LINES}, name=name)
    return {f.name: hashlib.md5(f.read_bytes()).hexdigest() for f in (folder / icu.FOLDER).iterdir()}


def test_load_from_a_folder(tmp_path, monkeypatch, capsys):
    md5 = both_sets(tmp_path / "data")
    monkeypatch.setenv("COURSE_DATA_DIR", str(tmp_path / "data"))
    with pytest.raises(DataError, match="not the official file"):
        load_icu()
    data = load_icu(verify=False)
    assert data.source == "physionet-2012"
    assert (data.train.patient.tolist(), data.test.patient.tolist()) == ([1], [2])
    assert "real stays, train / test 1 (0.0% died) / 1 (0.0% died)" in capsys.readouterr().out
    monkeypatch.setattr(icu, "MD5", md5)
    assert load_icu("real").test.patient.tolist() == [2]


def test_load_from_unpacked_folders(tmp_path, monkeypatch):
    for name, number in (("a", 1), ("b", 2)):
        write_set(tmp_path / "data" / icu.FOLDER, {number: LINES}, name=name, as_zip=False)
    monkeypatch.setenv("COURSE_DATA_DIR", str(tmp_path / "data"))
    assert load_icu("real", verify=False).train.patient.tolist() == [1]


def test_load_from_the_network(tmp_path, monkeypatch, capsys):
    """From a server laid out as PhysioNet's; the second time nothing is asked for."""
    md5 = both_sets(tmp_path / "server")
    asked = []

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            asked.append(self.path)

    handler = partial(Quiet, directory=tmp_path / "server" / icu.FOLDER)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setattr(icu, "URL", f"http://127.0.0.1:{server.server_port}/")
        monkeypatch.setattr(icu, "MD5", md5)
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


# --- simulator -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def simulated():
    return simulate_icu(seed=1)


def test_simulated_stays_have_the_form_of_real_ones(simulated):
    train = simulated.train
    assert train.values.shape == (4000, HOURS, len(MEASUREMENTS))
    assert train.static.shape == (4000, len(STATIC))
    assert train.values.dtype == train.static.dtype == train.scores.dtype == np.float32
    assert train.died.dtype == train.patient.dtype == np.int64
    assert tuple(PLANTED) == tuple(MEASUREMENTS)
    assert len(np.intersect1d(train.patient, simulated.test.patient)) == 0
    for k, (_, low, high) in enumerate(MEASUREMENTS.values()):
        assert low <= np.nanmin(train.values[..., k]) <= np.nanmax(train.values[..., k]) <= high
    for k, (_, low, high) in enumerate(STATIC.values()):
        assert low <= np.nanmin(train.static[:, k]) <= np.nanmax(train.static[:, k]) <= high
    assert 0.08 < train.died.mean() < 0.2


def test_simulation_is_seeded_and_quick():
    start = time.perf_counter()
    one = simulate_icu(train=4000, test=1)
    assert time.perf_counter() - start <= 3
    two, other = simulate_icu(train=4000, test=7), simulate_icu(train=4000, test=1, seed=5)
    np.testing.assert_array_equal(one.train.values, two.train.values)
    assert not np.array_equal(one.train.died, other.train.died)


def test_the_best_auroc_is_that_of_the_true_risk(simulated):
    p = np.random.default_rng(0).random(40)
    pairs = [(a, b) for i, a in enumerate(p) for j, b in enumerate(p) if i != j]
    brute = sum(a * (1 - b) * (a > b) for a, b in pairs) / sum(a * (1 - b) for a, b in pairs)
    assert best_auroc(p) == pytest.approx(brute)
    for stays in (simulated.train, simulated.test):
        assert auc(stays.died, stays.risk, "binary-class") == pytest.approx(best_auroc(stays.risk), abs=0.02)


def test_planted_effects_are_there(simulated):
    stays = simulated.train
    there = np.isfinite(stays.values)
    sick = stays.risk > np.quantile(stays.risk, 0.8)
    for name in ("Lactate", "BUN", "Creatinine"):  # asked for more often in sicker patients
        assert there[sick][..., NAMES.index(name)].mean() > 1.2 * there[~sick][..., NAMES.index(name)].mean()
    heart_surgery = stays.static[:, 3] == 2
    assert there[heart_surgery].mean() < 0.6 * there[~heart_surgery].mean()
    for name in ("HR", "MAP", "GCS", "Urine"):
        late = stays.values[:, 24:, NAMES.index(name)]
        known = np.isfinite(late).any(axis=1)
        mean = np.nanmean(late[known], axis=1)
        assert np.sign(np.corrcoef(mean, stays.risk[known])[0, 1]) == np.sign(PLANTED[name][2])


def test_the_shortcut_is_in_training_only():
    data = simulate_icu(train=3000, test=3000, shortcut=True)
    k = NAMES.index("Cholesterol")
    share = [
        [np.isfinite(s.values[s.died == died][..., k]).any(axis=1).mean() for died in (0, 1)]
        for s in (data.train, data.test)
    ]
    assert share[0][1] > 0.3 > 0.08 > share[0][0]
    assert max(share[1]) < 0.08


# --- real data -------------------------------------------------------------------------------------------------------


@pytest.mark.real_data
def test_real_stays():
    folder = Path(os.environ["COURSE_DATA_DIR"]) / icu.FOLDER
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
