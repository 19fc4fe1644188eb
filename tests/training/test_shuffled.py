"""Examples in memory: an order for each epoch, and flips that are those of Keras's layers but for what is drawn."""

from __future__ import annotations

from itertools import chain, islice

import keras
import numpy as np
import pytest

from toonvision.dataset import Split
from toonvision.training.shuffled import Shuffled

IMAGES = np.random.default_rng(0).integers(0, 256, (40, 3, 5, 3)).astype(np.uint8)


def shuffled(x: object, *flips: keras.layers.RandomFlip, seed: int = 1) -> Shuffled:
    np.random.seed(seed)
    return Shuffled(Split(x, np.arange(40)), 16, flips)


def labels(found: Shuffled, begin: int, epochs: int) -> list[list[int]]:
    batches = [y.tolist() for _, y in islice(found.from_epoch(begin), epochs * found.steps)]
    epochs_of = (batches[at : at + found.steps] for at in range(0, len(batches), found.steps))
    return [list(chain.from_iterable(epoch)) for epoch in epochs_of]


def test_an_epoch_has_each_example_once_in_an_order_of_its_own_wherever_a_training_begins() -> None:
    found = shuffled(IMAGES)
    assert found.steps == 3
    assert [len(y) for _, y in found.epoch(0)] == [16, 16, 8]
    whole = labels(found, 0, 3)
    assert [sorted(epoch) for epoch in whole] == [list(range(40))] * 3
    assert whole[0] != whole[1]
    assert labels(shuffled(IMAGES), 1, 2) == whole[1:]
    assert labels(shuffled(IMAGES, seed=2), 0, 1) != whole[:1]


def test_several_inputs_are_shuffled_alike() -> None:
    numbers = np.arange(40)
    for x, y in shuffled({"left": numbers, "right": 2 * numbers}).epoch(0):
        assert x["left"].tolist() == y.tolist()
        assert x["right"].tolist() == (2 * y).tolist()


@pytest.mark.parametrize("mode", ["horizontal", "vertical", "horizontal_and_vertical"])
def test_an_image_becomes_what_a_layer_of_keras_can_make_of_it(mode: str) -> None:
    layer = keras.layers.RandomFlip(mode, seed=1, dtype="uint8")
    made = [np.asarray(layer(IMAGES, training=True)) for _ in range(20)]
    possible = [{images[index].tobytes() for images in made} for index in range(len(IMAGES))]
    before = IMAGES.copy()
    found = shuffled(IMAGES, layer)
    seen: list[set[bytes]] = [set() for _ in IMAGES]
    for x, y in islice(found.from_epoch(0), 20 * found.steps):
        for image, index in zip(x, y, strict=True):
            seen[index].add(image.tobytes())
    assert seen == possible
    assert (before == IMAGES).all()
