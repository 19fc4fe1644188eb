"""Sums of two handwritten digits of scikit-learn: an example with two inputs, without a download.

Source: see `toonvision.dataset.digits`.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from toonvision.dataset.cache import digest
from toonvision.dataset.dataset import Dataset, Split
from toonvision.dataset.digit_pairs import draw_pairs
from toonvision.dataset.split import Ratios
from toonvision.dataset.table import dataset_of_table


def load(*, pairs: int = 3000, validation_ratio: float = 0.2, test_ratio: float = 0.2, seed: int = 7) -> Dataset:
    """Load pairs of digits, drawn at random within each split: no digit is in two splits.

    Args:
        pairs: number of pairs in all splits together.
        validation_ratio: share of every digit, and of the pairs, held out for validation.
        test_ratio: share of every digit, and of the pairs, held out for the test.
        seed: seed of the split and of the pairs.

    Returns:
        The inputs `left` and `right`, float32 pixels of shape `(n, 64)` each, and the target `sum`, from 0 to 18.

    Raises:
        ConfigError: if a setting is invalid.
    """
    both, features, indices = draw_pairs(pairs, Ratios(validation_ratio, test_ratio), seed=seed)
    sums = both.sum(axis=1, keepdims=True).astype(np.float32)
    table = dataset_of_table("digit_sums", features, sums, indices, class_names=("sum",), row="pair")
    return replace(
        table,
        train=_two_inputs(table.train),
        validation=_two_inputs(table.validation),
        test=_two_inputs(table.test),
        fingerprint=digest([table.fingerprint, "sums"]),
    )


def _two_inputs(split: Split) -> Split:
    pictures = np.asarray(split.x, dtype=np.float32).reshape(len(split), 8, 2, 8)
    halves = {name: pictures[:, :, index].reshape(len(split), -1) for index, name in enumerate(("left", "right"))}
    return replace(split, x=halves)
