"""Batches as a `keras.utils.PyDataset`, which Keras takes on every backend without TensorFlow."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import keras


class InTurn(keras.utils.PyDataset):
    """Batches that are read one after the other. Keras asks for them by position, from 0 on, and may begin anew.

    Args:
        batches: begins them.
        count: of the batches; None if they have no end.
    """

    def __init__(self, batches: Callable[[], Iterator[Any]], count: int | None = None) -> None:
        super().__init__()
        self._batches, self._count = batches, count
        self._reading: Iterator[Any] = iter(())

    @property
    def num_batches(self) -> int | None:
        """Return how many there are; None if they have no end."""
        return self._count

    def __getitem__(self, index: int) -> Any:
        """Return the next batch, for position 0 the first one."""
        if index == 0:
            self._reading = self._batches()
        return next(self._reading)
