"""What the files in chapters/ are made of: exercises with their typical mistakes, and questions."""

import inspect
import random
import string
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache

RIGHT = "✓ "  # begins the right option of a question, here and in lessons/before_after.toml


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
        What to say, and the wrong value to which it is said; or, with `cases`, the wrong function, or how its source
        differs from the reference's: ``"old text → new text"``, which becomes that function. The old text must stand
        there exactly once; otherwise there is a ValueError.
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

    def __post_init__(self):
        if self.cases:
            wrong = {text: _edited(self.reference, f) if isinstance(f, str) else f for text, f in self.mistakes.items()}
            object.__setattr__(self, "mistakes", wrong)  # now, while the file is still what was imported


@cache
def _source(function):
    return textwrap.dedent(inspect.getsource(function))


def _edited(function, edit):
    """The function that an edit of a function's source makes, in the namespace of that function."""
    source, name = _source(function), function.__name__
    old, arrow, new = (part.strip() for part in edit.partition("→"))
    if not (old and arrow) or source.count(old) != 1:
        raise ValueError(f"“{edit}” is no “old → new” with an old text that stands exactly once in {name}.")
    made = {}
    exec(compile(source.replace(old, new), f"<{name}: {edit}>", "exec"), function.__globals__, made)
    return made[name]


@dataclass(frozen=True)
class Question:
    """A multiple-choice question.

    Attributes
    ----------
    text : str
        What is asked.
    replies : dict of str to str
        The reply to each option. The right option begins with "✓ ", which is not shown.
    """

    text: str
    replies: dict

    @property
    def options(self):
        """``[(option, reply)]``, without the mark, in an order drawn from the text: authors put the right one last."""
        pairs = list(zip(unmarked(self.replies)[0], self.replies.values(), strict=True))
        return random.Random(self.text).sample(pairs, len(pairs))

    @property
    def right(self):
        """The right option's letter, from "a"."""
        texts, place = unmarked(self.replies)
        return string.ascii_lowercase[[text for text, _ in self.options].index(texts[place])]


def unmarked(options):
    """Options without the mark of the right one, and the place of that.

    Parameters
    ----------
    options : iterable of str

    Returns
    -------
    (list of str, int)

    Raises
    ------
    ValueError
        If not exactly one begins with the mark.
    """
    options = list(options)
    marked = [place for place, option in enumerate(options) if option.startswith(RIGHT)]
    if len(marked) != 1:
        raise ValueError(f"Exactly one option must begin with {RIGHT!r}; {len(marked)} do: {options}")
    return [option.removeprefix(RIGHT) for option in options], marked[0]


class NotAttempted(Exception):
    """The answer is still the empty stub."""


class Wrong(Exception):
    """The answer is wrong; the message tells how."""
