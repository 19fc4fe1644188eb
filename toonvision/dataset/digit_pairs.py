"""Pairs of handwritten digits of scikit-learn: which digits does a pair have? Without a download.

Source: see `toonvision.dataset.digits`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from sklearn.datasets import load_digits

from toonvision.dataset.dataset import Dataset
from toonvision.dataset.split import Ratios, SplitIndices, split_indices
from toonvision.dataset.table import dataset_of_table


def load(*, pairs: int = 3000, validation_ratio: float = 0.2, test_ratio: float = 0.2, seed: int = 7) -> Dataset:
    """Load pairs of digits, drawn at random within each split: no digit is in two splits.

    Args:
        pairs: number of pairs in all splits together.
        validation_ratio: share of every digit, and of the pairs, held out for validation.
        test_ratio: share of every digit, and of the pairs, held out for the test.
        seed: seed of the split and of the pairs.

    Returns:
        float32 features, shape `(n, 128)`: the pixels of two pictures side by side. The labels `0` to `9`, shape
        `(n, 10)`: whether the pair has the digit; a pair of the same digits has one label, any other two.

    Raises:
        ConfigError: if a setting is invalid.
    """
    both, features, indices = draw_pairs(pairs, Ratios(validation_ratio, test_ratio), seed=seed)
    labels = np.zeros((pairs, 10), dtype=np.int64)
    labels[np.arange(pairs)[:, None], both] = 1
    names = tuple(map(str, range(10)))
    return dataset_of_table("digit_pairs", features, labels, indices, class_names=names, row="pair")


def draw_pairs(pairs: int, ratios: Ratios, *, seed: int) -> tuple[NDArray[np.int64], NDArray[np.float64], SplitIndices]:
    """Draw pairs of digits within each split.

    Returns:
        The two digits of each pair, shape `(pairs, 2)`; the pixels of both pictures side by side, row by row, shape
        `(pairs, 128)`; and the pairs of each split.
    """
    source = load_digits()
    digits = split_indices(source.target.astype(np.int64), ratios, seed=seed)
    held = [round(pairs * ratio) for ratio in (ratios.validation, ratios.test or 0.0)]
    sizes = [pairs - sum(held), *held]
    rng = np.random.default_rng(seed)
    drawn = [
        rng.choice(part, size=(size, 2))
        for part, size in zip((digits.train, digits.validation, digits.test), sizes, strict=True)
    ]
    both = np.concatenate(drawn)
    features = source.images[both].transpose(0, 2, 1, 3).reshape(pairs, -1)
    return source.target[both], features, SplitIndices(*np.split(np.arange(pairs), np.cumsum(sizes)[:-1]))
