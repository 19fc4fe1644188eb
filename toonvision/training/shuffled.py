"""The batches of one training, in another order each epoch.

The order, and which images are flipped, depend on the seed of the training and the number of the epoch alone: an
interrupted trial that goes on sees what it would have seen.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence

import keras
import numpy as np

from toonvision.dataset import Examples, Split
from toonvision.dataset.batches import Batches
from toonvision.dataset.dataset import Labels

_AXES = {"horizontal": (2,), "vertical": (1,), "horizontal_and_vertical": (1, 2)}


class Shuffled:
    """The train examples of one training, in batches.

    Args:
        train: the examples.
        batch_size: examples a batch, of those in memory; the last batch of an epoch may have less.
        flips: layers `RandomFlip` of Keras, which are done by index: a layer takes ten times as long.
        mixes: whether the labels are mixed later, so that they have to be float32, shape `(n, k)`.

    Attributes:
        train: the examples, with the labels that the training sees.
        seed: of the training.
        steps: batches an epoch.
    """

    def __init__(
        self,
        train: Split,
        batch_size: int,
        flips: Sequence[keras.layers.RandomFlip] = (),
        *,
        mixes: bool = False,
    ) -> None:
        self.seed = int(np.random.randint(2**31))  # which the training has seeded
        self.steps = train.x.count if isinstance(train.x, Batches) else math.ceil(len(train) / batch_size)
        self.train = Split(train.x, _to_mix(train.y) if mixes else train.y)
        self._batch_size, self._mixes = batch_size, mixes
        self._axes = [_AXES[flip.mode] for flip in flips]

    def from_epoch(self, number: int) -> Iterator[tuple[Examples, Labels]]:
        """Yield the batches of an epoch and of all that follow, without an end."""
        return itertools.chain.from_iterable(map(self.epoch, itertools.count(number)))

    def epoch(self, number: int) -> Iterator[tuple[Examples, Labels]]:
        """Yield the batches of an epoch."""
        random = np.random.default_rng([self.seed, number])
        for x, y in self._in_order_of(random):
            flipped = x
            for axes in self._axes:
                chosen = random.random(len(y)) < 0.5
                flipped = np.array(flipped)
                flipped[chosen] = np.flip(flipped[chosen], axes)
            yield flipped, y

    def _in_order_of(self, random: np.random.Generator) -> Iterator[tuple[Examples, Labels]]:
        if isinstance(self.train.x, Batches):
            for x, y in self.train.x.once(random):
                yield x, _to_mix(y) if self._mixes else y
            return
        order = random.permutation(len(self.train))
        for start in range(0, len(order), self._batch_size):
            batch = self.train.taken(order[start : start + self._batch_size])
            yield batch.x, batch.y


def _to_mix(y: Labels) -> Labels:
    return y.astype(np.float32).reshape(len(y), -1)
