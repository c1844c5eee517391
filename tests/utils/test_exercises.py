"""Exercises answer back: right, wrong in each typical way, not attempted; and progress survives accidents."""

import json
import multiprocessing
import os
import signal
import time
import warnings
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from unittest.mock import MagicMock

import jupytext
import numpy as np
import pytest

from course_utils import check, exercises, hint, progress, quiz, scratch
from course_utils.exercises import judge, progress_file
from course_utils.exercises.model import Exercise, Question

LESSONS = {path.name[:2]: path for path in (Path(exercises.__file__).parents[2] / "lessons").glob("[0-9][0-9]_*.py")}
ALL = [exercise for chapter in exercises.chapters() for exercise in exercises.of_chapter(chapter)]
REFERENCE = {exercise.id: exercise.reference for exercise in ALL}
MUTANTS = [(exercise, message) for exercise in ALL for message in exercise.mistakes]


def by_id(exercise):
    return exercise.id


def said(capsys):
    return " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize("exercise", ALL, ids=by_id)
def test_each_exercise_is_complete(exercise, capsys):
    assert len(exercise.hints) == 3
    assert len(exercise.mistakes) >= 3
    check(exercise.id, exercise.reference)
    assert said(capsys) == f"✅ {exercise.id}: right!"


@pytest.mark.parametrize(("exercise", "message"), MUTANTS, ids=lambda x: x.id if hasattr(x, "id") else x[:20])
def test_each_typical_mistake_is_refused_by_its_own_name(exercise, message, capsys):
    check(exercise.id, exercise.mistakes[message])
    assert said(capsys) == " ".join(f"❌ {exercise.id}: {message}".split())


@pytest.mark.parametrize("exercise", ALL, ids=by_id)
def test_no_message_or_early_hint_gives_the_answer_away(exercise):
    if exercise.cases and not exercise.accept:
        right = exercise.reference(*exercise.cases[0])
        for wrong in exercise.mistakes.values():
            mark, told, _ = judge.verdict(exercise, wrong)
            assert mark == "❌"
            assert f"{right}" not in told or isinstance(right, int | np.integer)


def double(x):
    return 2 * x


def test_a_mistake_is_an_edit_of_the_reference_or_a_function():
    exercise = Exercise("99.double", ["?"] * 3, double, [(3,)], {"too much": "2 → 3", "none": lambda x: x})
    assert [wrong(3) for wrong in exercise.mistakes.values()] == [9, 3]


@pytest.mark.parametrize("edit", ["x → y", "7 → 8", "2 * x", "→ 3", "2 * x ->"])
def test_an_edit_that_does_not_fit_exactly_once_is_an_error(edit):
    with pytest.raises(ValueError, match="old → new"):
        Exercise("99.double", ["?"] * 3, double, [(3,)], {"wrong": edit})


def cells_of(tag):
    for chapter, path in sorted(LESSONS.items()):
        for cell in jupytext.read(path).cells:
            if tag in cell.metadata.get("tags", []):
                yield pytest.param(cell.source, id=f"{chapter}-{cell.source.split('(')[0][4:]}")


def run_cell(source):
    # What a solution does after its check (printing a table, say) needs the chapter around it.
    before, call, after = source.partition("check(")
    exec(before + call + after.partition("\n")[0], {"np": np, "scratch": scratch, "check": check, "hint": hint})


@pytest.mark.parametrize("source", cells_of("exercise"))
def test_stubs_are_not_attempted_yet(source, capsys):
    run_cell(source)
    assert "not attempted yet" in said(capsys)


@pytest.mark.parametrize("source", cells_of("solution"))
def test_solutions_pass(source, capsys):
    run_cell(source)
    assert "✅" in said(capsys)


@pytest.mark.parametrize("places", [1, 2, 4])
@pytest.mark.parametrize("as_given", [lambda x: x.mean(), lambda x: np.array([x.mean(), x.max()])])
def test_a_rounded_answer_is_called_that(places, as_given):
    """And only that: 0 is no rounded 0.3, and a number that is off by a little is not a rounded one."""
    exercise = Exercise("99.mean", ["?"] * 3, as_given, [(np.array([7.123456, 8.654321]),)])

    def told(answer):
        return judge.verdict(exercise, answer)[1]

    assert "it is rounded" in told(lambda x: np.round(as_given(x), places))
    for wrong in (lambda x: 0 * as_given(x), lambda x: as_given(x) + 0.001, lambda x: np.round(as_given(x), -1)):
        assert "rounded" not in told(wrong)


def test_each_chapter_has_exercises():
    assert exercises.chapters() == sorted(LESSONS)
    assert all(
        exercise.id.startswith(f"{chapter}.") for chapter in LESSONS for exercise in exercises.of_chapter(chapter)
    )


@pytest.mark.parametrize("chapter", exercises.chapters())
def test_each_chapter_uses_all_its_exercises(chapter):
    text = LESSONS[chapter].read_text(encoding="utf-8")
    for exercise in exercises.of_chapter(chapter):
        assert text.count(f'check("{exercise.id}"') == 2  # stub and solution
        assert f'# hint("{exercise.id}")' in text
    assert f'quiz("{chapter}", "{"?" * len(exercises.questions(chapter))}")' in text


def test_answers_of_the_wrong_kind(capsys):
    for answer, words in (
        (5, "should be a function"),
        (lambda labels: labels.nonsense, "stops with AttributeError"),
        (lambda: 1, "stops with TypeError"),
        (lambda labels: print(end=""), "Does it always reach its return"),
        (lambda labels: "seventy", "'seventy' is text; a number is wanted"),
        (lambda labels: {0: 0.5}, "you give a dict"),
        (lambda labels: np.array([1.0, 2.0]), "a single number is wanted"),
        (lambda labels: np.nan, "nan"),
        (lambda labels: 0.9999, "too large"),
    ):
        check("00.majority", answer)
        assert words in said(capsys)
    check("01.output_size", lambda n, k, s, p, d: 7)
    assert "for size = 28, kernel = 3, stride = 1, padding = 0, dilation = 1: 7 is not it" in said(capsys)
    check("01.at_place", lambda x, k, r, c: (x[r - 1 : r + 2, c - 1 : c + 2] * k).sum())  # a mistake that stops
    assert "upper left corner" in said(capsys)
    check("04.rates", lambda y, p: 1.0)
    assert "2 values are wanted" in said(capsys)
    check("00.majority", None)
    assert "not attempted" in said(capsys)
    with pytest.raises(ValueError, match=r"Did you mean '00.majority'"):
        check("00.majorty", None)


def test_a_function_that_changes_its_input_does_not_spoil_the_next_case(capsys):
    def spoils(labels):
        result = np.bincount(labels).max() / len(labels)
        labels[:] = 0
        return result

    check("00.majority", spoils)
    check("00.majority", spoils)
    assert said(capsys).count("the result is right, but your function changes the array") == 2


def test_strict_makes_a_failing_check_an_error(monkeypatch):
    monkeypatch.setattr(exercises, "_strict", True)
    for answer in (None, lambda labels: 2.0):
        with pytest.raises(AssertionError, match=r"00.majority"):
            check("00.majority", answer)
    assert progress_file.read() == {}


# --- answers of strange types, functions that misbehave ---------------------------------------------------------------


class Rude:
    """Whatever it is asked, it raises."""

    def _raise(self, *args, **kwargs):
        raise RuntimeError("leave me alone")

    __array__ = __eq__ = __float__ = __len__ = __iter__ = __repr__ = __str__ = __bool__ = __gt__ = _raise
    __hash__ = None


class RudeError(Exception):
    __str__ = __repr__ = Rude._raise


def raises(error):
    def function(*args):
        raise error

    return function


def recurses(*args):
    return recurses(*args)


def nested(*args):
    value = []
    for _ in range(5_000):
        value = [value]
    return value


def inside_itself(*args):
    value = [1]
    value.append(value)
    return value


def array_of_rude():
    array = np.empty(2, dtype=object)
    array[0] = Rude()
    return array


STRANGE = {
    "complex": lambda right: np.asarray(right) + 1j,
    "complex without imaginary part": lambda right: np.multiply(right, 1 + 0j),
    "text": str,
    "texts": lambda right: np.array(right).astype(str),
    "bytes": lambda right: np.array(right).astype(bytes),
    "texts as objects": lambda right: np.array(right).astype(str).astype(object),
    "masked": lambda right: np.ma.masked_all(np.shape(right)),
    "dates": lambda right: np.zeros(np.shape(right), "M8[s]"),
    "dict": lambda right: {0: right},
    "generator": lambda right: (x for x in np.ravel(right)),
    "huge": lambda right: 10**400,
    "an object that raises": lambda right: Rude(),
    "several of them": lambda right: [Rude(), Rude()],
    "an array of them": lambda right: array_of_rude(),
    "deeply nested": nested,
    "inside itself": inside_itself,
    "a class": lambda right: int,
    "NotImplemented": lambda right: NotImplemented,
}


@pytest.mark.parametrize("exercise", ALL, ids=by_id)
@pytest.mark.parametrize("kind", STRANGE)
def test_an_answer_of_a_strange_type_gets_one_verdict(exercise, kind, capsys):
    def answer(*case):
        return STRANGE[kind](exercise.reference(*case))

    check(exercise.id, answer if exercise.cases else STRANGE[kind](exercise.reference))
    shown = said(capsys)
    assert shown.startswith(f"❌ {exercise.id}: ")
    assert len(shown) < 2500


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0.75 + 0j, "a number (or an array of numbers) is wanted; you gave (0.75+0j)"),
        (np.complex128(0.75), "a number (or an array of numbers) is wanted"),
        ("0.75", "'0.75' is text; a number is wanted"),
        (np.array("0.75"), "a number (or an array of numbers) is wanted"),
        (b"0.75", "a number (or an array of numbers) is wanted"),
        (["0.75"], "a number (or an array of numbers) is wanted"),
        (True, "True is a truth value; a number is wanted"),
        (np.True_, "True is a truth value; a number is wanted"),
        (10**400, "a number (or an array of numbers) is wanted"),
        ("x" * 10_000_000, "is text; a number is wanted"),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_a_wrong_type_is_named(value, words, capsys):
    check("00.majority", lambda labels: value)
    assert words in said(capsys)


def test_right_values_of_harmless_types_are_right(capsys):
    majority = REFERENCE["00.majority"]
    for kind in (Fraction, Decimal, np.float32, np.array, np.longdouble, lambda x: np.array(x, object)):
        check("00.majority", lambda labels, kind=kind: kind(float(majority(labels))))
        assert "✅" in said(capsys)
    size = REFERENCE["01.output_size"]
    for kind in (float, np.uint8, Fraction, np.array):
        check("01.output_size", lambda *case, kind=kind: kind(size(*case)))
        assert "✅" in said(capsys)
    head = REFERENCE["04.head"]
    check("04.head", lambda *case: [np.array(value) for value in head(*case)])
    assert "✅" in said(capsys)
    check("04.head", lambda *case: tuple(True if value == 1 else value for value in head(*case)))
    assert "True is a truth value" in said(capsys)
    thirty_two = np.array(REFERENCE["01.thirty_two"])
    check("01.thirty_two", thirty_two)
    assert "✅" in said(capsys)
    check("01.thirty_two", thirty_two + np.array([0, 5]))
    assert "value number 2" in said(capsys)


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (raises(SystemExit(1)), "it stops with SystemExit"),
        (raises(GeneratorExit()), "it stops with GeneratorExit"),
        (raises(BaseException("no")), "it stops with BaseException: no"),
        (raises(RudeError()), "cannot be compared"),
        (raises(ValueError("x" * 10_000_000)), "it stops with ValueError: xxx"),
        (recurses, "it stops with RecursionError"),
        (lambda labels: np.zeros(10**15), "it stops with"),
        (MagicMock(), "❌"),
    ],
    ids=["exit", "generator", "base", "rude", "long", "recursion", "memory", "mock"],
)
def test_a_function_that_misbehaves_gets_one_verdict(function, words, capsys):
    check("00.majority", function)
    shown = capsys.readouterr().out
    assert shown.count("❌") == 1
    assert words in " ".join(shown.split()).replace("xx xx", "xxxx")
    assert len(shown) < 2500


def test_a_function_that_stops_only_when_it_runs_once_more(capsys):
    (exercise,) = (one for one in ALL if one.id == "00.majority")
    runs = iter([True] * len(exercise.cases))

    def stops_later(labels):
        next(runs)
        return np.bincount(labels).max() / len(labels)

    check("00.majority", stops_later)
    assert "00.majority: right!" in said(capsys)


def test_the_learners_own_interruption_stops_the_check():
    with pytest.raises(KeyboardInterrupt):
        check("00.majority", raises(KeyboardInterrupt()))
    assert progress_file.read().get("exercises", {}) == {}


def test_a_function_that_never_ends_is_stopped(monkeypatch, capsys):
    monkeypatch.setattr(judge, "SECONDS", 0.3)
    # As in a kernel; a job in the background would not hear it.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)

    def forever(*case):
        while True:
            try:
                sum(range(100))
            except Exception:
                continue

    try:
        start = time.perf_counter()
        check("01.output_size", forever)
        assert time.perf_counter() - start < 5
    finally:
        signal.signal(signal.SIGINT, before)
    assert "it was still running after 0.3 seconds. Does each of its loops come to an end? (for size" in said(capsys)


def test_of_a_flood_of_print_the_first_lines_are_shown(capsys):
    def floods(labels):
        print("the labels are", labels)
        for _ in range(1000):
            print("x" * 10_000)
        return np.bincount(labels).max() / len(labels)

    check("00.majority", floods)
    shown = capsys.readouterr().out
    assert shown.startswith("the labels are [0 1 1 0 1]\nxxx")
    assert "more characters were printed" in shown
    assert shown.endswith("✅ 00.majority: right!\n")
    assert len(shown) < 2500
    check("00.majority", lambda labels: print("as before") or 2.0)
    assert capsys.readouterr().out.startswith("as before\n")


@pytest.mark.parametrize("exercise", [exercise for exercise in ALL if exercise.cases], ids=by_id)
def test_what_a_function_sets_in_numpy_is_set_back(exercise, capsys):
    def sets(*case):
        np.seterr(all="raise")
        np.set_printoptions(precision=1, threshold=2)
        warnings.simplefilter("error")
        with np.errstate(all="ignore"):
            return exercise.reference(*case)

    options = np.get_printoptions()
    check(exercise.id, sets)
    assert "✅" in said(capsys)
    assert np.get_printoptions() == options
    with np.errstate(all="raise"):  # and what a notebook has set before spoils no verdict
        check(exercise.id, exercise.reference)
    assert "✅" in said(capsys)


def test_an_exercise_is_asked_for_by_its_name():
    for wrong in (np.arange(3), ["00.majority"], {}, None, 3):
        with pytest.raises(ValueError, match="There is no exercise"):
            check(wrong, "00.majority")


# --- quiz ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("chapter", exercises.chapters())
def test_each_quiz_is_complete(chapter, capsys):
    questions = exercises.questions(chapter)
    assert len({q.right for q in questions}) > (len(questions) > 1)  # not always the same place
    for question in questions:
        assert len(question.options) >= 3
        replies = [reply for _, reply in question.options]
        assert len(set(replies)) == len(replies)
        assert question.options[ord(question.right) - ord("a")][1].startswith("Right")
    quiz(chapter)
    shown = said(capsys)
    assert all(" ".join(q.text.split()) in shown for q in questions)
    assert not any("Right" in line for line in shown.split("\n"))
    quiz(chapter, "".join(q.right for q in questions))
    assert f"{len(questions)} of {len(questions)} right" in said(capsys)


@pytest.mark.parametrize("options", [["a", "b"], ["✓ a", "✓ b"]])
def test_exactly_one_option_is_right(options):
    with pytest.raises(ValueError, match="Exactly one option"):
        Question("Which?", dict.fromkeys(options, "...")).right  # noqa: B018


def test_quiz_answers_in_part_and_wrong_input(capsys):
    n, first = len(exercises.questions("00")), exercises.questions("00")[0]
    wrong = next(letter for letter in "abc" if letter != first.right)
    quiz("00", wrong + "?" * (n - 1))
    shown = said(capsys)
    assert dict(zip("abc", first.options, strict=True))[wrong][1] in shown
    assert f"0 of {n} right" in shown
    quiz("00", "?" * n)
    assert f"no answers given here yet ({n} questions; your best so far: 0 of {n})" in said(capsys)
    quiz("00", ", ".join("?" * n))
    quiz("00", ["?"] * n)
    assert said(capsys).count("no answers given") == 2
    for answers in ("ab", "", [], 12, ["a", ["b"]], {"a": 1}, "abcabcabc" * 9):
        quiz("00", answers)
        assert f"❌ Quiz 00 has {n} questions and wants a letter or ? for each; you gave" in said(capsys)
    quiz("00", "z" * n)
    assert '❌ Question 1 has the options a, b, c; you gave "z".' in said(capsys)
    assert progress_file.read()["quizzes"]["00"] == {"right": 0, "of": n}
    with pytest.raises(ValueError, match="no exercises for chapter '77'"):
        quiz("77")


# --- hints and progress ----------------------------------------------------------------------------------------------


def test_hints_come_one_a_call_and_survive_a_restart(capsys):
    shown = []
    for _ in range(4):
        hint("00.majority")
        shown.append(capsys.readouterr().out.count("💡"))
    assert shown == [1, 2, 3, 3]
    assert progress_file.read()["exercises"]["00.majority"]["hints"] == 3


def test_progress_shows_what_is_done(capsys):
    check("00.majority", lambda labels: labels.mean())
    check("00.majority", ALL[0].reference)
    quiz("00", "?" + "".join(question.right for question in exercises.questions("00"))[1:])
    capsys.readouterr()
    progress()
    shown = capsys.readouterr().out
    assert "✅ 00.majority (2 tries)" in shown
    assert "◻ 00.confident_error" in shown
    assert "Chapter 00: 1 of 2 exercises, quiz 4 of 5" in shown


@pytest.mark.parametrize("damage", ["", "{", "[1]", '{"exercises": 3}', "\x00\xff"])
def test_a_damaged_file_is_put_aside(damage, capsys):
    progress_file.path().parent.mkdir(parents=True, exist_ok=True)
    progress_file.path().write_text(damage, encoding="utf-8")
    check("00.majority", ALL[0].reference)
    assert "The progress file was damaged. It is kept as progress.damaged.json" in said(capsys)
    assert progress_file.path().with_suffix(".damaged.json").read_text(encoding="utf-8") == damage
    assert json.loads(progress_file.path().read_text())["exercises"]["00.majority"]["attempts"] == 1


def test_an_unwritable_file_costs_one_note_and_no_progress(monkeypatch, tmp_path, capsys):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("COURSE_PROGRESS_FILE", str(tmp_path / "file" / "progress.json"))
    check("00.majority", ALL[0].reference)
    check("00.majority", ALL[0].reference)
    shown = said(capsys)
    assert shown.count("cannot be saved") == 1
    assert shown.count("✅") == 2
    progress()
    assert "✅ 00.majority (2 tries" in said(capsys)


def _many_attempts(file):
    os.environ["COURSE_PROGRESS_FILE"] = file
    for _ in range(50):
        progress_file.attempt("00.majority", passed=False)


def test_two_notebooks_at_once_lose_nothing():
    context = multiprocessing.get_context("spawn")
    both = [context.Process(target=_many_attempts, args=(str(progress_file.path()),)) for _ in range(2)]
    for process in both:
        process.start()
    for process in both:
        process.join(60)
    assert progress_file.read()["exercises"]["00.majority"]["attempts"] == 100


@pytest.mark.parametrize("chapter", exercises.chapters())
def test_a_quiz_cannot_be_passed_by_choosing_what_is_longest(chapter):
    longest = [max(question.options, key=lambda option: len(option[0])) for question in exercises.questions(chapter)]
    right = [question.options["abcdef".index(question.right)] for question in exercises.questions(chapter)]
    assert sum(a == b for a, b in zip(longest, right, strict=True)) <= 0.6 * len(right)
