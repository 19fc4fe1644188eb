"""Functions that read examples in batches, as a user's package has them, for `dataset.build`."""

from __future__ import annotations

import time
import weakref
from collections.abc import Iterator
from typing import Any

import keras
import numpy as np
import tensorflow as tf

SIZES = {"train": 60, "validation": 20, "test": 22}


def arrays(split: str, seed: int = 7) -> tuple[np.ndarray, np.ndarray]:
    """Return four numbers for each example, the first of which tells its class, 0, 1 or 2."""
    rng = np.random.default_rng([seed, len(split)])
    y = np.arange(SIZES[split]) % 3
    x = rng.normal(size=(len(y), 4)).astype(np.float32)
    x[:, 0] += 4 * y
    return x, y


class Indexed(keras.utils.PyDataset):
    """Batches with positions; the batches that are in memory at the same time are counted."""

    def __init__(self, x: np.ndarray, y: np.ndarray, size: int, **settings: Any) -> None:
        super().__init__(**settings)
        self.x, self.y, self.size = x, y, size
        self.held = self.most_held = 0
        self.read = list[int]()
        self.delay = 0.0  # seconds

    @property
    def num_batches(self) -> int:
        return -(-len(self.y) // self.size)

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        self.read.append(index)
        time.sleep(self.delay)
        chosen = slice(index * self.size, (index + 1) * self.size)
        x = self.x[chosen].copy()
        self.held += 1
        self.most_held = max(self.held, self.most_held)
        weakref.finalize(x, self._let_go)
        return x, self.y[chosen]

    def _let_go(self) -> None:
        self.held -= 1


class Iterated:
    """Batches that can only be read in turn, as those of PyTorch's DataLoader."""

    def __init__(self, source: Indexed) -> None:
        self.source = source

    def __iter__(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        return iter([self.source[index] for index in range(self.source.num_batches)])


def indexed(split: str, size: int = 8) -> Indexed:
    return Indexed(*arrays(split), size)


def iterated(split: str, size: int = 8) -> Iterated:
    return Iterated(indexed(split, size))


def tensorflow(split: str, size: int = 8) -> tf.data.Dataset:
    return tf.data.Dataset.from_tensor_slices(arrays(split)).batch(size)


def two_inputs(split: str) -> list[tuple[dict[str, np.ndarray], np.ndarray]]:
    x, y = arrays(split)
    return [({"left": x[:10, :1], "right": x[:10, 1:]}, y[:10]), ({"left": x[10:, :1], "right": x[10:, 1:]}, y[10:])]


def shuffled(split: str) -> tf.data.Dataset:
    return tf.data.Dataset.from_tensor_slices(arrays(split)).shuffle(60).batch(8)


def infinite(split: str) -> tf.data.Dataset:
    return tensorflow(split).repeat()


def once(split: str) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    return iter(iterated(split))


def weighted(split: str) -> list[tuple[np.ndarray, ...]]:
    x, y = arrays(split)
    return [(x, y, np.ones(len(y)))]


def torn(split: str) -> list[tuple[np.ndarray, np.ndarray]]:
    x, y = arrays(split)
    return [(x[:9], y[:8])]


def changing(split: str) -> list[tuple[np.ndarray, np.ndarray]]:
    x, y = arrays(split)
    return [(x[:8], y[:8]), (x[8:, :3], y[8:])]


def other_test(split: str) -> tuple[np.ndarray, np.ndarray]:
    x, y = arrays(split)
    return (x[:, :3], y) if split == "test" else (x, y)


def words(split: str) -> tuple[np.ndarray, np.ndarray]:
    return np.array(["a", "b"]), np.array([0, 1])


def word_labels(split: str) -> tuple[np.ndarray, np.ndarray]:
    return np.zeros((2, 1)), np.array(["a", "b"])


def one_class(split: str) -> tuple[np.ndarray, np.ndarray]:
    return np.zeros((4, 1)), np.zeros(4, dtype=int)


def negative(split: str) -> tuple[np.ndarray, np.ndarray]:
    return np.zeros((4, 1)), np.array([-1, 0, 1, 2])


def empty(split: str) -> list[tuple[np.ndarray, np.ndarray]]:
    return []


def nothing(split: str) -> None:
    return None
