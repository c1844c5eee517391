"""`fit`: the best epoch kept, early stopping, and going on after an interruption."""

import os
import pty
import subprocess
import sys

import numpy as np
import pytest

from course_utils import fit, setup, training


@pytest.fixture(scope="module", autouse=True)
def device():
    setup()


def problem(n=60):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(n, 4)).astype("float32")
    y = (x[:, :1] + 0.8 * rng.normal(size=(n, 1)) > 0).astype("float32")
    return x, y


def model(units=16, rate=0.05):
    import keras

    keras.utils.set_random_seed(0)
    net = keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(units, "relu"), keras.layers.Dense(1)])
    net.compile(keras.optimizers.Adam(rate), keras.losses.BinaryCrossentropy(from_logits=True), metrics=["accuracy"])
    return net


def loss_of(net, data):
    return net.evaluate(*data, verbose=0)[0]


def test_history_seeds_and_best_epoch(capsys):
    train, val = problem(), problem(200)
    net = model()
    history = fit(net, train, val, epochs=12)
    assert set(history) == {"loss", "accuracy", "val_loss", "val_accuracy", "seconds"}
    assert {len(values) for values in history.values()} == {12}
    assert loss_of(net, val) == pytest.approx(min(history["val_loss"]), rel=1e-5)
    said = capsys.readouterr()
    assert "12 epochs" in said.out
    assert said.out.count("\n") == 1  # in a log file: one line, no bars
    assert said.err == ""
    assert fit(model(), train, val, epochs=12)["loss"] == history["loss"]
    assert fit(model(), train, val, epochs=12, seed=1)["loss"] != history["loss"]


def test_keep_best_by_another_measure_and_not_at_all():
    train, val = problem(), problem(200)
    net = model()
    history = fit(net, train, val, epochs=6, monitor="val_accuracy")
    assert net.evaluate(*val, verbose=0)[1] == pytest.approx(max(history["val_accuracy"]))
    net = model()
    history = fit(net, train, val, epochs=6, keep_best=False)
    assert loss_of(net, val) == pytest.approx(history["val_loss"][-1], rel=1e-5)
    assert set(fit(model(), train, epochs=2)) == {"loss", "accuracy", "seconds"}
    with pytest.raises(ValueError, match=r"val_auc.*val_loss"):
        fit(model(), train, val, epochs=1, monitor="val_auc")


def test_early_stopping():
    train, val = problem(30), problem(200)
    history = fit(model(64, rate=0.1), train, val, epochs=200, patience=3)
    n = len(history["val_loss"])
    assert n < 200
    with pytest.raises(ValueError, match="needs val="):
        fit(model(), train, epochs=5, patience=3)
    assert int(np.argmin(history["val_loss"])) == n - 4


def stop_after(epochs, how):
    """Let `fit` come to a stop right after saving its state for the nth time."""
    make = training._keeper

    def make_and_stop(*arguments):
        keeper = make(*arguments)
        save = keeper.save

        def save_and_stop(improved):
            save(improved)
            if len(keeper.history["seconds"]) == epochs:
                how()

        keeper.save = save_and_stop
        return keeper

    training._keeper = make_and_stop
    return make


def ctrl_c():
    raise KeyboardInterrupt


@pytest.mark.parametrize("keep_best", [True, False])
def test_interrupted_training_goes_on_and_ends_the_same(tmp_path, capsys, monkeypatch, keep_best):
    """With one batch an epoch there is no order to differ in: weights and optimizer must come back exactly."""
    options = {"epochs": 8, "keep_best": keep_best, "batch_size": 60}
    train, val = problem(60), problem(200)
    whole = model()
    history = fit(whole, train, val, **options)

    monkeypatch.setattr(training, "_keeper", training._keeper)  # put back when the test ends
    undisturbed = stop_after(4, ctrl_c)
    first = model()
    with pytest.raises(KeyboardInterrupt):
        fit(first, train, val, folder=tmp_path / "state", **options)
    assert "after 4 whole epochs" in capsys.readouterr().out
    if keep_best:  # the notebook can go on with the best so far
        assert loss_of(first, val) == pytest.approx(min(history["val_loss"][:4]), rel=1e-4)

    training._keeper = undisturbed
    second = model()  # as in a new kernel
    resumed = fit(second, train, val, folder=tmp_path / "state", **options)
    assert "Going on after epoch 4" in capsys.readouterr().out
    assert resumed["val_loss"] == pytest.approx(history["val_loss"], rel=1e-4)
    for a, b in zip(whole.get_weights(), second.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5)
    assert not (tmp_path / "state").exists()


SCRIPT = """
import sys
sys.path.insert(0, {tests!r})
from test_training import *
setup()
if {die}:
    stop_after(4, lambda: os._exit(9))
net, val = model(), problem(200)
history = fit(net, problem(), val, epochs=10, folder={folder!r})
print("RESULT", loss_of(net, val), min(history["val_loss"]), len(history["loss"]))
"""


def test_a_killed_kernel_goes_on_and_keeps_the_best_epoch(tmp_path, root):
    def run(die):
        script = SCRIPT.format(tests=str(root / "tests"), folder=str(tmp_path / "state"), die=die)
        return subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=300)

    assert run(die=True).returncode == 9
    done = run(die=False)
    assert done.returncode == 0, done.stderr
    assert "Going on after epoch 4" in done.stdout
    best, least, n = done.stdout.split("RESULT ")[1].split()
    assert int(n) == 10
    assert float(best) == pytest.approx(float(least), rel=1e-4)


def test_the_state_of_another_model_or_a_damaged_one_is_not_used(tmp_path, capsys):
    train, folder = problem(), tmp_path / "state"
    for damage in (
        lambda: (folder / "history.json").write_text("{"),
        lambda: (folder / "epoch1.weights.h5").write_bytes(b"x"),
    ):
        folder.mkdir()
        (folder / "history.json").write_text(
            '{"shapes": [[4, 16], [16], [16, 1], [1]], "history": {"loss": [1.0], "seconds": [1.0]}}'
        )
        damage()
        assert len(fit(model(), train, epochs=2, folder=folder)["loss"]) == 2
        assert "Going on" not in capsys.readouterr().out
    folder.mkdir()
    (folder / "history.json").write_text('{"shapes": [[7, 7]], "history": {"seconds": [1.0]}}')
    assert len(fit(model(), train, epochs=2, folder=folder)["loss"]) == 2
    assert "another model" in capsys.readouterr().out


def test_a_terminal_sees_one_line_rewritten(root):
    script = (
        f"import sys; sys.path.insert(0, {str(root / 'tests')!r})\nfrom test_training import *\nsetup()\n"
        "fit(model(), problem(), problem(), epochs=3)"
    )
    parent, child = pty.openpty()
    process = subprocess.Popen([sys.executable, "-c", script], stdout=child, stderr=subprocess.PIPE)
    os.close(child)
    said = b""
    while True:
        try:
            block = os.read(parent, 4096)
        except OSError:  # how Linux says that the other end is closed
            break
        if not block:
            break
        said += block
    assert process.wait(60) == 0
    text = said.decode()
    assert "epoch 3/3" in text
    assert "s left" in text
    assert text.count("\n") == 2  # the device's line and the summary
    assert process.stderr.read() == b""


def test_training_on_several_devices_has_the_chapters_schedule(root):
    """Chapter 04's training stands within a function of its own; deploy/distributed spells its rates out again."""
    for name in ("lessons/04_medmnist_classification.py", "deploy/distributed/train.py"):
        text = "".join((root / name).read_text(encoding="utf-8").split())
        for setting in ("CosineDecay(0.0,int(0.9*", "warmup_target=0.003", "int(0.1*", "AdamW(", "weight_decay=0.05"):
            assert setting in text, name
