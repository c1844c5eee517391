"""Recurrent cells: one step, and a loop over the steps. Weights in Keras' layout, so that they can be exchanged.

x_t is the input at time t, (N, F); h the hidden state, (N, U). W is (F, .), R (for recurrent) is (U, .). In the LSTM
and the GRU, W, R and b hold the weights of all gates side by side, in Keras' order.
"""

from typing import NamedTuple

import numpy as np

from course_utils.scratch.activations import sigmoid


def rnn_step(x_t, h, W, R, b):
    """The plain recurrent cell: h_t = tanh(x_t W + h R + b); -> (N, U)."""
    _check(x_t, h, W, R, gates=1)
    return np.tanh(x_t @ W + h @ R + b)


class LSTMStep(NamedTuple):
    """All that happens in one step of an LSTM, each (N, U)."""

    h: np.ndarray
    c: np.ndarray
    input_gate: np.ndarray
    forget_gate: np.ndarray
    candidate: np.ndarray
    output_gate: np.ndarray


def lstm_step(x_t, h, c, W, R, b):
    """One step of an LSTM (Hochreiter & Schmidhuber 1997; with the forget gate of Gers et al. 2000).

        i = sigmoid(x_t W_i + h R_i + b_i)      how much of the new to let in
        f = sigmoid(x_t W_f + h R_f + b_f)      how much of the old to keep
        g = tanh(x_t W_g + h R_g + b_g)         the new, a candidate
        o = sigmoid(x_t W_o + h R_o + b_o)      how much to show
        c_t = f c + i g,   h_t = o tanh(c_t)

    Parameters
    ----------
    x_t : float array (N, F)
    h, c : float arrays (N, U)
        Hidden state and cell state before the step.
    W : float array (F, 4U)
        W_i, W_f, W_g, W_o side by side.
    R : float array (U, 4U)
    b : float array (4U,)

    Returns
    -------
    LSTMStep
        The new h and c, and the gates by name.
    """
    _check(x_t, h, W, R, gates=4)
    i, f, g, o = np.split(x_t @ W + h @ R + b, 4, axis=1)
    i, f, g, o = sigmoid(i), sigmoid(f), np.tanh(g), sigmoid(o)
    c = f * c + i * g
    return LSTMStep(o * np.tanh(c), c, i, f, g, o)


def gru_step(x_t, h, W, R, b, reset_after=True):
    """One step of a GRU (Cho et al. 2014), the LSTM's smaller sibling with two gates and no cell state.

        z = sigmoid(x_t W_z + h R_z + b_z)      how much of the old to keep
        r = sigmoid(x_t W_r + h R_r + b_r)      how much of the old the candidate may see
        g = tanh(x_t W_g + r (h R_g + b'_g) + b_g)
        h_t = z h + (1 - z) g

    Parameters
    ----------
    x_t : float array (N, F)
    h : float array (N, U)
    W : float array (F, 3U)
        W_z, W_r, W_g side by side.
    R : float array (U, 3U)
    b : float array (2, 3U), or (3U,) with `reset_after` False
        Biases of the input's and of the state's part. Keras has two, because r acts after the state's product; the
        older form, r acting on h before it, has one.
    reset_after : bool

    Returns
    -------
    float array (N, U)
    """
    _check(x_t, h, W, R, gates=3)
    units = h.shape[1]
    if reset_after:
        from_x, from_h = x_t @ W + b[0], h @ R + b[1]
        z, r = np.split(sigmoid(from_x[:, : 2 * units] + from_h[:, : 2 * units]), 2, axis=1)
        g = np.tanh(from_x[:, 2 * units :] + r * from_h[:, 2 * units :])
    else:
        from_x = x_t @ W + b
        z, r = np.split(sigmoid(from_x[:, : 2 * units] + h @ R[:, : 2 * units]), 2, axis=1)
        g = np.tanh(from_x[:, 2 * units :] + (r * h) @ R[:, 2 * units :])
    return z * h + (1 - z) * g


def rnn(x, W, R, b):
    """All hidden states of a plain recurrent network that starts from 0: (N, T, F) -> (N, T, U)."""
    h, states = np.zeros((len(x), len(R))), []
    for x_t in _steps(x):
        h = rnn_step(x_t, h, W, R, b)
        states.append(h)
    return np.stack(states, axis=1)


def lstm(x, W, R, b):
    """All steps of an LSTM that starts from 0: (N, T, F) -> an :class:`LSTMStep` of (N, T, U) arrays."""
    h = c = np.zeros((len(x), len(R)))
    steps = []
    for x_t in _steps(x):
        steps.append(lstm_step(x_t, h, c, W, R, b))
        h, c = steps[-1].h, steps[-1].c
    return LSTMStep(*(np.stack(values, axis=1) for values in zip(*steps, strict=True)))


def gru(x, W, R, b, reset_after=True):
    """All hidden states of a GRU that starts from 0: (N, T, F) -> (N, T, U)."""
    h, states = np.zeros((len(x), len(R))), []
    for x_t in _steps(x):
        h = gru_step(x_t, h, W, R, b, reset_after)
        states.append(h)
    return np.stack(states, axis=1)


def _steps(x):
    x = np.asarray(x)
    if x.ndim != 3 or x.shape[1] == 0:
        raise ValueError(f"A sequence should have the shape (N, T, F) with T at least 1; found {x.shape}.")
    return np.moveaxis(x, 1, 0)


def _check(x_t, h, W, R, gates):
    n, features = np.shape(x_t)
    units = np.shape(R)[0]
    expected = {"h": (n, units), "W": (features, gates * units), "R": (units, gates * units)}
    for name, array in (("h", h), ("W", W), ("R", R)):
        if np.shape(array) != expected[name]:
            raise ValueError(f"{name} should have the shape {expected[name]}; found {np.shape(array)}.")
