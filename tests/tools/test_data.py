"""`course data`: list, fetch and verify, over the catalogue."""

import hashlib
from urllib.parse import urlsplit

import numpy as np
from test_cli import course, flat

from course_utils.data import catalogue, store


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
    assert "PhysioNet" in course("data", "list").output
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


def test_the_catalogue_is_sound():
    """Each file once, with an address, an MD5, and a place in the data folder; the chapters' sets are among them."""
    files = [file for entry in catalogue.SETS.values() for file in entry.files]
    assert len({file.path for file in files}) == len({file.md5 for file in files}) == len(files) == 56
    for file in files:
        assert urlsplit(file.url).scheme == "https"
        assert len(bytes.fromhex(file.md5)) == 16
        assert ".." not in file.path
        assert not file.path.startswith("/")
    for entry in catalogue.SETS.values():
        assert entry.what
        assert entry.licence
        assert entry.citation
    assert set(catalogue.CHAPTERS) <= set(catalogue.SETS)
    assert catalogue.servers() == ["https://zenodo.org", "https://physionet.org"]


def test_a_new_set_needs_no_more_than_its_entry(tmp_path, monkeypatch):
    """Listed, fetched (for a chapter, without being named) and verified with its own reader."""
    content = b"54,1,0\n"
    part = catalogue.File("hearts/a.data", "https://127.0.0.1/a", hashlib.md5(content).hexdigest(), 7)
    entry = catalogue.Entry(
        "two hospitals", "CC BY 4.0", "Somebody (2026).", (part, part._replace(path="hearts/b.data"))
    )
    monkeypatch.setattr(catalogue, "SETS", catalogue.SETS | {"hearts": entry})
    monkeypatch.setattr(catalogue, "CHAPTERS", ("hearts",))
    monkeypatch.setenv("COURSE_DATA_DIR", str(tmp_path))
    monkeypatch.setattr(store, "fetch", lambda url, name, md5, folder: write(folder / name))

    def write(path):
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
        return path

    write(tmp_path / "hearts" / "a.data")
    assert "missing: b.data" in flat(course("data", "list"))
    done = course("data", "fetch")
    assert done.exit_code == 0, done.output
    assert flat(done).count("hearts: ") == 2
    listed = flat(course("data", "list"))
    assert "two hospitals" in listed
    assert "missing" not in listed
    assert course("data", "verify").output.count("ok ") == 2

    def read(path):
        raise store.DataError(f"{path} holds no hearts.")

    unsound = entry._replace(files=(entry.files[0], entry.files[1]._replace(read=read)))
    monkeypatch.setitem(catalogue.SETS, "hearts", unsound)
    assert "b.data holds no hearts" in flat(course("data", "verify"))
