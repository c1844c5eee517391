"""Downloads from a server that misbehaves in every way we could think of."""

import gzip
import hashlib
import io
import multiprocessing
import os
import platform
import signal
import threading
import time
import urllib.parse
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
from filelock import FileLock

from course_utils.data import DataError, catalogue, load_medmnist, store

BODY = np.random.default_rng(0).bytes(300_000)
MD5 = hashlib.md5(BODY).hexdigest()


def raw(*head, status="200 OK", body=BODY):
    """An answer of the server as it goes over the wire."""
    return b"\r\n".join([f"HTTP/1.1 {status}".encode(), *(line.encode("latin-1") for line in head), b"", body])


PACKED = gzip.compress(BODY)
FINE = {  # odd, but the file arrives
    "no-length": raw(),
    "length-in-words": raw("Content-Length: abc"),
    "length-below-zero": raw("Content-Length: -5"),
    "length-of-5000-digits": raw("Content-Length: " + "9" * 5000),
    "length-too-small-for-chunks": raw("Transfer-Encoding: chunked", body=b"493e0\r\n" + BODY + b"\r\n0\r\n\r\n"),
    "said-to-be-packed": raw("Content-Encoding: gzip", f"Content-Length: {len(BODY)}"),
    "encoding-unheard-of": raw("Content-Encoding: utf-8"),
}
PLACES = ["http://[", "http://[::1", "//", "http://", "http:// /", "http://a:b:c/", "http://127.0.0.1:99999/", "?\xff"]
PLACES += ["http://\xff\xfe/", "file:///etc/passwd", "ftp://127.0.0.1/x", "data:,x", "mailto:x", "/location-loop"]
NONSENSE = {
    **{f"location-{place}": raw(f"Location: {place}", status="302 Found", body=b"") for place in PLACES},
    "location-loop": raw("Location: /location-loop", status="302 Found", body=b""),
    "two-lengths": raw("Content-Length: 20", "Content-Length: 30"),
    "no-http": b"\x00\xff\x16\x03 garbage\r\n\r\n",
    "nothing": b"",
    "status-in-words": b"HTTP/1.1 fine thanks\r\n\r\n",
    "status-999": raw(status="999 \x1b[31m" + "x" * 50_000),
    "status-300": raw(status="300 Multiple Choices"),
    "status-304": raw(status="304 Not Modified"),
    "status-204": raw(status="204 No Content", body=b""),
    "a-part-nobody-asked-for": raw("Content-Range: bytes 0-299999/600000", status="206 Partial Content"),
    "1000-headers": raw(*(f"X-{i}: x" for i in range(1000))),
    "header-without-end": b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000,
    "chunk-in-words": raw("Transfer-Encoding: chunked", body=b"many\r\nbytes"),
    "chunk-cut-off": raw("Transfer-Encoding: chunked", body=b"493e0\r\n" + BODY[:5000]),
    "chunk-below-zero": raw("Transfer-Encoding: chunked", body=b"-5\r\nbytes\r\n"),
    "packed": raw("Content-Encoding: gzip", f"Content-Length: {len(PACKED)}", body=PACKED),
    "too-much": raw(body=BODY * 2),
    "too-little": raw("Content-Length: 20"),
    "page": raw("Content-Type: TEXT/HTML", body=b"<html>Please log in</html>"),
}

CHUNK = b"10000\r\n" + bytes(65_536) + b"\r\n"
DRIPS = {  # first, then again and again, and seconds between
    "head": (b"HTTP/1.1 200 OK\r\n", b"X: y\r\n", 0.2),
    "status-line": (b"HTTP/1.1 ", b"0", 0.2),
    "body": (raw(f"Content-Length: {len(BODY)}", body=BODY[:70_000]), b"x", 0.1),
    "body-in-chunks": (raw("Transfer-Encoding: chunked", body=b""), b"1\r\nx\r\n", 0.1),
}
ENDLESS = {
    "chunks": (raw("Transfer-Encoding: chunked", body=b""), CHUNK, 0),
    "more-than-announced": (raw("Transfer-Encoding: chunked", "Content-Length: 300000", body=b""), CHUNK, 0),
    "no-end": (raw(body=b""), bytes(65_536), 0),
    "redirect": (raw("Location: /good", status="302 Found", body=b""), bytes(65_536), 0),
    "redirect-in-chunks": (
        raw("Location: /good", "Transfer-Encoding: chunked", status="302 Found", body=b""),
        CHUNK,
        0,
    ),
    "refusal": (raw(status="403 Forbidden", body=b""), bytes(65_536), 0),
}


class Server(BaseHTTPRequestHandler):
    """What a path is called is what it does."""

    asked: ClassVar = []  # (path, Range header)
    sent = 0  # bytes of an endless answer

    def do_GET(self):
        what = self.path.split("?")[0].strip("/")
        wanted = self.headers.get("Range")
        self.asked.append((what, wanted))
        start = int(wanted[len("bytes=") : -1]) if wanted else 0
        if (name := urllib.parse.unquote(what, "latin-1")) in FINE | NONSENSE:
            return self.wfile.write((FINE | NONSENSE)[name])
        if what in DRIPS or what in ENDLESS:
            return self.go_on(what)
        if what == "another-place":  # a part, but not the one that was asked for
            head = {"Content-Range": f"bytes 500-{len(BODY) - 1}/{len(BODY)}"}
            return self.answer(BODY[500:], status=206, head=head) if start else self.answer(BODY)
        if what == "piecemeal" and start:  # never more than 100,000 bytes at a time
            end = min(start + 100_000, len(BODY))
            head = {"Content-Range": f"bytes {start}-{end - 1}/{len(BODY)}"}
            return self.answer(BODY[start:end], status=206, head=head)
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

    def go_on(self, what):
        """Send what there is for as long as somebody listens, but for 10 s and 100 MB at most."""
        begin, again, pause = (DRIPS | ENDLESS)[what]
        Server.sent, until = 0, time.monotonic() + 10
        with suppress(ConnectionError):
            self.wfile.write(begin)
            while time.monotonic() < until and Server.sent < 1e8:
                self.wfile.write(again)
                Server.sent += len(again)
                time.sleep(pause)

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


def one_sentence(error):
    said = str(error.value)
    assert "\n" not in said
    assert len(said) < 500
    assert "\x1b" not in said
    return said


@pytest.mark.parametrize("what", FINE)
def test_an_odd_head_is_no_fault(server, tmp_path, what):
    assert get(f"{server}/{what}", tmp_path).read_bytes() == BODY
    assert left(tmp_path) == ["file.npz"]


@pytest.mark.parametrize("what", NONSENSE)
def test_nonsense_ends_in_a_sentence(server, tmp_path, what):
    with pytest.raises(store.DownloadError) as error:
        get(f"{server}/{urllib.parse.quote(what, safe='', encoding='latin-1')}", tmp_path)
    one_sentence(error)
    assert left(tmp_path) in ([], ["file.npz.part"])
    assert get(f"{server}/good", tmp_path).read_bytes() == BODY  # and the next call does it


@pytest.mark.parametrize("what", ["status-204", "status-300", "a-part-nobody-asked-for", "page", "chunk-cut-off"])
def test_without_a_checksum_only_a_whole_answer_counts(server, tmp_path, what):
    with pytest.raises(store.DownloadError):
        store.fetch(f"{server}/{what}", "file.npz", folder=tmp_path, timeout=(1, 0.5))
    assert "file.npz" not in left(tmp_path)


@pytest.mark.parametrize("what", DRIPS)
def test_a_server_that_sends_next_to_nothing_is_given_up(server, tmp_path, monkeypatch, what):
    monkeypatch.setattr(store, "SLOWEST", (65_536, 2), raising=False)
    begin = time.monotonic()
    with pytest.raises(store.DownloadError, match=r"too slow .*less than 65 kB in 2 s"):
        get(f"{server}/{what}", tmp_path)
    assert time.monotonic() - begin < 8  # seconds
    if what == "body":
        assert (tmp_path / "file.npz.part").read_bytes().startswith(BODY[:68_000])
    assert get(f"{server}/good", tmp_path).read_bytes() == BODY


@pytest.mark.parametrize("what", ["chunks", "more-than-announced", "no-end"])
def test_an_answer_without_end_is_not_kept(server, tmp_path, monkeypatch, what):
    monkeypatch.setattr(store, "LARGEST", 1_000_000, raising=False)
    with pytest.raises(store.DownloadError, match="sends more than the"):
        get(f"{server}/{what}", tmp_path)
    assert left(tmp_path) == []
    assert Server.sent < 5e7


@pytest.mark.parametrize("what", ["redirect", "redirect-in-chunks", "refusal"])
def test_what_nobody_needs_is_not_read(server, tmp_path, what):
    with suppress(store.DownloadError):
        assert get(f"{server}/{what}", tmp_path).read_bytes() == BODY
    assert (tmp_path / "file.npz").exists() == (what != "refusal")
    assert Server.sent < 5e7


def test_a_part_of_another_place_is_not_appended(server, tmp_path):
    (tmp_path / "file.npz.part").write_bytes(BODY[:1000])
    path = store.fetch(f"{server}/another-place", "file.npz", folder=tmp_path, timeout=(1, 0.5))
    assert path.read_bytes() == BODY


def test_a_server_that_sends_less_than_asked_for(server, tmp_path):
    (tmp_path / "file.npz.part").write_bytes(BODY[:150_000])
    with pytest.raises(store.DownloadError, match="goes on from there"):
        store.fetch(f"{server}/piecemeal", "file.npz", folder=tmp_path, timeout=(1, 0.5))
    path = store.fetch(f"{server}/piecemeal", "file.npz", folder=tmp_path, timeout=(1, 0.5))
    assert path.read_bytes() == BODY


def as_official(monkeypatch, **changes):
    """BreastMNIST's file with another address, say."""
    entry = catalogue.SETS["breastmnist"]
    files = (entry.files[0]._replace(**changes), *entry.files[1:])
    monkeypatch.setitem(catalogue.SETS, "breastmnist", entry._replace(files=files))


@pytest.mark.parametrize(
    "what", ["length-in-words", "location-http://[", "location-file:///etc/passwd", "no-http", "chunks"]
)
def test_auto_falls_back_whatever_the_server_does(server, monkeypatch, capsys, what):
    url = f"{server}/{urllib.parse.quote(what, safe='')}"
    as_official(monkeypatch, url=url)
    monkeypatch.setattr(store, "LARGEST", 1_000_000, raising=False)
    assert load_medmnist("breastmnist").source == "phantom"
    assert "*** GENERATED DATA (phantom), not real patients" in capsys.readouterr().out


@pytest.mark.parametrize(
    "proxy", ["garbage://x", "http://[", "http://:bad", "http://user:secret word@host:99999", "x:y"]
)
def test_a_proxy_that_makes_no_sense(tmp_path, monkeypatch, proxy):
    monkeypatch.setenv("http_proxy", proxy)
    with pytest.raises(store.DownloadError) as error:
        get("http://example.org/x", tmp_path)
    assert "secret" not in one_sentence(error)


@pytest.mark.parametrize("content", [None, b"", b"garbage"])
def test_a_bad_file_of_certificates(server, tmp_path, monkeypatch, content):
    bundle = tmp_path / "bundle.pem"
    if content is not None:
        bundle.write_bytes(content)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(bundle))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with pytest.raises(store.DownloadError, match=r"no secure connection.*REQUESTS_CA_BUNDLE.*file of certificates"):
        get(server.replace("http", "https"), tmp_path / "data")


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

    monkeypatch.setattr(store, "open", lambda path, mode, **_: FullDisk(path, mode), raising=False)
    with pytest.raises(DataError, match=r"disk is full.*COURSE_DATA_DIR"):
        get(f"{server}/good", tmp_path)
    assert left(tmp_path) == []


def as_nobody(function, folder):
    """What `function()` returns or raises, in a process whose user is neither root nor the owner of anything."""
    for parent in [folder, *folder.parents[:2]]:
        parent.chmod(0o755)

    def work():
        if os.geteuid() == 0:
            os.setuid(65534)  # root may write anywhere
        try:
            answer.put(str(function()))
        except Exception as error:
            answer.put(f"{type(error).__name__}: {error}")

    context = multiprocessing.get_context("fork")
    answer = context.Queue()
    process = context.Process(target=work)
    process.start()
    try:
        return answer.get(timeout=20)
    finally:
        process.kill()
        process.join()


def test_read_only_folder(server, tmp_path):
    folder = tmp_path / "read only"
    folder.mkdir(mode=0o555)
    said = as_nobody(lambda: get(f"{server}/good", folder / "cache"), tmp_path)
    assert said.startswith("DownloadError: Cannot write into")
    assert "COURSE_DATA_DIR" in said
    assert left(folder) == []


@pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="only root can act as another user")
@pytest.mark.parametrize("mode", [0o600, 0o644, 0o666])
@pytest.mark.parametrize("others", [".file.npz.lock", ".file.npz.holder.lock", "file.npz.part"])
def test_what_another_user_left_in_a_shared_folder_is_in_nobodys_way(server, tmp_path, others, mode):
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o1777)
    (shared / others).write_bytes(b"theirs")
    (shared / others).chmod(mode)
    with FileLock(shared / others):  # and they hold on to it
        said = as_nobody(lambda: hashlib.md5(get(f"{server}/good", shared).read_bytes()).hexdigest(), tmp_path)
    assert said == MD5
    assert (shared / others).read_bytes() == b"theirs"
    assert left(shared) == ["file.npz"] + ["file.npz.part"] * (others == "file.npz.part")


@pytest.mark.parametrize("name", [".file.npz.lock", ".file.npz.holder.lock", "file.npz.part"])
@pytest.mark.parametrize("plant", ["link", "hard link", "dangling link", "pipe", "folder"])
def test_planted_files_are_neither_followed_nor_changed(server, tmp_path, name, plant):
    victim, planted = tmp_path / "diary.txt", tmp_path / "data" / name
    planted.parent.mkdir()
    victim.write_bytes(BODY[:1000])
    make = {
        "link": lambda: planted.symlink_to(victim),
        "hard link": lambda: planted.hardlink_to(victim),
        "dangling link": lambda: planted.symlink_to(tmp_path / "new"),
        "pipe": lambda: os.mkfifo(planted),
        "folder": planted.mkdir,
    }
    make[plant]()
    before = planted.lstat()
    assert get(f"{server}/good", planted.parent).read_bytes() == BODY
    assert victim.read_bytes() == BODY[:1000]
    assert not (tmp_path / "new").exists()
    assert (planted.lstat().st_ino, planted.lstat().st_size) == (before.st_ino, before.st_size)


@pytest.mark.parametrize("plant", ["dangling link", "folder", "pipe"])
def test_something_else_bears_the_files_name(server, tmp_path, plant):
    target = tmp_path / "file.npz"
    make = {"dangling link": lambda: target.symlink_to("other disk"), "folder": target.mkdir}
    make.get(plant, lambda: os.mkfifo(target))()
    with pytest.raises(store.DownloadError, match=r"file\.npz is in the way: it is not a file\. Move it away"):
        get(f"{server}/good", tmp_path)
    assert os.path.lexists(target)
    assert not target.is_file()


def test_both_names_of_a_part_are_taken(server, tmp_path):
    for name in ("file.npz.part", f"file.npz.{os.geteuid()}.part"):
        (tmp_path / name).symlink_to("diary")
    with pytest.raises(store.DownloadError, match=r"part is in the way: it is a link, or not a file\."):
        get(f"{server}/good", tmp_path)


def test_a_system_without_user_numbers_or_link_flags(server, tmp_path, monkeypatch):  # as Windows is
    monkeypatch.delattr(os, "geteuid")
    monkeypatch.delattr(os, "O_NOFOLLOW")
    (tmp_path / "file.npz.part").write_bytes(BODY[:1000])
    assert get(f"{server}/good", tmp_path).read_bytes() == BODY
    assert Server.asked[-1][1] == "bytes=1000-"


@pytest.mark.parametrize("step", ["mkdir", "lock", "replace"])
def test_the_disk_is_full_at_any_moment(server, tmp_path, monkeypatch, step):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    owner, name = {"mkdir": (Path, "mkdir"), "lock": (FileLock, "acquire"), "replace": (os, "replace")}[step]
    monkeypatch.setattr(owner, name, full)
    with pytest.raises(store.DownloadError, match="disk is full"):
        get(f"{server}/good", tmp_path)
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


@pytest.fixture
def downloading(server, tmp_path):
    """A process in the midst of its download; killed after 20 s at the latest."""
    process = multiprocessing.get_context("spawn").Process(target=_get_in_process, args=(f"{server}/slow", tmp_path))
    process.start()
    killer = threading.Timer(20, process.kill)
    killer.start()
    part = tmp_path / "file.npz.part"
    while process.is_alive() and not (part.exists() and part.stat().st_size > 20_000):
        time.sleep(0.02)
    yield process
    killer.cancel()
    process.kill()
    process.join()


def test_who_waits_for_another_process_says_so(server, tmp_path, downloading, capsys):
    assert get(f"{server}/slow", tmp_path).read_bytes() == BODY
    said = capsys.readouterr().out
    assert f"file.npz is being fetched by process {downloading.pid} on {platform.node()} since " in said
    assert len(Server.asked) == 1
    assert [file.name for file in tmp_path.iterdir() if "holder" in file.name] == []


def test_a_stopped_process_that_holds_the_lock_is_not_waited_for(server, tmp_path, downloading, monkeypatch, capsys):
    monkeypatch.setattr(store, "STANDSTILL", 2, raising=False)
    os.kill(downloading.pid, signal.SIGSTOP)
    with pytest.raises(store.DownloadError) as error:
        get(f"{server}/slow", tmp_path)
    said = one_sentence(error)
    assert f"file.npz is locked by process {downloading.pid} on {platform.node()} since " in said
    assert "has fetched nothing for 2 s. End that process and ask again" in said
    assert "is being fetched by process" in capsys.readouterr().out
    downloading.kill()
    downloading.join()
    assert get(f"{server}/good", tmp_path).read_bytes() == BODY


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
    for word in (str(path), catalogue.files("breastmnist")[0].md5, hashlib.md5(path.read_bytes()).hexdigest()):
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


@pytest.mark.parametrize("folder", ["~nosuch/x", "/dev/null", "x" * 5000, "not UTF-8: \udcff"])
def test_a_data_folder_that_cannot_be(monkeypatch, capsys, folder):
    monkeypatch.setenv("COURSE_DATA_DIR", folder)
    assert load_medmnist("breastmnist").source == "phantom"
    assert "and there is no such folder. Data is looked for elsewhere." in capsys.readouterr().out
    assert store.download_folder() == store.cache_folder()


@pytest.mark.parametrize("mode", [0o000, 0o444])
@pytest.mark.parametrize("below", ["", "below"])
def test_a_data_folder_that_may_not_be_entered(tmp_path, monkeypatch, capfd, mode, below):
    closed = tmp_path / "closed"
    (closed / "below").mkdir(parents=True)
    closed.chmod(mode)
    monkeypatch.setenv("COURSE_DATA_DIR", str(closed / below))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "nowhere"))
    assert as_nobody(lambda: load_medmnist("breastmnist").source, tmp_path) == "phantom"
    assert "Data is looked for elsewhere" in capfd.readouterr().out


@pytest.mark.parametrize("source", ["auto", "real"])
def test_a_data_file_that_may_not_be_read(data_dir, source):
    path = write(data_dir)
    path.chmod(0o200)
    said = as_nobody(lambda: load_medmnist("breastmnist", source=source), data_dir)
    assert said.startswith(f"DataError: {path} cannot be read (Permission denied). Ask its owner")


def test_real_never_falls_back():
    with pytest.raises(DataError, match="no connection"):
        load_medmnist("breastmnist", source="real")


def test_phantom_touches_neither_disk_nor_network(monkeypatch):
    monkeypatch.setattr(store, "find", None)
    monkeypatch.setattr(store, "fetch", None)
    assert load_medmnist("breastmnist", source="phantom").source == "phantom"


def test_auto_fetches_checks_and_keeps(server, tmp_path, monkeypatch):
    path = write(tmp_path, name="source.npz")
    as_official(monkeypatch, url=f"{server}/good", md5=hashlib.md5(path.read_bytes()).hexdigest())
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
