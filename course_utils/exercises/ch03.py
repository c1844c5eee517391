"""Exercises and quiz of chapter 03, LSTM gates."""

import numpy as np

from course_utils.exercises import Exercise, Question
from course_utils.scratch import sigmoid


def last_value_rmse(values, ahead):
    return np.sqrt(((values[ahead:] - values[:-ahead]) ** 2).mean())


def rnn_step(x, h, W, R, b):
    return np.tanh(x @ W + h @ R + b)


def lstm_step(x, h, c, W, R, b):
    i, f, g, o = np.split(x @ W + h @ R + b, 4)
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(c), c


def forget_bias(steps):
    f = 0.5 ** (1 / steps)
    return np.log(f / (1 - f))


def lstm_parameters(features, units):
    return 4 * (features + units + 1) * units


def window_starts(whose, length):
    return [s for s in range(len(whose) - length + 1) if (whose[s : s + length] == whose[s]).all()]


def _gates(x, h, W, R, b):
    return np.split(x @ W + h @ R + b, 4)


def _lstm_with(x, h, c, W, R, b, order="ifgo", cell=None, show=None):
    z = dict(zip(order, _gates(x, h, W, R, b), strict=True))
    i, f, g, o = sigmoid(z["i"]), sigmoid(z["f"]), np.tanh(z["g"]), sigmoid(z["o"])
    new = (cell or (lambda i, f, g, c: f * c + i * g))(i, f, g, c)
    return (show or (lambda o, new, old: o * np.tanh(new)))(o, new, c), new


def _candidate_by_sigmoid(x, h, c, W, R, b):
    i, f, g, o = (sigmoid(z) for z in _gates(x, h, W, R, b))
    c = f * c + i * g
    return o * np.tanh(c), c


def _gates_without_sigmoid(x, h, c, W, R, b):
    i, f, g, o = _gates(x, h, W, R, b)
    c = f * c + i * np.tanh(g)
    return o * np.tanh(c), c


def _nothing_bent(x, h, c, W, R, b):
    i, f, g, o = _gates(x, h, W, R, b)
    c = f * c + i * g
    return o * np.tanh(c), c


def _candidate_bent_twice(x, h, c, W, R, b):
    i, f, g, o = (sigmoid(z) for z in _gates(x, h, W, R, b))
    c = f * c + i * np.tanh(g)
    return o * np.tanh(c), c


def _gates_as_matrices(x, h, c, W, R, b):
    i, f, g, o = _gates(x, h, W, R, b)
    c = sigmoid(f) @ c + sigmoid(i) @ np.tanh(g)
    return sigmoid(o) * np.tanh(c), c


_rng = np.random.default_rng(3)


def _weights(features, units, gates):
    normal = _rng.normal
    return normal(size=(features, gates * units)), normal(size=(units, gates * units)), normal(size=gates * units)


_rnn_cases = tuple((_rng.normal(size=f), _rng.normal(size=u), *_weights(f, u, 1)) for f, u in ((2, 3), (1, 2), (4, 4)))
_lstm_cases = tuple(
    (_rng.normal(size=f), _rng.normal(size=u), _rng.normal(size=u), *_weights(f, u, 4))
    for f, u in ((2, 3), (1, 2), (3, 1))
)
_series = (np.array([70.0, 72.0, 75.0, 71.0, 71.0]), 60 + 10 * _rng.random(12))
_stays = (
    np.repeat([1, 2, 3], [5, 3, 6]),
    np.repeat([7, 4], [4, 4]),
    np.repeat([1, 2, 1], [3, 2, 4]),
    np.repeat([9], [6]),
)

EXERCISES = [
    Exercise(
        "03.last_value_rmse",
        hints=(
            "Which value is the forecast for place t, and which is the truth? They lie `ahead` places apart.",
            "All forecasts are values[:-ahead], all truths values[ahead:]. Both have the same length.",
            "Square the differences, take their mean, and the root: np.sqrt(((values[ahead:] - values[:-ahead]) ** 2).mean())",
        ),
        reference=last_value_rmse,
        cases=((_series[0], 1), (_series[0], 3), (_series[1], 2), (_series[1], 5)),
        mistakes={
            "that is the mean absolute error. Square the differences, take the mean, then the root.": (
                lambda v, a: np.abs(v[a:] - v[:-a]).mean()
            ),
            "the root is missing: yours is in squared units.": lambda v, a: ((v[a:] - v[:-a]) ** 2).mean(),
            "first the mean of the squares, then the root: the root of each square is just the absolute difference.": (
                lambda v, a: np.sqrt((v[a:] - v[:-a]) ** 2).sum() / len(v)
            ),
            "differences above and below cancel in yours: square them before you take the mean.": (
                lambda v, a: (v[a:] - v[:-a]).mean()
            ),
            "you always forecast one place ahead; `ahead` says how many.": lambda v, a: last_value_rmse(v, 1),
            "you take the sum of the squares; their mean is wanted.": lambda v, a: np.sqrt(
                ((v[a:] - v[:-a]) ** 2).sum()
            ),
            "your forecast is the mean of all values (which nobody knows yet). The last value known is to be repeated.": (
                lambda v, a: np.sqrt(((v[a:] - v.mean()) ** 2).mean())
            ),
            "np.roll carries the last values round to the beginning: the first `ahead` values have no forecast.": (
                lambda v, a: np.sqrt(((v - np.roll(v, a)) ** 2).mean())
            ),
            "you compare all with the very last value of the series. Each place has its own last known value.": (
                lambda v, a: np.sqrt(((v - v[-1]) ** 2).mean())
            ),
            "std takes the mean difference away first; the RMSE does not.": lambda v, a: (v[a:] - v[:-a]).std(),
            "you forecast each value from the one just before it: that is one step ahead, not `ahead`.": (
                lambda v, a: np.sqrt(((v[a:] - v[a - 1 : -1]) ** 2).mean())
            ),
            "your forecast is the first value of all. It should be the value `ahead` places before each.": (
                lambda v, a: np.sqrt(((v[a:] - v[0]) ** 2).mean())
            ),
            "divide by the number of forecasts. There are `ahead` fewer than values.": (
                lambda v, a: np.sqrt(((v[a:] - v[:-a]) ** 2).sum() / len(v))
            ),
        },
    ),
    Exercise(
        "03.rnn_step",
        hints=(
            "Three things are added up: what comes from the input, what comes from the old state, and the bias.",
            "x @ W is the input's part, h @ R the old state's.",
            "return np.tanh(x @ W + h @ R + b)",
        ),
        reference=rnn_step,
        cases=_rnn_cases,
        mistakes={
            "the bend is missing: tanh of the sum.": lambda x, h, W, R, b: x @ W + h @ R + b,
            "the plain recurrent cell uses tanh, not the sigmoid.": lambda x, h, W, R, b: sigmoid(x @ W + h @ R + b),
            "the bias is missing.": lambda x, h, W, R, b: np.tanh(x @ W + h @ R),
            "the old state is missing: without it the cell has no memory.": lambda x, h, W, R, b: np.tanh(x @ W + b),
            "the input is missing.": lambda x, h, W, R, b: np.tanh(h @ R + b),
            "R is turned round (transposed): h @ R, not R @ h.": lambda x, h, W, R, b: np.tanh(x @ W + R @ h + b),
            "the tanh goes around everything, the old state's part too.": lambda x, h, W, R, b: (
                np.tanh(x @ W + b) + h @ R
            ),
            "the old state goes through R and the tanh; it is not added as it is.": (
                lambda x, h, W, R, b: h + np.tanh(x @ W + b)
            ),
            "the bias belongs inside the tanh.": lambda x, h, W, R, b: np.tanh(x @ W + h @ R) + b,
            "the result replaces the old state; it is not added to it.": (
                lambda x, h, W, R, b: h + np.tanh(x @ W + h @ R + b)
            ),
            "that is ReLU; this cell bends with tanh.": lambda x, h, W, R, b: np.maximum(0, x @ W + h @ R + b),
            "* multiplies number by number; every unit must hear every other: a matrix product, @.": (
                lambda x, h, W, R, b: np.tanh(x @ W + h * R + b)
            ),
            "the tanh goes around the sum, not around each part.": (
                lambda x, h, W, R, b: np.tanh(x @ W) + np.tanh(h @ R) + b
            ),
        },
    ),
    Exercise(
        "03.lstm_step",
        hints=(
            "One sum, as in exercise 2, gives what goes into all four; cut it into four. Which of them get a sigmoid, which a tanh?",
            "z = x @ W + h @ R + b, then i, f, g, o = np.split(z, 4). Sigmoid for i, f and o, tanh for g. c = f * c + i * g.",
            "Then h = o * np.tanh(c), with the new c, and: return h, c",
        ),
        reference=lstm_step,
        cases=_lstm_cases,
        mistakes={
            "input and forget gate are exchanged: f multiplies the old cell, i the candidate (and the order of the four is "
            "i, f, g, o).": lambda *a: _lstm_with(*a, order="figo"),
            "the order of the four is i, f, g, o; yours has the candidate second.": lambda *a: _lstm_with(
                *a, order="igfo"
            ),
            "the order of the four is i, f, g, o; yours has the output gate third.": (
                lambda *a: _lstm_with(*a, order="ifog")
            ),
            "the candidate goes through tanh, not the sigmoid: it may be negative.": _candidate_by_sigmoid,
            "the gates need their sigmoid: they must lie between 0 and 1.": _gates_without_sigmoid,
            "the hidden state is o * tanh(c); the tanh is missing.": (
                lambda *a: _lstm_with(*a, show=lambda o, new, old: o * new)
            ),
            "the hidden state shows the new cell, not the old one.": (
                lambda *a: _lstm_with(*a, show=lambda o, new, old: o * np.tanh(old))
            ),
            "the input gate is missing: only i of the candidate is let in.": (
                lambda *a: _lstm_with(*a, cell=lambda i, f, g, c: f * c + g)
            ),
            "an LSTM has a gate of its own for the new, i. With 1 - f it would be half a GRU.": (
                lambda *a: _lstm_with(*a, cell=lambda i, f, g, c: f * c + (1 - f) * g)
            ),
            "the forget gate is missing: f of the old cell is kept.": (
                lambda *a: _lstm_with(*a, cell=lambda i, f, g, c: c + i * g)
            ),
            "1 - f of the old cell is kept in yours. The forget gate says how much is *kept*.": (
                lambda *a: _lstm_with(*a, cell=lambda i, f, g, c: (1 - f) * c + i * g)
            ),
            "the bias is missing.": lambda x, h, c, W, R, b: lstm_step(x, h, c, W, R, 0 * b),
            "the gates read the old hidden state h, not the cell.": lambda x, h, c, W, R, b: lstm_step(
                x, c, c, W, R, b
            ),
            "the old hidden state is missing: the gates read it, too.": lambda x, h, c, W, R, b: lstm_step(
                x, 0 * h, c, W, R, b
            ),
            "the forget gate acts on the old cell only, not on what is new.": (
                lambda *a: _lstm_with(*a, cell=lambda i, f, g, c: f * (c + i * g))
            ),
            "the cell itself is never bent: tanh only when it is shown.": (
                lambda *a: _lstm_with(
                    *a, cell=lambda i, f, g, c: np.tanh(f * c + i * g), show=lambda o, new, old: o * new
                )
            ),
            "first the tanh of the cell, then the output gate.": (
                lambda *a: _lstm_with(*a, show=lambda o, new, old: np.tanh(o * new))
            ),
            "nothing is bent: the gates need their sigmoid, the candidate its tanh.": _nothing_bent,
            "the candidate went through the sigmoid first and then the tanh; only tanh is wanted.": _candidate_bent_twice,
            "gates multiply number by number, *; @ adds everything up into one number.": _gates_as_matrices,
            "the right two, in the wrong order: return h, c.": lambda *a: lstm_step(*a)[::-1],
            "return the cell, too: h, c.": lambda *a: lstm_step(*a)[0],
        },
    ),
    Exercise(
        "03.lstm_parameters",
        hints=(
            "Count one gate first: weights from the input, weights from the old state, biases.",
            "One gate: features * units + units * units + units.",
            "Four such sets (i, f, g, o): 4 * (features + units + 1) * units",
        ),
        reference=lstm_parameters,
        cases=((1, 1), (2, 16), (36, 64), (5, 3)),
        mistakes={
            "that is one set. An LSTM has four: input gate, forget gate, candidate, output gate.": (
                lambda f, u: (f + u + 1) * u
            ),
            "that is three sets. The candidate has weights, too: four in all.": lambda f, u: 3 * (f + u + 1) * u,
            "the biases are missing: one for each unit of each gate.": lambda f, u: 4 * (f + u) * u,
            "each of the four sets has its own biases.": lambda f, u: 4 * (f + u) * u + u,
            "the weights from the old state are missing: units * units in each set.": lambda f, u: 4 * (f + 1) * u,
            "the weights from the input are missing: features * units in each set.": lambda f, u: 4 * (u + 1) * u,
            "one bias too many: each unit of each gate has one (some other libraries have two).": (
                lambda f, u: 4 * (f + u + 2) * u
            ),
            "R joins units to units; its shape does not depend on the features.": lambda f, u: 4 * (f * u + f * u + u),
            "the four multiplies all of a set, not only W.": lambda f, u: 4 * f * u + u * u + u,
            "4U already holds all four: you have counted them twice.": lambda f, u: 16 * (f + u + 1) * u,
            "features and units are exchanged in R and b.": lambda f, u: 4 * (f * u + f * f + f),
            "there is one bias for each unit of each gate, not one for each gate.": lambda f, u: 4 * ((f + u) * u + 1),
        },
    ),
    Exercise(
        "03.forget_bias",
        hints=(
            "First f: which number, multiplied with itself `steps` times, gives a half?",
            "f = 0.5 ** (1 / steps). The gate is the sigmoid of the bias; chapter 02 has the way back from p to its logit.",
            "return np.log(f / (1 - f))",
        ),
        reference=forget_bias,
        cases=((1.5,), (2.2,), (10,), (48,)),
        mistakes={
            "that is f itself. Which number must go into the sigmoid so that f comes out?": lambda n: 0.5 ** (1 / n),
            "the sign is wrong (or you took what is lost at a step for what is kept): to keep more, the bias must be larger.": (
                lambda n: -forget_bias(n)
            ),
            "that is what is left after so many steps with f = 0.5.": lambda n: 0.5**n,
            "f = 1 - 1 / steps leaves less than a half after so many steps (about e^-1 = 0.37).": (
                lambda n: np.log((1 - 1 / n) / (1 / n))
            ),
            "the way back from the sigmoid is log(f / (1 - f)), not log f.": lambda n: np.log(0.5) / n,
            "** is done before /: 0.5 ** 1 / steps is 0.5 / steps. Use brackets.": lambda n: np.log(
                (0.5 / n) / (1 - 0.5 / n)
            ),
            "after so many steps yours leaves 1 / e = 37 %, not a half.": lambda n: np.log(
                np.exp(-1 / n) / (1 - np.exp(-1 / n))
            ),
            "the logit takes the natural logarithm, np.log.": lambda n: forget_bias(n) / np.log(10),
            "the logarithm is of the whole fraction: look at the brackets.": lambda n: (
                np.log(0.5 ** (1 / n)) / (1 - 0.5 ** (1 / n))
            ),
            "you raise 0.5 to `steps`; wanted is the f whose power `steps` is 0.5.": lambda n: np.log(
                0.5**n / (1 - 0.5**n)
            ),
            "you put f into the sigmoid once more; the way back is wanted.": lambda n: sigmoid(0.5 ** (1 / n)),
            "f and 1 - f alone will not do: the odds f / (1 - f) need their logarithm.": (
                lambda n: 0.5 ** (1 / n) / (1 - 0.5 ** (1 / n))
            ),
            "a half divided by the steps is not what is kept at each step: the steps multiply.": (
                lambda n: np.log((1 - 0.5 / n) / (0.5 / n))
            ),
        },
    ),
    Exercise(
        "03.windows",
        hints=(
            "A window that starts at s holds the places s to s + length - 1. When are they all of one patient?",
            "There are len(whose) - length + 1 possible starts. Compare all of whose[s : s + length] with its first, whose[s].",
            "return [s for s in range(len(whose) - length + 1) if (whose[s : s + length] == whose[s]).all()]",
        ),
        reference=window_starts,
        cases=(
            *((patient, length) for patient in _stays for length in (2, 3, 4)),
            (np.repeat([1, 2, 1], [2, 1, 2]), 5),
            (np.array([3, 3]), 2),
        ),
        mistakes={
            "some of your windows begin in one patient and end in the next.": (
                lambda p, n: list(range(len(p) - n + 1))
            ),
            "the last window of each patient is missing: it may end at the patient's last hour.": lambda p, n: [
                s for s in range(len(p) - n) if (p[s : s + n + 1] == p[s]).all()
            ],
            "the very last window is missing: count the starts once more.": lambda p, n: [
                s for s in range(len(p) - n) if (p[s : s + n] == p[s]).all()
            ],
            "you compare the two ends only. A patient may come back, and another lie in between.": lambda p, n: [
                s for s in range(len(p) - n + 1) if p[s] == p[s + n - 1]
            ],
            "you compare the first two places of each window only.": lambda p, n: [
                s for s in range(len(p) - n + 1) if p[s] == p[s + 1]
            ],
            "you compare with the place after the window, which need not be of the same patient.": lambda p, n: [
                s for s in range(len(p) - n) if p[s] == p[s + n]
            ],
            "you give True or False for each start; the numbers of the starts are wanted.": lambda p, n: [
                bool((p[s : s + n] == p[s]).all()) for s in range(len(p) - n + 1)
            ],
            "you give the windows themselves; the places where they start are wanted.": lambda p, n: [
                list(p[s : s + n]) for s in window_starts(p, n)
            ],
            "yours do not overlap; one window starts at each row.": lambda p, n: [
                s for s in range(0, len(p) - n + 1, n) if (p[s : s + n] == p[s]).all()
            ],
            "these are the ones to throw away.": lambda p, n: [
                s for s in range(len(p) - n + 1) if not (p[s : s + n] == p[s]).all()
            ],
            "that is the patient's number at each start, not the start.": lambda p, n: [
                p[s] for s in window_starts(p, n)
            ],
            "places count from 0.": lambda p, n: [s + 1 for s in window_starts(p, n)],
            "only the first: does your return stand inside the loop?": lambda p, n: window_starts(p, n)[:1],
            "you count the windows; the places where they start are wanted.": lambda p, n: len(window_starts(p, n)),
        },
    ),
]

QUIZ = [
    Question(
        "A forget gate is 0.1 at a certain step. Then",
        (
            ("the cell forgets a tenth of its content.", "The name misleads: the gate says how much is *kept*."),
            ("the cell keeps a tenth of its content.", "Right: c = f · c + i · g, and f multiplies the old content."),
            ("a tenth of the input is ignored.", "What comes in is the input gate's business."),
        ),
        "b",
    ),
    Question(
        "Keras starts the forget gate's bias at 1, so that f is about 0.73. Of what a cell holds, after 20 steps there is left",
        (
            (
                "about 0.2 %, if nothing else happens.",
                "Right: 0.73 to the power of 20. The start is a compromise; training must open the gate further.",
            ),
            ("73 %", "That is what is left after one step."),
            ("nearly everything: a bias of 1 keeps the gate open.", "σ(1) is 0.73, not 1. Try the slider."),
        ),
        "a",
    ),
    Question(
        "We measured how the gradient shrinks with the lag, for cells as Keras makes them. It turned out that",
        (
            (
                "the LSTM does not vanish, the plain cell does.",
                "Look at the figure again: all three fall by orders of magnitude.",
            ),
            (
                "all of them vanish; with its keeping gate open, neither LSTM nor GRU does.",
                "Right: the path is there from the start, but the gate must be opened.",
            ),
            (
                "the GRU keeps most, because it is simplest.",
                "In our measurement it lost most. Simple is not the same as open.",
            ),
        ),
        "b",
    ),
    Question(
        "A network reaches an RMSE of 2.6 beats per minute on its training windows. For a new patient we should expect",
        (
            (
                "2.6 again, since all windows, old and new, are drawn from the same distribution.",
                "A new patient is not among those it has fitted.",
            ),
            ("less, since dropout is switched off.", "Dropout is off for both figures."),
            (
                "more; how much, only patients that it has never seen can tell.",
                "Right. Here the LSTM's error rose from 2.8 to 3.4, more than what separates it from ridge regression.",
            ),
        ),
        "c",
    ),
    Question(
        "Measurements of 50 patients stand below each other in one table. All windows of 24 rows are cut from it, one at each row. "
        "What is wrong?",
        (
            (
                "Some windows begin in one patient and end in the next.",
                "Right: they show a jump that never happened in anybody.",
            ),
            (
                "Nothing, as long as the rows of each patient are in the order of time.",
                "Within a patient, yes. What comes after a patient's last row?",
            ),
            (
                "Windows must not overlap.",
                "They may. But windows of one patient must not be spread over training and test.",
            ),
        ),
        "a",
    ),
    Question(
        "With its forget gate held at 1, our network counted alarms clearly worse, but it still beat the linear regression. How "
        "can it start again after a nurse's visit at all?",
        (
            ("It cannot.", "It beat the line by far, over 300 sequences."),
            (
                "The candidate can be negative, and the hidden state is not held.",
                "Right: c + i · g with g < 0 takes something away. That is harder to learn than shutting a gate.",
            ),
            (
                "By setting its forget gate to 0 for a single step, which clears the cell.",
                "It cannot: f is held at 1 at every step.",
            ),
        ),
        "b",
    ),
    Question(
        "An LSTM with 10 units reads 5 measurements. How many parameters has it?",
        (
            ("160", "That is one set, (5 + 10 + 1) · 10. How many sets are there?"),
            ("480", "That would be three sets. The candidate has one, too."),
            ("640", "Right: 4 · (5 + 10 + 1) · 10."),
        ),
        "c",
    ),
]
