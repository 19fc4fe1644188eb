"""Examples in memory as batches, in another order each epoch.

The order, and which images are flipped, depend on the seed of the training and the number of the epoch alone: an
interrupted trial that goes on sees what it would have seen.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence

import keras
import numpy as np

from toonvision.dataset import Examples, Split, each_input
from toonvision.dataset.dataset import Labels

_AXES = {"horizontal": (2,), "vertical": (1,), "horizontal_and_vertical": (2, 1)}


class Shuffled:
    """The train examples of one training.

    Args:
        train: the examples, in memory.
        batch_size: examples a batch; the last batch of an epoch may have less.
        flips: layers `RandomFlip` of Keras, which are done by index: a layer takes ten times as long.

    Attributes:
        train: the examples.
        seed: of the training.
        steps: batches an epoch.
    """

    def __init__(self, train: Split, batch_size: int, flips: Sequence[keras.layers.RandomFlip] = ()) -> None:
        self.seed = int(np.random.randint(2**31))  # which the training has seeded
        self.steps = math.ceil(len(train) / batch_size)
        self.train, self._batch_size = train, batch_size
        self._axes = [axis for flip in flips for axis in _AXES[flip.mode]]

    def from_epoch(self, number: int) -> Iterator[tuple[Examples, Labels]]:
        """Yield the batches of an epoch and of all that follow, without an end."""
        return itertools.chain.from_iterable(map(self.epoch, itertools.count(number)))

    def epoch(self, number: int) -> Iterator[tuple[Examples, Labels]]:
        """Yield the batches of an epoch."""
        random = np.random.default_rng([self.seed, number])
        order = random.permutation(len(self.train))
        for start in range(0, len(order), self._batch_size):
            chosen = order[start : start + self._batch_size]
            x = each_input(lambda array, chosen=chosen: array[chosen], self.train.x)
            for axis in self._axes:
                flipped = random.random(len(chosen)) < 0.5
                x[flipped] = np.flip(x[flipped], axis)
            yield x, self.train.y[chosen]
