"""Exercises and quiz of chapter 03, LSTM gates."""

from collections.abc import Iterator

import numpy as np

from course_utils.arrays import numbers
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


def gru_step(x, h, W, R, b):
    from_x, from_h = np.split(x @ W + b[0], 3), np.split(h @ R + b[1], 3)
    z, r = sigmoid(from_x[0] + from_h[0]), sigmoid(from_x[1] + from_h[1])
    g = np.tanh(from_x[2] + r * from_h[2])
    return z * h + (1 - z) * g


def forget_bias(steps):
    f = 0.5 ** (1 / steps)
    return np.log(f / (1 - f))


def lstm_parameters(features, units):
    return 4 * (features + units + 1) * units


def window_starts(whose, length):
    of_one = [(whose[s : s + length] == whose[s]).all() for s in range(len(whose) - length + 1)]
    return [s for s, one in enumerate(of_one) if one]


def _near(reference):
    """Accepts what is right to five digits or so: a learner may compute in 32 bits, as networks do."""

    def accept(result, *case):
        right = reference(*case)
        if isinstance(right, tuple):
            if not isinstance(result, tuple | list | np.ndarray) or len(result) != len(right):
                return f"{len(right)} rows of numbers are wanted, the new hidden state and the new cell."
            pairs = [(f"row {k}: ", f, r) for k, (f, r) in enumerate(zip(result, right, strict=True), 1)]
        else:
            pairs = [("", result, right)]
        for where, found, wanted in pairs:
            found = numbers(found)
            if found.shape != wanted.shape:
                return f"{where}an array of shape {wanted.shape} is wanted; yours has the shape {found.shape}."
            if not np.isfinite(found).all():
                return f"{where}it holds nan or infinity. The sums are large here: does something overflow in exp?"
            off = ~np.isclose(found, wanted, rtol=1e-4, atol=2e-6)
            if off.any() and any(np.allclose(found, wanted.round(digits), atol=1e-9) for digits in range(1, 6)):
                return f"{where}your numbers are rounded; give them with all their digits."
            if off.any():
                return f"{where}{off.mean():.0%} of the numbers are off."
        return None

    return accept


def _right_starts(result, whose, length):
    """In any order and any container: no order is asked."""
    if isinstance(result, dict | str | Iterator):
        return f"a list of starts is wanted; you gave a {type(result).__name__}."
    found, right = list(result), window_starts(whose, length)
    if any(isinstance(start, bool | np.bool_) for start in found):
        return "truth values are no starts; the numbers of the starts are wanted."
    found = numbers(result if hasattr(result, "dtype") else found).tolist()
    if len(set(found)) < len(found):
        return "a start stands in your list more than once."
    for start in found:
        if start != int(start) or not 0 <= start <= len(whose) - length:
            return f"{start:g} is in your list: no whole window starts there."
        if start not in right:
            return f"{start:g} is in your list, and the window from there holds {whose[int(start) :][:length]}."
    missing = len(right) - len(found)
    return f"{missing} of the starts {'is' if missing == 1 else 'are'} missing." if missing else None


_rng = np.random.default_rng(3)


def _weights(features, units, gates):
    normal = _rng.normal
    return normal(size=(features, gates * units)), normal(size=(units, gates * units)), normal(size=gates * units)


# In the last case of each, large numbers arrive, for which exp overflows. Where W is square, other products fit, too.
_rnn_cases = tuple(
    (scale * _rng.normal(size=f), _rng.normal(size=u), *_weights(f, u, 1))
    for f, u, scale in ((2, 3, 1), (1, 2, 1), (4, 4, 1), (2, 3, 3000))
)
_lstm_cases = tuple(
    (scale * _rng.normal(size=f), _rng.normal(size=u), 2 * _rng.normal(size=u), *_weights(f, u, 4))
    for f, u, scale in ((2, 3, 1), (1, 2, 1), (3, 1, 1), (4, 1, 1), (2, 3, 3000))
)
_gru_cases = tuple(
    (scale * _rng.normal(size=f), _rng.normal(size=u), *_weights(f, u, 3)[:2], _rng.normal(size=(2, 3 * u)))
    for f, u, scale in ((2, 3, 1), (1, 2, 1), (3, 1, 1), (4, 4, 1), (2, 3, 3000))
)
_series = (np.array([70.0, 72.0, 75.0, 71.0, 71.0]), 60 + 10 * _rng.random(12))
_stays = (
    np.repeat([1, 2, 3], [5, 3, 4]),
    np.repeat([7, 4], [4, 4]),
    np.repeat([1, 2, 1], [3, 2, 4]),
    np.repeat([9], [6]),
)
# Patients who come back, lie between others, have the number 0 or stay for one row only: at most 12 rows, to be shown.
_mixed = tuple(np.repeat(_rng.integers(0, 4, 6), _rng.integers(1, 4, 6))[:12] for _ in range(40))

EXERCISES = [
    Exercise(
        "03.last_value_rmse",
        hints=(
            "Which value is the forecast for place t, and which is the truth? They lie `ahead` places apart.",
            "All forecasts are values[:-ahead], all truths values[ahead:]. Both have the same length.",
            "Take the differences of the two, square each, take the mean of the squares, and then np.sqrt of that.",
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
            "the first `ahead` values have no forecast; yours take one from the end of the series (so does a negative "
            "index, and np.roll).": ("values[ahead:] - values[:-ahead] → values - np.roll(values, ahead)"),
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
            "divide by the number of forecasts, not by one less.": "mean() → sum() / (len(error) - 1)",
            "yours forecasts from one place too far back: `ahead` places, not one more.": lambda v, a: last_value_rmse(
                v, a + 1
            ),
            "the last forecast is left out.": lambda v, a: last_value_rmse(v[:-1], a),
            "only the first values of all are forecast by 0 or by themselves in yours; they have no forecast, so leave "
            "them out of the mean.": lambda v, a: (((v - np.append(0 * v[:a], v[:-a])) ** 2).mean()) ** 0.5,
            "np.diff(values, n) takes differences of differences; wanted are values `ahead` places apart.": (
                "values[ahead:] - values[:-ahead] → np.diff(values, n=ahead)"
            ),
        },
    ),
    Exercise(
        "03.rnn_step",
        hints=(
            "Three things are added up: what comes from the input, what comes from the old state, and the bias.",
            "Look at the shapes: which product of a row of F numbers and a table (F, U) gives a row of U?",
            "The row on the left, the table on the right, @ between them; the same for h and R. Then b and tanh.",
        ),
        reference=rnn_step,
        cases=_rnn_cases,
        accept=_near(rnn_step),
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
            "one tanh goes around the whole sum; yours adds two of them up.": "+ h @ R + b) → + b) + np.tanh(h @ R)",
            "each unit has a bias of its own: all of b is added.": "+ b → + b[0]",
            "clipping to −1 … 1 is not tanh, which bends smoothly.": (
                "np.tanh(x @ W + h @ R + b) → np.clip(x @ W + h @ R + b, -1, 1)"
            ),
            "the old state goes into the product as it is; it has been bent already.": "h @ R → np.tanh(h) @ R",
            "that is ReLU; this cell bends with tanh.": "np.tanh( → np.maximum(0,",
            "* multiplies number by number; every unit must hear every other: a matrix product, @.": "h @ R → h * R",
            "* multiplies number by number; every unit must hear every input: a matrix product, @.": "x @ W → x * W",
            "* multiplies number by number. Both products are matrix products, @.": lambda x, h, W, R, b: np.tanh(
                x * W + h * R + b
            ),
            "the table stands on the wrong side of the input: a row of F numbers times a table (F, U) gives U.": (
                "x @ W → W @ x"
            ),
            "both tables stand on the wrong side: a row of F numbers times a table (F, U) gives U.": (
                lambda x, h, W, R, b: np.tanh(W @ x + R @ h + b)
            ),
            "a unit hears only itself in yours; R holds the weights from every unit to every other.": (
                "h @ R → h * np.diag(R)"
            ),
            "the tanh goes around the sum, not around each part.": "+ h @ R + b) → ) + np.tanh(h @ R) + b",
        },
    ),
    Exercise(
        "03.lstm_step",
        hints=(
            "One sum, as in exercise 2, gives what goes into all four; cut it into four. Which of them get a "
            "sigmoid, which a tanh?",
            "The order is i, f, g, o. Only one of the four is no gate. With these four, the equations 4 and 5 of this "
            "section remain: first the cell, then the hidden state.",
            "Cell: the forget gate times the old cell, plus the input gate times the candidate, all with *. Hidden "
            "state: the output gate times the tanh of the *new* cell. Return the two.",
        ),
        reference=lstm_step,
        cases=_lstm_cases,
        accept=_near(lstm_step),
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
            "the table stands on the wrong side of the input: a row of F numbers times a table (F, 4U) gives 4U.": (
                "x @ W → W @ x"
            ),
            "the shapes do not fit: with @, a row of U numbers on the left of the table R, which is (U, 4U), gives 4U "
            "(and with W it is the same).": "h @ R → R @ h",
            "* multiplies number by number; x and W need a matrix product, @.": "x @ W → x * W",
            "the four are *blocks* of U numbers, one after the other; yours takes every fourth number.": (
                lambda x, h, c, W, R, b: lstm_step(
                    x, h, c, *(np.concatenate([a[..., k::4] for k in range(4)], -1) for a in (W, R, b))
                )
            ),
            "R is turned round (transposed) within each of the four: the row h stands on its left.": (
                "h @ R → np.concatenate([r @ h for r in np.split(R, 4, axis=1)])"
            ),
            "no 1 is added to what goes into the forget gate: b holds the biases as they are.": (
                "sigmoid(f) → sigmoid(f + 1)"
            ),
            "that is the straight-line (hard) sigmoid; the gates have the smooth one, scratch.sigmoid.": (
                "sigmoid(i), sigmoid(f), np.tanh(g), sigmoid(o) → np.clip(0.2 * i + 0.5, 0, 1), "
                "np.clip(0.2 * f + 0.5, 0, 1), np.tanh(g), np.clip(0.2 * o + 0.5, 0, 1)"
            ),
            "the cell is not clipped: it may grow beyond 1.": "f * c + i * g → np.clip(f * c + i * g, -1, 1)",
            "the right two, in the wrong order: return h, c.": "o * np.tanh(new), new → new, o * np.tanh(new)",
            "return the cell, too: h, c.": "np.tanh(new), new → np.tanh(new)",
        },
    ),
    Exercise(
        "03.lstm_parameters",
        hints=(
            "Count one gate first: weights from the input, weights from the old state, biases.",
            "One gate: W has one weight from each input to each unit, R one from each unit to each unit, and b one "
            "number for each unit.",
            "Add the three up and take them as often as there are sets: i, f, g, o.",
        ),
        reference=lstm_parameters,
        cases=((1, 1), (2, 16), (36, 64), (5, 3), (2000, 64)),
        mistakes={
            "that is one set. An LSTM has four: input gate, forget gate, candidate, output gate.": "4 * →",
            "that is three sets. The candidate has weights, too: four in all.": "4 → 3",
            "the biases are missing: one for each unit of each gate.": "+ 1 →",
            "each of the four sets has its own biases.": "+ 1) * units → ) * units + units",
            "the weights from the old state are missing: units * units in each set.": "+ units →",
            "the weights from the input are missing: features * units in each set.": "features + →",
            "one bias too many: each unit of each gate has one (some other libraries have two).": "+ 1 → + 2",
            "W joins inputs to units; its shape depends on the features, too.": lambda f, u: 4 * (2 * u + 1) * u,
            "each unit hears *every* unit's old state, not only its own: R is a table, units by units.": (
                lambda f, u: 4 * (f * u + u + u)
            ),
            "the biases belong to the units, not to the inputs.": lambda f, u: 4 * ((f + u) * u + f),
            "the states h and c are no parameters: they are worked out anew for each sequence.": (
                lambda f, u: lstm_parameters(f, u) + 2 * u
            ),
            "a Dense layer after the LSTM has parameters of its own; asked are those of the LSTM.": (
                lambda f, u: lstm_parameters(f, u) + u + 1
            ),
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
            "That f is a root of a half: a half to the power of one `steps`-th. The gate is the sigmoid of the bias; "
            "chapter 02 has the way back from a probability to its logit.",
            "The logit is the natural logarithm of the odds, and the odds are f divided by what is missing to 1.",
        ),
        reference=forget_bias,
        cases=((1.5,), (2.2,), (10,), (48,), (500,)),
        mistakes={
            "that is f itself. Which number must go into the sigmoid so that f comes out?": "np.log(f / (1 - f)) → f",
            "the sign is wrong (or you took what is lost at a step for what is kept): to keep more, the bias must be "
            "larger.": "np.log → -np.log",
            "that is a rule of thumb, which is near for long half-lives only. Which f leaves exactly a half?": (
                lambda n: np.log(n / np.log(2))
            ),
            "log of the steps is a rule of thumb. Which f leaves exactly a half after so many steps?": np.log,
            "the logit takes the natural logarithm, not that to base 2.": "log → log2",
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
        "03.gru_step",
        hints=(
            "Keep the two parts apart, x @ W + b[0] and h @ R + b[1], and cut each into three.",
            "For z and r, the two parts are added up and go through the sigmoid. For g, one of the parts is first "
            "multiplied by r. Which?",
            "r decides how much of the *old state* the candidate sees. In the last equation z multiplies the old "
            "state, and what is missing to 1 the candidate.",
        ),
        reference=gru_step,
        cases=_gru_cases,
        accept=_near(gru_step),
        mistakes={
            "z and 1 - z are exchanged: z says how much of the *old* state is kept.": (
                "z * h + (1 - z) * g → (1 - z) * h + z * g"
            ),
            "the order of the three is z, r, g; you have z and r exchanged.": "z, r = → r, z =",
            "r is missing: it decides how much of the old state the candidate sees.": "r * from_h[2] → from_h[2]",
            "r belongs to the part from the old state, not to that from the input.": (
                "from_x[2] + r * from_h[2] → r * from_x[2] + from_h[2]"
            ),
            "r multiplies both parts in yours; the input's part is not touched by it.": (
                "from_x[2] + r * from_h[2] → r * (from_x[2] + from_h[2])"
            ),
            "the candidate goes through tanh, not the sigmoid.": "np.tanh( → sigmoid(",
            "the tanh of the candidate is missing.": "np.tanh(from_x[2] + r * from_h[2]) → from_x[2] + r * from_h[2]",
            "what is added is (1 - z) times the candidate: z keeps and adds together.": "(1 - z) * g → g",
            "the old state is missing: z of it is kept.": "z * h + (1 - z) * g → (1 - z) * g",
            "r acts on the product of h and R here, with its bias; yours acts on h before it (the older form).": (
                "r * from_h[2] → np.split((r * h) @ R, 3)[2] + b[1][2 * len(h) :]"
            ),
            "b[0] and b[1] are exchanged: b[0] goes with the input. (Only the candidate can tell them apart.)": (
                lambda x, h, W, R, b: gru_step(x, h, W, R, b[::-1])
            ),
            "the second row of biases is missing, that of the old state's part.": "h @ R + b[1] → h @ R",
            "the first row of biases is missing, that of the input's part.": "x @ W + b[0] → x @ W",
            "both rows of biases belong outside of r in yours; b[1] is multiplied by r, too.": (
                lambda x, h, W, R, b: gru_step(x, h, W, R, np.stack([b.sum(axis=0), 0 * b[1]]))
            ),
            "the table stands on the wrong side of the input: a row of F numbers times a table (F, 3U) gives 3U.": (
                "x @ W → W @ x"
            ),
            "R stands on the wrong side: a row of U numbers times a table (U, 3U) gives 3U.": "h @ R → R @ h",
        },
    ),
    Exercise(
        "03.windows",
        hints=(
            "A window that starts at s holds the places s to s + length - 1. When are they all of one patient?",
            "There are len(whose) - length + 1 possible starts. Compare all of whose[s : s + length] with its first, "
            "whose[s].",
            "Keep a start s if that comparison is True at *every* place of the window: (...).all().",
        ),
        reference=window_starts,
        accept=_right_starts,
        cases=(
            *((patient, length) for patient in _stays for length in (2, 3, 4)),
            (np.repeat([1, 2, 1], [2, 1, 2]), 5),
            (np.array([3, 3]), 2),
            (np.array([1, 2, 1, 1, 1, 2, 1, 3]), 5),
            (np.array([2, 1, 3, 3, 3]), 3),
            *((patient, int(_rng.integers(1, min(6, len(patient) + 1)))) for patient in _mixed),
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
                "whose[s : s + length] == whose[s] → whose[s : s + min(length, 2)] == whose[s]"
            ),
            "you compare some places of each window only. All of them count.": (
                "(whose[s : s + length] == whose[s]).all() → "
                "whose[s] == whose[s + length - 1] == whose[s + length // 2]"
            ),
            "another mixture of patients can have the same mean or sum. Compare place by place.": (
                "(whose[s : s + length] == whose[s]).all() → whose[s : s + length].mean() == whose[s]"
            ),
            "the last place of each window is not compared.": (
                "whose[s : s + length] == → whose[s : s + max(length - 1, 1)] =="
            ),
            "a patient may have the number 0, too.": "(whose[s : s + length] == whose[s]).all() → "
            "(whose[s : s + length] == whose[s]).all() and bool(whose[s])",
            "only the first window of each stay is in your list; one starts at each row.": (
                lambda p, n: [s for s in window_starts(p, n) if s == 0 or p[s - 1] != p[s]]
            ),
            "a patient's number may also be smaller than the one before.": (
                "(whose[s : s + length] == whose[s]).all() → bool((np.diff(whose[s : s + length]) <= 0).all())"
            ),
            "a patient may come back: count the rows of each stay, not all rows of a patient's number.": (
                lambda p, n: [s for s in range(len(p) - n + 1) if (p[s:] == p[s]).sum() >= n]
            ),
            "those are the places where the windows end.": "[s for s, one → [s + length - 1 for s, one",
            "some of your windows are too short: they reach over the end of the table.": (
                lambda p, n: [s for s in range(len(p)) if (p[s : s + n] == p[s]).all()]
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
        "A forget gate is 0.1 at a certain step, the input gate is 0. Then the cell",
        {
            "loses a tenth of its content.": "The name misleads: the gate says how much is *kept*.",
            "✓ loses nine tenths of its content.": "Right: c = f · c + i · g, and f multiplies the old content.",
            "loses nothing, since a gate must pass 0.5 to open.": "A gate is no switch: it multiplies, whatever it is.",
            "loses all of it, since nothing is let in.": "What is let in is one thing, what is kept another.",
        },
    ),
    Question(
        "Keras starts the forget gate's bias at 1. With nothing new coming in, half of what a cell holds is gone after",
        {
            "about 5 steps.": "That needs f = 0.87, and a bias of 1.9.",
            "about 20 steps.": "That needs f = 0.966, and a bias of 3.3.",
            "✓ about 2 steps.": "Right: σ(1) = 0.73, and 0.73 · 0.73 is about a half. Training must open it further.",
            "1 step.": "That would be a bias of 0: σ(0) = 0.5.",
        },
    ),
    Question(
        "We measured the gradient over fifty steps, in cells as Keras makes them, untrained. Most was lost in",
        {
            "the plain cell, which has no gate to protect the state.": (
                "It lost much, but here one of the others lost more: random gates near a half protect nothing."
            ),
            "✓ the GRU, whose gates start half open.": (
                "Right: z starts near 0.5, so about half is lost at each step. With z open it kept far more."
            ),
            "the LSTM, whose gradient has the longest way through its gates.": (
                "Of the three it kept most, and still only some hundred-thousandths."
            ),
        },
    ),
    Question(
        "LSTMs whose forget bias started at 0, 1 or about 4 had to recall the first of 40 numbers. In these trainings",
        {
            "all ended about equal: training had opened the gates.": (
                "In twenty epochs it did not: look at the right end of the curves."
            ),
            "✓ those from 0 and 1 improved for some epochs, and lost most of it again.": (
                "Right, if they got so far at all; those from 4 learned from the first epochs and kept it."
            ),
            "those from 1 ended best, ahead of those from 0 and from 4.": (
                "A half-life of two steps is short for a task of forty."
            ),
            "those from 4 said the mean in all epochs, and never learned.": (
                "σ(4) is 0.98, and its slope is small; but the gate need not change: it is where the task needs it."
            ),
        },
    ),
    Question(
        "On its training windows our LSTM for the change had a smaller error than ridge regression. On forty other "
        "patients",
        {
            "no difference was shown: the interval held 0.": (
                "So it was on the held-out windows of the same eight patients. The other forty tell the two apart."
            ),
            "it was still ahead, and by more: it reads the order of the hours.": (
                "It reads it, and was behind nevertheless."
            ),
            "✓ ridge regression was ahead: eight patients are few for a network.": (
                "Right: the interval of the difference was clear of 0."
            ),
            "the last value was ahead of both: it needs no training.": "Both beat it by far.",
        },
    ),
    Question(
        "Which held-out set tells how a forecast does with a new patient?",
        {
            "Windows of the last day of all patients, after training on their first days.": (
                "That tells how it does later with the *same* patients."
            ),
            "A fifth of all windows, drawn so that each patient has the same share in it.": (
                "These are the people of the training windows, and the windows overlap."
            ),
            "✓ Windows of a fifth of the patients, after training on the other four fifths.": (
                "Right: what is new about a new patient is the person."
            ),
            "Windows that do not overlap with any in training.": "Still the same people, with their own levels.",
        },
    ),
    Question(
        "With its forget gate held at 1, our network counted alarms worse than the free one. Beside the linear "
        "regression it",
        {
            "was worse, too: all it can do is to add up alarms.": (
                "It beat the line by far. What else can lower a cell than its forget gate?"
            ),
            "was equal: a cell that only adds *is* a weighted sum.": (
                "What is added depends, through h and the gates, on what the cell holds."
            ),
            "✓ was better: a negative candidate can take away what the cell holds.": (
                "Right: c + i · g with g < 0. That is harder to learn than shutting a gate."
            ),
        },
    ),
    Question(
        "An LSTM with 10 units reads 5 measurements. How many parameters has it?",
        {
            "160": "That is one set, (5 + 10 + 1) · 10. How many sets are there?",
            "480": "That would be three sets. The candidate has one, too.",
            "600": "And the biases?",
            "✓ 640": "Right: 4 · (5 + 10 + 1) · 10.",
        },
    ),
]
