"""`fit`: Keras' own training loop with a seed, a progress line, the best epoch kept, and a way on after a crash."""

import contextlib
import json
import os
import shutil
import sys
import time
from pathlib import Path


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
    patience : int, optional
        Stop early when `monitor` has not improved for so many epochs.
    monitor : str
        What "best" means, on validation data: the lowest ``"val_loss"``, or the highest of any other measure.
    keep_best : bool
        Whether the model ends with the weights of its best epoch (it needs `val`) or with those of the last.
    class_weight : dict of int to float, optional
        Factor for the loss of each class.
    seed : int
        Seeds the order of the batches, dropout and augmentation.
    folder : path, optional
        Where to save the state after each epoch. If training is interrupted, even by a crash, the same call goes on
        after the last whole epoch; when training ends, the saved state is removed.

    Returns
    -------
    dict of str to list of float
        One number an epoch: ``"loss"``, ``"val_loss"``, the metrics the model was compiled with, and ``"seconds"``.

    Raises
    ------
    ValueError
        If `monitor` is not among the measures, or `patience` is given where no best epoch is kept.
    KeyboardInterrupt
        When interrupted; the model then has the best weights so far.
    """
    import keras

    if patience and (val is None or not keep_best):
        raise ValueError("patience= needs val= and keep_best=True: without them there is no best epoch to wait for.")
    keras.utils.set_random_seed(seed)
    keeper = _keeper(model, val is not None and keep_best, monitor, patience, epochs, folder)
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
    try:
        if start < epochs:
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
    except KeyboardInterrupt:
        keeper.restore()
        where = f"state saved in {folder}; run the same call to go on" if folder else "no folder= was given to save it"
        keeper.line.finish(f"interrupted after {len(keeper.history['seconds'])} whole epochs ({where})")
        raise
    keeper.restore()
    keeper.line.finish(keeper.summary())
    if folder:
        shutil.rmtree(folder, ignore_errors=True)
    return keeper.history


def _keeper(model, keep_best, monitor, patience, epochs, folder):
    """The one callback behind `fit`. (A function, so that Keras is imported only when training starts.)"""
    import keras

    class Keeper(keras.callbacks.Callback):
        def __init__(self):
            super().__init__()
            self.history = {"seconds": []}
            self.best_weights = None
            self.line = ProgressLine()
            self.folder = Path(folder) if folder else None
            # Two models are taken for the same if their weights have the same shapes.
            self.shapes = [list(weight.shape) for weight in model.weights]

        def load(self):
            """Go back to the saved state, if there is one for this model; return the epochs already done."""
            if not self.folder:
                return 0
            try:
                saved = json.loads((self.folder / "history.json").read_text(encoding="utf-8"))
                if saved["shapes"] != self.shapes:
                    print(f"{folder} holds the state of another model; training starts anew.")
                    return 0
                done = len(saved["history"]["seconds"])
                model.optimizer.build(model.trainable_variables)
                if (self.folder / "best.weights.h5").exists():
                    model.load_weights(self.folder / "best.weights.h5")
                    self.best_weights = model.get_weights()
                model.load_weights(self.folder / f"epoch{done}.weights.h5")
            except (OSError, ValueError, KeyError):  # nothing there, or cut off while writing: start anew
                self.best_weights = None
                return 0
            self.history = saved["history"]
            print(f"Going on after epoch {done}, from {folder}.")
            return done

        def save(self, improved):
            done = len(self.history["seconds"])
            self.folder.mkdir(parents=True, exist_ok=True)
            if improved:
                model.save_weights(self.folder / "new.weights.h5")
                os.replace(self.folder / "new.weights.h5", self.folder / "best.weights.h5")
            model.save_weights(self.folder / f"epoch{done}.weights.h5")
            # history.json is written last and renamed at once: it names the epoch whose weights are whole.
            new = self.folder / "history.new"
            new.write_text(json.dumps({"shapes": self.shapes, "history": self.history}), encoding="utf-8")
            os.replace(new, self.folder / "history.json")
            (self.folder / f"epoch{done - 1}.weights.h5").unlink(missing_ok=True)

        def best_epoch(self):
            """Number of the best epoch so far, from 0."""
            values = self.history[monitor]
            return values.index(min(values) if monitor.endswith("loss") else max(values))

        def finished(self, done):
            return bool(done and patience and keep_best and done - 1 - self.best_epoch() >= patience)

        def on_epoch_begin(self, epoch, logs=None):
            self.began = time.perf_counter()
            self.line.start(epoch, epochs)

        def on_epoch_end(self, epoch, logs=None):
            for name, value in {**logs, "seconds": time.perf_counter() - self.began}.items():
                self.history.setdefault(name, []).append(float(value))
            if keep_best and monitor not in self.history:
                raise ValueError(f"monitor={monitor!r} is not measured; measured are {', '.join(logs)}.")
            improved = keep_best and self.best_epoch() == epoch
            if improved:
                self.best_weights = model.get_weights()
            if self.folder:
                self.save(improved)
            self.line.update(1, logs)
            if self.finished(epoch + 1):
                model.stop_training = True

        def restore(self):
            if self.best_weights is not None:
                model.set_weights(self.best_weights)

        def summary(self):
            done, seconds = len(self.history["seconds"]), sum(self.history["seconds"])
            at = self.best_epoch() if keep_best else done - 1
            measured = _measures({name: values[at] for name, values in self.history.items() if name != "seconds"})
            kept = f"epoch {at + 1} kept (best {monitor})" if keep_best else "last epoch kept"
            return f"{done} epochs in {seconds:.0f} s; {kept}: {measured}"

    return Keeper()


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
            print(("\r\x1b[K" if sys.stdout.isatty() else "") + text)

    def _show(self, text, html):
        self.handle.update({"text/plain": text, "text/html": html}, raw=True)
