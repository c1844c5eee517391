"""Exercises and quiz of chapter 03, LSTM gates."""

import numpy as np

from course_utils.exercises.model import Exercise, Question
from course_utils.scratch import sigmoid


def last_value_rmse(values, ahead):
    error = values[ahead:] - values[:-ahead]
    return np.sqrt((error**2).mean())


def rnn_step(x, h, W, R, b):
    return np.tanh(x @ W + h @ R + b)


def lstm_step(x, h, c, W, R, b):
    i, f, g, o = np.split(x @ W + h @ R + b, 4)
    i, f, g, o = sigmoid(i), sigmoid(f), np.tanh(g), sigmoid(o)
    new = f * c + i * g
    return o * np.tanh(new), new


def forget_bias(steps):
    f = 0.5 ** (1 / steps)
    return np.log(f / (1 - f))


def lstm_parameters(features, units):
    return 4 * (features + units + 1) * units


def window_starts(whose, length):
    of_one = [(whose[s : s + length] == whose[s]).all() for s in range(len(whose) - length + 1)]
    return [s for s, one in enumerate(of_one) if one]


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
            "Square the differences, take their mean, and the root: np.sqrt(((values[ahead:] - values[:-ahead]) ** "
            "2).mean())",
        ),
        reference=last_value_rmse,
        cases=((_series[0], 1), (_series[0], 3), (_series[1], 2), (_series[1], 5)),
        mistakes={
            "that is the mean absolute error. Square the differences, take the mean, then the root.": (
                "np.sqrt((error**2).mean()) → np.abs(error).mean()"
            ),
            "the root is missing: yours is in squared units.": "np.sqrt →",
            "first the mean of the squares, then the root: the root of each square is just the absolute difference.": (
                "np.sqrt((error**2).mean()) → np.sqrt(error**2).sum() / len(values)"
            ),
            "differences above and below cancel in yours: square them before you take the mean.": (
                "np.sqrt((error**2).mean()) → error.mean()"
            ),
            "you always forecast one place ahead; `ahead` says how many.": lambda v, a: last_value_rmse(v, 1),
            "you take the sum of the squares; their mean is wanted.": "mean → sum",
            "your forecast is the mean of all values (which nobody knows yet). The last value known is to be "
            "repeated.": "values[:-ahead] → values.mean()",
            "np.roll carries the last values round to the beginning: the first `ahead` values have no forecast.": (
                "values[ahead:] - values[:-ahead] → values - np.roll(values, ahead)"
            ),
            "you compare all with the very last value of the series. Each place has its own last known value.": (
                "values[ahead:] - values[:-ahead] → values - values[-1]"
            ),
            "std takes the mean difference away first; the RMSE does not.": "np.sqrt((error**2).mean()) → error.std()",
            "you forecast each value from the one just before it: that is one step ahead, not `ahead`.": (
                "values[:-ahead] → values[ahead - 1 : -1]"
            ),
            "your forecast is the first value of all. It should be the value `ahead` places before each.": (
                "values[:-ahead] → values[0]"
            ),
            "divide by the number of forecasts. There are `ahead` fewer than values.": "mean() → sum() / len(values)",
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
            "the bend is missing: tanh of the sum.": "np.tanh →",
            "the plain recurrent cell uses tanh, not the sigmoid.": "np.tanh → sigmoid",
            "the bias is missing.": "+ b →",
            "the old state is missing: without it the cell has no memory.": "h @ R + →",
            "the input is missing.": "x @ W + →",
            "R is turned round (transposed): h @ R, not R @ h.": "h @ R → R @ h",
            "the tanh goes around everything, the old state's part too.": "h @ R + b) → b) + h @ R",
            "the old state goes through R and the tanh; it is not added as it is.": (
                "np.tanh(x @ W + h @ R → h + np.tanh(x @ W"
            ),
            "the bias belongs inside the tanh.": "+ b) → ) + b",
            "the result replaces the old state; it is not added to it.": "np.tanh → h + np.tanh",
            "that is ReLU; this cell bends with tanh.": "np.tanh( → np.maximum(0,",
            "* multiplies number by number; every unit must hear every other: a matrix product, @.": "h @ R → h * R",
            "the tanh goes around the sum, not around each part.": "+ h @ R + b) → ) + np.tanh(h @ R) + b",
        },
    ),
    Exercise(
        "03.lstm_step",
        hints=(
            "One sum, as in exercise 2, gives what goes into all four; cut it into four. Which of them get a "
            "sigmoid, which a tanh?",
            "z = x @ W + h @ R + b, then i, f, g, o = np.split(z, 4). Sigmoid for i, f and o, tanh for g. c = f * c "
            "+ i * g.",
            "Then h = o * np.tanh(c), with the new c, and: return h, c",
        ),
        reference=lstm_step,
        cases=_lstm_cases,
        mistakes={
            "input and forget gate are exchanged: f multiplies the old cell, i the candidate (and the order of the "
            "four is i, f, g, o).": "i, f, g, o = np → f, i, g, o = np",
            "the order of the four is i, f, g, o; yours has the candidate second.": "i, f, g, o = np → i, g, f, o = np",
            "the order of the four is i, f, g, o; yours has the output gate third.": (
                "i, f, g, o = np → i, f, o, g = np"
            ),
            "the candidate goes through tanh, not the sigmoid: it may be negative.": "np.tanh(g) → sigmoid(g)",
            "the gates need their sigmoid: they must lie between 0 and 1.": (
                "sigmoid(i), sigmoid(f), np.tanh(g), sigmoid(o) → i, f, np.tanh(g), o"
            ),
            "the hidden state is o * tanh(c); the tanh is missing.": "np.tanh(new) → new",
            "the hidden state shows the new cell, not the old one.": "np.tanh(new) → np.tanh(c)",
            "the input gate is missing: only i of the candidate is let in.": "i * g → g",
            "an LSTM has a gate of its own for the new, i. With 1 - f it would be half a GRU.": "i * g → (1 - f) * g",
            "the forget gate is missing: f of the old cell is kept.": "f * c → c",
            "1 - f of the old cell is kept in yours. The forget gate says how much is *kept*.": "f * c → (1 - f) * c",
            "the bias is missing.": "+ b →",
            "the gates read the old hidden state h, not the cell.": "h @ R → c @ R",
            "the old hidden state is missing: the gates read it, too.": "+ h @ R →",
            "the forget gate acts on the old cell only, not on what is new.": "c + i * g → (c + i * g)",
            "the cell itself is never bent: tanh only when it is shown.": (
                "f * c + i * g\n    return o * np.tanh(new) → np.tanh(f * c + i * g)\n    return o * new"
            ),
            "first the tanh of the cell, then the output gate.": "o * np.tanh(new) → np.tanh(o * new)",
            "nothing is bent: the gates need their sigmoid, the candidate its tanh.": (
                "sigmoid(i), sigmoid(f), np.tanh(g), sigmoid(o) → i, f, g, o"
            ),
            "the candidate went through the sigmoid first and then the tanh; only tanh is wanted.": (
                "np.tanh(g) → np.tanh(sigmoid(g))"
            ),
            "gates multiply number by number, *; @ adds everything up into one number.": (
                "f * c + i * g → f @ c + i @ g"
            ),
            "the right two, in the wrong order: return h, c.": "o * np.tanh(new), new → new, o * np.tanh(new)",
            "return the cell, too: h, c.": "np.tanh(new), new → np.tanh(new)",
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
            "that is one set. An LSTM has four: input gate, forget gate, candidate, output gate.": "4 * →",
            "that is three sets. The candidate has weights, too: four in all.": "4 → 3",
            "the biases are missing: one for each unit of each gate.": "+ 1 →",
            "each of the four sets has its own biases.": "+ 1) * units → ) * units + units",
            "the weights from the old state are missing: units * units in each set.": "+ units →",
            "the weights from the input are missing: features * units in each set.": "features + →",
            "one bias too many: each unit of each gate has one (some other libraries have two).": "+ 1 → + 2",
            "R joins units to units; its shape does not depend on the features.": "units + 1 → features + 1",
            "the four multiplies all of a set, not only W.": lambda f, u: 4 * f * u + u * u + u,
            "4U already holds all four: you have counted them twice.": "4 → 16",
            "features and units are exchanged in R and b.": lambda f, u: 4 * (f * u + f * f + f),
            "there is one bias for each unit of each gate, not one for each gate.": "+ 1) * units → ) * units + 4",
        },
    ),
    Exercise(
        "03.forget_bias",
        hints=(
            "First f: which number, multiplied with itself `steps` times, gives a half?",
            "f = 0.5 ** (1 / steps). The gate is the sigmoid of the bias; chapter 02 has the way back from p to its "
            "logit.",
            "return np.log(f / (1 - f))",
        ),
        reference=forget_bias,
        cases=((1.5,), (2.2,), (10,), (48,)),
        mistakes={
            "that is f itself. Which number must go into the sigmoid so that f comes out?": "np.log(f / (1 - f)) → f",
            "the sign is wrong (or you took what is lost at a step for what is kept): to keep more, the bias must be "
            "larger.": "np.log → -np.log",
            "that is what is left after so many steps with f = 0.5.": lambda n: 0.5**n,
            "f = 1 - 1 / steps leaves less than a half after so many steps (about e^-1 = 0.37).": (
                "0.5 ** (1 / steps) → 1 - 1 / steps"
            ),
            "the way back from the sigmoid is log(f / (1 - f)), not log f.": "f / (1 - f) → f",
            "** is done before /: 0.5 ** 1 / steps is 0.5 / steps. Use brackets.": "0.5 ** (1 / steps) → 0.5 / steps",
            "after so many steps yours leaves 1 / e = 37 %, not a half.": "0.5 ** (1 / steps) → np.exp(-1 / steps)",
            "the logit takes the natural logarithm, np.log.": "log → log10",
            "the logarithm is of the whole fraction: look at the brackets.": (
                "np.log(f / (1 - f)) → np.log(f) / (1 - f)"
            ),
            "you raise 0.5 to `steps`; wanted is the f whose power `steps` is 0.5.": "(1 / steps) → steps",
            "you put f into the sigmoid once more; the way back is wanted.": "np.log(f / (1 - f)) → sigmoid(f)",
            "f and 1 - f alone will not do: the odds f / (1 - f) need their logarithm.": "np.log →",
            "a half divided by the steps is not what is kept at each step: the steps multiply.": (
                "0.5 ** (1 / steps) → 1 - 0.5 / steps"
            ),
        },
    ),
    Exercise(
        "03.windows",
        hints=(
            "A window that starts at s holds the places s to s + length - 1. When are they all of one patient?",
            "There are len(whose) - length + 1 possible starts. Compare all of whose[s : s + length] with its first, "
            "whose[s].",
            "return [s for s in range(len(whose) - length + 1) if (whose[s : s + length] == whose[s]).all()]",
        ),
        reference=window_starts,
        cases=(
            *((patient, length) for patient in _stays for length in (2, 3, 4)),
            (np.repeat([1, 2, 1], [2, 1, 2]), 5),
            (np.array([3, 3]), 2),
        ),
        mistakes={
            "some of your windows begin in one patient and end in the next.": "if one →",
            "the last window of each patient is missing: it may end at the patient's last hour.": (
                lambda p, n: [s for s in range(len(p) - n) if (p[s : s + n + 1] == p[s]).all()]
            ),
            "the very last window is missing: count the starts once more.": "length + 1 → length",
            "you compare the two ends only. A patient may come back, and another lie in between.": (
                "(whose[s : s + length] == whose[s]).all() → whose[s + length - 1] == whose[s]"
            ),
            "you compare the first two places of each window only.": (
                "(whose[s : s + length] == whose[s]).all() → whose[s + 1] == whose[s]"
            ),
            "you compare with the place after the window, which need not be of the same patient.": (
                lambda p, n: [s for s in range(len(p) - n) if p[s] == p[s + n]]
            ),
            "you give True or False for each start; the numbers of the starts are wanted.": (
                "[s for s, one in enumerate(of_one) if one] → of_one"
            ),
            "you give the windows themselves; the places where they start are wanted.": (
                "[s for s, one → [list(whose[s : s + length]) for s, one"
            ),
            "yours do not overlap; one window starts at each row.": (
                lambda p, n: [s for s in range(0, len(p) - n + 1, n) if (p[s : s + n] == p[s]).all()]
            ),
            "these are the ones to throw away.": "if one → if not one",
            "that is the patient's number at each start, not the start.": "[s for s, one → [whose[s] for s, one",
            "places count from 0.": "[s for s, one → [s + 1 for s, one",
            "only the first: does your return stand inside the loop?": "if one] → if one][:1]",
            "you count the windows; the places where they start are wanted.": (
                "[s for s, one in enumerate(of_one) if one] → sum(of_one)"
            ),
        },
    ),
]

QUIZ = [
    Question(
        "A forget gate is 0.1 at a certain step. Then",
        {
            "the cell forgets a tenth of its content.": "The name misleads: the gate says how much is *kept*.",
            "✓ the cell keeps a tenth of its content.": "Right: c = f · c + i · g, and f multiplies the old content.",
            "a tenth of the input is ignored.": "What comes in is the input gate's business.",
        },
    ),
    Question(
        "Keras starts the forget gate's bias at 1, so that f is about 0.73. Of what a cell holds, after 20 steps "
        "there is left",
        {
            "✓ about 0.2 %, if nothing else happens.": (
                "Right: 0.73 to the power of 20. The start is a compromise; training must open the gate further."
            ),
            "73 %": "That is what is left after one step.",
            "nearly everything: a bias of 1 keeps the gate open.": "σ(1) is 0.73, not 1. Try the slider.",
        },
    ),
    Question(
        "We measured how the gradient shrinks with the lag, for cells as Keras makes them. It turned out that",
        {
            "the LSTM does not vanish, the plain cell does.": (
                "Look at the figure again: all three fall by orders of magnitude."
            ),
            "✓ all of them vanish; with its keeping gate open, neither LSTM nor GRU does.": (
                "Right: the path is there from the start, but the gate must be opened."
            ),
            "the GRU keeps most, because it is simplest.": (
                "In our measurement it lost most. Simple is not the same as open."
            ),
        },
    ),
    Question(
        "A network reaches an RMSE of 2.6 beats per minute on its training windows. For a new patient we should expect",
        {
            "2.6 again, since all windows, old and new, are drawn from the same distribution.": (
                "A new patient is not among those it has fitted."
            ),
            "less, since dropout is switched off.": "Dropout is off for both figures.",
            "✓ more; how much, only patients that it has never seen can tell.": (
                "Right. Here the LSTM's error rose from 2.8 to 3.4, more than what separates it from ridge regression."
            ),
        },
    ),
    Question(
        "Measurements of 50 patients stand below each other in one table. All windows of 24 rows are cut from it, "
        "one at each row. What is wrong?",
        {
            "✓ Some windows begin in one patient and end in the next.": (
                "Right: they show a jump that never happened in anybody."
            ),
            "Nothing, as long as the rows of each patient are in the order of time.": (
                "Within a patient, yes. What comes after a patient's last row?"
            ),
            "Windows must not overlap.": (
                "They may. But windows of one patient must not be spread over training and test."
            ),
        },
    ),
    Question(
        "With its forget gate held at 1, our network counted alarms clearly worse, but it still beat the linear "
        "regression. How can it start again after a nurse's visit at all?",
        {
            "It cannot.": "It beat the line by far, over 300 sequences.",
            "✓ The candidate can be negative, and the hidden state is not held.": (
                "Right: c + i · g with g < 0 takes something away. That is harder to learn than shutting a gate."
            ),
            "By setting its forget gate to 0 for a single step, which clears the cell.": (
                "It cannot: f is held at 1 at every step."
            ),
        },
    ),
    Question(
        "An LSTM with 10 units reads 5 measurements. How many parameters has it?",
        {
            "160": "That is one set, (5 + 10 + 1) · 10. How many sets are there?",
            "480": "That would be three sets. The candidate has one, too.",
            "✓ 640": "Right: 4 · (5 + 10 + 1) · 10.",
        },
    ),
]
