"""Four hospitals: the official form read, unknown told from zero, faults named, generated patients with known risk."""

import hashlib
import http.server
import threading
from functools import partial

import numpy as np
import pytest

from course_utils import auc
from course_utils.data import DataError, catalogue, load_heart, simulate_heart, store, uci
from course_utils.data.heart import FEATURES, HOSPITALS

NAMES = list(FEATURES)
LINES = "63.0,1.0,1.0,145.0,0,1.0,2.0,150.0,0.0,2.3,3.0,?,6.0,0\n28,1,2,-9,132,0,2,185,0,-.5,?,-9.0,?,3\r\n"


def files(folder, texts=LINES):
    paths = [folder / f"processed.{place}.data" for place in ("cleveland", "hungarian", "switzerland", "va")]
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(texts.encode() if isinstance(texts, str) else texts)
    return paths


@pytest.fixture
def official(tmp_path, monkeypatch):
    """A server that gives four files, which the catalogue takes for the official ones; the paths they are to have."""
    files(tmp_path / "server")
    handler = partial(http.server.SimpleHTTPRequestHandler, directory=tmp_path / "server")
    handler.log_message = lambda *_: None
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    md5, address = hashlib.md5(LINES.encode()).hexdigest(), f"http://127.0.0.1:{server.server_port}"
    entry = catalogue.SETS["heart"]
    ours = tuple(file._replace(url=f"{address}/{file.name}", md5=md5, bytes=len(LINES)) for file in entry.files)
    monkeypatch.setitem(catalogue.SETS, "heart", entry._replace(files=ours))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("COURSE_DATA_DIR", raising=False)
    yield tmp_path / "server"
    server.shutdown()
    server.server_close()


def test_the_official_form(tmp_path):
    one = uci.read_heart(files(tmp_path)).hospitals["Zurich"]
    assert one.values.shape == (2, 13)
    assert one.values.dtype == np.float32
    assert dict(zip(NAMES, one.values[0], strict=True))["cholesterol"] == 0  # as the hospital wrote it
    assert [NAMES[k] for k in np.flatnonzero(np.isnan(one.values[0]))] == ["vessels coloured"]
    unknown = ["resting blood pressure", "ST slope", "vessels coloured", "thallium scan"]
    assert [NAMES[k] for k in np.flatnonzero(np.isnan(one.values[1]))] == unknown
    assert dict(zip(NAMES, one.values[1], strict=True))["ST depression"] == -0.5
    assert one.narrowing.tolist() == [0, 3]
    assert one.disease.tolist() == [0, 1]
    assert one.risk is None


@pytest.mark.parametrize(
    "line",
    ["1,2,3", "a" * 50, LINES.split()[0] + ",1", LINES.split()[0][:-1] + "5", LINES.split()[0][:-1] + "?", "\x00\xff"]
    + [LINES.split()[0].replace("145.0", odd) for odd in ("inf", "1e30", "nan?", "")],
)
def test_a_line_that_is_no_patient_is_counted_and_moves_nobody_else(tmp_path, line, capsys):
    paths = files(tmp_path, LINES + line + "\n" + LINES)
    one = uci.read_heart(paths).hospitals["Budapest"]
    assert one.narrowing.tolist() == [0, 3, 0, 3]
    assert "processed.hungarian.data holds 1 line(s) that are no patient" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "words"),
    [("", "holds no patients"), ("<html>busy</html>", "holds no patients"), (LINES * 20_000, "more than 1 MB")],
)
def test_what_is_not_such_a_file(tmp_path, text, words):
    with pytest.raises(DataError, match=words):
        uci.read_heart(files(tmp_path, text))


def test_a_file_that_cannot_be_read(tmp_path):
    paths = files(tmp_path)
    paths[1].unlink()
    paths[1].mkdir()
    with pytest.raises(DataError, match=r"processed.hungarian.data cannot be read"):
        uci.read_heart(paths)


def test_it_is_fetched_checked_and_kept(official, capsys):
    heart = load_heart(source="real")
    assert heart.source == "uci-heart-disease"
    assert "real patients" in repr(heart)
    assert list(heart.hospitals) == list(HOSPITALS)
    assert "(from the network)" in capsys.readouterr().out
    for path in official.iterdir():
        path.unlink()
    load_heart(source="real")  # from the cache
    assert store.find("uci-heart-disease/processed.va.data")[0].read_bytes() == LINES.encode()


def test_a_damaged_file_is_named_and_nothing_is_made_up(official, tmp_path, monkeypatch):
    folder = tmp_path / "data"
    files(folder / "uci-heart-disease", LINES.replace("63.0", "36.0"))
    monkeypatch.setenv("COURSE_DATA_DIR", str(folder))
    for source in ("auto", "real"):
        with pytest.raises(DataError, match=r"processed\.cleveland\.data"):
            load_heart(source=source)
    assert load_heart(source="real", verify=False).hospitals["Cleveland"].values[0, 0] == 36


def test_where_nothing_can_be_had(official, capsys):
    for path in official.iterdir():
        path.unlink()
    with pytest.raises(DataError):
        load_heart(source="real")
    heart = load_heart()
    assert heart.source == "simulator"
    assert "GENERATED DATA (simulator), not real patients: the files of the four hospitals" in capsys.readouterr().out
    with pytest.raises(ValueError, match="source is"):
        load_heart(source="phantom")


def test_simulated_patients_have_the_form_and_the_known_risk():
    heart, again = simulate_heart(seed=3, times=40), simulate_heart(seed=3, times=40)
    assert "GENERATED" in repr(heart)
    for name, one in heart.hospitals.items():
        assert np.array_equal(one.values, again.hospitals[name].values, equal_nan=True)
        assert one.values.dtype == np.float32
        assert set(one.narrowing) == {0, 1}
        for low, high in ((0, 0.3), (0.3, 0.7), (0.7, 1)):  # who is said to have this risk, has it
            said = one.risk[(one.risk >= low) & (one.risk < high)]
            found = one.disease[(one.risk >= low) & (one.risk < high)]
            assert abs(found.mean() - said.mean()) <= 4 * np.sqrt(said.mean() * (1 - said.mean()) / len(said))
        assert 0.8 <= auc(one.disease, one.risk, "binary-class") <= 0.95
    cholesterol = NAMES.index("cholesterol")
    zeros = {name: np.mean(one.values[:, cholesterol] == 0) for name, one in heart.hospitals.items()}
    assert zeros["Zurich"] == 1
    assert 0.2 <= zeros["Long Beach"] <= 0.3
    assert zeros["Cleveland"] == zeros["Budapest"] == 0


@pytest.mark.real_data
def test_the_real_files(capsys):
    heart = load_heart(source="real")
    assert "holds" not in capsys.readouterr().out  # no line is left out
    assert [len(one.values) for one in heart.hospitals.values()] == [303, 294, 123, 200]
    cholesterol = NAMES.index("cholesterol")
    assert (heart.hospitals["Zurich"].values[:, cholesterol] == 0).all()
    assert np.isnan(heart.hospitals["Budapest"].values[:, cholesterol]).sum() == 23
    peak = np.concatenate([one.values[:, NAMES.index("maximal heart rate")] for one in heart.hospitals.values()])
    assert 60 <= np.nanmin(peak) < np.nanmax(peak) == 202
