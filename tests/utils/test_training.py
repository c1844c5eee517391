"""`fit`: the best epoch kept, early stopping, and going on after an interruption."""

import contextlib
import os
import pty
import resource
import shutil
import signal
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


def model(units=16, rate=0.05, eager=True):
    """Without a graph: for so few and small steps tracing one takes longer."""
    import keras

    keras.utils.set_random_seed(0)
    net = keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(units, "relu"), keras.layers.Dense(1)])
    net.compile(
        keras.optimizers.Adam(rate),
        keras.losses.BinaryCrossentropy(from_logits=True),
        metrics=["accuracy"],
        run_eagerly=eager,
    )
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
        on_epoch_end = keeper.on_epoch_end

        def end_and_stop(epoch, logs=None):
            on_epoch_end(epoch, logs)
            if epoch + 1 == epochs:
                how()

        keeper.on_epoch_end = end_and_stop
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
net, val = model(eager=False), problem(200)
history = fit(net, problem(), val, epochs=10, folder={folder!r})
print("RESULT", loss_of(net, val), min(history["val_loss"]), len(history["loss"]))
"""


def test_a_killed_kernel_goes_on_and_keeps_the_best_epoch(tmp_path, root):
    def run(die):
        script = SCRIPT.format(tests=str(root / "tests" / "utils"), folder=str(tmp_path / "state"), die=die)
        return subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=300)

    assert run(die=True).returncode == 9
    done = run(die=False)
    assert done.returncode == 0, done.stderr
    assert "Going on after epoch 4" in done.stdout
    best, least, n = done.stdout.split("RESULT ")[1].split()
    assert int(n) == 10
    assert float(best) == pytest.approx(float(least), rel=1e-4)


def interrupted(net, train, val, folder, after=2, **options):
    """Train, and stop right after an epoch is saved."""
    undisturbed = stop_after(after, ctrl_c)
    try:
        with pytest.raises(KeyboardInterrupt):
            fit(net, train, val, folder=folder, **options)
    finally:
        training._keeper = undisturbed


def contents(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def same_weights(a, b):
    for x, y in zip(a.get_weights(), b.get_weights(), strict=True):
        np.testing.assert_allclose(x, y, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("folder", [".", "mine", "mine/deep"])
def test_the_folder_loses_nothing_but_the_state(tmp_path, monkeypatch, folder):
    monkeypatch.chdir(tmp_path)
    for name in ("a.ipynb", "mine/b.ipynb", "mine/history.json", "mine/epoch1.weights.h5", "mine/fit-old.new"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("mine")
    before = contents(tmp_path)
    fit(model(), problem(), problem(), epochs=2, folder=folder)
    assert contents(tmp_path) == before
    interrupted(model(), problem(), problem(), folder, epochs=3)
    assert before.items() < contents(tmp_path).items()
    fit(model(), problem(), problem(), epochs=3, folder=folder)
    assert contents(tmp_path) == before
    assert not (tmp_path / "mine" / "deep").exists()  # made for the state alone


def test_an_empty_folder_of_the_learner_stays(tmp_path):
    fit(model(), problem(), epochs=1, folder=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_two_trainings_share_a_folder(tmp_path, capsys):
    """As in a loop over seeds that is interrupted and run again."""
    train, val = problem(), problem(200)
    whole = fit(model(), train, val, epochs=4, seed=1)
    interrupted(model(), train, val, tmp_path, epochs=4, seed=1)
    saved = contents(tmp_path)
    fit(model(), train, val, epochs=4, seed=0, folder=tmp_path)
    assert "another training" in capsys.readouterr().out
    assert contents(tmp_path) == saved
    assert len(fit(model(), train, val, epochs=4, seed=1, folder=tmp_path)["loss"]) == len(whole["loss"])
    assert "Going on after epoch 2" in capsys.readouterr().out
    assert contents(tmp_path) == {}


def compiled(activation="relu", optimizer="sgd", rate=0.05, loss=None, metrics=("accuracy",), weights=None):
    import keras

    keras.utils.set_random_seed(0)
    net = keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(4, activation), keras.layers.Dense(1)])
    optimizer = {"sgd": keras.optimizers.SGD, "adam": keras.optimizers.Adam}[optimizer](rate)
    net.compile(optimizer, loss or times(1.0), metrics=list(metrics), loss_weights=weights, run_eagerly=True)
    return net


def times(factor):
    def loss(y, predicted):
        return factor * (predicted - y) ** 2

    return loss


@pytest.fixture(scope="module")
def half_done(tmp_path_factory):
    """The state of an interrupted training of `compiled()`."""
    folder = tmp_path_factory.mktemp("half") / "state"
    interrupted(compiled(), problem(), problem(), folder, epochs=3)
    return folder


@pytest.mark.parametrize(
    ("change", "options", "what"),
    [
        ({"activation": "tanh"}, {}, "layers"),
        ({"optimizer": "adam"}, {}, "optimizer"),
        ({"rate": 0.01}, {}, "optimizer"),
        ({"loss": "mae"}, {}, "loss"),
        ({"loss": times(2.0)}, {}, "loss"),
        ({"weights": [3.0]}, {}, "loss"),
        ({"metrics": ["accuracy", "mae"]}, {}, "metrics"),
        ({}, {"train": problem(50)}, "training data"),
        ({}, {"val": problem(50)}, "validation data"),
        ({}, {"batch_size": 16}, "batch_size="),
        ({}, {"seed": 1}, "seed="),
        ({}, {"class_weight": {0: 1.0, 1: 2.0}}, "class_weight="),
        ({}, {"monitor": "val_accuracy"}, "monitor="),
        ({}, {"patience": 9}, "patience="),
    ],
)
def test_a_call_that_differs_starts_anew_and_says_why(half_done, tmp_path, capsys, monkeypatch, change, options, what):
    import keras

    shutil.copytree(half_done, tmp_path / "state")
    options = {"train": problem(), "val": problem(), **options}
    net = compiled(**change)
    started_from = []
    train = keras.Model.fit
    monkeypatch.setattr(
        keras.Model,
        "fit",
        lambda net, *data, **given: (started_from.extend(net.get_weights()), train(net, *data, **given)),
    )
    history = fit(net, epochs=3, folder=tmp_path / "state", **options)
    said = capsys.readouterr().out
    assert {len(values) for values in history.values()} == {3}
    assert "Going on" not in said
    assert f"(not the same: {what}); this training starts anew." in said
    for mine, initial in zip(started_from, compiled(**change).get_weights(), strict=True):
        np.testing.assert_array_equal(mine, initial)
    assert contents(tmp_path / "state") == contents(half_done)


def test_the_same_call_goes_on_in_the_kernel_that_was_interrupted(tmp_path, capsys):
    """There Keras numbers layers, optimizers and metrics on: "dense_7", "auc_3"."""
    import keras

    def net():
        return compiled(metrics=[keras.metrics.AUC(), keras.metrics.AUC(curve="PR")])

    options = {"epochs": 4, "batch_size": 60}
    whole = net()
    history = fit(whole, problem(), problem(), **options)
    interrupted(net(), problem(), problem(), tmp_path, **options)
    again = net()
    resumed = fit(again, problem(), problem(), folder=tmp_path, **options)
    assert "Going on after epoch 2" in capsys.readouterr().out
    assert {len(values) for values in resumed.values()} == {4}
    same_weights(again, whole)
    for (name, values), (other, others) in zip(
        sorted((k, v) for k, v in history.items() if k.startswith("val_auc")),
        sorted((k, v) for k, v in resumed.items() if k.startswith("val_auc")),
        strict=True,
    ):
        assert values == pytest.approx(others, rel=1e-4), (name, other)


def test_own_layers_losses_and_dropout_go_on_too(tmp_path, capsys):
    import keras

    class Doubled(keras.layers.Layer):
        def __init__(self, inner):  # Keras cannot describe this one
            super().__init__()
            self.inner = inner
            self.factor = lambda: 2

        def call(self, x):
            return self.factor() * self.inner(x)

    class Focal(keras.losses.Loss):
        def __init__(self, gamma):
            super().__init__()
            self.gamma = gamma

        def call(self, y, predicted):
            return keras.ops.abs(y - predicted) ** self.gamma

    def net(gamma, activation=None):
        keras.utils.set_random_seed(0)
        inner = keras.layers.Dense(3, activation)
        layers = [keras.layers.Input((4,)), Doubled(inner), keras.layers.Dropout(0.2), keras.layers.Dense(1)]
        net = keras.Sequential(layers)
        net.compile("adam", Focal(gamma), run_eagerly=True)
        return net

    options = {"epochs": 4, "batch_size": 60}
    whole = net(2.0)
    fit(whole, problem(), **options)
    interrupted(net(2.0), problem(), None, tmp_path, **options)
    fit(net(3.0), problem(), folder=tmp_path, **options)
    assert "(not the same: loss)" in capsys.readouterr().out
    fit(net(2.0, "relu"), problem(), folder=tmp_path, **options)
    assert "(not the same: layers)" in capsys.readouterr().out
    again = net(2.0)
    again.fit(*problem(), epochs=1, verbose=0)  # the model that was interrupted, used further
    fit(again, problem(), folder=tmp_path, **options)
    assert "Going on after epoch 2" in capsys.readouterr().out
    same_weights(again, whole)


def test_a_lambda_goes_on_in_another_kernel(tmp_path, capsys):
    """A cell has another file name there."""
    import keras

    def net(place, factor=2):
        layer = eval(compile("\n" * place + f"lambda x: {factor} * x", f"cell-{place}", "eval"))
        net = keras.Sequential([keras.layers.Input((4,)), keras.layers.Lambda(layer), keras.layers.Dense(1, layer)])
        net.compile("sgd", "mse", run_eagerly=True)
        return net

    interrupted(net(1), problem(), None, tmp_path, epochs=3)
    fit(net(1, factor=3), problem(), epochs=3, folder=tmp_path)
    assert "(not the same: layers)" in capsys.readouterr().out
    fit(net(2), problem(), epochs=3, folder=tmp_path)
    assert "Going on after epoch 2" in capsys.readouterr().out


def test_a_damaged_file_of_the_state_means_anew_from_the_initial_weights(tmp_path, capsys):
    train, val = problem(60), problem(200)
    undisturbed = model()
    fit(undisturbed, train, val, epochs=3)
    interrupted(model(), train, val, tmp_path / "saved", epochs=3)
    for name in contents(tmp_path / "saved"):
        folder = tmp_path / f"without {name}"
        shutil.copytree(tmp_path / "saved", folder)
        with open(folder / name, "r+b") as file:
            file.truncate(os.path.getsize(folder / name) // 2)
        net = model()
        fit(net, train, val, epochs=3, folder=folder)
        said = capsys.readouterr().out
        assert "Going on" not in said
        assert "is damaged; training starts anew" in said
        same_weights(net, undisturbed)


def test_a_thousand_damaged_states_are_all_noticed(half_done, tmp_path):
    from course_utils import training_state

    whole = next(iter(contents(half_done).values()))
    path = tmp_path / "fit-0.state"
    path.write_bytes(whole)
    assert training_state.read(path)[0]["history"]
    rng = np.random.default_rng(0)
    for _ in range(1000):
        damaged = bytearray(whole)
        place = int(rng.integers(len(whole)))
        kind = rng.integers(3)
        if kind == 0:
            damaged[place] ^= int(rng.integers(1, 256))
        elif kind == 1:
            del damaged[place : place + int(rng.integers(1, 999))]
        else:
            damaged[place:place] = rng.bytes(int(rng.integers(1, 99)))
        path.write_bytes(damaged)
        assert training_state.read(path) == (None, [])
    path.unlink()
    os.mkfifo(path)
    assert training_state.read(path) == (None, [])


def test_ctrl_c_or_the_end_of_the_process_in_the_middle_of_a_save(tmp_path, capsys, monkeypatch):
    train, val, folder = problem(60), problem(200), tmp_path / "state"
    options = {"epochs": 5, "batch_size": 60}
    whole = model()
    fit(whole, train, val, **options)
    replace, calls = os.replace, []

    def stop(new, path):
        calls.append(new)
        if len(calls) == 3:
            shutil.copytree(folder, tmp_path / "killed")  # what a killed process leaves behind
            raise KeyboardInterrupt
        replace(new, path)

    monkeypatch.setattr(os, "replace", stop)
    with pytest.raises(KeyboardInterrupt):
        fit(model(), train, val, folder=folder, **options)
    monkeypatch.undo()
    assert "after 3 whole epochs (state of epoch 2 saved in" in capsys.readouterr().out
    assert len(contents(folder)) == 1
    assert len(contents(tmp_path / "killed")) == 2
    for place in (folder, tmp_path / "killed"):
        net = model()
        fit(net, train, val, folder=place, **options)
        assert "Going on after epoch 2" in capsys.readouterr().out
        same_weights(net, whole)
        assert not folder.exists()


@pytest.mark.parametrize("when", [2, 5])
def test_ctrl_c_is_heeded_where_an_exception_is_swallowed(monkeypatch, capsys, when):
    """As by C++ that takes any exception from an attribute for its absence: one Ctrl-C of 30 is lost there."""
    usual = signal.signal(signal.SIGINT, signal.default_int_handler)  # where tests run in the background it is ignored
    begin = training.ProgressLine.start

    def start(self, epoch, epochs):
        begin(self, epoch, epochs)
        if epoch + 1 == when:
            with contextlib.suppress(KeyboardInterrupt):
                signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(training.ProgressLine, "start", start)
    try:
        with pytest.raises(KeyboardInterrupt):
            fit(model(), problem(60), problem(200), epochs=5)
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, usual)
    assert f"interrupted after {when - 1} whole epochs" in capsys.readouterr().out


def test_a_full_disk_is_said_and_loses_nothing(tmp_path, capsys):
    train, val = problem(), problem(200)
    expected = fit(model(), train, val, epochs=3)
    capsys.readouterr()
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (500, hard))  # no file may become larger
    try:
        history = fit(model(), train, val, epochs=3, folder=tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    assert history["val_loss"] == expected["val_loss"]
    said = capsys.readouterr().out
    assert said.count("could not be saved in") == 1
    assert "make room there; the training goes on." in said
    assert contents(tmp_path) == {}


@pytest.mark.parametrize("folder", ["file", "file/below", "~nobody-of-this-name/state"])
def test_a_folder_that_cannot_be_written_is_refused_before_training(tmp_path, monkeypatch, folder):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("mine")
    net = model()
    before = net.get_weights()
    with pytest.raises(ValueError, match=r"No state can be saved in .*: give another folder="):
        fit(net, problem(), epochs=2, folder=folder)
    for x, y in zip(before, net.get_weights(), strict=True):
        np.testing.assert_array_equal(x, y)
    assert contents(tmp_path) == {"file": b"mine"}


def test_numbers_of_epochs_that_cannot_be(tmp_path):
    for wrong in ({"epochs": 0}, {"epochs": -1}, {"epochs": 2.5}, {"batch_size": 0}, {"patience": -1}):
        with pytest.raises(ValueError, match=f"{next(iter(wrong))}= must be a whole number from 1"):
            fit(model(), problem(), problem(), **{"epochs": 2, **wrong})
    interrupted(model(), problem(), problem(), tmp_path, after=3, epochs=4)
    saved = contents(tmp_path)
    with pytest.raises(ValueError, match=r"3 whole epochs of this training, more than epochs=2: ask for at least 3"):
        fit(model(), problem(), problem(), epochs=2, folder=tmp_path)
    assert contents(tmp_path) == saved
    assert len(fit(model(), problem(), problem(), epochs=3, folder=tmp_path)["loss"]) == 3
    assert contents(tmp_path) == {}


def test_a_model_without_weights_cannot_be_resumed(tmp_path):
    import keras

    net = keras.Sequential([keras.layers.Dense(1)])
    net.compile("sgd", "mse")
    with pytest.raises(ValueError, match="folder= needs a model that is built"):
        fit(net, problem(), epochs=1, folder=tmp_path)
    assert len(fit(net, problem(), epochs=1)["loss"]) == 1


def measuring(values, monitor):
    """A model the weights of which are all e after epoch e (from 1), where `monitor` is measured as `values[e - 1]`."""
    net = model()

    def run(*data, callbacks, epochs, **options):
        for epoch in range(epochs):
            callbacks[0].on_epoch_begin(epoch)
            net.set_weights([np.full_like(weight, epoch + 1) for weight in net.get_weights()])
            callbacks[0].on_epoch_end(epoch, {"loss": 1.0, monitor: values[epoch]})

    net.fit = run
    return net


@pytest.mark.parametrize(
    ("values", "kept"), [([np.nan, 3, 1, 2], 3), ([2, np.nan, 1, np.nan], 3), ([np.nan] * 4, 4), ([1, 1, 1, 1], 1)]
)
@pytest.mark.parametrize("monitor", ["val_loss", "val_score"])
def test_an_epoch_that_is_not_a_number_is_never_the_best(capsys, values, kept, monitor):
    sign = 1 if monitor == "val_loss" else -1
    net = measuring([sign * value for value in values], monitor)
    fit(net, problem(), problem(), epochs=4, monitor=monitor)
    assert net.get_weights()[0][0, 0] == kept
    said = capsys.readouterr().out
    if np.isnan(values).all():
        assert f"last epoch kept ({monitor} was never a number" in said
    else:
        assert f"epoch {kept} kept ({'best' if sign == 1 else 'highest'} {monitor}" in said


def test_the_best_epoch_is_the_lowest_error_and_the_highest_score(capsys):
    import keras

    def closeness(y, predicted):  # Keras does not know whether more of it is better
        return -keras.ops.abs(y - predicted)

    def fraud_loss(y, predicted):
        return keras.ops.abs(y - predicted)

    val = problem(200)

    def kept(outputs, metrics, monitor):
        keras.utils.set_random_seed(0)
        x = keras.Input((4,))
        net = keras.Model(x, [keras.layers.Dense(1, name=name)(x) for name in outputs])
        net.compile(keras.optimizers.SGD(0.5), ["mse"] * len(outputs), metrics=metrics, run_eagerly=True)
        y = [val[1]] * len(outputs) if len(outputs) > 1 else val[1]
        history = fit(net, (val[0], y), (val[0], y), epochs=3, monitor=monitor)
        return history[monitor], net.evaluate(val[0], y, verbose=0, return_dict=True)[monitor.removeprefix("val_")]

    for metrics, monitor, best in (
        (["mae"], "val_mae", min),
        ([keras.metrics.RootMeanSquaredError(name="far_off")], "val_far_off", min),
        ([keras.metrics.FalsePositives(0.5, name="false_positives")], "val_false_positives", min),
        ([fraud_loss], "val_fraud_loss", min),
        (["accuracy"], "val_accuracy", max),
        ([closeness], "val_closeness", max),
    ):
        values, ended = kept(["risk"], metrics, monitor)
        assert ended == pytest.approx(best(values), rel=1e-4), monitor
        said = capsys.readouterr().out
        assert f"({'highest' if metrics == [closeness] else 'best'} {monitor}" in said
    values, ended = kept(["risk", "age"], [["mae"], ["accuracy"]], "val_risk_mae")
    assert ended == pytest.approx(min(values), rel=1e-4)


def test_it_is_keras_own_loop():
    """The same seed gives the weights of Keras' own `fit`; where the state is saved makes no difference."""
    import keras

    own, ours = model(eager=False), model(eager=False)
    keras.utils.set_random_seed(3)
    own.fit(*problem(), epochs=3, verbose=0)
    fit(ours, problem(), epochs=3, seed=3)
    for x, y in zip(own.get_weights(), ours.get_weights(), strict=True):
        np.testing.assert_array_equal(x, y)


def test_saving_makes_no_difference(tmp_path):
    with_state, without = model(), model()
    fit(with_state, problem(), problem(), epochs=3, folder=tmp_path)
    fit(without, problem(), problem(), epochs=3)
    for x, y in zip(with_state.get_weights(), without.get_weights(), strict=True):
        np.testing.assert_array_equal(x, y)


def test_a_terminal_sees_one_line_rewritten(root):
    script = (
        f"import sys; sys.path.insert(0, {str(root / 'tests' / 'utils')!r})\nfrom test_training import *\nsetup()\n"
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
