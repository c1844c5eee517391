"""Judging an answer: it is tried out on the cases and compared with the right one and with the typical mistakes."""

import _thread
import copy
import dis
import inspect
import io
import reprlib
import threading
import warnings
from collections.abc import Iterator
from contextlib import redirect_stdout

import numpy as np

from course_utils.arrays import numbers
from course_utils.exercises.model import NotAttempted, Wrong

SECONDS = 20  # after which a learner's function is stopped: each exercise takes some milliseconds
CHARACTERS = 2000  # that are shown of what a learner's function prints, and of a verdict


def verdict(exercise, answer):
    """Try an answer out.

    Returns
    -------
    (str, str, str)
        "✅", "❌" or, if it is still the stub, "◻"; what to say; and the first characters of what the answer printed.

    Raises
    ------
    KeyboardInterrupt
        The learner's own; nothing else that an answer raises comes through.
    """
    printed = _FirstCharacters()
    try:
        with redirect_stdout(printed), np.errstate(all="ignore"):
            _judge(exercise, answer)
    except NotAttempted:
        mark, told = "◻", "not attempted yet"
    except Wrong as error:
        mark, told = "❌", str(error)[:CHARACTERS]
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # an object of the learner's own may raise whatever it likes on being compared
        mark, told = (
            "❌",
            f"what you give cannot be compared with what is wanted: that stops with {type(error).__name__}. Plain "
            "numbers, arrays, lists or text can be.",
        )
    else:
        mark, told = "✅", "right!"
    more = f"\n({printed.left_out} more characters were printed)\n" if printed.left_out else ""
    return mark, told, printed.getvalue() + more


def _judge(exercise, answer):
    if answer is None or answer is ...:
        raise NotAttempted
    if not exercise.cases:
        if callable(answer):
            raise Wrong("the answer should be a value, and you gave a function. Call it, and check what it returns.")
        if _same(answer, exercise.reference):
            return
        for message, wrong in exercise.mistakes.items():
            if _same(answer, wrong):
                raise Wrong(message)
        raise Wrong(_difference(answer, exercise.reference))

    if not callable(answer):
        raise Wrong("the answer should be a function. Give its name without brackets, so that it can be tried out.")
    if _is_stub(answer):
        raise NotAttempted
    results = []
    for case in exercise.cases:
        results.append(_outcome(answer, case))
        if isinstance(results[-1], TimeoutError):  # the next case would take as long
            raise Wrong(_complaint(exercise, results))
    if any(result is ... for result in results):
        raise NotAttempted
    complaint = _complaint(exercise, results)
    if complaint is None and exercise.seeded:
        complaint = _rng_ignored(answer, exercise.cases[0][:-1])
    if complaint is None and _changes_its_input(answer, exercise):
        complaint = (
            "the result is right, but your function changes the array that it is given, and whoever gave it may still "
            "need it. Work on a copy: .copy()"
        )
    if complaint is None:
        return
    for message, wrong in exercise.mistakes.items():
        if all(_same(a, _outcome(wrong, case)) for a, case in zip(results, exercise.cases, strict=True)):
            raise Wrong(message)
    raise Wrong(complaint)


def _rng_ignored(function, arguments):
    first, again, other = (_outcome(function, (*arguments, np.random.default_rng(seed))) for seed in (7, 7, 8))
    if not _same(first, again):
        return "the same rng should give the same result, so that it can be repeated. Draw from the rng you are given."
    if _same(first, other):
        return "another rng should give another result. Draw from the rng you are given; make none yourself."
    return None


def _changes_its_input(function, exercise):
    """Whether a function changes its arguments where the reference does not."""

    def changes(f):
        case = copy.deepcopy(exercise.cases[0])
        _run(f, case)
        arrays = [(a, b) for a, b in zip(case, exercise.cases[0], strict=True) if isinstance(a, np.ndarray)]
        return not all(np.array_equal(a, b, equal_nan=a.dtype.kind == "f") for a, b in arrays)

    return changes(function) and not changes(exercise.reference)


def _outcome(function, case):
    """What `_run` gives, on a copy of the arguments."""
    return _run(function, copy.deepcopy(case))


def _run(function, arguments):
    """What the function returns, or the exception that it raises: a typical mistake may be one that stops.

    It runs without NumPy's warnings (of 0 / 0, say), what it sets in NumPy's printing and warnings is set back, and
    after SECONDS it is interrupted: a TimeoutError. An interruption of the learner's passes through.
    """
    over = threading.Event()

    def stop():
        over.set()
        _thread.interrupt_main()

    timer = threading.Timer(SECONDS, stop)
    timer.daemon = True
    try:
        if threading.current_thread() is threading.main_thread():  # no other thread can be interrupted
            timer.start()
        with np.errstate(all="ignore"), np.printoptions(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return function(*arguments)
    except KeyboardInterrupt:
        if not over.is_set():
            raise
        return TimeoutError(f"it was still running after {SECONDS} seconds. Does each of its loops come to an end?")
    except BaseException as error:  # SystemExit, too: sys.exit() in a function is a mistake like others
        return error
    finally:
        timer.cancel()


class _FirstCharacters(io.StringIO):
    """What is printed: the first characters are kept, the others counted, so that no flood fills a notebook."""

    left_out = 0

    def write(self, text):
        kept = text[: max(0, CHARACTERS - self.tell())]
        self.left_out += len(text) - len(kept)
        super().write(kept)
        return len(text)


def _complaint(exercise, results):
    names = list(inspect.signature(exercise.reference).parameters)
    for result, case in zip(results, exercise.cases, strict=True):
        if isinstance(result, BaseException):
            return f"it stops with {type(result).__name__}: {result} (for {_shown(case, names)})."
        if result is None:
            return (
                f"your function returns nothing (for {_shown(case, names)}). Does it always reach its return? "
                "(print shows a value, only return gives it back.)"
            )
        if exercise.accept:
            try:
                what = exercise.accept(result, *copy.deepcopy(case))
            except Exception:
                what = f"what you return has not the form that is asked for: {_shown((result,))}"
        else:
            right = _outcome(exercise.reference, case)
            what = None if _same(result, right) else _difference(result, right)
        if what:
            return f"for {_shown(case, names)}: {what}"
    return None


def _is_stub(function):
    """Whether a function's body is only `...`."""

    def stub(): ...

    try:
        empty, given = ([(i.opname, i.argval) for i in dis.get_instructions(f)] for f in (stub, function))
        return empty == given
    except Exception:  # a built-in or a callable object
        return False


def _same(found, right):
    """Equal, for numbers and arrays to a relative 1e-6, or 1e-4 in 32 bits.

    Exceptions are the same if they are of one type; ValueErrors, which may come from anywhere, if their words are, too.
    """
    if isinstance(found, np.ndarray) and found.ndim == 0:
        found = found[()]
    if isinstance(found, BaseException) or isinstance(right, BaseException):
        return type(found) is type(right) and (not isinstance(right, ValueError) or str(found) == str(right))
    if isinstance(found, str) or isinstance(right, str):
        return isinstance(found, str) and isinstance(right, str) and found.strip().lower() == right.strip().lower()
    if isinstance(found, tuple | list) and isinstance(right, tuple | list):
        return len(found) == len(right) and all(_same(x, y) for x, y in zip(found, right, strict=True))
    if isinstance(found, bool | np.bool_) and not isinstance(right, bool | np.bool_):
        return False
    short = getattr(found, "dtype", None) == np.float32
    try:
        found, right = numbers(found), numbers(right)
    except TypeError:
        return False
    close = {"rtol": 1e-4, "atol": 1e-6} if short else {"rtol": 1e-6, "atol": 1e-9}
    return found.shape == right.shape and np.allclose(found, right, **close, equal_nan=True)


def _difference(found, right):
    """What is off about a result, without telling the right one."""
    if isinstance(right, str):
        return f"{reprlib.repr(found)} is not it."
    if isinstance(found, str):
        return f"{reprlib.repr(found)} is text; a number is wanted."
    if isinstance(found, bool | np.bool_):
        return f"{found} is a truth value; a number is wanted."
    if isinstance(found, dict | set | Iterator):
        return f"you give a {type(found).__name__}; an array or a list is wanted, in order."
    if isinstance(right, tuple | list):
        values = list(found) if isinstance(found, np.ndarray) and found.ndim else found
        if not isinstance(values, tuple | list) or len(values) != len(right):
            return f"{len(right)} values are wanted; you gave {_shown((found,))}."
        at = next(i for i in range(len(right)) if not _same(values[i], right[i]))
        return f"value number {at + 1}: {_difference(values[at], right[at])}"
    whole = isinstance(right, int | np.integer)
    try:
        found, right = numbers(found), numbers(right)
    except TypeError:
        return f"a number (or an array of numbers) is wanted; you gave {_shown((found,))}."
    if found.shape != right.shape:
        wanted = f"an array of shape {right.shape}" if right.ndim else "a single number"
        return f"{wanted} is wanted; yours has the shape {found.shape}."
    if np.isnan(right).any():
        if (np.isnan(found) & ~np.isnan(right)).any():
            return "nan stands where there should be a number."
        if (~np.isnan(found) & np.isnan(right)).any():
            return "a number stands where nan should stay."
    elif not np.isfinite(found).all():
        return (
            "the result holds nan or infinity: is something divided by zero, too large for exp, the logarithm of 0, or "
            "computed from a nan?"
        )
    near = np.allclose(found, right, rtol=0.02, atol=1e-6)
    if near and not whole and any(np.allclose(found, np.round(right, places), rtol=1e-12) for places in range(1, 7)):
        return "it is rounded. Give the number as it is computed, with all its digits."
    if found.ndim:
        return f"{np.mean(~np.isclose(found, right, equal_nan=True)):.0%} of the numbers are off."
    if whole:  # the number of a case, say: "too large" would mean nothing
        return f"{found:.6g} is not it."
    return f"{found:.6g} is too {'large' if found > right else 'small'}."


def _shown(case, names=()):
    arrays = [value for value in case if isinstance(value, np.ndarray)]
    most = 24 if sum(array.size for array in arrays) <= 48 else 1  # of an array's numbers; else its shape

    def one(value):
        if isinstance(value, np.ndarray) and value.size > most:
            return f"an array of shape {value.shape}"
        if isinstance(value, np.random.Generator):
            return "rng"
        return np.array2string(value, separator=", ") if isinstance(value, np.ndarray) else reprlib.repr(value)

    if names and len(case) > 1:
        return ", ".join(f"{name} = {one(value)}" for name, value in zip(names, case, strict=False))
    return ", ".join(map(one, case))
