"""The learner's progress: a small JSON file that survives kernels, second notebooks and accidents."""

import contextlib
import errno
import json
import os
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout
from platformdirs import user_data_path

LARGEST = 1_000_000  # bytes of the file, and of the one in a zip; a whole course has some ten thousand
NUMBERS = {"exercises": ("attempts", "hints"), "quizzes": ("right", "of")}

_memory = {}  # what could not be written: it lasts as long as the kernel, or until the file can be written again
_warned = set()


def forget():
    """Forget what could not be written, and which notes were printed, as if the kernel had started anew."""
    _memory.clear()
    _warned.clear()


def path():
    """Where progress is kept: ``$COURSE_PROGRESS_FILE``, or progress.json in the user's data folder.

    A relative name counts from the home: notebooks and commands run in many folders, and are to share one file. Links
    are followed, so that a link stays one when the file is replaced.
    """
    chosen = os.environ.get("COURSE_PROGRESS_FILE")
    if chosen:
        return Path(os.path.realpath(os.path.join(os.path.expanduser("~"), os.path.expanduser(chosen))))
    try:
        return Path(os.path.realpath(user_data_path("medical-diagnosis-course", appauthor=False) / "progress.json"))
    except RuntimeError:  # a user without a name and a home, as in some containers
        return Path(tempfile.gettempdir()) / "medical-diagnosis-course" / "progress.json"


def read():
    """All that is recorded: ``{"exercises": {id: {...}}, "quizzes": {chapter: {...}}}``."""
    if _memory:
        return _update(lambda known: known)  # tries again to write it
    try:
        return load()
    except OSError as error:
        return _unreadable(error)
    except ValueError:
        return _update(lambda known: known)  # puts the damaged file aside


def load():
    """What is in the file, nothing if there is none.

    Raises
    ------
    OSError
        If it cannot be read, or is a folder, a device or the like.
    ValueError
        If it is damaged.
    """
    file = path()
    _want_ordinary(file)
    try:
        with file.open("rb") as stream:
            return parse(stream.read(LARGEST + 1))
    except FileNotFoundError:
        return {}


def parse(content):
    """The progress record in some bytes; ValueError if it is damaged."""
    try:
        known = json.loads(content) if len(content) <= LARGEST else None
    except (ValueError, RecursionError):  # RecursionError: nested a thousandfold
        known = None
    if not is_progress(known):
        raise ValueError("is damaged")
    return known


def is_progress(known):
    """Whether something read from JSON has the form of a progress record.

    That is a table (exercises, quizzes) of tables (one for each name) of whole numbers >= 0 and short strings.
    """

    def fits(key, value, numbers):
        if isinstance(value, str):
            return key not in numbers and 0 < len(value) <= 100
        return type(value) is int and 0 <= value < 10**15 and key != "passed"  # True is an int, too

    return isinstance(known, dict) and all(
        isinstance(entries, dict)
        and all(
            len(name) <= 100
            and isinstance(entry, dict)
            and all(fits(key, value, NUMBERS.get(part, ())) for key, value in entry.items())
            and (part != "quizzes" or entry.keys() >= {"right", "of"})
            for name, entry in entries.items()
        )
        for part, entries in known.items()
    )


def merge(other):
    """Add another record, a saved one: of each number the larger counts, and what was passed stays passed.

    Returns whether it could be written; otherwise it lasts until the kernel stops.
    """
    _update(lambda known: _join(known, other))
    return not _memory


def _join(known, other):
    for part, entries in other.items():
        for name, entry in entries.items():
            mine = known.setdefault(part, {}).setdefault(name, {})
            for key, value in entry.items():
                before = mine.setdefault(key, value)
                if type(before) is type(value):
                    mine[key] = (min if isinstance(value, str) else max)(before, value)  # the time of the first success
    return known


def attempt(exercise_id, passed):
    def change(known):
        entry = known.setdefault("exercises", {}).setdefault(exercise_id, {})
        entry["attempts"] = entry.get("attempts", 0) + 1
        if passed:
            entry.setdefault("passed", datetime.now(UTC).isoformat(timespec="seconds"))

    _update(change)


def next_hint(exercise_id, most):
    """Count one more hint and return how many have now been given, at most `most`."""

    def change(known):
        entry = known.setdefault("exercises", {}).setdefault(exercise_id, {})
        entry["hints"] = min(entry.get("hints", 0) + 1, most)
        return entry["hints"]

    return _update(change)


def quiz(chapter, right, of):
    def change(known):
        before = known.setdefault("quizzes", {}).get(chapter, {}).get("right", 0)
        known["quizzes"][chapter] = {"right": max(right, before), "of": of}

    _update(change)


def _update(change):
    """Read, change and write under a lock, so that two notebooks do not undo each other's record."""
    file = path()
    try:
        _want_ordinary(file)
        file.parent.mkdir(parents=True, exist_ok=True)
        with _locked(file):
            try:
                known = load()
            except ValueError:
                known, kept = {}, put_aside(file, lambda number: f"{file.stem}.damaged{number}.json")
                _warn(f"The progress file was damaged. It is kept as {kept.name}, and a new one is begun.")
            result = change(_join(known, _memory))
            _write(file, known)
            forget()
            return result
    except (OSError, Timeout):
        _warn(f"Your progress cannot be saved in {file.parent}; it lasts until the kernel stops.")
        try:
            known = load()
        except OSError as error:
            known = _unreadable(error)
        except ValueError:
            known = {}
            _warn("The progress file is damaged and cannot be put aside; progress lasts until the kernel stops.")
        result = change(_join(known, _memory))
        _memory.update(known)
        return result


@contextlib.contextmanager
def _locked(file):
    lock = FileLock(f"{file}.lock", timeout=0 if _memory else 5)  # whoever holds it is waited for once
    try:
        lock.acquire()
    except OSError as error:
        if error.errno not in (errno.ENOLCK, errno.EOPNOTSUPP):  # network shares without locks: better than no record
            raise
    try:
        yield
    finally:
        lock.release()


def _write(file, known):
    text = json.dumps(known, indent=1)
    if len(text) > LARGEST:
        raise OSError(errno.EFBIG, os.strerror(errno.EFBIG), str(file))
    with tempfile.TemporaryDirectory(dir=file.parent, prefix=".progress-", ignore_cleanup_errors=True) as folder:
        new = Path(folder) / "progress.json"
        new.write_text(text, encoding="utf-8")  # the disk may be full: nothing has been replaced yet
        os.replace(new, file)


def _want_ordinary(file):
    if file.exists() and not file.is_file():
        raise OSError(errno.EINVAL, "it is not an ordinary file", str(file))


def put_aside(file, name):
    """Rename a file so that nothing is lost.

    Parameters
    ----------
    file : pathlib.Path
    name : callable
        The new name, given "", " 2", " 3" and so on; the first is taken that is free.

    Returns
    -------
    pathlib.Path
        Where the file is now.

    Raises
    ------
    OSError
        If it cannot be renamed, or is a folder.
    """
    for number in range(1, 1000):
        kept = file.with_name(name(f" {number}" if number > 1 else ""))
        try:
            kept.touch(exist_ok=False)  # takes the name, so that a second process finds another
        except FileExistsError:
            continue
        try:
            return file.replace(kept)
        except OSError:
            kept.unlink()
            raise
    raise OSError(errno.EEXIST, f"there are too many copies of {file.name}; delete some", str(file))


def _unreadable(error):
    _warn(f"Your progress cannot be read ({error.strerror}); it counts from zero until the kernel stops.")
    return {}


def _warn(text):
    if text not in _warned:
        _warned.add(text)
        print("Note:", text.encode(errors="backslashreplace").decode())  # the name of a folder may be no UTF-8
