"""What makes a layer more than a weighted sum: ReLU, sigmoid, tanh, and their slopes. All work element by element."""

import numpy as np


def relu(x):
    """max(0, x); any shape, any real numbers -> 0 or more."""
    return np.maximum(x, 0)


def relu_derivative(x):
    """1 where x > 0, else 0. (At 0 itself ReLU has no slope; 0 is the custom.)"""
    return np.where(np.asarray(x) > 0, 1.0, 0.0)


def sigmoid(x):
    """1 / (1 + exp(-x)); any real numbers -> 0 to 1.

    Written with exp of negative numbers only, so that nothing overflows.
    """
    e = np.exp(-np.abs(x))
    return np.where(np.asarray(x) >= 0, 1 / (1 + e), e / (1 + e))


def sigmoid_derivative(x):
    """sigmoid(x) (1 - sigmoid(x)): at most 1/4, and almost 0 far out: deep sigmoid networks learn slowly."""
    return sigmoid(x) * sigmoid(-np.asarray(x))  # 1 - sigmoid(x) = sigmoid(-x), and the latter is exact far out


def tanh(x):
    """The hyperbolic tangent, 2 sigmoid(2x) - 1; any real numbers -> -1 to 1."""
    return np.tanh(x)


def tanh_derivative(x):
    """1 - tanh(x)^2: 1 at 0."""
    return 1 - np.tanh(x) ** 2
