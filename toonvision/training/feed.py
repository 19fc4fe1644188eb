"""Batches for one training, if the examples are not arrays that Keras can take as they are.

How long the training waits for them is the metric `data_waiting` of each epoch: a share of its seconds. Examples in
arrays are not waited for, and have no such metric.
"""

from __future__ import annotations

import functools
import itertools
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from toonvision.config.training_schema import Training
from toonvision.dataset import Split
from toonvision.dataset.batches import Batches
from toonvision.training.augmentation import Augmentation
from toonvision.trial.history import DATA_WAITING


class Feed(keras.callbacks.Callback):
    """Batches for `Model.fit`, and its first callback.

    Args:
        batches: from an epoch on and without an end, and what `tf.data` calls their signature.
        steps: batches an epoch.
    """

    def __init__(self, batches: Callable[[int], tuple[Iterator[Any], Any]], steps: int) -> None:
        super().__init__()
        self._batches, self._steps = batches, steps
        self._waited = self._began = 0.0

    @classmethod
    def of(cls, training: Training, train: Split) -> Feed | None:
        """Return what feeds a training; None if Keras can take the examples as they are.

        Raises:
            ConfigError: if the examples cannot be augmented as `training.augmentation` says.
        """
        augmentation = Augmentation.of(training, train)
        if augmentation:
            return cls(functools.partial(_augmented, augmentation), augmentation.steps)
        if not isinstance(train.x, Batches):
            return None
        seed = int(np.random.randint(2**31))  # which the training has seeded
        return cls(functools.partial(_read, train, seed), train.x.count)

    def from_epoch(self, epoch: int) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Return what `Model.fit` receives for the examples, and with which keywords.

        Args:
            epoch: the first one.

        Raises:
            ConfigError: if a layer does not take the images, or changes their size.
        """
        batches, signature = self._batches(epoch)
        return (dataset_of(lambda: self.timed(batches), signature),), {"steps_per_epoch": self._steps, "shuffle": False}

    def timed(self, batches: Iterator[Any]) -> Iterator[Any]:
        """Yield the same batches; the seconds until each is there are waiting."""
        nothing = object()
        while True:
            asked = time.perf_counter()
            batch = next(batches, nothing)
            self._waited += time.perf_counter() - asked
            if batch is nothing:
                return
            yield batch

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Begin to measure."""
        self._began, self._waited = time.perf_counter(), 0.0

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Add the share to the metrics of the epoch, for the callbacks after this one."""
        if logs is not None:
            logs[DATA_WAITING] = min(1.0, self._waited / (time.perf_counter() - self._began))


def in_order(split: Split, feed: Feed | None = None) -> tuple[Any, ...]:
    """Return the positional arguments with which Keras reads all examples and labels once, in their order.

    Args:
        split: of examples in memory, or in batches.
        feed: of the training that waits for them.
    """
    if not isinstance(split.x, Batches):
        return split.x, split.y
    import tensorflow as tf  # as below

    batches = split.x
    found = dataset_of(lambda: feed.timed(batches.once()) if feed else batches.once(), _signature(split))
    # without a number, Keras warns that they have ended
    return (found.apply(tf.data.experimental.assert_cardinality(batches.count)),)


def dataset_of(batches: Callable[[], Iterator[Any]], signature: Any) -> Any:
    """Return a `tf.data.Dataset` of batches; nothing is read ahead."""
    import tensorflow as tf  # only here: with another backend it costs seconds

    return tf.data.Dataset.from_generator(batches, output_signature=signature)


def _augmented(augmentation: Augmentation, epoch: int) -> tuple[Iterator[Any], Any]:
    batches = augmentation.batches(epoch)
    return iter(batches), batches.element_spec


def _read(train: Split, seed: int, epoch: int) -> tuple[Iterator[Any], Any]:
    orders = (np.random.default_rng([seed, number]) for number in itertools.count(epoch))
    return itertools.chain.from_iterable(map(train.x.once, orders)), _signature(train)


def _signature(split: Split) -> Any:
    import tensorflow as tf  # as above

    def one(array: NDArray[Any]) -> Any:
        return tf.TensorSpec((None, *array.shape[1:]), array.dtype)

    first = split.x.first
    x = {name: one(array) for name, array in first.items()} if isinstance(first, Mapping) else one(first)
    return x, one(split.y)
