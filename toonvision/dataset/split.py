"""Drawing train, validation and test examples, class by class.

The test set is drawn first, from random numbers that do not depend on the ratios, so that it stays the same when the
validation ratio, which may be a hyperparameter, changes.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from toonvision.errors import ConfigError, DatasetError

EPSILON = 1e-9  # lest 0.1 * 5 and the like, in binary a little below a half, be rounded down


@dataclass(frozen=True, slots=True)
class Ratios:
    """The parts of the examples that are held out; the rest is for training.

    Attributes:
        validation: between 0 and 1.
        test: between 0 and 1, or None where the test set is given apart.

    Raises:
        ConfigError: if a ratio is out of place, or nothing is left to train on.
    """

    validation: float
    test: float | None = None

    def __post_init__(self) -> None:
        _check_ratio("validation_ratio", self.validation)
        if self.test is None:
            return
        _check_ratio("test_ratio", self.test)
        if self.validation + self.test >= 1:
            raise ConfigError(
                "dataset.validation_ratio and dataset.test_ratio: expected a sum below 1, to leave examples to train "
                f"on. Received: {self.validation} + {self.test}"
            )


@dataclass(frozen=True, slots=True)
class SplitIndices:
    """Which examples are in which split: ascending int64 indices without overlap, shape `(n,)` each."""

    train: NDArray[np.int64]
    validation: NDArray[np.int64]
    test: NDArray[np.int64]


def split_indices(
    labels: NDArray[np.int64], ratios: Ratios, *, seed: int, groups: Sequence[str] | None = None
) -> SplitIndices:
    """Split examples within every class or, given groups, within every group of every class.

    A group's count that is not whole is rounded up or down so that the class as a whole keeps its ratios: of 25 pairs,
    ten have one example for validation and ten others one for the test.

    Args:
        labels: the class of each example, shape `(n,)`.
        ratios: of each class (and group) that become validation and test examples.
        seed: of the drawing, 0 or above.
        groups: the group of each example, one for each.

    Raises:
        DatasetError: if a split stays empty, or a class has no example to train on.
        ConfigError: if the seed is out of place.
    """
    if not isinstance(seed, int) or isinstance(seed, bool) or seed < 0:
        raise ConfigError(f"dataset.seed: expected a whole number of 0 or above. Received: {seed!r}")
    rng = np.random.default_rng(seed)
    group_of = np.zeros(len(labels), dtype="U1") if groups is None else np.asarray(groups, dtype=np.str_)
    parts: tuple[list[NDArray[np.int64]], ...] = ([], [], [])
    for label in np.unique(labels):
        names, sizes = np.unique(group_of[labels == label], return_counts=True)
        lots = rng.random(len(names))
        tested = _counts(sizes, ratios.test or 0.0, np.zeros(len(names), np.int64), lots)
        validated = _counts(sizes, ratios.validation, tested, lots)
        for name, size, tests, validations in zip(names, sizes, tested, validated, strict=True):
            members = rng.permutation(np.flatnonzero((labels == label) & (group_of == name)))
            for part, drawn in zip(parts, np.split(members, [size - tests - validations, size - tests]), strict=True):
                part.append(drawn)
    indices = SplitIndices(*(np.sort(np.concatenate([np.empty(0, np.int64), *part])) for part in parts))
    _check(labels, ratios, indices)
    return indices


def _counts(
    sizes: NDArray[np.int64], ratio: float, taken: NDArray[np.int64], lots: NDArray[np.float64]
) -> NDArray[np.int64]:
    """Return `ratio` of each group's size, in whole numbers whose sum is the ratio of all, rounded.

    All are rounded down, then one is added to as many as the sum needs: where the group has given least, by this
    rounding and in what is `taken` of it already; by lot where they are alike.
    """
    exact = sizes * ratio
    counts: NDArray[np.int64] = np.floor(exact + EPSILON).astype(np.int64)
    needed = math.floor(sizes.sum() * ratio + 0.5 + EPSILON) - int(counts.sum())
    given = counts - exact + taken - sizes * (taken.sum() / sizes.sum())
    order = np.lexsort((lots, given.round(9)))
    free = order[(taken + counts < sizes)[order]]
    counts[free[:needed]] += 1
    return counts


def _check_ratio(name: str, value: object) -> None:
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 < value < 1:
        raise ConfigError(f"dataset.{name}: expected a number above 0 and below 1. Received: {value!r}")


def _check(labels: NDArray[np.int64], ratios: Ratios, indices: SplitIndices) -> None:
    sizes = {"train": len(indices.train), "validation": len(indices.validation), "test": len(indices.test)}
    empty = [name for name, size in sizes.items() if size == 0 and (name != "test" or ratios.test is not None)]
    if empty:
        raise DatasetError(
            f"dataset: expected at least one example for {' and '.join(empty)}. Received: {len(labels)} examples in "
            f"{len(np.unique(labels))} classes, with validation_ratio={ratios.validation}, test_ratio={ratios.test}"
        )
    missing = np.setdiff1d(labels, labels[indices.train])
    if len(missing):
        raise DatasetError(
            "dataset: expected every class to have an example to train on. Received: none for the classes of index "
            f"{', '.join(str(label) for label in missing)}, with validation_ratio={ratios.validation}, "
            f"test_ratio={ratios.test}"
        )
