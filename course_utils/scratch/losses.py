"""From scores to probabilities to a loss, each with its gradient (Goodfellow et al., Deep Learning, 2016, ch. 6.2).

All losses take logits, numbers before sigmoid or softmax, and are means over the cases. Working on logits is what keeps
them finite: log(softmax(z)) is computed as one thing, not as the logarithm of something that may have become 0.
"""

import numpy as np

from course_utils.scratch.activations import sigmoid


def log_softmax(z):
    """log of :func:`softmax`, z - max - log(sum(exp(z - max))): finite for all finite z; (..., K) -> (..., K)."""
    z = np.asarray(z, dtype=float)
    z = z - z.max(axis=-1, keepdims=True)  # exp of at most 0: nothing overflows
    return z - np.log(np.exp(z).sum(axis=-1, keepdims=True))


def softmax(z):
    """exp(z_k) / sum over j of exp(z_j); logits (..., K) -> probabilities (..., K) that add up to 1."""
    return np.exp(log_softmax(z))


def binary_cross_entropy(z, y):
    """-log of the probability given to what was true, for yes-or-no questions.

    Parameters
    ----------
    z : float array
        Logits of "yes", any shape.
    y : array of the same shape
        1 for yes, 0 for no.

    Returns
    -------
    loss : float
        Mean of softplus(z) - y z = -y log p - (1 - y) log(1 - p), with p = sigmoid(z).
    gradient : float array, shape of z
        d loss / d z = (p - y) / number of elements.
    """
    z, y = np.asarray(z, dtype=float), np.asarray(y, dtype=float)
    if z.shape != y.shape:
        raise ValueError(f"Labels should have the shape of the logits, {z.shape}; found {y.shape}.")
    losses = np.maximum(z, 0) - y * z + np.log1p(np.exp(-np.abs(z)))
    return losses.mean(), (sigmoid(z) - y) / z.size


def categorical_cross_entropy(z, y):
    """-log of the probability given to the true class, one of K.

    Parameters
    ----------
    z : float array (N, K)
        Logits.
    y : int array (N,) or array (N, K)
        Class numbers, or one-hot rows (or any probabilities that add up to 1).

    Returns
    -------
    loss : float
        Mean over the cases of -sum over k of y_k log p_k.
    gradient : float array (N, K)
        d loss / d z = (p - y) / N.
    """
    z = np.asarray(z, dtype=float)
    y = _one_hot(y, z)
    log_p = log_softmax(z)
    return -(y * log_p).sum(axis=1).mean(), (np.exp(log_p) - y) / len(z)


def _one_hot(y, z):
    y = np.asarray(y)
    if z.ndim != 2:
        raise ValueError(f"Logits should have the shape (N, K); found {z.shape}.")
    if y.shape == z.shape:
        return y.astype(float)
    if y.shape != (len(z),) or y.dtype.kind not in "iu":
        raise ValueError(
            f"Labels should be ({len(z)},) class numbers or {z.shape} one-hot rows; found {y.shape} {y.dtype}."
        )
    if len(y) and not 0 <= y.min() <= y.max() < z.shape[1]:
        raise ValueError(f"Class numbers should lie between 0 and {z.shape[1] - 1}; found {y.min()} to {y.max()}.")
    return np.eye(z.shape[1])[y]
