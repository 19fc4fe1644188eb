"""Eights among the handwritten digits of scikit-learn: 174 of 1,797, a rare class, without a download.

Source: see `toonvision.dataset.digits`.
"""

from __future__ import annotations

import numpy as np
from sklearn.datasets import load_digits

from toonvision.dataset.dataset import Dataset
from toonvision.dataset.split import Ratios, split_indices
from toonvision.dataset.table import dataset_of_table

_EIGHT = 8


def load(*, validation_ratio: float = 0.2, test_ratio: float = 0.2, seed: int = 7) -> Dataset:
    """Load the pixels as a table, split within both classes and standardized on the train split.

    Args:
        validation_ratio: share of every class held out for validation.
        test_ratio: share of every class held out for the test.
        seed: seed of the split.

    Returns:
        float32 features, shape `(n, 64)`, and the classes `other` and `eight`.

    Raises:
        ConfigError: if a setting is invalid.
    """
    source = load_digits()
    labels = (source.target == _EIGHT).astype(np.int64)
    indices = split_indices(labels, Ratios(validation_ratio, test_ratio), seed=seed)
    return dataset_of_table("eights", source.data, labels, indices, class_names=("other", "eight"), row="digit")
