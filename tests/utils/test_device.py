"""`setup`: silent, seeded, and right about the device, a pretended GPU included."""

import subprocess
import sys

import numpy as np
import pytest

from course_utils import device, fit, setup


def run(code):
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return done


def test_importing_the_package_is_fast_and_brings_no_tensorflow():
    code = (
        "import time; t = time.perf_counter(); import course_utils; t = time.perf_counter() - t\n"
        "import sys; assert 'tensorflow' not in sys.modules and 'sklearn' not in sys.modules; print(t)"
    )
    assert min(float(run(code).stdout) for _ in range(3)) < 0.3


def test_every_name_the_package_offers_exists():
    import course_utils

    for name in course_utils.__all__:
        assert getattr(course_utils, name).__doc__, name
    with pytest.raises(AttributeError, match="it offers"):
        course_utils.nonsense  # noqa: B018


def test_starting_prints_one_line_and_nothing_on_stderr():
    """C++ code included, which writes past Python to file descriptor 2."""
    code = (
        "from course_utils import setup, build_cnn, fit\nd = setup()\nimport keras, numpy as np\n"
        "n = build_cnn((28, 28, 1), 1)\nn.compile('adam', 'mse')\n"
        "x = np.zeros((40, 28, 28, 1), 'uint8')\nfit(n, (x, np.zeros((40, 1))), (x, np.zeros((40, 1))), epochs=2)"
    )
    done = run(code)
    assert done.stderr == ""
    first, second = done.stdout.strip().splitlines()
    assert first.startswith("Device: CPU with")
    assert "seed 0" in first
    assert second.startswith("2 epochs")


def test_quiet_shows_what_was_said_if_it_fails():
    code = (
        "import os\nfrom course_utils.device import quiet\n"
        "with quiet():\n    os.write(2, b'hidden')\n"
        "try:\n    with quiet():\n        os.write(2, b'reason')\n        1 / 0\nexcept ZeroDivisionError:\n    pass\n"
        "os.write(2, b' after')"
    )
    assert run(code).stderr == "reason after"


def test_seeds(capsys):
    import keras

    def draw(seed):
        found = setup(seed)
        assert found.pick(cpu=12, gpu=60) == 12
        return np.random.rand(), float(keras.random.uniform(()))  # noqa: NPY002

    assert draw(3) == draw(3)
    assert draw(3) != draw(4)
    assert "seed 4" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("capability", "mixed", "words"), [((8, 0), True, "mixed precision"), ((6, 1), False, "32-bit precision")]
)
def test_a_pretended_gpu(monkeypatch, capsys, capability, mixed, words):
    """No GPU here, so TensorFlow is made to report one; training then really runs with the chosen precision."""
    import keras
    import tensorflow as tf

    pretended = tf.config.PhysicalDevice("/physical_device:GPU:0", "GPU")
    listed = tf.config.list_physical_devices
    monkeypatch.setattr(
        tf.config, "list_physical_devices", lambda kind=None: [pretended] if kind == "GPU" else listed(kind)
    )
    grown = []
    monkeypatch.setattr(tf.config.experimental, "set_memory_growth", lambda gpu, on: grown.append((gpu, on)))
    details = {"device_name": "Pretended GPU", "compute_capability": capability}
    monkeypatch.setattr(tf.config.experimental, "get_device_details", lambda gpu: details)
    try:
        found = setup()
        assert found == device.Device("gpu", 1, "Pretended GPU", mixed)
        assert found.pick(cpu=12, gpu=60) == 60
        assert grown == [(pretended, True)]
        said = capsys.readouterr().out
        assert "1 x GPU (Pretended GPU)" in said
        assert words in said
        net = keras.Sequential(
            [keras.layers.Input((4,)), keras.layers.Dense(3), keras.layers.Dense(1, dtype="float32")]
        )
        assert net.layers[0].compute_dtype == ("float16" if mixed else "float32")
        net.compile("sgd", "mse")
        history = fit(net, (np.ones((8, 4), "float32"), np.ones((8, 1), "float32")), epochs=2)
        assert np.isfinite(history["loss"]).all()
    finally:
        monkeypatch.undo()
        setup()
    assert keras.mixed_precision.dtype_policy().name == "float32"
