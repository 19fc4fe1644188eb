"""The split into train, validation and test examples, stratified by class.

The test set is drawn first, with random numbers that do not depend on the ratios. So it stays the same when the
validation ratio changes, which may be a hyperparameter.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from toonvision.errors import ConfigError, DatasetError, Problem

_PARTS = 10  # of the range of a number, by quantiles
_GROUPS = 3  # of which each split has one
EPSILON = 1e-9  # so that products such as 0.1 * 5, which can be just below a half in binary, are rounded up


@dataclass(frozen=True, slots=True)
class Ratios:
    """The shares of the examples that are held out; the rest is for training.

    Attributes:
        validation: between 0 and 1.
        test: between 0 and 1, or None if the source has its own test set.

    Raises:
        ConfigError: if a ratio is invalid, or no examples are left for training.
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
                Problem(
                    "dataset.validation_ratio and dataset.test_ratio",
                    "a sum below 1, so that training examples remain",
                    f"{self.validation} + {self.test}",
                )
            )


@dataclass(frozen=True, slots=True)
class SplitIndices:
    """The examples of each split: ascending int64 indices without overlap, shape `(n,)` each."""

    train: NDArray[np.int64]
    validation: NDArray[np.int64]
    test: NDArray[np.int64]


def split_indices(
    labels: NDArray[np.int64], ratios: Ratios, *, seed: int, groups: Sequence[str] | None = None
) -> SplitIndices:
    """Split the examples of each class or, with groups, of each group of each class.

    A fractional count of a group is rounded up or down so that the class keeps its ratios: of 25 pairs with ratios of
    0.2, ten have one validation example and ten others have one test example.

    Args:
        labels: class of each example, shape `(n,)`.
        ratios: shares of each class (and group) for validation and test.
        seed: seed of the random draw, at least 0.
        groups: group of each example; None for no groups.

    Raises:
        DatasetError: if a split is empty, or a class has no training example.
        ConfigError: if the seed is invalid.
    """
    if not isinstance(seed, int) or isinstance(seed, bool) or seed < 0:
        raise ConfigError(Problem("dataset.seed", "a whole number of 0 or above", repr(seed)))
    rng = np.random.default_rng(seed)
    group_names = np.zeros(len(labels), dtype="U1") if groups is None else np.asarray(groups, dtype=np.str_)
    parts: tuple[list[NDArray[np.int64]], ...] = ([], [], [])
    for label in np.unique(labels):
        names, sizes = np.unique(group_names[labels == label], return_counts=True)
        lots = rng.random(len(names))
        tested = _counts(sizes, ratios.test or 0.0, np.zeros(len(names), np.int64), lots)
        validated = _counts(sizes, ratios.validation, tested, lots)
        for name, size, tests, validations in zip(names, sizes, tested, validated, strict=True):
            members = rng.permutation(np.flatnonzero((labels == label) & (group_names == name)))
            for part, drawn in zip(parts, np.split(members, [size - tests - validations, size - tests]), strict=True):
                part.append(drawn)
    indices = SplitIndices(*(np.sort(np.concatenate([np.empty(0, np.int64), *part])) for part in parts))
    _check(labels, ratios, indices)
    return indices


def strata(labels: NDArray[Any]) -> NDArray[np.int64]:
    """Return the part of each example that is to have the same share in each split, shape `(n,)`.

    Args:
        labels: class indices, which are the parts; numbers of one target, whose tenths are; others have one part.
    """
    if labels.ndim == 1:
        return labels.astype(np.int64)
    if labels.shape[1] > 1:
        return np.zeros(len(labels), dtype=np.int64)
    quantiles = np.quantile(labels[:, 0], np.arange(1, _PARTS) / _PARTS)
    parts: NDArray[np.int64] = np.digitize(labels[:, 0], quantiles).astype(np.int64)
    return parts


def group_indices(labels: NDArray[np.int64], groups: Sequence[str], ratios: Ratios, *, seed: int) -> SplitIndices:
    """Split so that the examples of a group stay in one split; the ratios are of groups.

    Args:
        labels: class of each example, shape `(n,)`; zeros for no classes.
        groups: of each example.
        ratios: shares for validation and test.
        seed: seed of the random draw, at least 0.

    Raises:
        DatasetError: as `split_indices` does.
    """
    from sklearn.model_selection import GroupShuffleSplit  # only here: it takes a second

    everyone, given = np.arange(len(labels)), np.asarray(groups, dtype=np.str_)
    if len(np.unique(given)) < _GROUPS:
        received = f"{len(np.unique(given))} groups"
        raise DatasetError(Problem("dataset", f"at least {_GROUPS} groups, one for each split", received))
    test_ratio = ratios.test or 0.0
    rest, test = next(GroupShuffleSplit(1, test_size=test_ratio, random_state=seed).split(everyone, groups=given))
    share = ratios.validation / (1 - test_ratio)
    splitter = GroupShuffleSplit(1, test_size=share, random_state=seed)
    train, validation = next(splitter.split(rest, groups=given[rest]))
    indices = SplitIndices(np.sort(rest[train]), np.sort(rest[validation]), np.sort(test))
    _check(labels, ratios, indices)
    return indices


def time_indices(labels: NDArray[np.int64], moments: NDArray[np.float64], ratios: Ratios) -> SplitIndices:
    """Split by time: the last examples are for the test, those before for validation, in the order of time.

    Args:
        labels: class of each example, shape `(n,)`; zeros for no classes.
        moments: of each example; of equal ones, the first stays first.
        ratios: shares for validation and test.

    Raises:
        DatasetError: as `split_indices` does.
    """
    order = np.argsort(moments, kind="stable")
    tests = math.floor(len(order) * (ratios.test or 0.0) + 0.5 + EPSILON)
    validations = math.floor(len(order) * ratios.validation + 0.5 + EPSILON)
    ends = [len(order) - tests - validations, len(order) - tests]
    indices = SplitIndices(*np.split(order, ends))
    _check(labels, ratios, indices)
    return indices


def _counts(
    sizes: NDArray[np.int64], ratio: float, taken: NDArray[np.int64], lots: NDArray[np.float64]
) -> NDArray[np.int64]:
    """Return each group's share as whole numbers whose sum is the rounded share of all groups.

    All counts are rounded down. Then one is added to as many groups as the sum needs, first to the groups that have
    given least, in this rounding and in the examples `taken` before; ties are broken at random.
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
        raise ConfigError(Problem(f"dataset.{name}", "a number above 0 and below 1", repr(value)))


def _check(labels: NDArray[np.int64], ratios: Ratios, indices: SplitIndices) -> None:
    sizes = {"train": len(indices.train), "validation": len(indices.validation), "test": len(indices.test)}
    empty = [name for name, size in sizes.items() if size == 0 and (name != "test" or ratios.test is not None)]
    if empty:
        raise DatasetError(
            Problem(
                "dataset",
                f"at least one example for {' and '.join(empty)}",
                f"{len(labels)} examples in {len(np.unique(labels))} classes, with validation_ratio="
                f"{ratios.validation}, test_ratio={ratios.test}",
            )
        )
    missing = np.setdiff1d(labels, labels[indices.train])
    if len(missing):
        raise DatasetError(
            Problem(
                "dataset",
                "a training example for every class",
                f"none for the classes with index {', '.join(str(label) for label in missing)}, with "
                f"validation_ratio={ratios.validation}, test_ratio={ratios.test}",
            )
        )
