"""Sums of two handwritten digits of scikit-learn: an example with two inputs, without a download.

Source: see `toonvision.dataset.digits`.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from toonvision.dataset.cache import digest
from toonvision.dataset.dataset import Dataset, Examples, Split
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
    refit = table.refit
    assert refit
    return replace(
        table,
        train=_two_inputs(table.train),
        validation=_two_inputs(table.validation),
        test=_two_inputs(table.test),
        fingerprint=digest([table.fingerprint, "sums"]),
        refit=lambda learned: _halves(refit(learned)),
    )


def _two_inputs(split: Split) -> Split:
    return replace(split, x=_halves(split.x))


def _halves(x: Examples) -> Examples:
    pictures = np.asarray(x, dtype=np.float32).reshape(len(x), 8, 2, 8)
    return {name: pictures[:, :, index].reshape(len(x), -1) for index, name in enumerate(("left", "right"))}
