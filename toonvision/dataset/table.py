"""A table of numbers as a dataset, standardized on its train split."""

from __future__ import annotations

import functools
import hashlib

import numpy as np
from numpy.typing import NDArray

from toonvision.dataset.cache import digest
from toonvision.dataset.dataset import Dataset, Indices, Labels, Split
from toonvision.dataset.split import SplitIndices


def dataset_of_table(
    name: str,
    features: NDArray[np.float64],
    labels: Labels,
    indices: SplitIndices,
    *,
    class_names: tuple[str, ...],
    row: str,
) -> Dataset:
    """Return the three splits of a table.

    The mean and the deviation of the train split also scale the validation and test examples, so that nothing is
    learned from them.

    Args:
        name: of the dataset.
        features: shape `(n, columns)`.
        labels: shape `(n,)` or `(n, k)`.
        indices: of each split.
        class_names: names of the classes, labels or targets.
        row: what an example is; row 7 is named `row-007`.
    """
    scaled = _standardized(features, indices.train)
    train, validation, test = (
        Split(scaled[part], labels[part], tuple(f"{row}-{index:03d}" for index in part))
        for part in (indices.train, indices.validation, indices.test)
    )
    parts = [part.tolist() for part in (indices.train, indices.validation, indices.test)]
    fingerprint = digest([hashlib.sha256(features.tobytes()).hexdigest(), parts])
    refit = functools.partial(_standardized, features[np.concatenate([indices.train, indices.validation])])
    return Dataset(name, train, validation, test, class_names, fingerprint, refit=refit)


def _standardized(features: NDArray[np.float64], learned: Indices) -> NDArray[np.float32]:
    mean, deviation = features[learned].mean(axis=0), features[learned].std(axis=0)
    # A measure can be constant in a small train split; avoid a division by 0.
    scaled: NDArray[np.float32] = ((features - mean) / np.where(deviation > 0, deviation, 1.0)).astype(np.float32)
    return scaled
