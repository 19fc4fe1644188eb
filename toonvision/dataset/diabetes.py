"""The diabetes table of scikit-learn: 442 patients with 10 measures each, without a download.

Source: B. Efron, T. Hastie, I. Johnstone and R. Tibshirani, "Least Angle Regression", Annals of Statistics, 2004.
"""

from __future__ import annotations

import numpy as np
from sklearn.datasets import load_diabetes

from toonvision.dataset.dataset import Dataset
from toonvision.dataset.split import Ratios, split_indices, strata
from toonvision.dataset.table import dataset_of_table


def load(*, validation_ratio: float = 0.2, test_ratio: float = 0.2, seed: int = 7) -> Dataset:
    """Load the table, standardized on the train split; the target is a number from 25 to 346.

    Args:
        validation_ratio: share of the examples held out for validation.
        test_ratio: share of the examples held out for the test.
        seed: seed of the split.

    Returns:
        float32 features, shape `(n, 10)`, and one target: the progression of the disease within a year.

    Raises:
        ConfigError: if a setting is invalid.
    """
    source = load_diabetes(scaled=False)
    parts = strata(source.target[:, None])
    indices = split_indices(parts, Ratios(validation_ratio, test_ratio), seed=seed)
    labels = source.target.astype(np.float32)[:, None]
    return dataset_of_table("diabetes", source.data, labels, indices, class_names=("progression",), row="patient")
