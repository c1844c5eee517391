"""Exercises that answer back: `check`, `hint`, `quiz` and `progress`.

Each chapter's exercises stand in a file of their own, ch00.py say, as a list EXERCISES and a list QUIZ. An exercise
knows its typical mistakes: when an answer is wrong, it is compared with each of them, and the learner is told which
mistake it looks like, never the answer.
"""

import _thread
import copy
import dis
import importlib
import inspect
import io
import reprlib
import string
import textwrap
import threading
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from functools import cache

import numpy as np

from course_utils.arrays import numbers
from course_utils.exercises import panels, record

SECONDS = 20  # after which a learner's function is stopped: each exercise takes some milliseconds
CHARACTERS = 2000  # that are shown of what a learner's function prints, and of a verdict


@dataclass(frozen=True)
class Exercise:
    """One exercise.

    Attributes
    ----------
    id : str
        Chapter and name: ``"04.sensitivity"``.
    hints : sequence of three str
        From a nudge to nearly the answer.
    reference : object
        The right value; or, with `cases`, a function that gives the right result.
    cases : sequence of tuple
        Arguments on which the learner's function is run; empty if the answer is a value.
    mistakes : dict of str to object
        What to say, and the wrong value (or function) to which it is said.
    accept : callable, optional
        For answers that can be right in many ways: ``accept(result, *case)`` returns what is wrong with a result, or
        None. It is asked in place of comparing with `reference`.
    seeded : bool
        Whether the last argument is a random generator that the learner's function must draw from.
    """

    id: str
    hints: Sequence[str]
    reference: object
    cases: Sequence[tuple] = ()
    mistakes: dict = field(default_factory=dict)
    accept: Callable | None = None
    seeded: bool = False


@dataclass(frozen=True)
class Question:
    """A multiple-choice question: what is asked, the options with the reply to each, and the right one's letter."""

    text: str
    options: Sequence[tuple[str, str]]
    right: str


class NotAttempted(Exception):
    """The answer is still the empty stub."""


class Wrong(Exception):
    """The answer is wrong; the message tells how."""


_strict = False


def strict():
    """From here on a failing check is an error and nothing is recorded: for the notebooks with solutions."""
    global _strict
    _strict = True


def check(exercise_id, answer):
    """Check an answer and say what is right or wrong about it; in a notebook, with a button for hints.

    Parameters
    ----------
    exercise_id : str
        Such as ``"04.sensitivity"``.
    answer : object
        Your function (without brackets), or your value. Whatever it does, there is one verdict: a function is stopped
        after 20 seconds, and of what it prints the first 2,000 characters are shown. Only your own interruption
        (the stop button, Ctrl-C) ends the check without a verdict.

    Raises
    ------
    ValueError
        For an unknown exercise.
    """
    exercise, printed = _find(exercise_id), _FirstCharacters()
    try:
        with redirect_stdout(printed):
            judge(exercise, answer)
    except NotAttempted:
        mark, told = "◻", "not attempted yet"
    except Wrong as error:
        mark, told = "❌", str(error)[:CHARACTERS]
    else:
        mark, told = "✅", "right!"
    print(printed.getvalue(), end=f"\n({printed.left_out} more characters were printed)\n" * (printed.left_out > 0))
    if _strict and mark != "✅":
        raise AssertionError(f"The solution of {exercise_id} fails its check: {told}")
    if not _strict and mark != "◻":
        record.attempt(exercise_id, passed=mark == "✅")
    text = _wrapped(f"{mark} {exercise_id}: {told}")
    _show(text, lambda: panels.verdict(text, exercise, mark, told))


def hint(exercise_id):
    """Show one more hint for an exercise at each call."""
    exercise = _find(exercise_id)
    given = exercise.hints[: record.next_hint(exercise_id, len(exercise.hints))]
    lines = [
        _wrapped(f"💡 {exercise_id}, hint {k} of {len(exercise.hints)}: {text}") for k, text in enumerate(given, 1)
    ]
    _show("\n".join(lines), lambda: panels.hints("\n".join(lines), exercise, len(given)))


def quiz(chapter, answers=None):
    """Ask a chapter's questions, or reply to your answers.

    Parameters
    ----------
    chapter : str
        Such as ``"04"``.
    answers : str, optional
        One letter a question, ``"bac?d"`` say; "?" leaves a question out.

    Raises
    ------
    ValueError
        For an unknown chapter.
    """
    chapter = str(chapter).zfill(2)
    questions = _content(chapter).QUIZ
    if answers is None:
        lines = []
        for number, question in enumerate(questions, 1):
            lines.append(_wrapped(f"{number}. {question.text}", 3))
            for letter, (text, _) in zip(string.ascii_lowercase, question.options, strict=False):
                lines.append(_wrapped(f"   {letter}) {text}", 6))
            lines.append("")
        call = f'quiz("{chapter}", "{"?" * len(questions)}")'
        lines.append(f'Answer with one letter a question, "?" for "not yet":  {call}')
        _show("\n".join(lines), lambda: panels.questions("\n".join(lines), chapter, questions))
        return
    given = "".join(map(str, answers if isinstance(answers, Iterable) else [answers])).lower()
    letters = [letter for letter in given if letter.isalnum() or letter == "?"]
    if told := _unanswerable(chapter, questions, letters):
        if _strict:
            raise ValueError(told)
        print(_wrapped(f"❌ {told}"))
        return
    if set(letters) == {"?"}:
        best = best_quiz(chapter)
        before = f"; your best so far: {best['right']} of {best['of']}" if best else ""
        print(f"◻ Quiz {chapter}: no answers given here yet ({len(questions)} questions{before})")
        return
    replies, right = quiz_replies(chapter, letters)
    for number, (letter, reply) in enumerate(zip(letters, replies, strict=True), 1):
        mark, text = reply or ("◻", "not answered yet")
        print(_wrapped(f"{mark} {number}{f' {letter})' if reply else ':'} {text}", 3))
    print(f"{right} of {len(questions)} right.")


def _unanswerable(chapter, questions, letters):
    """What is wrong with a string of answers, or None."""
    if len(letters) != len(questions):
        return (
            f"Quiz {chapter} has {len(questions)} questions and wants a letter or ? for each; you gave {len(letters)}."
        )
    for number, (letter, question) in enumerate(zip(letters, questions, strict=True), 1):
        allowed = string.ascii_lowercase[: len(question.options)]
        if letter != "?" and letter not in allowed:
            return f'Question {number} has the options {", ".join(allowed)}; you gave "{letter}".'
    return None


def quiz_replies(chapter, letters):
    """Record a try; give the reply to each letter, ``("✅", text)`` or ``("❌", text)``, and how many are right."""
    questions, replies = _content(chapter).QUIZ, []
    for letter, question in zip(letters, questions, strict=True):
        mark = "✅" if letter == question.right else "❌"
        known = letter != "?"
        replies.append((mark, question.options[string.ascii_lowercase.index(letter)][1]) if known else None)
    right = sum(letter == question.right for letter, question in zip(letters, questions, strict=True))
    if not _strict:
        record.quiz(chapter, right, len(questions))
    return replies, right


def best_quiz(chapter):
    """``{"right", "of"}`` of the learner's best try, or None."""
    return record.read().get("quizzes", {}).get(chapter)


def progress():
    """Show what is done and what is open, chapter by chapter; in a notebook, with buttons to save and restore work."""
    lines = []
    for chapter, exercises, answered in standing():
        passed = sum(mark == "✅" for _, mark, _ in exercises)
        quiz_text = f"quiz {answered['right']} of {answered['of']}" if answered else "quiz not done"
        lines.append(f"Chapter {chapter}: {passed} of {len(exercises)} exercises, {quiz_text}")
        lines += [f"   {mark} {name}{f' ({tries})' if tries else ''}" for name, mark, tries in exercises]
    _show("\n".join(lines), lambda: panels.standing("\n".join(lines), standing()))


def standing():
    """For each chapter: its number, ``[(exercise, mark, "2 tries, 1 hint")]``, and the best quiz or None."""
    known = record.read().get("exercises", {})
    for chapter in chapters():
        rows = []
        for exercise in _content(chapter).EXERCISES:
            entry = known.get(exercise.id, {})
            tries, hints = entry.get("attempts", 0), entry.get("hints", 0)
            mark = "✅" if entry.get("passed") else "❌" if tries else "◻"
            counts = [f"{tries} tr{'y' if tries == 1 else 'ies'}"] + [f"{hints} hint{'s' * (hints > 1)}"] * (hints > 0)
            rows.append((exercise.id, mark, ", ".join(counts) if entry else ""))
        yield chapter, rows, best_quiz(chapter)


def _wrapped(text, indent=0):
    return textwrap.fill(text, 110, subsequent_indent=" " * indent)


def _show(text, panel):
    """Print the text; in a notebook, show the panel, which holds it for where no widgets run."""
    from IPython import get_ipython

    if _strict or not hasattr(get_ipython(), "kernel"):
        print(text)
    else:
        panel()


def chapters():
    """Numbers of the chapters that have exercises, as strings of two digits."""
    from importlib.resources import files

    return sorted(
        f.name[2:4] for f in files(__package__).iterdir() if f.name.startswith("ch") and f.name[2:4].isdigit()
    )


def of_chapter(chapter):
    """A chapter's exercises: a list of :class:`Exercise`."""
    return _content(chapter).EXERCISES


def questions(chapter):
    """A chapter's quiz: a list of :class:`Question`."""
    return _content(chapter).QUIZ


def judge(exercise, answer):
    """Return if the answer is right; raise :class:`NotAttempted` or :class:`Wrong` (with its message) otherwise."""
    try:
        with np.errstate(all="ignore"):
            _judge(exercise, answer)
    except (NotAttempted, Wrong, KeyboardInterrupt):
        raise
    except BaseException as error:  # an object of the learner's own may raise whatever it likes on being compared
        raise Wrong(
            f"what you give cannot be compared with what is wanted: that stops with {type(error).__name__}. Plain "
            "numbers, arrays, lists or text can be."
        ) from None


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
    """Equal, for numbers and arrays to a relative 1e-6; for exceptions, of the same type."""
    if isinstance(found, np.ndarray) and found.ndim == 0:
        found = found[()]
    if isinstance(found, BaseException) or isinstance(right, BaseException):
        return type(found) is type(right)
    if isinstance(found, str) or isinstance(right, str):
        return isinstance(found, str) and isinstance(right, str) and found.strip().lower() == right.strip().lower()
    if isinstance(found, tuple | list) and isinstance(right, tuple | list):
        return len(found) == len(right) and all(_same(x, y) for x, y in zip(found, right, strict=True))
    if isinstance(found, bool | np.bool_) and not isinstance(right, bool | np.bool_):
        return False
    try:
        found, right = numbers(found), numbers(right)
    except TypeError:
        return False
    return found.shape == right.shape and np.allclose(found, right, rtol=1e-6, atol=1e-9, equal_nan=True)


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
    if found.ndim:
        return f"{np.mean(~np.isclose(found, right, equal_nan=True)):.0%} of the numbers are off."
    if whole:  # the number of a case, say: "too large" would mean nothing
        return f"{found:.6g} is not it."
    return f"{found:.6g} is too {'large' if found > right else 'small'}."


def _shown(case, names=()):
    arrays = [value for value in case if isinstance(value, np.ndarray)]
    most = 12 if sum(array.size for array in arrays) <= 36 else 1  # of an array's numbers; else its shape

    def one(value):
        if isinstance(value, np.ndarray) and value.size > most:
            return f"an array of shape {value.shape}"
        if isinstance(value, np.random.Generator):
            return "rng"
        return np.array2string(value, separator=", ") if isinstance(value, np.ndarray) else reprlib.repr(value)

    if names and len(case) > 1:
        return ", ".join(f"{name} = {one(value)}" for name, value in zip(names, case, strict=False))
    return ", ".join(map(one, case))


@cache
def _content(chapter):
    chapter = str(chapter).zfill(2)
    if chapter not in chapters():
        raise ValueError(f"There are no exercises for chapter {chapter!r}; there are for {', '.join(chapters())}.")
    return importlib.import_module(f"course_utils.exercises.ch{chapter}")


def _find(exercise_id):
    import difflib

    known = {exercise.id: exercise for chapter in chapters() for exercise in _content(chapter).EXERCISES}
    if not isinstance(exercise_id, str) or exercise_id not in known:
        near = difflib.get_close_matches(str(exercise_id), known, n=1)
        more = f" Did you mean {near[0]!r}?" if near else f" There are: {', '.join(known)}."
        raise ValueError(f"There is no exercise {exercise_id!r}.{more}")
    return known[exercise_id]
