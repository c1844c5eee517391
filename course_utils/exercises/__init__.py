"""Exercises that answer back: `check`, `hint`, `quiz` and `progress`.

A chapter's exercises stand in a file of their own, chapters/00.py say, as a list EXERCISES and a list QUIZ. An exercise
knows its typical mistakes: when an answer is wrong, it is compared with each of them, and the learner is told which
mistake it looks like, never the answer.
"""

import difflib
import importlib
import string
import textwrap
from collections.abc import Iterable
from functools import cache, partial
from importlib.resources import files

from course_utils.exercises import chapters as _folder  # before the function of that name: importing it binds the name
from course_utils.exercises import judge, panels, progress_file

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
    exercise = _find(exercise_id)
    mark, told, printed = judge.verdict(exercise, answer)
    print(printed, end="")
    if _strict and mark != "✅":
        raise AssertionError(f"The solution of {exercise_id} fails its check: {told}")
    if not _strict and mark != "◻":
        progress_file.attempt(exercise_id, passed=mark == "✅")
    text = _wrapped(f"{mark} {exercise_id}: {told}")
    _show(text, lambda: panels.verdict(text, exercise, mark, told))


def hint(exercise_id):
    """Show one more hint for an exercise at each call."""
    exercise = _find(exercise_id)
    given = exercise.hints[: progress_file.next_hint(exercise_id, len(exercise.hints))]
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
    asked, best = questions(chapter), partial(_best_quiz, chapter)
    if answers is None:
        lines = []
        for number, question in enumerate(asked, 1):
            lines.append(_wrapped(f"{number}. {question.text}", 3))
            for letter, (text, _) in zip(string.ascii_lowercase, question.options, strict=False):
                lines.append(_wrapped(f"   {letter}) {text}", 6))
            lines.append("")
        call = f'quiz("{chapter}", "{"?" * len(asked)}")'
        lines.append(f'Answer with one letter a question, "?" for "not yet":  {call}')
        _show("\n".join(lines), lambda: panels.questions("\n".join(lines), asked, best, partial(_replies, chapter)))
        return
    given = "".join(map(str, answers if isinstance(answers, Iterable) else [answers])).lower()
    letters = [letter for letter in given if letter.isalnum() or letter == "?"]
    if told := _unanswerable(chapter, asked, letters):
        if _strict:
            raise ValueError(told)
        print(_wrapped(f"❌ {told}"))
        return
    if set(letters) == {"?"}:
        before = f"; your best so far: {best()['right']} of {best()['of']}" if best() else ""
        print(f"◻ Quiz {chapter}: no answers given here yet ({len(asked)} questions{before})")
        return
    replies, right = _replies(chapter, letters)
    for number, (letter, reply) in enumerate(zip(letters, replies, strict=True), 1):
        mark, text = reply or ("◻", "not answered yet")
        print(_wrapped(f"{mark} {number}{f' {letter})' if reply else ':'} {text}", 3))
    print(f"{right} of {len(asked)} right.")


def _unanswerable(chapter, asked, letters):
    """What is wrong with a string of answers, or None."""
    if len(letters) != len(asked):
        return f"Quiz {chapter} has {len(asked)} questions and wants a letter or ? for each; you gave {len(letters)}."
    for number, (letter, question) in enumerate(zip(letters, asked, strict=True), 1):
        allowed = string.ascii_lowercase[: len(question.options)]
        if letter != "?" and letter not in allowed:
            return f'Question {number} has the options {", ".join(allowed)}; you gave "{letter}".'
    return None


def _replies(chapter, letters):
    """Record a try; give for each letter ``("✅", reply)``, ``("❌", reply)`` or None, and how many are right."""
    replies, right = [], 0
    for letter, question in zip(letters, questions(chapter), strict=True):
        mark = "✅" if letter == question.right else "❌"
        right += mark == "✅"
        known = letter != "?"
        replies.append((mark, question.options[string.ascii_lowercase.index(letter)][1]) if known else None)
    if not _strict:
        progress_file.quiz(chapter, right, len(letters))
    return replies, right


def _best_quiz(chapter):
    """``{"right", "of"}`` of the learner's best try, or None."""
    return progress_file.read().get("quizzes", {}).get(chapter)


def progress():
    """Show what is done and what is open, chapter by chapter; in a notebook, with buttons to save and restore work."""
    lines, standing = [], [(chapter, _standing(chapter), _best_quiz(chapter)) for chapter in chapters()]
    for chapter, exercises, answered in standing:
        passed = sum(mark == "✅" for _, mark, _ in exercises)
        quiz_text = f"quiz {answered['right']} of {answered['of']}" if answered else "quiz not done"
        lines.append(f"Chapter {chapter}: {passed} of {len(exercises)} exercises, {quiz_text}")
        lines += [f"   {mark} {name}{f' ({tries})' if tries else ''}" for name, mark, tries in exercises]
    _show("\n".join(lines), lambda: panels.standing("\n".join(lines), standing))


def _standing(chapter):
    """For each exercise of a chapter ``(id, mark, "2 tries, 1 hint")``."""
    known, rows = progress_file.read().get("exercises", {}), []
    for exercise in of_chapter(chapter):
        entry = known.get(exercise.id, {})
        tries, hints = entry.get("attempts", 0), entry.get("hints", 0)
        mark = "✅" if entry.get("passed") else "❌" if tries else "◻"
        counts = [f"{tries} tr{'y' if tries == 1 else 'ies'}"] + [f"{hints} hint{'s' * (hints > 1)}"] * (hints > 0)
        rows.append((exercise.id, mark, ", ".join(counts) if entry else ""))
    return rows


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
    """Numbers of the chapters that have exercises, as strings of two digits: one for each file in chapters/."""
    names = (file.name.removesuffix(".py") for file in files(_folder).iterdir())
    return sorted(name for name in names if name.isdigit())


def of_chapter(chapter):
    """A chapter's exercises: a list of :class:`Exercise`; ValueError if there is no such chapter."""
    return _content(chapter).EXERCISES


def questions(chapter):
    """A chapter's quiz: a list of :class:`Question`; ValueError if there is no such chapter."""
    return _content(chapter).QUIZ


@cache
def _content(chapter):
    chapter = str(chapter).zfill(2)
    if chapter not in chapters():
        raise ValueError(f"There are no exercises for chapter {chapter!r}; there are for {', '.join(chapters())}.")
    return importlib.import_module(f"{_folder.__name__}.{chapter}")


def _find(exercise_id):
    chapter = str(exercise_id)[:2]
    for exercise in of_chapter(chapter) if isinstance(exercise_id, str) and chapter in chapters() else ():
        if exercise.id == exercise_id:
            return exercise
    known = [exercise.id for chapter in chapters() for exercise in of_chapter(chapter)]
    near = difflib.get_close_matches(str(exercise_id), known, n=1)
    more = f" Did you mean {near[0]!r}?" if near else f" There are: {', '.join(known)}."
    raise ValueError(f"There is no exercise {exercise_id!r}.{more}")
