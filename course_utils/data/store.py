"""Where data is, where it comes from, and how it is checked before anybody uses it."""

import errno
import http.client
import os
import platform
import re
import shutil
import stat
import sys
import tempfile
import time
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path
from threading import Thread

import pooch
import requests
from filelock import FileLock, Timeout
from platformdirs import user_cache_path
from tqdm import tqdm
from urllib3.exceptions import HTTPError

TIMEOUT = (10, 30)  # seconds to connect, and seconds of silence before we give up
SLOWEST = (65_536, 60)  # bytes, and seconds they may take: so the limit on the whole grows with the file
LARGEST = 20_000_000_000  # bytes; nothing that the course fetches is larger
STANDSTILL = 180  # seconds that we wait for another process's download while it does not grow


class DataError(RuntimeError):
    """Something is wrong with a data file or on the way to it; the message says what to do."""


class DownloadError(DataError):
    """The file could not be fetched: no network, a broken server, no room on the disk."""


class _LostError(Exception):
    """Talking to the server failed; the cause is chained."""


def folders():
    """Folders in which data is looked for, in this order.

    Returns
    -------
    dict of str to pathlib.Path
        ``$COURSE_DATA_DIR`` (if set), the user's cache folder, and ``~/.medmnist``, where the medmnist package
        keeps its own downloads. The keys are names fit to be shown.
    """
    found = {}
    if os.environ.get("COURSE_DATA_DIR"):
        found["$COURSE_DATA_DIR"] = Path(os.path.expanduser(os.environ["COURSE_DATA_DIR"]))
    found["the course's cache folder"] = cache_folder()
    found["~/.medmnist"] = Path(os.path.expanduser("~")) / ".medmnist"
    return found


def cache_folder():
    """Where the course keeps what it has downloaded or worked out: the user's cache folder."""
    try:
        return user_cache_path("medical-diagnosis-course", appauthor=False)
    except RuntimeError:  # a user without a name and a home, as in some containers
        return Path(tempfile.gettempdir()) / "medical-diagnosis-course"


def find(filename):
    """Path of `filename` in the first of :func:`folders` that holds it, and that folder's name; or (None, None)."""
    for name, folder in folders().items():
        if name == "$COURSE_DATA_DIR" and not (os.path.isdir(folder) and os.access(folder, os.X_OK)):
            fault = "that folder may not be entered" if os.path.isdir(folder) else "there is no such folder"
            shown = os.fsencode(folder).decode(errors="replace")  # a name that is not UTF-8 could not be printed
            print(f"Note: COURSE_DATA_DIR is {shown}, and {fault}. Data is looked for elsewhere.")
        if os.path.isfile(folder / filename):  # Path.is_file fails on a folder that may not be entered
            return folder / filename, name
    return None, None


def download_folder():
    """The folder new downloads go to: ``$COURSE_DATA_DIR`` if it can be written to, else the user's cache folder."""
    places = folders()
    chosen = places.get("$COURSE_DATA_DIR")
    if chosen is not None and os.path.isdir(chosen) and os.access(chosen, os.W_OK | os.X_OK):
        return chosen
    return places["the course's cache folder"]


def check_md5(path, md5):
    """Raise :class:`DataError` unless the file at `path` can be read and has this MD5 (32 hexadecimal digits)."""
    try:
        found = pooch.file_hash(path, alg="md5")
    except OSError as error:
        raise DataError(
            f"{path} cannot be read ({error.strerror or error}). Ask its owner to let you read it, or move it away and "
            "ask again to fetch it anew."
        ) from None
    if found != md5:
        raise DataError(
            f"{path} is not the official file: its MD5 should be {md5} and is {found}. Delete the file and ask "
            "again to fetch it anew; or, if it is meant to be another file, load it with verify=False."
        )


def fetch(url, filename, md5=None, folder=None, timeout=TIMEOUT, progressbar=True, sha256=None):
    """Download a file once, checked, so that a half-written or wrong file never bears its name.

    Bytes arrive in ``FILENAME.part``; only when they are complete and their hash is right is that file renamed. A
    lock makes a second process wait and then use the first one's file. If a download is cut off (a lost network, a
    killed process), the part stays and the next call goes on where it ended. Nothing waits for ever: neither for a
    server that sends next to nothing (`SLOWEST`) nor for a process that stands still (`STANDSTILL`).

    Parameters
    ----------
    url : str
    filename : str
        Name to store the file under.
    md5 : str, optional
        Expected MD5, 32 hexadecimal digits. Without it (and without `sha256`) only completeness is checked.
    folder : path, optional
        Where to put the file; by default :func:`download_folder`.
    timeout : pair of float
        Seconds to connect, and seconds of silence.
    progressbar : bool
    sha256 : str, optional
        Expected SHA-256, 64 hexadecimal digits, where the source publishes that one.

    Returns
    -------
    pathlib.Path

    Raises
    ------
    DownloadError
        With a message that names the fault and the remedy.
    DataError
        If somebody else has put another file there in the meantime.
    """
    alg, digest = ("sha256", sha256) if sha256 else ("md5", md5)
    folder = Path(folder or download_folder())
    target, part = folder / filename, folder / f"{filename}.part"
    elsewhere = "Set COURSE_DATA_DIR to a folder that you can write to and that has room"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        part = _own(part)
        with _locked(folder, filename, part):
            if os.path.lexists(target) and not target.is_file():
                raise DownloadError(f"{target} is in the way: it is not a file. Move it away and ask again.")
            if not target.is_file():  # unless another process has just brought it
                resumed = part.exists()
                _download(url, part, filename, timeout, progressbar)
                if resumed and part.exists() and not _is_right(part, alg, digest):  # a bad part: from the start
                    part.unlink()
                    _download(url, part, filename, timeout, progressbar)
                if not part.exists():
                    raise DownloadError(f"{url} sent an empty file. Try again later.")
                if not _is_right(part, alg, digest):
                    found = pooch.file_hash(part, alg=alg)
                    part.unlink()
                    raise DownloadError(
                        f"What arrived from {url} is not the official file: its {alg.upper()} should be {digest} and "
                        f"is {found}. It was not kept. Try again; if it stays so, the server or something on the way "
                        "changes the file."
                    )
                if target.is_file():  # another user, who has a lock of his own, was faster
                    part.unlink()
                else:
                    os.replace(part, target)
        if md5:
            check_md5(target, md5)
        return target
    except _LostError as lost:
        if isinstance(lost.__cause__, requests.exceptions.ConnectTimeout):
            told = f"{url} did not answer within {timeout[0]} s. Check the network and try again."
            raise DownloadError(told) from None
        kept = " What has arrived is kept, and the download goes on from there." if os.path.exists(part) else ""
        fault = _fault(lost.__cause__, url, timeout)
        raise DownloadError(f"Nothing fetched: {fault}. Check the network and ask again.{kept}") from None
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            with suppress(OSError):
                part.unlink(missing_ok=True)  # give the space back
            raise DownloadError(f"The disk is full: {filename} does not fit into {folder}. {elsewhere}.") from None
        raise DownloadError(f"Cannot write into {folder} ({error.strerror or error}). {elsewhere}.") from None


def _own(path):
    """`path`; where another user's file, a link or a device stands there, a name of this user's own beside it."""
    user = os.geteuid() if hasattr(os, "geteuid") else None  # Windows has none
    # On some network drives what one has just made belongs to somebody else, so the second name may be anybody's.
    for name, owner in ((path, user), (path.with_name(f"{path.stem}.{user}{path.suffix}"), None)):
        try:
            found = os.lstat(name)
        except FileNotFoundError:
            return name
        if stat.S_ISREG(found.st_mode) and found.st_nlink == 1 and owner in (None, found.st_uid):
            return name
    raise DownloadError(f"{name} is in the way: it is a link, or not a file. Move it away and ask again.")


def _open(path, mode):
    """Like :func:`open`, but never through a link."""
    return open(path, mode, opener=lambda name, flags: os.open(name, flags | getattr(os, "O_NOFOLLOW", 0), 0o666))


@contextmanager
def _locked(folder, filename, part):
    """Hold the lock on a file. While another process holds it, wait as long as its download moves, and say for whom."""
    lock = FileLock(_own(folder / f".{filename}.lock"))
    holder = _own(folder / f".{filename}.holder.lock")  # beside the lock: Windows lets nobody read a locked file
    seconds, before = 1, None
    while not lock.is_locked:
        try:
            lock.acquire(timeout=seconds)
        except Timeout:
            who = _first_line(holder) or "another process"
            now = os.stat(part).st_size if os.path.exists(part) else 0
            if before == now:
                raise DownloadError(
                    f"{filename} is locked by {who}, which has fetched nothing for {STANDSTILL} s. End that process "
                    f"and ask again; if there is no such process, delete {lock.lock_file}."
                ) from None
            if before is None:
                print(f"{filename} is being fetched by {who}. We wait for it.")
            seconds, before = STANDSTILL, now
    try:
        with suppress(OSError), _open(holder, "wb") as file:  # a courtesy: without it the download works, too
            file.write(f"process {os.getpid()} on {platform.node()} since {time.strftime('%d %B, %H:%M')}".encode())
        yield
    finally:
        with suppress(OSError):
            holder.unlink()
        lock.release()


def _first_line(path):
    try:
        with _open(path, "rb") as file:
            return " ".join(file.readline(200).decode(errors="replace").split())
    except OSError:
        return ""


def _in_time(talk):
    """What `talk()` returns; :class:`_LostError` if it fails or takes longer than the seconds of `SLOWEST`.

    A server that sends a byte now and then is never silent, so that no time-out of a socket ends it. Therefore a
    thread talks to it, and is left to itself if it takes too long.
    """
    answer = Future()

    def work():
        try:
            answer.set_result(talk())
        except Exception as error:
            answer.set_exception(error)

    Thread(target=work, daemon=True).start()
    try:
        return answer.result(timeout=SLOWEST[1])
    except Exception as error:
        raise _LostError from error


def _download(url, part, filename, timeout, progressbar):
    """Append to `part` what it lacks, and leave no empty part."""
    have = part.stat().st_size if part.exists() else 0
    options = {
        "headers": {"Accept-Encoding": "identity"} | ({"Range": f"bytes={have}-"} if have else {}),
        "hooks": {"response": lambda answer, **_: answer.close() if answer.is_redirect else None},  # its body is unread
        "timeout": timeout,
        "stream": True,
    }
    response = _in_time(lambda: requests.get(url, **options))
    try:
        span = re.match(rf"bytes {have}-\d+/(\d{{1,18}}|\*)$", response.headers.get("content-range", ""))
        # 416: there is nothing after what we have. And a 206 that begins elsewhere is of no use.
        anew = have and (response.status_code == 416 or (response.status_code == 206 and not span))
        if not anew:
            _receive(response, span, url, part, have, filename, progressbar)
    finally:  # in a thread, because closing waits for a reader that _in_time has left behind
        Thread(target=response.close, daemon=True).start()
    if anew:
        part.unlink()
        _download(url, part, filename, timeout, progressbar)


def _receive(response, span, url, part, have, filename, progressbar):
    """Look at the head of the server's answer, then append its body to `part`, which has `have` bytes."""
    status = response.status_code
    if status != 200 and not (status == 206 and have):
        raise DownloadError(
            f"The server answered {status} ({http.client.responses.get(status, 'unknown')}) for {url}. Try again "
            f"later; if it stays so, download the file in a browser and put it into {part.parent} as {filename}."
        )
    if response.headers.get("content-type", "").lower().startswith("text/html"):
        raise DownloadError(
            f"{url} answered with a web page instead of the file; often that is a network's log-in page. "
            "Open any page in a browser, log in if it asks you to, and try again."
        )
    try:
        size = max(0, int(response.headers.get("content-length", 0)))
    except ValueError:  # as if none were announced
        size = 0
    if size > shutil.disk_usage(part.parent).free:
        raise OSError(errno.ENOSPC, "No space left on device")
    if status == 200:  # this server cannot go on in the middle
        have = 0
    whole = int(span[1]) if status == 206 and span[1] != "*" else have + size
    limit = whole if size else LARGEST
    pieces = response.raw.stream(1024, decode_content=False)  # as sent: a packed answer may unpack to any size
    bar = tqdm(  # on standard output: in a notebook, standard error looks like a fault
        desc=filename if len(filename) <= 30 else filename[:29] + "…",
        total=size or None,
        unit="B",
        unit_scale=True,
        ncols=79,
        file=sys.stdout,
        disable=not progressbar,
    )
    try:
        with bar, _open(part, "ab") as file:
            file.truncate(have)
            batch = [b""]
            while batch:
                batch = []
                try:
                    _in_time(lambda batch=batch: batch.extend(islice(pieces, SLOWEST[0] // 1024)))
                finally:  # what came before a fault is kept
                    arrived = b"".join(batch)
                    file.write(arrived)
                    have += len(arrived)
                    bar.update(len(arrived))
                if have > limit:
                    raise DownloadError(
                        f"{url} sends more than the {limit:,} bytes that were to come. Nothing was kept. Try again "
                        "later; if it stays so, the server or something on the way is at fault."
                    )
        if have < whole:
            raise _LostError from EOFError()
    finally:
        if os.path.exists(part) and (have == 0 or have > limit):
            part.unlink()


def _fault(error, url, timeout):
    """What went wrong in talking to the server, as part of a sentence."""
    if isinstance(error, TimeoutError):
        return f"{url} is too slow (less than {SLOWEST[0] // 1000} kB in {SLOWEST[1]} s)"
    if "timed out" in str(error).lower():
        return f"{url} fell silent for {timeout[1]} s"
    if isinstance(error, EOFError | HTTPError):
        return f"the connection broke before {url} had arrived whole"
    if isinstance(error, requests.exceptions.SSLError) or not isinstance(
        error, requests.exceptions.RequestException | ValueError
    ):  # a plain OSError is about the file of certificates, too
        return (
            f"there is no secure connection to {url} ({_root_cause(error)}; if REQUESTS_CA_BUNDLE or SSL_CERT_FILE is "
            "set, it must name a file of certificates)"
        )
    if isinstance(error, requests.exceptions.ConnectionError):
        return f"there is no connection to {url} ({_root_cause(error)})"
    # The error's own text may hold the password of a proxy.
    return f"the answer of {url}, or the address of a proxy, makes no sense ({type(error).__name__})"


def _is_right(part, alg, digest):
    return digest is None or pooch.file_hash(part, alg=alg) == digest


def _root_cause(error):
    while error.__context__ is not None:
        error = error.__context__
    return getattr(error, "strerror", None) or type(error).__name__
