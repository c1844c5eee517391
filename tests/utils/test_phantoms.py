"""Phantoms: MedMNIST's form, known lesions, and just hard enough."""

import time

import numpy as np
import pytest

from course_utils import auc, build_cnn, fit, make_phantom
from course_utils.data.images import INFO, NAMES


@pytest.mark.parametrize("name", NAMES)
def test_same_form_as_the_real_set(name):
    data, info = make_phantom(name), INFO[name]
    assert data.source == "phantom"
    assert data.task == info["task"]
    assert len(data.class_names) == len(info["label"])
    for part, split in (("train", data.train), ("val", data.val), ("test", data.test)):
        n = len(split.images)
        assert n == min(info["n_samples"][part], {"train": 1000, "val": 200, "test": 400}[part])
        assert split.images.shape == (n, 28, 28, info["n_channels"])
        assert split.images.dtype == np.uint8
        assert split.masks.shape == (n, 28, 28)
        assert split.masks.dtype == bool
        assert split.severity.shape == (n,)
        assert 0 <= split.severity.min() <= split.severity.max() <= 1
        if info["task"].startswith("multi-label"):
            assert split.labels.shape == (n, 14)
            assert set(np.unique(split.labels)) == {0, 1}
            assert split.labels.any(axis=0).all()
        else:
            assert split.labels.shape == (n,)
            assert set(np.unique(split.labels)) == set(range(len(info["label"])))
        assert 20 < split.images.mean() < 235
        assert (np.isin(split.images, (0, 255)).mean()) < 0.1  # neither drowned in black nor in white


@pytest.mark.parametrize("size", [64, 128, 224])
def test_larger_sizes_show_the_same_scene(size):
    data = make_phantom("bloodmnist", size, counts={"train": 30, "val": 2, "test": 2})
    assert data.train.images.shape == (30, size, size, 3)
    assert 0.05 < data.train.masks.mean() < 0.5


@pytest.mark.parametrize(
    "counts",
    [{"train": 0}, {"val": -1}, {"test": 2.5}, {"train": "10"}, {"train": None}, {"validation": 10}, 100, [10, 5, 5]],
)
def test_counts_are_whole_numbers_for_the_three_splits(counts):
    with pytest.raises(ValueError, match="at least 1, for some of train, val, test; found"):
        make_phantom("breastmnist", counts=counts)


def test_counts_may_leave_splits_out_and_come_in_any_order():
    small, turned = (
        make_phantom("breastmnist", counts=counts)
        for counts in ({"train": 3, "val": np.int64(2)}, {"val": 2, "train": 3})
    )
    assert (len(small.train.images), len(small.val.images), len(small.test.images)) == (3, 2, 156)
    assert np.array_equal(small.val.images, turned.val.images)
    assert len(make_phantom("breastmnist", counts={}).train.images) == 546


def test_seeded_and_each_split_its_own():
    a, b, c = (
        make_phantom("breastmnist", seed=1),
        make_phantom("breastmnist", seed=1),
        make_phantom("breastmnist", seed=2),
    )
    assert np.array_equal(a.train.images, b.train.images)
    assert not np.array_equal(a.train.images, c.train.images)
    assert not np.array_equal(a.train.images[:78], a.val.images)


def test_a_thousand_images_in_two_seconds():
    for name in NAMES:
        start = time.perf_counter()
        data = make_phantom(name)
        images = sum(len(split.images) for split in (data.train, data.val, data.test))
        assert (time.perf_counter() - start) / images * 1000 < 2, name


@pytest.mark.parametrize("name", ["breastmnist", "pneumoniamnist", "bloodmnist", "retinamnist", "organamnist"])
def test_masks_and_images_agree(name):
    """Where its mask is, an image differs from other images at that very place; other images differ less there."""
    split = make_phantom(name).train
    grey = split.images.astype(float).mean(axis=-1)
    # Stripes are as often bright as dark: there, it is the variance that differs inside.
    picture = (grey - grey.mean(axis=(1, 2), keepdims=True)) ** 2 if name == "organamnist" else grey
    masks = split.masks & (split.severity > 0.5)[:, None, None]
    use = masks.any(axis=(1, 2))

    def inside(pictures):
        return (pictures * masks).sum(axis=(1, 2))[use] / masks.sum(axis=(1, 2))[use]

    own, other, third = (inside(np.roll(picture, k, axis=0)) for k in (0, 1, 2))
    assert abs(np.mean(own - other)) > 8
    assert abs(np.mean(own - other)) > 4 * abs(np.mean(other - third))


def test_severity_tells_the_class_but_not_perfectly():
    for name in ("breastmnist", "pneumoniamnist"):
        data = make_phantom(name)
        sick = (data.train.labels == data.positive).astype(int)
        assert 0.85 < auc(sick, data.train.severity, "binary-class") < 0.99


@pytest.mark.parametrize("name", ["breastmnist", "pneumoniamnist"])
def test_pixels_do_worse_than_a_cnn_and_a_cnn_is_not_perfect(name):
    import keras
    from sklearn.linear_model import LogisticRegression

    data = make_phantom(name)
    y_train, y_test = ((part.labels == data.positive).astype(int) for part in (data.train, data.test))
    flat = [part.images.reshape(len(part.images), -1) / 255 for part in (data.train, data.test)]
    linear = max(
        auc(
            y_test,
            LogisticRegression(C=C, max_iter=500).fit(flat[0], y_train).decision_function(flat[1]),
            "binary-class",
        )
        for C in (0.001, 0.01, 0.1)
    )
    keras.utils.set_random_seed(0)
    network = build_cnn((28, 28, 1), 1)
    network.compile(keras.optimizers.Adam(0.002), keras.losses.BinaryCrossentropy(from_logits=True))
    fit(network, (data.train.images, y_train[:, None]), epochs=12)
    cnn = auc(y_test, network.predict(data.test.images, verbose=0)[:, 0], "binary-class")
    assert linear + 0.03 < cnn < 0.985
