"""Batches as a `tf.data.Dataset`, which TensorFlow reads ahead, and in which layers augment on every backend."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from numpy.typing import NDArray

from toonvision.dataset import Split
from toonvision.dataset.batches import Batches
from toonvision.training.backend import import_tensorflow


def dataset_of(batches: Callable[[], Iterator[Any]], split: Split) -> Any:
    """Return a `tf.data.Dataset` of batches; nothing is read ahead.

    Args:
        batches: begins them.
        split: of which they are.
    """
    tf = import_tensorflow()  # only here: with another backend it costs seconds

    options = tf.data.Options()
    # There is nothing to tune, and an iterator that ends waits for the thread that tunes: up to 10 s after a training.
    options.autotune.enabled = False
    return tf.data.Dataset.from_generator(batches, output_signature=_signature(split)).with_options(options)


def _signature(split: Split) -> Any:
    tf = import_tensorflow()

    def one(array: NDArray[Any]) -> Any:
        return tf.TensorSpec((None, *array.shape[1:]), array.dtype)

    first = split.x.first if isinstance(split.x, Batches) else split.x
    x = {name: one(array) for name, array in first.items()} if isinstance(first, Mapping) else one(first)
    return x, one(split.y)
