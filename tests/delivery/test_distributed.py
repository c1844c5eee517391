"""deploy/distributed: several devices and processes train the same network as one: `uv run pytest -m delivery`."""

import json
import os
import signal
import subprocess
import sys
import time

import psutil
import pytest

pytestmark = pytest.mark.delivery
SCRIPT = "deploy/distributed/train.py"
EPOCHS = 3
# In 64-bit numbers only rounding is left: about 1e-14 was measured. A fault, such as batch statistics of each share by
# itself or a loss divided twice, makes percents.
TOLERANCE = 1e-6


def start(root, *args, **env):
    command = [sys.executable, SCRIPT, *args]
    # A group of its own, so that a timeout here can stop the script's workers, too.
    return subprocess.Popen(
        command, cwd=root, env=os.environ | env, stdout=-1, stderr=-1, text=True, start_new_session=True
    )


def finish(process, timeout=300):
    try:
        out, err = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        raise
    return process.returncode, out, err


def trained(root, *args):
    code, out, err = finish(start(root, "--epochs", str(EPOCHS), "--deterministic", *args))
    assert code == 0, out + err
    assert "GENERATED DATA" in out
    return json.loads(out.splitlines()[-1])


def workers_of(process, n=2, timeout=60):
    end = time.monotonic() + timeout
    while len(found := psutil.Process(process.pid).children()) < n:
        assert time.monotonic() < end, "the workers were not started"
        time.sleep(0.1)
    return found


def until_training(process):
    for line in process.stdout:
        if line.startswith("epoch 1/"):
            return
    pytest.fail(f"never trained: {process.stderr.read()}")


@pytest.fixture(scope="module")
def one_process(request):
    return trained(request.config.rootpath, "--strategy", "none")


@pytest.mark.parametrize("strategy", ["mirrored", "workers"])
def test_two_replicas_train_as_one_process(strategy, one_process, root):
    two = trained(root, "--strategy", strategy)
    assert (one_process["replicas"], two["replicas"]) == (1, 2)
    assert len(two["losses"]) == EPOCHS
    assert two["losses"] == pytest.approx(one_process["losses"], rel=TOLERANCE)
    assert two["val_auc"] == pytest.approx(one_process["val_auc"], abs=0.005)
    assert two["losses"][-1] < 0.8 * two["losses"][0]
    assert two["source"] == "phantom"


def test_the_chapter_s_own_recipe_with_two_workers(root, tmp_path):
    """With augmentation and dropout; the saved network is an ordinary one."""
    saved = tmp_path / "network.keras"
    done = start(root, "--strategy", "workers", "--epochs", "2", "--save", str(saved))
    code, out, err = finish(done)
    assert code == 0, out + err
    losses = json.loads(out.splitlines()[-1])["losses"]
    assert losses[1] < losses[0]

    import keras

    assert keras.saving.load_model(saved).output_shape == (None, 1)


def test_if_one_worker_dies_the_other_is_stopped(root):
    process = start(root, "--strategy", "workers", "--epochs", "100000")
    both = workers_of(process)
    until_training(process)
    both[1].kill()
    code, _, err = finish(process, timeout=30)
    assert code == 1
    assert "Worker 1 failed" in err
    assert not any(worker.is_running() for worker in both)


def test_whoever_stops_the_script_stops_its_workers(root):
    process = start(root, "--strategy", "workers")
    both = workers_of(process)
    process.terminate()
    assert finish(process, timeout=30)[0] == 143
    assert not any(worker.is_running() for worker in both)


def test_workers_do_not_wait_for_ever(root):
    process = start(root, "--strategy", "workers", "--timeout", "2")
    both = workers_of(process)
    code, _, err = finish(process, timeout=30)
    assert (code, "--timeout" in err) == (1, True)
    assert not any(worker.is_running() for worker in both)


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["--strategy", "several"], "invalid choice"),
        (["--strategy", "none", "--epochs", "0"], "'0' is not a whole number from 1 up"),
        (["--strategy", "none", "--save", "network.h5"], "must end in .keras"),
        (["--strategy", "none", "--data", "breast"], "breastmnist"),
        (["--strategy", "none", "--batch", "547"], "more than the 546 training images"),
        (["--strategy", "mirrored", "--batch", "33"], "2 replicas cannot share a batch of 33 equally"),
    ],
)
def test_a_wrong_argument_has_one_clear_message(args, said, root):
    code, _, err = finish(start(root, *args))
    assert code == 2
    assert said in err
    assert "Traceback" not in err


def test_a_broken_cluster_has_one_clear_message(root):
    code, _, err = finish(start(root, "--strategy", "workers", TF_CONFIG="{}"))
    assert code == 2
    assert "names no cluster" in err
