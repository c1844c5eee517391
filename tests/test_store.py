"""Downloads from a server that misbehaves in every way we could think of."""

import hashlib
import io
import multiprocessing
import os
import signal
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest

from course_utils.data import DataError, load_medmnist, medmnist, store

BODY = np.random.default_rng(0).bytes(300_000)
MD5 = hashlib.md5(BODY).hexdigest()


class Server(BaseHTTPRequestHandler):
    """What a path is called is what it does."""

    asked: ClassVar = []  # (path, Range header)

    def do_GET(self):
        what = self.path.split("?")[0].strip("/")
        wanted = self.headers.get("Range")
        self.asked.append((what, wanted))
        start = int(wanted[len("bytes=") : -1]) if wanted else 0
        if what in ("404", "500"):
            return self.send_error(int(what))
        if what == "silent":
            return time.sleep(3)
        if what == "redirect":
            self.send_response(302)
            self.send_header("Location", "/good")
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", "0")
            return self.end_headers()
        if what == "html":
            return self.answer(b"<html>Please log in</html>", kind="text/html; charset=utf-8")
        if what == "empty":
            return self.answer(b"")
        if what == "wrong":
            return self.answer(b"x" * 1000)
        if what == "huge":
            return self.answer(b"", length=10**18)
        if what == "no-ranges":
            return self.answer(BODY)
        if start >= len(BODY):
            return self.send_error(416)
        rest = BODY[start:]
        head = {"Content-Range": f"bytes {start}-{len(BODY) - 1}/{len(BODY)}"} if start else {}
        status = 206 if start else 200
        if what == "truncated" and not start:
            return self.answer(rest[:100_000], length=len(rest))
        if what == "stalls" and not start:
            self.answer(rest[:100_000], length=len(rest))
            self.wfile.flush()
            return time.sleep(3)
        if what == "slow" and not start:
            self.answer(b"", length=len(rest))
            for i in range(0, len(rest), 10_000):
                self.wfile.write(rest[i : i + 10_000])
                time.sleep(0.1)
            return None
        return self.answer(rest, status=status, head=head)

    def answer(self, body, status=200, length=None, kind="application/octet-stream", head=None):
        self.send_response(status)
        for name, value in {"Content-Type": kind, **(head or {})}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def server():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Server)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.fixture(autouse=True)
def forget_requests():
    Server.asked.clear()


def get(url, folder, **options):
    return store.fetch(url, "file.npz", MD5, folder=folder, timeout=(1, 0.5), **options)


def left(folder):
    """What a user would see in the folder, apart from the lock."""
    return sorted(f.name for f in Path(folder).iterdir() if not f.name.startswith("."))


@pytest.mark.parametrize("path", ["good", "no-ranges", "redirect"])
def test_good_downloads(server, tmp_path, path, capsys):
    assert get(f"{server}/{path}", tmp_path / "new" / "folder").read_bytes() == BODY
    said = capsys.readouterr()
    assert "file.npz" in said.out  # the progress bar
    assert said.err == ""
    assert left(tmp_path / "new" / "folder") == ["file.npz"]


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("404", ["404", "Not Found", "file.npz", "in a browser"]),
        ("500", ["500", "Try again later"]),
        ("html", ["web page instead of the file", "log in"]),
        ("empty", ["empty file"]),
        ("wrong", [MD5, hashlib.md5(b"x" * 1000).hexdigest(), "/wrong", "not kept"]),
        ("silent", ["silent", "Check the network"]),
        ("huge", ["disk is full", "file.npz", "COURSE_DATA_DIR"]),
    ],
)
def test_each_fault_has_its_message_and_leaves_nothing(server, tmp_path, path, words):
    with pytest.raises(DataError) as error:
        get(f"{server}/{path}", tmp_path)
    for word in words:
        assert word in str(error.value)
    assert "\n" not in str(error.value)
    assert left(tmp_path) == []


def test_connection_refused(tmp_path):
    with pytest.raises(DataError, match=r"no connection to http://127.0.0.1:9/x \(Connection refused\)"):
        get("http://127.0.0.1:9/x", tmp_path)
    assert left(tmp_path) == []


@pytest.mark.parametrize("path", ["truncated", "stalls"])
def test_cut_off_download_goes_on_where_it_ended(server, tmp_path, path):
    with pytest.raises(DataError, match="goes on from there"):
        get(f"{server}/{path}", tmp_path)
    assert left(tmp_path) == ["file.npz.part"]
    have = (tmp_path / "file.npz.part").stat().st_size
    assert 0 < have < len(BODY)
    assert get(f"{server}/{path}", tmp_path).read_bytes() == BODY
    assert Server.asked[-1] == (path, f"bytes={have}-")
    assert left(tmp_path) == ["file.npz"]


@pytest.mark.parametrize("path", ["good", "no-ranges"])
@pytest.mark.parametrize("part", [b"garbage", BODY[:1000], BODY, BODY + b"more"])
def test_any_old_part_ends_well(server, tmp_path, path, part):
    (tmp_path / "file.npz.part").write_bytes(part)
    assert get(f"{server}/{path}", tmp_path).read_bytes() == BODY
    assert left(tmp_path) == ["file.npz"]


def test_disk_full_while_writing(server, tmp_path, monkeypatch):
    class FullDisk(io.FileIO):
        def write(self, data):
            if self.tell() > 50_000:
                raise OSError(28, "No space left on device")
            return super().write(data)

    monkeypatch.setattr(store, "open", lambda path, mode: FullDisk(path, mode), raising=False)
    with pytest.raises(DataError, match=r"disk is full.*COURSE_DATA_DIR"):
        get(f"{server}/good", tmp_path)
    assert left(tmp_path) == []


def _as_nobody(url, folder, answer):
    if os.geteuid() == 0:
        os.setuid(65534)  # root may write anywhere
    try:
        get(url, folder)
        answer.put("no error")
    except Exception as error:
        answer.put(f"{type(error).__name__}: {error}")


def test_read_only_folder(server, tmp_path):
    for parent in [tmp_path, *tmp_path.parents[:2]]:
        parent.chmod(0o755)
    tmp_path.chmod(0o555)
    context = multiprocessing.get_context("fork")
    answer = context.Queue()
    process = context.Process(target=_as_nobody, args=(f"{server}/good", tmp_path / "cache", answer))
    process.start()
    said = answer.get(timeout=20)
    process.join()
    tmp_path.chmod(0o755)
    assert said.startswith("DownloadError: Cannot write into")
    assert "COURSE_DATA_DIR" in said
    assert left(tmp_path) == []


def _get_in_process(url, folder):
    get(url, folder, progressbar=False)


def test_two_processes_at_once_download_once(server, tmp_path):
    context = multiprocessing.get_context("spawn")
    both = [context.Process(target=_get_in_process, args=(f"{server}/slow", tmp_path)) for _ in range(2)]
    for process in both:
        process.start()
    for process in both:
        process.join(60)
    assert [process.exitcode for process in both] == [0, 0]
    assert len(Server.asked) == 1
    assert (tmp_path / "file.npz").read_bytes() == BODY
    assert left(tmp_path) == ["file.npz"]


def test_killed_process_leaves_no_half_file(server, tmp_path):
    process = multiprocessing.get_context("spawn").Process(target=_get_in_process, args=(f"{server}/slow", tmp_path))
    process.start()
    part = tmp_path / "file.npz.part"
    until = time.monotonic() + 30
    while not (part.exists() and part.stat().st_size > 20_000) and time.monotonic() < until:
        time.sleep(0.02)
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    assert left(tmp_path) == ["file.npz.part"]
    assert get(f"{server}/slow", tmp_path).read_bytes() == BODY
    assert Server.asked[-1][1].startswith("bytes=")


# --- load_medmnist -------------------------------------------------------------------------------------------------


def arrays(n=5, size=28, **changes):
    rng = np.random.default_rng(0)
    made = {}
    for split in ("train", "val", "test"):
        made[f"{split}_images"] = rng.integers(0, 256, (n, size, size), dtype="uint8")
        made[f"{split}_labels"] = (np.arange(n) % 2).astype("uint8")[:, None]
    made.update(changes)
    return {key: value for key, value in made.items() if value is not None}


def write(folder, name="breastmnist.npz", **changes):
    np.savez(folder / name, **arrays(**changes))
    return folder / name


@pytest.fixture
def data_dir(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_DATA_DIR", str(tmp_path))
    return tmp_path


def test_local_file_is_found_and_described(data_dir, capsys):
    write(data_dir)
    data = load_medmnist("BreastMNIST", verify=False)
    assert data.source == "medmnist"
    assert data.train.images.shape == (5, 28, 28, 1)
    assert data.train.images.dtype == np.uint8
    assert data.train.labels.shape == (5,)
    assert data.class_names[data.positive] == "malignant"
    assert data.licence == "CC BY 4.0"
    assert "10.1038/s41597-022-01721-8" in data.citation
    assert "real images" in capsys.readouterr().out


def test_places_are_searched_in_order(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    places = list(store.folders().values())
    assert places[0] == tmp_path / "data"
    assert places[2] == tmp_path / "home" / ".medmnist"
    for folder in reversed(places):
        folder.mkdir(parents=True)
        write(folder)
        assert store.find("breastmnist.npz")[0] == folder / "breastmnist.npz"


@pytest.mark.parametrize("source", ["auto", "real"])
def test_wrong_md5_of_a_local_file_is_never_passed_over(data_dir, source):
    path = write(data_dir)
    with pytest.raises(DataError) as error:
        load_medmnist("breastmnist", source=source)
    for word in (str(path), medmnist.INFO["breastmnist"]["MD5"], hashlib.md5(path.read_bytes()).hexdigest()):
        assert word in str(error.value)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"val_labels": None}, "lacks the array val_labels"),
        ({"train_images": np.zeros((5, 28, 28), "float32")}, "should be uint8"),
        ({"train_images": np.zeros((5, 28, 27), "uint8")}, r"\(5, 28, 27\)"),
        ({"train_images": np.zeros((5, 28, 28, 3), "uint8")}, r"\(5, 28, 28, 3\)"),
        ({"train_images": np.zeros((0, 28, 28), "uint8")}, r"\(0, 28, 28\)"),
        ({"test_labels": np.zeros((4, 1), "uint8")}, r"test_labels should be integers of shape \(5, 1\)"),
        ({"test_labels": np.zeros((5, 1), "float64")}, "should be integers"),
        ({"test_labels": np.full((5, 1), 2, "uint8")}, "between 0 and 1"),
        ({"train_images": np.array([{"a": 1}] * 5, dtype=object)}, "Python objects"),
    ],
)
def test_wrong_arrays(data_dir, changes, words):
    write(data_dir, **changes)
    with pytest.raises(DataError, match=words):
        load_medmnist("breastmnist", verify=False)


@pytest.mark.parametrize("content", [b"", b"not an archive", b"PK\x03\x04 broken"])
def test_a_file_that_is_no_archive(data_dir, content):
    (data_dir / "breastmnist.npz").write_bytes(content)
    with pytest.raises(DataError, match="breastmnist"):
        load_medmnist("breastmnist", verify=False)


def test_a_truncated_archive(data_dir):
    path = write(data_dir)
    path.write_bytes(path.read_bytes()[:-500])
    with pytest.raises(DataError, match="damaged"):
        load_medmnist("breastmnist", verify=False)


def test_unknown_names_and_sizes():
    with pytest.raises(ValueError, match="Did you mean 'breastmnist'"):
        load_medmnist("brestmnist")
    with pytest.raises(ValueError, match="Known names: pathmnist"):
        load_medmnist("qqqq")
    with pytest.raises(ValueError, match="no 2D"):
        load_medmnist("organmnist3d")
    with pytest.raises(ValueError, match="28, 64, 128, 224"):
        load_medmnist("breastmnist", size=32)
    with pytest.raises(ValueError, match="source"):
        load_medmnist("breastmnist", source="fake")


def test_auto_falls_back_and_says_so(capsys):
    data = load_medmnist("breastmnist")
    said = capsys.readouterr().out
    assert data.source == "phantom"
    assert "GENERATED DATA (phantom), not real patients" in said
    assert "no connection" in said


def test_a_mistyped_data_folder_is_noticed(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("COURSE_DATA_DIR", str(tmp_path / "dta"))
    load_medmnist("breastmnist")
    assert "dta, and there is no such folder" in capsys.readouterr().out


def test_real_never_falls_back():
    with pytest.raises(DataError, match="no connection"):
        load_medmnist("breastmnist", source="real")


def test_phantom_touches_neither_disk_nor_network(monkeypatch):
    monkeypatch.setattr(store, "find", None)
    monkeypatch.setattr(store, "fetch", None)
    assert load_medmnist("breastmnist", source="phantom").source == "phantom"


def test_auto_fetches_checks_and_keeps(server, tmp_path, monkeypatch):
    path = write(tmp_path, name="source.npz")
    info = dict(medmnist.INFO["breastmnist"], url=f"{server}/good", MD5=hashlib.md5(path.read_bytes()).hexdigest())
    monkeypatch.setitem(medmnist.INFO, "breastmnist", info)
    monkeypatch.setitem(globals(), "BODY", path.read_bytes())
    monkeypatch.setenv("COURSE_DATA_DIR", str(tmp_path / "data"))
    (tmp_path / "data").mkdir()
    assert load_medmnist("breastmnist").source == "medmnist"
    assert load_medmnist("breastmnist").source == "medmnist"
    assert len(Server.asked) == 1
    assert left(tmp_path / "data") == ["breastmnist.npz"]


@pytest.mark.parametrize("size", [64, 128, 224])
def test_larger_sizes_and_colour(data_dir, size):
    images = {f"{split}_images": np.zeros((2, size, size, 3), "uint8") for split in ("train", "val", "test")}
    labels = {f"{split}_labels": np.zeros((2, 1), "uint8") for split in ("train", "val", "test")}
    np.savez(data_dir / f"bloodmnist_{size}.npz", **images, **labels)
    data = load_medmnist("bloodmnist", size=size, verify=False)
    assert data.train.images.shape == (2, size, size, 3)


def test_multi_label_file(data_dir):
    labels = {f"{split}_labels": np.eye(5, 14, dtype="uint8") for split in ("train", "val", "test")}
    np.savez(data_dir / "chestmnist.npz", **arrays(**labels))
    data = load_medmnist("chestmnist", verify=False)
    assert data.train.labels.shape == (5, 14)
    assert data.positive is None
