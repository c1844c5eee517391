"""`fit`: Keras' own training loop with a seed, a progress line, the best epoch kept, and a way on after a crash."""

import contextlib
import gc
import math
import shutil
import signal
import sys
import threading
import time
from numbers import Integral

from course_utils import training_state
from course_utils.device import SMALL, small


def fit(
    model,
    train,
    val=None,
    *,
    epochs,
    batch_size=32,
    patience=None,
    monitor="val_loss",
    keep_best=True,
    class_weight=None,
    seed=0,
    folder=None,
):
    """Train a compiled model, showing progress.

    Parameters
    ----------
    model : keras.Model
        Built and compiled.
    train, val : tuple of arrays
        ``(x, y)``; `val` may be left out.
    epochs, batch_size : int
        From 1.
    patience : int, optional
        Stop early when `monitor` has not improved for so many epochs.
    monitor : str
        What "best" means, on validation data: the lowest ``"val_loss"``, the lowest error or the highest score, as
        Keras knows its own metrics. Of a measure that Keras does not know the highest is taken, except where its name
        ends in "loss" or "error", and the summary says so. An epoch where it is NaN is never the best.
    keep_best : bool
        Whether the model ends with the weights of its best epoch (it needs `val`) or with those of the last.
    class_weight : dict of int to float, optional
        Factor for the loss of each class.
    seed : int
        Seeds the order of the batches, dropout and augmentation.
    folder : path, optional
        Where to save the state after each epoch, in one file. If training is interrupted, even by a crash, the same
        call goes on after the last whole epoch; when training ends, that file is removed. A call that differs in
        anything but `epochs` (layers, optimizer, loss, metrics, data, settings) has a file of its own.

    Returns
    -------
    dict of str to list of float
        One number an epoch: ``"loss"``, ``"val_loss"``, the metrics the model was compiled with, and ``"seconds"``.

    Raises
    ------
    ValueError
        If `monitor` is not among the measures, `patience` is given where no best epoch is kept, a number is less than
        1, nothing can be written in `folder`, or the state saved there has more than `epochs` epochs.
    KeyboardInterrupt
        When interrupted, before the next batch; the model then has the best weights so far.
    """
    import keras

    for name, number in {"epochs": epochs, "batch_size": batch_size, "patience": patience or 1}.items():
        if not isinstance(number, Integral) or number < 1:
            raise ValueError(f"{name}= must be a whole number from 1, and is {number!r}.")
    if patience and (val is None or not keep_best):
        raise ValueError("patience= needs val= and keep_best=True: without them there is no best epoch to wait for.")
    if small():
        epochs = min(epochs, SMALL)
    keras.utils.set_random_seed(seed)
    if model.built and not model.optimizer.built:  # built while the first step is traced, it has that traced twice
        model.optimizer.build(model.trainable_variables)
    keep_best = val is not None and keep_best
    digests = None
    if folder:
        settings = {"batch_size": batch_size, "class_weight": class_weight, "seed": seed, "keep_best": keep_best}
        if keep_best:
            settings |= {"monitor": monitor, "patience": patience}
        digests = training_state.digests(model, train, val, settings)
    keeper = _keeper(model, keep_best, monitor, patience, epochs, folder, digests)
    callbacks = [keeper]
    if len(train[0]) / batch_size > 200:
        # Only long epochs are shown batch by batch: waiting for each batch's result makes training slower by a third.
        show = keras.callbacks.LambdaCallback(
            on_train_batch_end=lambda batch, logs: keeper.line.update((batch + 1) * batch_size / len(train[0]))
        )
        callbacks.append(show)
    start = keeper.load()
    if keeper.finished(start):
        start = epochs
    interrupted = False
    try:
        if start < epochs:
            with _interrupts() as keeper.interrupts:
                model.fit(
                    *train,
                    validation_data=val,
                    epochs=epochs,
                    initial_epoch=start,
                    batch_size=batch_size,
                    class_weight=class_weight,
                    verbose=0,
                    callbacks=callbacks,
                )
                keeper.heed()
    except KeyboardInterrupt:
        interrupted = True
    keeper.restore()
    if interrupted:
        where = "no folder= was given to save it"
        if folder:
            where = f"nothing is saved in {folder} yet"
        if keeper.saved:
            where = f"state of epoch {keeper.saved} saved in {folder}; run the same call to go on"
        keeper.line.finish(f"interrupted after {len(keeper.history['seconds'])} whole epochs ({where})")
        # Raised anew, not again: the old one's frames would keep TensorFlow's iterator over the data alive, and one
        # that is deleted late can block the kernel for half a minute.
        gc.collect()
        raise KeyboardInterrupt
    keeper.line.finish(keeper.summary())
    if folder:
        training_state.remove(keeper.path, folder_too=keeper.made_folder)
    return keeper.history


@contextlib.contextmanager
def _interrupts():
    """A list that gets an entry for each Ctrl-C during the block; only the second one raises KeyboardInterrupt at once.

    Raised wherever the program is just then, it was lost once in 30 times, in a place where C++ asks an object for an
    attribute and takes every exception for "it has none".
    """
    noted = []
    usual = signal.default_int_handler
    if signal.getsignal(signal.SIGINT) is not usual or threading.current_thread() is not threading.main_thread():
        yield noted
        return

    def note(number, frame):
        noted.append(number)
        if len(noted) > 1:
            usual(number, frame)

    signal.signal(signal.SIGINT, note)
    try:
        yield noted
    finally:
        signal.signal(signal.SIGINT, usual)


def _keeper(model, keep_best, monitor, patience, epochs, folder, digests):
    """The one callback behind `fit`. (A function, so that Keras is imported only when training starts.)"""
    import keras

    class Keeper(keras.callbacks.Callback):
        def __init__(self):
            super().__init__()
            self.history = {"seconds": []}
            self.best = -1  # number of the best epoch so far, from 0; -1 as long as there is none
            self.best_is = f"best {monitor}"
            self.best_weights = None
            self.line = ProgressLine()
            self.saved = 0  # epochs in the saved state
            self.told = False  # that it cannot be saved
            self.path = training_state.place(folder, digests) if folder else None
            self.made_folder = bool(folder) and not self.path.parent.exists()

        def load(self):
            """Go back to the saved state, if there is one for this call; return the epochs already done."""
            if not folder:
                return 0
            variables = model.variables + model.optimizer.variables
            about, arrays = training_state.find(self.path, digests, [tuple(each.shape) for each in variables])
            if not about:
                return 0
            done = len(about["history"]["seconds"])
            if done > epochs:
                raise ValueError(
                    f"{folder} holds {done} whole epochs of this training, more than epochs={epochs}: "
                    f"ask for at least {done}, or give another folder=."
                )
            for variable, values in zip(variables, arrays, strict=False):
                variable.assign(values)
            self.history, self.best, self.best_is = about["history"], about["best"], about["best_is"]
            self.best_weights = arrays[len(variables) :] or None
            self.saved, self.made_folder = done, about["made_folder"]
            print(f"Going on after epoch {done}, from {folder}.")
            return done

        def save(self):
            about = {"history": self.history, "best": self.best, "best_is": self.best_is}
            about |= {"digests": digests, "made_folder": self.made_folder}
            now = [variable.numpy() for variable in model.variables + model.optimizer.variables]
            done = len(self.history["seconds"])
            try:
                training_state.write(self.path, about, now + (self.best_weights or []))
                self.saved = done
            except OSError as error:  # such as a full disk: no reason to lose the training as well
                if not self.told:
                    self.line.say(
                        f"The state of epoch {done} could not be saved in {folder} ({error.strerror or error}): "
                        "make room there; the training goes on."
                    )
                self.told = True

        def finished(self, done):
            return bool(done and patience and keep_best and done - 1 - self.best >= patience)

        def heed(self):
            if self.interrupts:
                raise KeyboardInterrupt

        def on_train_batch_begin(self, batch, logs=None):
            self.heed()

        def on_epoch_begin(self, epoch, logs=None):
            self.began = time.perf_counter()
            self.line.start(epoch, epochs)

        def on_epoch_end(self, epoch, logs=None):
            measured = {**logs, "seconds": time.perf_counter() - self.began}
            if keep_best and monitor not in measured:
                raise ValueError(f"monitor={monitor!r} is not measured; measured are {', '.join(logs)}.")
            if epoch and self.history.keys() != measured.keys():
                # In the kernel that was interrupted the "auc" of the model made anew is called "auc_1".
                before = sorted(self.history, key=training_state.stem_and_number)
                after = sorted(measured, key=training_state.stem_and_number)
                self.history = {new: self.history[old] for old, new in zip(before, after, strict=True)}
            self.history = {name: [*self.history.get(name, []), float(value)] for name, value in measured.items()}
            if keep_best:
                lowest, self.best_is = _goal(model, monitor)
                value, best = measured[monitor], self.history[monitor][self.best]
                if not math.isnan(value) and (self.best < 0 or (value < best if lowest else value > best)):
                    self.best_weights = model.get_weights()
                    self.best = epoch
            if folder:
                self.save()
            self.line.update(1, logs)
            if self.finished(epoch + 1):
                model.stop_training = True

        def restore(self):
            if self.best_weights is not None:
                model.set_weights(self.best_weights)

        def summary(self):
            done, seconds = len(self.history["seconds"]), sum(self.history["seconds"])
            measured = _measures({name: at[self.best] for name, at in self.history.items() if name != "seconds"})
            kept = "last epoch kept"
            if self.best >= 0:
                kept = f"epoch {self.best + 1} kept ({self.best_is})"
            elif keep_best:
                kept += f" ({monitor} was never a number: try a lower learning rate)"
            return f"{done} epochs in {seconds:.0f} s; {kept}: {measured}"

    return Keeper()


def _goal(model, monitor):
    """Whether the lowest `monitor` is the best one, and the best one in words."""
    name = "_" + training_state.stem_and_number(monitor.removeprefix("val_"))[0]
    metrics = [metric for group in model.metrics for metric in getattr(group, "metrics", [group])]
    # Keras puts the name of an output in front: "risk_mae" is the "mae" of "risk".
    named = [metric for metric in metrics if name.endswith("_" + training_state.stem_and_number(metric.name)[0])]
    direction = getattr(max(named, key=lambda metric: len(metric.name), default=None), "_direction", None)
    if direction or name.endswith(("loss", "error", "false_positives", "false_negatives")):
        return direction != "up", f"best {monitor}"
    return False, f"highest {monitor}, taken for the best"


def _measures(logs):
    return ", ".join(f"{name} {value:.3f}" for name, value in logs.items())


class ProgressLine:
    """One line, rewritten: with a bar in a notebook, by carriage return in a terminal, once in a log file."""

    def __init__(self):
        self.handle, self.shown, self.text = None, 0.0, ""
        with contextlib.suppress(ImportError):
            from IPython import get_ipython

            shell = get_ipython()
            if shell is not None and hasattr(shell, "kernel"):
                from IPython.display import display

                self.handle = display({"text/plain": ""}, raw=True, display_id=True)

    def start(self, epoch, epochs):
        if not hasattr(self, "first"):
            self.first, self.began = epoch, time.monotonic()
        self.epoch, self.epochs = epoch, epochs

    def update(self, part, logs=None):
        """`part` is how much of this epoch is done, 0 to 1."""
        now = time.monotonic()
        if logs:
            self.text = _measures(logs)
        if now - self.shown < 0.3 and not (logs and self.epoch + 1 == self.epochs):
            return
        self.shown = now
        done = self.epoch + part
        left = (now - self.began) / max(done - self.first, 1e-9) * (self.epochs - done)
        text = f"epoch {self.epoch + 1}/{self.epochs}, {left:.0f} s left; {self.text}"
        if self.handle:
            self._show(text, f'<progress value="{done:.2f}" max="{self.epochs}"></progress> {text}')
        elif sys.stdout.isatty():
            width = shutil.get_terminal_size().columns - 1
            sys.stdout.write("\r" + text[:width].ljust(width))
            sys.stdout.flush()

    def finish(self, text):
        if self.handle:
            self._show(text, text)
        else:
            self.say(text)

    def say(self, text):
        """A line of its own, which stays."""
        print(("\r\x1b[K" if sys.stdout.isatty() else "") + text)

    def _show(self, text, html):
        self.handle.update({"text/plain": text, "text/html": html}, raw=True)
