"""Where data is, where it comes from, and how it is checked before anybody uses it."""

import errno
import os
import shutil
import sys
import tempfile
from pathlib import Path

import pooch
import requests
from filelock import FileLock
from platformdirs import user_cache_path
from tqdm import tqdm

TIMEOUT = (10, 30)  # seconds to connect, and seconds of silence before we give up


class DataError(RuntimeError):
    """Something is wrong with a data file or on the way to it; the message says what to do."""


class DownloadError(DataError):
    """The file could not be fetched: no network, a broken server, no room on the disk."""


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
        found["$COURSE_DATA_DIR"] = Path(os.environ["COURSE_DATA_DIR"]).expanduser()
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
        if name == "$COURSE_DATA_DIR" and not folder.is_dir():
            print(f"Note: COURSE_DATA_DIR is {folder}, and there is no such folder. Data is looked for elsewhere.")
        if os.path.isfile(folder / filename):  # Path.is_file fails on a folder that may not be entered
            return folder / filename, name
    return None, None


def download_folder():
    """The folder new downloads go to: ``$COURSE_DATA_DIR`` if it can be written to, else the user's cache folder."""
    places = folders()
    chosen = places.get("$COURSE_DATA_DIR")
    if chosen is not None and os.access(chosen, os.W_OK):
        return chosen
    return places["the course's cache folder"]


def check_md5(path, md5):
    """Raise :class:`DataError` unless the file at `path` has this MD5 (32 hexadecimal digits)."""
    found = pooch.file_hash(path, alg="md5")
    if found != md5:
        raise DataError(
            f"{path} is not the official file: its MD5 should be {md5} and is {found}. Delete the file and ask "
            "again to fetch it anew; or, if it is meant to be another file, load it with verify=False."
        )


def fetch(url, filename, md5=None, folder=None, timeout=TIMEOUT, progressbar=True, sha256=None):
    """Download a file once, checked, so that a half-written or wrong file never bears its name.

    Bytes arrive in ``FILENAME.part``; only when they are complete and their hash is right is that file renamed. A
    lock makes a second process wait and then use the first one's file. If a download is cut off (a lost network, a
    killed process), the part stays and the next call goes on where it ended.

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
    """
    alg, digest = ("sha256", sha256) if sha256 else ("md5", md5)
    folder = Path(folder or download_folder())
    target, part = folder / filename, folder / f"{filename}.part"
    elsewhere = "Set COURSE_DATA_DIR to a folder that you can write to and that has room"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / f".{filename}.lock"):
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
                os.replace(part, target)
        return target
    except requests.exceptions.ConnectTimeout:
        raise DownloadError(f"{url} did not answer within {timeout[0]} s. Check the network and try again.") from None
    except requests.exceptions.HTTPError as error:
        raise DownloadError(
            f"The server answered {error.response.status_code} ({error.response.reason}) for {url}. Try again later; "
            f"if it stays so, download the file in a browser and put it into {folder} as {filename}."
        ) from None
    except requests.exceptions.RequestException as error:
        if "timed out" in str(error).lower():
            fault = f"{url} fell silent for {timeout[1]} s"
        elif isinstance(error, requests.exceptions.ChunkedEncodingError):
            fault = f"the connection broke before {url} had arrived whole"
        else:
            fault = f"there is no connection to {url} ({_root_cause(error)})"
        kept = " What has arrived is kept, and the download goes on from there." if part.exists() else ""
        raise DownloadError(f"Nothing fetched: {fault}. Check the network and ask again.{kept}") from None
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            part.unlink(missing_ok=True)  # give the space back
            raise DownloadError(f"The disk is full: {filename} does not fit into {folder}. {elsewhere}.") from None
        raise DownloadError(f"Cannot write into {folder} ({error.strerror or error}). {elsewhere}.") from None


def _download(url, part, filename, timeout, progressbar):
    have = part.stat().st_size if part.exists() else 0
    try:
        with open(part, "ab") as file:

            def started(response, **_):
                """Look at the head of the server's answer before its body is read."""
                if response.is_redirect or not response.ok:
                    return
                if response.headers.get("content-type", "").startswith("text/html"):
                    raise DownloadError(
                        f"{url} answered with a web page instead of the file; often that is a network's log-in page. "
                        "Open any page in a browser, log in if it asks you to, and try again."
                    )
                if have and response.status_code != 206:  # this server cannot go on in the middle
                    file.truncate(0)
                size, free = int(response.headers.get("content-length", 0)), shutil.disk_usage(part.parent).free
                if size > free:
                    raise OSError(errno.ENOSPC, f"{size} bytes needed, {free} free")
                shortened = filename if len(filename) <= 30 else filename[:29] + "…"
                if progressbar:  # on standard output: in a notebook, standard error looks like a fault
                    download.progressbar = tqdm(
                        desc=shortened, total=size, unit="B", unit_scale=True, ncols=79, file=sys.stdout
                    )

            headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={have}-"} if have else {})
            download = pooch.HTTPDownloader(timeout=timeout, headers=headers, hooks={"response": started})
            try:
                download(url, file, None)
            finally:
                if download.progressbar is not False:
                    download.progressbar.close()
    except requests.exceptions.HTTPError as error:
        if not (have and error.response.status_code == 416):  # 416: there is nothing after what we have
            raise
        part.unlink()
        _download(url, part, filename, timeout, progressbar)
    finally:
        if part.exists() and part.stat().st_size == 0:
            part.unlink()


def _is_right(part, alg, digest):
    return digest is None or pooch.file_hash(part, alg=alg) == digest


def _root_cause(error):
    while error.__context__ is not None:
        error = error.__context__
    return getattr(error, "strerror", None) or type(error).__name__
