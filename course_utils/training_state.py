"""The saved state of one call of `fit`: one file, replaced as a whole, which holds its own SHA-256."""

import contextlib
import hashlib
import inspect
import io
import json
import os
import re
import tempfile
import warnings
from pathlib import Path

import numpy as np


def place(folder, digests):
    """Path of the file in which a call of `fit` saves its state, in a `folder` that has been tried.

    Raises ValueError if nothing can be written there.
    """
    import joblib

    try:
        path = Path(folder).expanduser().absolute() / f"fit-{joblib.hash(digests)[:12]}.state"
        there = path.parent.exists()
        path.parent.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=path.parent).close()
        if not there:  # it is made again when there is something to save
            path.parent.rmdir()
    except (OSError, RuntimeError) as error:  # RuntimeError: ~ of somebody who is not known
        reason = getattr(error, "strerror", None) or error
        raise ValueError(f"No state can be saved in {folder} ({reason}): give another folder=.") from error
    return path


def write(path, about, arrays):
    """Save a dict of what JSON can hold and a list of arrays.

    Raises OSError, as when the disk is full; then, and if it is killed, what was saved before is still there.
    """
    content = io.BytesIO()
    # NumPy's files know no bfloat16, which float32 holds exactly.
    plain = [array.astype("float32") if array.dtype.kind == "V" else array for array in arrays]
    np.savez(content, json.dumps(about), *plain)
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_suffix(".new")
    new.unlink(missing_ok=True)  # left by a kernel that was killed
    try:
        with new.open("xb") as file:
            file.write(hashlib.sha256(content.getbuffer()).digest())
            file.write(content.getbuffer())
        os.replace(new, path)
    finally:
        new.unlink(missing_ok=True)


def read(path):
    """What `write` saved; None and [] if there is no such file or it is not whole."""
    stored = b""
    with contextlib.suppress(OSError):
        stored = path.read_bytes() if path.is_file() else b""
    if hashlib.sha256(stored[32:]).digest() != stored[:32]:
        return None, []
    with np.load(io.BytesIO(stored[32:])) as archive:
        about, *arrays = (archive[name] for name in archive)
    return json.loads(str(about)), arrays


def find(path, digests, shapes):
    """The state saved at `path`, the first arrays of which have these `shapes`; None and [] if there is none.

    Says so where the state is damaged, and where it is that of another call (with other `digests`).
    """
    about, arrays = read(path)
    if about and [array.shape for array in arrays[: len(shapes)]] == shapes:
        return about, arrays
    if path.exists():
        print(f"The state saved in {path.parent} is damaged; training starts anew.")
        return None, []
    with contextlib.suppress(OSError):  # another kernel may remove its state at this moment
        others = sorted(path.parent.glob("fit-*.state"), key=lambda other: other.stat().st_mtime)
        about, _ = read(others[-1]) if others else (None, [])
    if about:
        changed = [name for name in digests if about["digests"].get(name) != digests[name]]
        print(
            f"{path.parent} holds the state of another training, which stays there "
            f"(not the same: {', '.join(changed)}); this training starts anew."
        )
    return None, []


def remove(path, folder_too):
    """Remove the state, and its folder if nothing else is in it."""
    with contextlib.suppress(OSError):
        path.unlink(missing_ok=True)
        if folder_too:
            path.parent.rmdir()


def digests(model, train, val, settings):
    """Name and digest of each thing that a call must share with the saved state from which it goes on.

    Raises ValueError if the model is not built or not compiled.
    """
    import joblib
    import keras

    if not (model.compiled and all(layer.built for layer in model._flatten_layers())):
        raise ValueError(
            "folder= needs a model that is built and compiled: "
            "give it an Input layer, or call it once on some data, and compile it."
        )
    compiled = model._compile_config.config
    parts = {
        # One by one, so that a layer which Keras cannot describe hides no other. The first is the model itself.
        "layers": _described(model._flatten_layers()),
        "optimizer": _described(model.optimizer),
        "loss": _described([compiled["loss"], compiled["loss_weights"]]),
        "metrics": _described([compiled["metrics"], compiled["weighted_metrics"]]),
        "training data": keras.tree.map_structure(np.asarray, train),
        "validation data": keras.tree.map_structure(np.asarray, val),
        **{f"{name}=": str(value) for name, value in settings.items()},
    }
    return {name: joblib.hash(part) for name, part in parts.items()}


def _own(thing):
    """Whether somebody wrote the class of this layer or loss, so that its configuration does not tell all."""
    return type(thing).__module__.split(".")[0] not in ("builtins", "keras", "numpy")


def _described(structure):
    """Keras objects and functions as text, the same in every session."""
    import keras

    def described(thing):
        if inspect.isfunction(thing):
            return _code(thing)
        try:
            config = keras.saving.serialize_keras_object(thing)
            if isinstance(config, dict):
                config.pop("compile_config", None)
            text = re.sub(
                r'"4w[\w+/=\\]+"', '"a function"', json.dumps(config, default=str)
            )  # holds where it was typed
            text = re.sub(r'("name": |\[)"([^"]+)"', counted_from_0, text)
        except Exception:  # whatever somebody's own get_config raises
            text = f"{type(thing).__qualname__} {[weight.shape for weight in getattr(thing, 'weights', [])]}"
        attributes = getattr(thing, "__dict__", {})
        # A model's loss is told apart from its layers.
        functions = [each for name, each in attributes.items() if inspect.isfunction(each) and name != "loss"]
        if _own(thing):
            functions += [each for each in vars(type(thing)).values() if inspect.isfunction(each)]
            text += _plain(attributes)
        return text + "".join(_code(each) for each in functions if not each.__module__.startswith("keras."))

    def counted_from_0(name):
        stem = stem_and_number(name[2])[0]
        alike = names.setdefault(stem, [])
        if name[2] not in alike:
            alike.append(name[2])
        return f'{name[1]}"{stem} {alike.index(name[2])}"'

    names = {}
    with warnings.catch_warnings():  # Keras warns of lambdas for the sake of those who load a model
        warnings.simplefilter("ignore")
        return str(keras.tree.map_structure(described, structure))


def _code(function):
    """A function as it is written, with the numbers it takes from outside, such as a factor in a loss."""
    try:
        outside = inspect.getclosurevars(function)
        return inspect.getsource(function) + _plain({**outside.globals, **outside.nonlocals})
    except (OSError, TypeError, ValueError):  # typed at a prompt
        code = function.__code__
        return str((code.co_code, code.co_consts, code.co_names))


def _plain(values):
    return str({name: value for name, value in sorted(values.items()) if isinstance(value, int | float)})


def stem_and_number(name):
    """("auc", 3) of "auc_3": Keras numbers names through a whole session."""
    stem, number = re.fullmatch(r"(.*?)(?:_(\d+))?", name, re.DOTALL).groups()
    return stem, int(number or 0)
