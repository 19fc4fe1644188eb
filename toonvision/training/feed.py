"""Batches for one training, and how long it waits for them.

The waiting is the metric `data_waiting` of each epoch: a share of its seconds. Examples in memory that no layer changes
are not waited for, and have no such metric. They are batches, too: Keras on TensorFlow takes up to three times as long
with arrays, and on no backend goes on in the order that an interrupted trial would have had.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import keras

from toonvision.config.training_schema import Training
from toonvision.dataset import Split, each_input
from toonvision.dataset.batches import Batches
from toonvision.training.augmentation import Augmentation
from toonvision.training.py_dataset import InTurn
from toonvision.training.shuffled import Shuffled
from toonvision.training.tf_data import dataset_of
from toonvision.trial.history import DATA_WAITING

_READ_AHEAD = 2  # batches of examples in memory


class Feed(keras.callbacks.Callback):
    """Batches for `Model.fit`, and its first callback.

    Args:
        batches: from an epoch on and without an end.
        train: of which they are.
        steps: batches an epoch.
        is_waited_for: whether the waiting is measured; then nothing is read ahead.

    Attributes:
        train: with the labels that the training sees.
    """

    def __init__(
        self, batches: Callable[[int], Iterator[Any]], train: Split, steps: int, *, is_waited_for: bool
    ) -> None:
        super().__init__()
        self.train = train
        self._batches, self._steps, self._is_waited_for = batches, steps, is_waited_for
        self._waited = self._began = 0.0

    @classmethod
    def of(cls, training: Training, train: Split, *, arrays: bool = False) -> Feed | None:
        """Return what feeds a training; None if Keras is to take the examples as they are.

        Args:
            training: of the trial.
            train: the examples.
            arrays: whether examples in memory stay arrays where no layer changes them.

        Raises:
            ConfigError: if the examples cannot be augmented as `training.augmentation` says.
        """
        augmentation, in_memory = Augmentation.of(training, train), not isinstance(train.x, Batches)
        if augmentation is None and in_memory and arrays:
            return None
        examples = augmentation.examples if augmentation else Shuffled(train, training.batch_size)
        if augmentation and augmentation.layers:
            return cls(augmentation.batches, examples.train, examples.steps, is_waited_for=True)
        return cls(examples.from_epoch, examples.train, examples.steps, is_waited_for=not in_memory)

    def from_epoch(self, epoch: int) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Return what `Model.fit` receives for the examples, and with which keywords.

        Args:
            epoch: the first one.

        Raises:
            ConfigError: if a layer does not take the images, or changes their size.
        """
        if not _has_tensorflow():
            examples = InTurn(lambda: self.timed(self._batches(epoch)))
        elif self._is_waited_for:
            batches = self._batches(epoch)
            examples = dataset_of(lambda: self.timed(batches), self.train)
        else:
            examples = dataset_of(lambda: self._batches(epoch), self.train).prefetch(_READ_AHEAD)
        return (examples,), {"steps_per_epoch": self._steps, "shuffle": False}

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
        if logs is not None and self._is_waited_for:
            logs[DATA_WAITING] = min(1.0, self._waited / (time.perf_counter() - self._began))


def in_order(split: Split, batch_size: int, feed: Feed | None = None) -> tuple[Any, ...]:
    """Return the positional arguments with which Keras reads all examples and labels once, in their order.

    Args:
        split: of examples in memory, or in batches.
        batch_size: examples a batch, of those in memory.
        feed: of the training that reads them again and again, and waits for batches.
    """
    if isinstance(split.x, Batches):
        batches = split.x
        return (_once(lambda: feed.timed(batches.once()) if feed else batches.once(), split, batches.count),)
    if feed is None:
        return split.x, split.y
    starts = range(0, len(split), batch_size)

    def slices() -> Iterator[Any]:
        for start in starts:
            part = slice(start, start + batch_size)
            yield each_input(lambda array, part=part: array[part], split.x), split.y[part]

    examples = _once(slices, split, len(starts))
    return (examples.prefetch(_READ_AHEAD) if _has_tensorflow() else examples,)


def _has_tensorflow() -> bool:
    return bool(keras.backend.backend() == "tensorflow")


def _once(batches: Callable[[], Iterator[Any]], split: Split, count: int) -> Any:
    if not _has_tensorflow():
        return InTurn(batches, count)
    import tensorflow as tf  # only here: with another backend it costs seconds

    # without a number, Keras warns that they have ended
    return dataset_of(batches, split).apply(tf.data.experimental.assert_cardinality(count))
