"""Train chapter 04's network with one process, on several devices of one machine, or on several machines.

    python deploy/distributed/train.py --strategy none
    python deploy/distributed/train.py --strategy mirrored              # all GPUs of this machine, or two CPU devices
    python deploy/distributed/train.py --strategy workers --workers 2   # two processes on this machine, to try it out

For several machines set TF_CONFIG on each; the README beside this file says how. The last line printed is JSON.
"""

import argparse
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time


def main():
    args, parser = arguments()
    if args.strategy == "workers" and "TF_CONFIG" not in os.environ:
        sys.exit(launch(args.workers, args.timeout))
    if args.strategy == "workers":
        talk_directly(parser)

    from course_utils.device import quiet

    with quiet():  # TensorFlow greets on standard error
        import keras
        import tensorflow as tf

        tf.get_logger().setLevel("ERROR")
        strategy = open_strategy(args.strategy)
    replicas = strategy.num_replicas_in_sync
    if args.batch % replicas:
        parser.error(
            f"{replicas} replicas cannot share a batch of {args.batch} equally; choose a multiple of {replicas}"
        )

    from course_tools import chapter
    from course_utils import auc, load_medmnist

    try:
        data = load_medmnist(args.data)
    except ValueError as error:
        parser.error(str(error))
    if args.batch > len(data.train.images):
        parser.error(f"a batch of {args.batch} is more than the {len(data.train.images)} training images")
    made = chapter.find("04").recipe()  # the functions of chapter 04, from the chapter itself
    options = {"augment": False, "dropout": 0.0} if args.deterministic else {}

    print(f"{args.strategy}: {replicas} x {args.batch // replicas} images make a batch of {args.batch}", flush=True)
    start = time.perf_counter()
    keras.utils.set_random_seed(args.seed)
    network = made.build_network(data, **options)
    with strategy.scope():
        network = adapted(network, args.deterministic)
    losses = train(strategy, network, made, data, args)
    seconds = time.perf_counter() - start

    # The result is an ordinary network again, of this process alone. (predict, too, fails on a network of several
    # workers, for the reason given in `train`.)
    alone = made.build_network(data, **options)
    alone.set_weights(network.get_weights())
    scores = made.predict(alone, data.val.images, data.task)
    result = {
        "strategy": args.strategy,
        "replicas": replicas,
        "batch": args.batch,
        "deterministic": args.deterministic,
        "losses": losses,
        "val_auc": float(auc(data.val.labels, scores, data.task)),
        "seconds": round(seconds, 1),
        "source": data.source,
    }
    if args.save and getattr(strategy.cluster_resolver, "task_id", None) in (None, 0):  # one file, not one a worker
        alone.save(args.save)
    print(json.dumps(result), flush=True)


def arguments():
    def positive(text):
        if not text.isdigit() or int(text) < 1:
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1 up")
        return int(text)

    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--strategy", choices=("none", "mirrored", "workers"), required=True)
    parser.add_argument("--epochs", type=positive, default=25, help="rounds through the training images (25)")
    parser.add_argument("--batch", type=positive, default=32, help="images a step, of all replicas together (32)")
    parser.add_argument("--seed", type=int, default=0, help="of the first weights and of the order of the images (0)")
    parser.add_argument("--data", default="breastmnist", help="a 2D set of MedMNIST (breastmnist)")
    parser.add_argument(
        "--deterministic", action="store_true", help="no augmentation, no dropout, 64-bit numbers: runs can be compared"
    )
    parser.add_argument("--save", metavar="FILE.keras", help="where to save the trained network")
    parser.add_argument("--workers", type=positive, default=2, help="processes that this one starts (2)")
    parser.add_argument("--timeout", type=positive, default=3600, help="seconds after which it stops them (3600)")
    args = parser.parse_args()
    if args.save and not args.save.endswith(".keras"):
        parser.error(f"--save {args.save}: the name must end in .keras")
    return args, parser


def open_strategy(name):
    """Must come before TensorFlow's first computation, which fixes the devices and the cluster."""
    import tensorflow as tf

    if name == "none":
        return tf.distribute.get_strategy()
    if name == "workers":
        return tf.distribute.MultiWorkerMirroredStrategy()
    if tf.config.list_physical_devices("GPU"):
        return tf.distribute.MirroredStrategy()
    # Without a GPU the processor is split into two devices: no faster, but really two replicas.
    two = [tf.config.LogicalDeviceConfiguration()] * 2
    tf.config.set_logical_device_configuration(tf.config.list_physical_devices("CPU")[0], two)
    return tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])


def adapted(network, deterministic):
    """The same network with new first weights, made to be trained in shares."""
    import keras

    def adapt(layer):
        config = layer.get_config()
        if isinstance(layer, keras.layers.BatchNormalization):
            # Mean and variance of the whole batch. Else each replica would take those of its own share, and two
            # replicas with 16 images each would train another network than one with 32.
            config["synchronized"] = True
        if deterministic:
            # Two replicas add up in another order than one. In 32 bits that differs in the seventh digit, and by the
            # third epoch the losses differ by percents (Adam, we think: it divides by gradients however small).
            config["dtype"] = "float64"
        return type(layer).from_config(config)

    return keras.models.clone_model(network, clone_function=adapt)


def train(strategy, network, made, data, args):
    """Chapter 04's training as a loop of our own, the same for all strategies; the mean loss of each epoch.

    It is a loop of our own because model.fit of Keras 3 fails on several workers: "Attempt to convert a value
    (PerReplica...)" (https://github.com/keras-team/keras/issues/20585; still so with Keras 3.15 and TensorFlow 2.21).

    Equal to one process, but for rounding: first weights, order of the images, what is in each batch, the gradient.
    Not equal: augmentation and dropout, drawn for each share, and alike in all shares, since the seed is the same;
    `--deterministic` leaves them out.
    """
    import keras
    import numpy as np
    import tensorflow as tf

    replicas = strategy.num_replicas_in_sync
    targets, loss = made.targets_and_loss(data.train.labels, data.task)
    # Only whole batches, so that all shares are equal. The order changes, so that no image is left out for good.
    steps = len(targets) // args.batch
    with strategy.scope():
        learning_rate = keras.optimizers.schedules.CosineDecay(
            0.0, int(0.9 * args.epochs * steps), warmup_target=0.003, warmup_steps=int(0.1 * args.epochs * steps)
        )
        optimizer = keras.optimizers.AdamW(learning_rate, weight_decay=0.05)
        optimizer.build(network.trainable_variables)

    def on_each_replica(images, targets):
        with tf.GradientTape() as tape:
            # Divided by the size of the whole batch, not of this share: the optimizer adds up the gradients of all
            # shares. (loss.call is the loss of each image; loss() would be a mean that Keras has scaled by itself.)
            part = tf.reduce_sum(loss.call(targets, network(images, training=True))) / args.batch
        optimizer.apply(tape.gradient(part, network.trainable_variables), network.trainable_variables)
        return part

    @tf.function
    def step(images, targets):
        return strategy.reduce("SUM", strategy.run(on_each_replica, (images, targets)), axis=None)

    def share(array, rows):
        """Replica r of R gets rows r, r + R, r + 2R, ... of the batch; a worker makes only the shares of its own."""
        return strategy.experimental_distribute_values_from_function(
            lambda replica: tf.constant(array[rows[replica.replica_id_in_sync_group :: replicas]])
        )

    losses, rng = [], np.random.default_rng(args.seed)  # the same order in every process
    for epoch in range(args.epochs):
        batches = rng.permutation(len(targets))[: steps * args.batch].reshape(steps, args.batch)
        losses.append(float(np.mean([step(share(data.train.images, rows), share(targets, rows)) for rows in batches])))
        print(f"epoch {epoch + 1}/{args.epochs}: loss {losses[-1]:.4f}", flush=True)
    return losses


def talk_directly(parser):
    """Let the workers reach each other without the proxy that leads to the internet, where there is one."""
    try:
        addresses = [address for job in json.loads(os.environ["TF_CONFIG"])["cluster"].values() for address in job]
    except (ValueError, KeyError, TypeError, AttributeError):
        parser.error("TF_CONFIG is set but names no cluster; README.md beside this file has an example")
    hosts = ",".join(address.rsplit(":", 1)[0] for address in addresses)
    os.environ["no_grpc_proxy"] = hosts  # noqa: SIM112 (gRPC knows it in small letters only)
    print(f"waiting until all of these are there: {', '.join(addresses)}", flush=True)


def launch(workers, timeout):
    """Start the workers on this machine, wait for all, and return an exit code. If one fails, the others are stopped:
    they would wait for it."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the workers are stopped then, too
    cluster = {"worker": [f"127.0.0.1:{port}" for port in free_ports(workers)]}
    running, end = [], time.monotonic() + timeout
    with contextlib.ExitStack() as stack:
        for index in range(workers):
            said = stack.enter_context(tempfile.TemporaryFile())
            env = os.environ | {
                "TF_CONFIG": json.dumps({"cluster": cluster, "task": {"type": "worker", "index": index}})
            }
            env["CUDA_VISIBLE_DEVICES"] = "-1"  # they would all want the whole of the same GPU
            process = subprocess.Popen(
                [sys.executable, *sys.argv],
                env=env,
                stdout=None if index == 0 else subprocess.DEVNULL,  # all say the same
                stderr=said,
            )
            stack.callback(stop, process)
            running.append((index, process, said))
        while running:
            time.sleep(0.1)
            for index, process, said in running:
                if process.poll():
                    said.seek(0)
                    sys.stderr.write(said.read().decode(errors="replace")[-3000:])
                    print(f"Worker {index} failed ({process.returncode}); all are stopped.", file=sys.stderr)
                    return 1
            running = [worker for worker in running if worker[1].returncode is None]
            if time.monotonic() > end:
                print(f"Not finished after {timeout} s (--timeout); all workers are stopped.", file=sys.stderr)
                return 1
    return 0


def free_ports(n):
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(n)]
        for s in sockets:
            s.bind(("127.0.0.1", 0))
        return [s.getsockname()[1] for s in sockets]


def stop(process):
    process.kill()
    process.wait()


if __name__ == "__main__":
    main()
