"""The chapters' mathematics in plain NumPy, to be read from top to bottom: slow is fine, dark is not.

One layout throughout, Keras' own: images are (N, H, W, C), sequences (N, T, F), kernels (height, width, C_in, C_out).
Nothing here imports anything but NumPy.
"""

from course_utils.scratch.activations import (
    relu,
    relu_derivative,
    sigmoid,
    sigmoid_derivative,
    tanh,
    tanh_derivative,
)
from course_utils.scratch.convolution import avg_pool2d, conv2d, conv2d_loops, max_pool2d, output_size
from course_utils.scratch.losses import (
    binary_cross_entropy,
    categorical_cross_entropy,
    log_softmax,
    softmax,
)
from course_utils.scratch.recurrent import gru, gru_step, lstm, lstm_step, rnn, rnn_step

__all__ = [
    "avg_pool2d",
    "binary_cross_entropy",
    "categorical_cross_entropy",
    "conv2d",
    "conv2d_loops",
    "gru",
    "gru_step",
    "log_softmax",
    "lstm",
    "lstm_step",
    "max_pool2d",
    "output_size",
    "relu",
    "relu_derivative",
    "rnn",
    "rnn_step",
    "sigmoid",
    "sigmoid_derivative",
    "softmax",
    "tanh",
    "tanh_derivative",
]
