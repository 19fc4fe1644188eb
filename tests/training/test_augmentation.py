"""Augmentation: bytes stay bytes, labels are mixed as their images are, and an epoch depends on its number alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import pytest

from tests.configuration import configured
from toonvision.config.directory import config_directory
from toonvision.dataset import Split, load_dataset
from toonvision.errors import ConfigError
from toonvision.search_space.space import complete, defaults
from toonvision.training.augmentation import Augmentation
from toonvision.training.feed import Feed
from toonvision.training.fit import Fit, fit, start_afresh
from toonvision.training.model import build_model, interface

OPTIONS = sorted(path.stem for path in (config_directory() / "augmentation").glob("*.yaml"))
RNG = np.random.default_rng(0)
IMAGES = Split(RNG.integers(0, 256, (10, 8, 12, 3)).astype(np.uint8), np.arange(10) % 4)
ONE_HOT = Split(IMAGES.x, np.eye(4, dtype=np.float32)[IMAGES.y])
Batch = tuple[np.ndarray, np.ndarray]


def augmentation(*overrides: str, train: Split = IMAGES, batch_size: int = 4, seed: int = 1) -> Feed:
    config = configured("task=multiclass_one_hot", *overrides)
    training = config.default_trial.training.model_copy(update={"batch_size": batch_size})
    start_afresh(seed, "float32")
    found = Feed.of(training, train)
    assert found is not None
    return found


def taken(found: Feed, epochs: int, *, begin: int = 0) -> list[Batch]:
    (batches,), order = found.from_epoch(begin)
    return [(np.asarray(x), np.asarray(y)) for x, y in batches.take(epochs * order["steps_per_epoch"])]


def assert_equal(first: Sequence[Batch], second: Sequence[Batch]) -> None:
    for one, other in zip(first, second, strict=True):
        np.testing.assert_array_equal(one[0], other[0])
        np.testing.assert_array_equal(one[1], other[1])


def test_a_flip_leaves_bytes_and_flips_about_half_of_the_images() -> None:
    batches = taken(augmentation("augmentation=flip"), epochs=20)
    assert {batch[0].dtype for batch in batches} == {np.dtype(np.uint8)}
    assert [len(batch[0]) for batch in batches[:3]] == [4, 4, 2]
    known = {image.tobytes(): "as it is" for image in IMAGES.x} | {
        image[:, ::-1].tobytes(): "flipped" for image in IMAGES.x
    }
    kinds = [known[image.tobytes()] for batch in batches for image in batch[0]]
    assert 70 <= kinds.count("flipped") <= 130  # of 200


def test_an_epoch_has_each_example_once_in_an_order_of_its_own() -> None:
    batches = taken(
        augmentation("augmentation=flip", train=Split(IMAGES.x, np.arange(10) % 2 + np.arange(10))), epochs=2
    )
    epochs = [np.concatenate([batch[1] for batch in batches[at : at + 3]]).tolist() for at in (0, 3)]
    assert epochs[0] != epochs[1]
    assert sorted(epochs[0]) == sorted(epochs[1])


@pytest.mark.parametrize("option", [name for name in OPTIONS if name != "none"])
def test_an_epoch_depends_on_the_seed_and_its_number_alone(option: str) -> None:
    whole = taken(augmentation(f"augmentation={option}", train=ONE_HOT), epochs=3)
    assert_equal(taken(augmentation(f"augmentation={option}", train=ONE_HOT), epochs=1, begin=2), whole[6:])
    other = taken(augmentation(f"augmentation={option}", train=ONE_HOT, seed=2), epochs=1)
    assert any((one[0].astype(float) != two[0].astype(float)).any() for one, two in zip(whole[:3], other, strict=True))
    assert all(batch[0].shape[1:] == IMAGES.x.shape[1:] for batch in whole)
    assert all(batch[0].min() >= 0 and batch[0].max() <= 255 for batch in whole)


def test_no_option_leaves_no_augmentation() -> None:
    assert Augmentation.of(configured("augmentation=none").default_trial.training, IMAGES) is None
    without = configured("augmentation=flip", "training.augmentation.flip=null").default_trial.training
    assert Augmentation.of(without, IMAGES) is None


def test_the_strength_of_an_augmentation_can_be_a_hyperparameter() -> None:
    searched = ("+search_space.shift={hp: Float, min_value: 0.0, max_value: 0.5}", "+baseline.shift=0.1")
    refers = "training.augmentation.shift.height_factor=${search_space.shift}"
    config = configured("augmentation=standard", *searched, refers)
    values = complete(config.search_space, {**defaults(config.search_space), "shift": 0.25})
    layer = (config.resolve(values).training.augmentation or {})["shift"]
    assert layer is not None
    assert layer.arguments["height_factor"] == 0.25


@pytest.mark.parametrize("option", ["mixup", "cutmix"])
def test_labels_are_mixed_as_their_images_are(option: str) -> None:
    classes = np.arange(4)
    side = 64  # the areas are whole pixels, the labels are not
    shades = (classes * 60)[:, None, None, None] * np.ones((1, side, side, 1), np.uint8)
    plain = Split(shades.astype(np.uint8), np.eye(4, dtype=np.float32))
    for x, y in taken(augmentation(f"augmentation={option}", train=plain), epochs=10):
        np.testing.assert_allclose(y.sum(axis=1), 1, rtol=1e-5)
        np.testing.assert_allclose(x.mean(axis=(1, 2, 3)), y @ (classes * 60), atol=240 / side)


def test_two_classes_are_mixed_as_numbers() -> None:
    batches = taken(augmentation("augmentation=mixup", train=Split(IMAGES.x, np.arange(10) % 2)), epochs=2)
    labels = np.concatenate([batch[1] for batch in batches])
    assert labels.shape == (20, 1)
    assert ((labels > 0) & (labels < 1)).any()


CROP = "+training.augmentation.crop={_target_: keras.layers.RandomCrop, height: 4, width: 4}"
CONTRAST = "+training.augmentation.contrast={_target_: keras.layers.RandomContrast, factor: 0.1, dtype: uint8}"


@pytest.mark.parametrize(
    ("overrides", "train", "message"),
    [
        (("augmentation=mixup",), IMAGES, r"augmentation\.mixup: expected labels that can be mixed: .*one_hot"),
        (("augmentation=flip",), Split(np.zeros((10, 4)), IMAGES.y), r"only images are augmented.*shape \(4,\)"),
        (("augmentation=flip",), Split({"left": IMAGES.x}, IMAGES.y), "several inputs"),
        ((CROP,), IMAGES, r"of shape \(8, 12, 3\) as large as they are. Received: images of shape \(4, 4, 3\)"),
        ((CONTRAST,), IMAGES, "layers that can be called on the images"),
    ],
)
def test_what_cannot_be_augmented_is_said(overrides: tuple[str, ...], train: Split, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        augmentation(*overrides, train=train).from_epoch(0)


@pytest.mark.training
def test_the_model_learns_from_augmented_examples_and_has_no_layer_of_it() -> None:
    overrides = ("dataset=digits", "dataset.image_size=[8,8]", "model=mlp", "task=multiclass_one_hot")
    values = ("search_space.units_1=64", "search_space.learning_rate=0.003", "search_space.dropout_1_rate=0.0")
    trial = configured(*overrides, *values, "augmentation=mixup").default_trial
    dataset = load_dataset(trial.dataset)
    start_afresh(1, "float32")
    model = build_model(trial, interface(trial, dataset))
    learned = Split(dataset.train.x, np.eye(10, dtype=np.float32)[dataset.train.y])
    seen: list[Any] = []
    note = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: seen.append(logs))
    history = fit(model, Fit(trial.training, 8, {}, "training"), train=learned, validation=learned, watch=[note])
    assert history["val_accuracy"][-1] > 0.5
    assert len(seen) == 8
    assert not any("mix" in layer.name for layer in model.layers)
