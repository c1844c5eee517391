"""The learner's progress: a small JSON file that survives kernels, second notebooks and accidents."""

import json
import os
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout
from platformdirs import user_data_path

_memory = {}  # what is known when the file cannot be written: it lasts as long as the kernel
_warned = set()


def path():
    """Where progress is kept: ``$COURSE_PROGRESS_FILE``, or progress.json in the user's data folder."""
    chosen = os.environ.get("COURSE_PROGRESS_FILE")
    if chosen:
        return Path(chosen)
    try:
        return user_data_path("medical-diagnosis-course", appauthor=False) / "progress.json"
    except RuntimeError:  # a user without a name and a home, as in some containers
        return Path(tempfile.gettempdir()) / "medical-diagnosis-course" / "progress.json"


def read():
    """All that is recorded: ``{"exercises": {id: {...}}, "quizzes": {chapter: {...}}}``."""
    if _memory:
        return _memory
    try:
        known = json.loads(path().read_text(encoding="utf-8"))
        if is_progress(known):
            return known
        raise ValueError("not a progress file")
    except FileNotFoundError:
        return {}
    except OSError as error:
        _warn(f"Your progress cannot be read ({error.strerror}); it counts from zero until the kernel stops.")
        return {}
    except ValueError:
        bad = path().with_suffix(".damaged.json")
        try:
            os.replace(path(), bad)
            _warn(f"The progress file was damaged. It is kept as {bad.name}, and a new one is begun.")
        except OSError:
            _warn("The progress file is damaged and cannot be put aside; progress lasts until the kernel stops.")
        return {}


def is_progress(known):
    """Whether something read from a file has the form of a progress record."""
    numbers = {"exercises": ("attempts", "hints"), "quizzes": ("right", "of")}
    return isinstance(known, dict) and all(
        isinstance(known.get(part, {}), dict)
        and all(
            isinstance(entry, dict)
            and all(isinstance(entry.get(key, 0), int) for key in keys)
            and isinstance(entry.get("passed", ""), str)
            and (part == "exercises" or (keys[0] in entry and keys[1] in entry))
            for entry in known.get(part, {}).values()
        )
        for part, keys in numbers.items()
    )


def merge(other):
    """Add another record, a saved one: of each number the larger counts, and what was passed stays passed."""

    def change(known):
        for part in ("exercises", "quizzes"):
            for name, entry in other.get(part, {}).items():
                mine = known.setdefault(part, {}).setdefault(name, {})
                for key in ("attempts", "hints", "passed", "right", "of"):
                    if key in entry:
                        better = min if key == "passed" else max  # the time of the first success
                        mine[key] = better(entry[key], mine.get(key, entry[key]))

    _update(change)


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
        file.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(file.with_suffix(".lock"), timeout=5):
            known = read()
            result = change(known)
            if not _memory:
                new = file.with_suffix(".new")
                new.write_text(json.dumps(known, indent=1), encoding="utf-8")
                os.replace(new, file)
            return result
    except (OSError, Timeout):
        _warn(f"Your progress cannot be saved in {file.parent}; it lasts until the kernel stops.")
        known = read()
        result = change(known)
        _memory.update(known)
        return result


def _warn(text):
    if text not in _warned:
        _warned.add(text)
        print(f"Note: {text}")
