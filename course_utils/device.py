"""Find the processor, say which, seed everything: the first thing each chapter does."""

import contextlib
import os
import platform
import sys
import tempfile
from dataclasses import dataclass


@dataclass(frozen=True)
class Device:
    """What :func:`setup` found.

    Attributes
    ----------
    kind : str
        ``"cpu"`` or ``"gpu"``.
    count : int
        Number of CPU cores, or of GPUs.
    name : str
        For people.
    mixed_precision : bool
        Whether layers compute in 16-bit floats.
    """

    kind: str
    count: int
    name: str
    mixed_precision: bool = False

    def pick(self, *, cpu, gpu):
        """How much work for this device: ``epochs = device.pick(cpu=12, gpu=60)``."""
        return min(SMALL, cpu) if small() else gpu if self.kind == "gpu" else cpu


SMALL = 2  # epochs, where a chapter is run only to see that it runs


def small():
    """Whether ``$COURSE_SMALL`` is set: tests run everything once at full size, and small where they run it again."""
    return bool(os.environ.get("COURSE_SMALL"))


def setup(seed=0):
    """Find GPU or CPU, seed Python, NumPy and Keras, and say so in one line.

    Parameters
    ----------
    seed : int
        From 0 to 2**32 - 1.

    Returns
    -------
    Device

    Notes
    -----
    TensorFlow is imported here, and silently: its C++ code greets on standard error, which in a notebook looks like a
    fault. Mixed precision (16-bit floats in the layers, 32-bit in the weights) is set only on GPUs with tensor cores
    (compute capability 7 or more), since elsewhere it makes training slower.
    """
    with quiet():
        import keras

        backend = keras.backend.backend()
        gpus = _gpus(backend)
        keras.ops.add(0.0, 0.0)  # the first computation greets as well
        if backend == "tensorflow":  # it warns of "retracing" whoever trains several networks in a row, as we do
            import tensorflow as tf

            tf.get_logger().setLevel("ERROR")
            tf.config.experimental.enable_tensor_float_32_execution(False)  # where 32 bits are asked for, all 32 count
    keras.utils.set_random_seed(seed)

    mixed = bool(gpus) and all(gpu["capability"] >= (7, 0) for gpu in gpus)
    keras.mixed_precision.set_dtype_policy("mixed_float16" if mixed else "float32")
    cores = os.cpu_count() or 1
    if gpus:
        device = Device("gpu", len(gpus), gpus[0]["name"], mixed)
        what = f"{len(gpus)} x GPU ({device.name}), " + ("mixed precision" if mixed else "32-bit precision")
    else:
        device = Device("cpu", cores, platform.processor() or platform.machine())
        what = f"CPU with {cores} core{'s' if cores > 1 else ''} (no GPU found, and none is needed)"
    print(f"Device: {what}. Keras {keras.__version__} on {backend}, seed {seed}.")
    return device


def _gpus(backend):
    """A list of {"name", "capability"}, one for each GPU the backend can use."""
    if backend == "tensorflow":
        import tensorflow as tf

        found = []
        for gpu in tf.config.list_physical_devices("GPU"):
            with contextlib.suppress(RuntimeError):  # once TensorFlow has started, this setting is closed
                tf.config.experimental.set_memory_growth(gpu, True)
            details = tf.config.experimental.get_device_details(gpu)
            found.append(
                {
                    "name": details.get("device_name", gpu.name),
                    "capability": details.get("compute_capability", (0, 0)),
                }
            )
        return found
    if backend == "jax":
        import jax

        devices = [device for device in jax.devices() if device.platform == "gpu"]
        return [
            {"name": d.device_kind, "capability": tuple(int(n) for n in str(d.compute_capability).split("."))}
            for d in devices
        ]
    if backend == "torch":
        import torch

        return [
            {"name": torch.cuda.get_device_name(i), "capability": torch.cuda.get_device_capability(i)}
            for i in range(torch.cuda.device_count())
        ]
    return []


@contextlib.contextmanager
def quiet():
    """Silence standard error, C code's too, for the length of a block; if the block fails, show what was said."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    sys.stderr.flush()
    with tempfile.TemporaryFile() as kept:
        saved = os.dup(2)
        os.dup2(kept.fileno(), 2)
        try:
            yield
        except BaseException:
            os.dup2(saved, 2)
            kept.seek(0)
            sys.stderr.write(kept.read().decode(errors="replace"))
            raise
        finally:
            os.dup2(saved, 2)
            os.close(saved)
