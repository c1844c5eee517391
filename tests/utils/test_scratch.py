"""The plain-NumPy mathematics: equal to Keras, gradients equal to finite differences, and extremes finite."""

import subprocess
import sys
import time

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from course_utils import scratch, setup

few = settings(max_examples=30, deadline=None)
sizes = st.integers(1, 9)


@pytest.fixture(scope="module", autouse=True)
def keras():
    setup()
    import keras

    return keras


def normal(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


def close(a, b, tolerance=1e-5):
    np.testing.assert_allclose(np.asarray(a), np.asarray(b), rtol=tolerance, atol=tolerance)


def test_scratch_needs_numpy_alone():
    code = (
        "import sys, course_utils.scratch; assert not {'scipy', 'tensorflow', 'sklearn', 'pandas'} & set(sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_examples_in_docstrings():
    import doctest

    result = doctest.testmod(scratch.convolution)
    assert result.attempted > 0
    assert result.failed == 0


# --- convolution and pooling -----------------------------------------------------------------------------------------


@few
@given(sizes, sizes, st.integers(1, 4), st.integers(1, 4), st.integers(1, 3), st.integers(1, 3), st.integers(1, 3),
       st.integers(1, 2), st.sampled_from(["valid", "same"]), st.integers(0, 99))  # fmt: skip
def test_conv2d_equals_keras_and_the_loops(h, w, kh, kw, cin, cout, stride, dilation, padding, seed):
    import keras

    assume(stride == 1 or dilation == 1)  # TensorFlow does not do both at once
    assume(padding == "same" or (h > dilation * (kh - 1) and w > dilation * (kw - 1)))
    x, kernel, bias = normal(2, h, w, cin, seed=seed), normal(kh, kw, cin, cout, seed=seed + 1), normal(cout)
    ours = scratch.conv2d(x, kernel, bias, stride, padding, dilation)
    theirs = keras.ops.conv(x, kernel, strides=stride, padding=padding, dilation_rate=dilation) + bias
    close(ours, theirs, 1e-4)
    close(ours, scratch.conv2d_loops(x, kernel, bias, stride, padding, dilation))
    assert ours.shape[1] == scratch.output_size(h, kh, stride, padding, dilation)


def test_conv2d_with_padding_in_pixels():
    x, kernel = normal(1, 6, 6, 2), normal(3, 3, 2, 4)
    close(scratch.conv2d(x, kernel, padding=1), scratch.conv2d(x, kernel, padding="same"))
    assert scratch.conv2d(x, kernel, padding=2).shape == (1, 8, 8, 4)
    close(scratch.conv2d(x, kernel, padding=2), scratch.conv2d_loops(x, kernel, padding=2))


@few
@given(sizes, sizes, st.integers(1, 3), st.integers(1, 3), st.sampled_from(["valid", "same"]), st.integers(0, 99))
def test_pooling_equals_keras(h, w, size, stride, padding, seed):
    import keras

    assume(padding == "same" or (h >= size and w >= size))
    x = normal(2, h, w, 3, seed=seed)
    for ours, theirs in ((scratch.max_pool2d, keras.ops.max_pool), (scratch.avg_pool2d, keras.ops.average_pool)):
        close(ours(x, size, stride, padding), theirs(x, size, strides=stride, padding=padding))


def test_a_layer_takes_under_five_milliseconds():
    x, kernel = normal(1, 28, 28, 16), normal(3, 3, 16, 32)
    seconds = []
    for _ in range(20):
        start = time.perf_counter()
        scratch.conv2d(x, kernel)
        seconds.append(time.perf_counter() - start)
    assert min(seconds) < 0.005


def test_all_zero_images_give_zero_and_keep_their_shape():
    assert not scratch.conv2d(np.zeros((1, 5, 5, 2)), normal(3, 3, 2, 4)).any()
    assert not scratch.max_pool2d(np.zeros((1, 4, 4, 1))).any()


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: scratch.conv2d(normal(5, 5), normal(3, 3, 1, 1)), r"\(N, H, W, C\); found \(5, 5\)"),
        (
            lambda: scratch.conv2d(normal(1, 5, 5, 3), normal(3, 3, 1, 8)),
            r"\(height, width, 3, C_out\); found \(3, 3, 1, 8\)",
        ),
        (lambda: scratch.conv2d(normal(1, 2, 2, 1), normal(3, 3, 1, 1)), "covers 3 pixels does not fit into 2"),
        (lambda: scratch.output_size(5, 3, padding="full"), "padding is"),
        (lambda: scratch.output_size(5, 3, stride=0), "at least 1"),
        (lambda: scratch.binary_cross_entropy(normal(3), normal(3, 1)), r"\(3,\); found \(3, 1\)"),
        (lambda: scratch.categorical_cross_entropy(normal(3, 2), np.array([0, 1, 2])), "between 0 and 1"),
        (lambda: scratch.categorical_cross_entropy(normal(3, 2), np.array([0, 1])), r"\(3,\) class numbers"),
        (lambda: scratch.lstm(normal(2, 4), normal(4, 8), normal(2, 8), normal(8)), r"\(N, T, F\)"),
        (
            lambda: scratch.lstm(normal(2, 3, 4), normal(5, 8), normal(2, 8), normal(8)),
            r"W should have the shape \(4, 8\)",
        ),
        (
            lambda: scratch.gru(normal(2, 3, 4), normal(4, 6), normal(2, 8), normal(2, 6)),
            r"R should have the shape \(2, 6\)",
        ),
    ],
)
def test_wrong_shapes_are_named(call, words):
    with pytest.raises(ValueError, match=words):
        call()


# --- activations and losses ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["relu", "sigmoid", "tanh"])
def test_activations_and_their_slopes(name, keras):
    x = np.linspace(-6, 6, 101) + 0.013  # not exactly at ReLU's corner
    f, slope = getattr(scratch, name), getattr(scratch, f"{name}_derivative")
    close(f(x), getattr(keras.ops, name)(x.astype("float32")))
    close(slope(x), (f(x + 1e-5) - f(x - 1e-5)) / 2e-5, 1e-4)
    assert np.isfinite(f(np.array([-1e4, 1e4]))).all()
    assert np.isfinite(slope(np.array([-1e4, 1e4]))).all()


def finite_differences(loss, z, step=1e-5):
    gradient = np.zeros_like(z)
    for i in np.ndindex(z.shape):
        up, down = z.copy(), z.copy()
        up[i] += step
        down[i] -= step
        gradient[i] = (loss(up) - loss(down)) / (2 * step)
    return gradient


def autodiff(loss, z):
    import tensorflow as tf

    z = tf.Variable(z.astype("float64"))
    with tf.GradientTape() as tape:
        value = loss(z)
    return float(value), tape.gradient(value, z).numpy()


@few
@given(st.integers(1, 6), st.integers(0, 99), st.floats(0.1, 20))
def test_binary_cross_entropy(n, seed, scale):
    import keras

    z = scale * normal(n, 3, seed=seed).astype(float)
    y = np.random.default_rng(seed).integers(0, 2, (n, 3)).astype(float)
    value, gradient = scratch.binary_cross_entropy(z, y)
    other_value, other_gradient = autodiff(lambda t: keras.losses.BinaryCrossentropy(from_logits=True)(y, t), z)
    close(value, other_value, 1e-4)
    close(gradient, other_gradient, 1e-4)
    close(gradient, finite_differences(lambda z: scratch.binary_cross_entropy(z, y)[0], z), 1e-4)


@few
@given(st.integers(1, 6), st.integers(1, 5), st.integers(0, 99))
def test_categorical_cross_entropy(n, k, seed):
    import keras

    z = normal(n, k, seed=seed).astype(float)
    y = np.random.default_rng(seed).integers(0, k, n)
    value, gradient = scratch.categorical_cross_entropy(z, y)
    other_value, other_gradient = autodiff(lambda t: keras.losses.SparseCategoricalCrossentropy(True)(y, t), z)
    close(value, other_value)
    close(gradient, other_gradient, 1e-4)
    close(gradient, finite_differences(lambda z: scratch.categorical_cross_entropy(z, y)[0], z), 1e-4)
    close(gradient, (scratch.softmax(z) - np.eye(k)[y]) / n)
    assert scratch.categorical_cross_entropy(z, np.eye(k)[y])[0] == pytest.approx(value)
    if k > 1:  # Keras warns of a softmax over one class
        close(scratch.softmax(z), keras.ops.softmax(z.astype("float32")))


def test_extreme_logits_stay_finite_and_right():
    z, y = np.array([1e4, -1e4, 1e4, -1e4]), np.array([1.0, 0.0, 0.0, 1.0])
    loss, gradient = scratch.binary_cross_entropy(z, y)
    assert loss == pytest.approx(5000)  # two right and free, two wrong at 10,000 each
    close(gradient, [0, 0, 0.25, -0.25])
    close(scratch.softmax(np.array([[1e4, 0.0], [-1e4, -1e4]])), [[1, 0], [0.5, 0.5]])
    loss, gradient = scratch.categorical_cross_entropy(np.array([[1e4, 0.0]]), np.array([1]))
    assert loss == pytest.approx(1e4)
    close(gradient, [[1, -1]])
    loss, gradient = scratch.categorical_cross_entropy(np.array([[3.0], [-7.0]]), np.array([0, 0]))  # one class only
    assert loss == 0
    assert not gradient.any()


# --- recurrent cells -------------------------------------------------------------------------------------------------


@settings(max_examples=8, deadline=None)
@given(st.integers(1, 3), st.integers(1, 7), st.integers(1, 4), st.integers(1, 5), st.integers(0, 99))
def test_recurrent_networks_equal_keras_with_the_same_weights(n, steps, features, units, seed):
    import keras

    x = normal(n, steps, features, seed=seed)
    rng = np.random.default_rng(seed)
    layers = (
        (keras.layers.SimpleRNN(units, return_sequences=True), scratch.rnn),
        (keras.layers.LSTM(units, return_sequences=True), lambda *a: scratch.lstm(*a).h),
        (keras.layers.GRU(units, return_sequences=True), scratch.gru),
        (
            keras.layers.GRU(units, return_sequences=True, reset_after=False),
            lambda *a: scratch.gru(*a, reset_after=False),
        ),
    )
    for layer, ours in layers:
        layer.build(x.shape)
        weights = [rng.normal(size=w.shape).astype("float32") for w in layer.weights if "seed" not in w.name]
        layer.set_weights(weights)
        close(ours(x, *weights), layer(x))


def test_gates_by_name_and_what_they_do():
    W, R, b = np.zeros((2, 12)), np.zeros((3, 12)), np.zeros(12)
    h, c = np.zeros((1, 3)), np.full((1, 3), 2.0)
    step = scratch.lstm_step(np.ones((1, 2)), h, c, W, R, b)
    close(step.forget_gate, 0.5 * np.ones((1, 3)))
    close(step.c, c / 2)  # half of the old kept, and the candidate is 0
    b[3:6] = 1e4  # the forget gate wide open: nothing is forgotten
    close(scratch.lstm_step(np.ones((1, 2)), h, c, W, R, b).c, c)
    b[3:6] = -1e4  # shut: all is
    close(scratch.lstm_step(np.ones((1, 2)), h, c, W, R, b).c, 0 * c)


def test_long_sequences_and_large_inputs_stay_finite():
    x = 1e4 * normal(1, 200, 2)
    W, R, b = normal(2, 12), normal(3, 12), normal(12)
    assert all(np.isfinite(values).all() for values in scratch.lstm(x, W, R, b))
    assert np.isfinite(scratch.gru(x, W[:, :9], R[:, :9], normal(2, 9))).all()
