"""The Breast Cancer Wisconsin table of scikit-learn: 569 tumours with 30 measures each, without a download.

Source: W. Wolberg, O. Mangasarian, N. Street and W. Street, Breast Cancer Wisconsin (Diagnostic), UCI Machine Learning
Repository, 1993.
"""

from __future__ import annotations

import numpy as np
from sklearn.datasets import load_breast_cancer

from toonvision.dataset.dataset import Dataset
from toonvision.dataset.split import Ratios, split_indices
from toonvision.dataset.table import dataset_of_table


def load(*, validation_ratio: float = 0.2, test_ratio: float = 0.2, seed: int = 7) -> Dataset:
    """Load the table, split within both classes and standardized on the train split.

    Args:
        validation_ratio: share of every class held out for validation.
        test_ratio: share of every class held out for the test.
        seed: seed of the split.

    Returns:
        float32 features, shape `(n, 30)`, named `tumour-000` and so on in source order.

    Raises:
        ConfigError: if a setting is invalid.
    """
    ratios = Ratios(validation_ratio, test_ratio)
    source = load_breast_cancer()
    labels = source.target.astype(np.int64)
    indices = split_indices(labels, ratios, seed=seed)
    names = tuple(str(name) for name in source.target_names)
    return dataset_of_table("breast_cancer", source.data, labels, indices, class_names=names, row="tumour")
