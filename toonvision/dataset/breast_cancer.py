"""The Breast Cancer Wisconsin table of scikit-learn: 569 tumours with 30 measures each, without a download.

Source: W. Wolberg, O. Mangasarian, N. Street and W. Street, Breast Cancer Wisconsin (Diagnostic), UCI Machine Learning
Repository, 1993.
"""

from __future__ import annotations

import hashlib

import numpy as np
from sklearn.datasets import load_breast_cancer

from toonvision.dataset.cache import digest
from toonvision.dataset.dataset import Dataset, Split
from toonvision.dataset.split import Ratios, split_indices


def load(*, validation_ratio: float = 0.2, test_ratio: float = 0.2, seed: int = 7) -> Dataset:
    """Load the table, split within both classes and standardized on the train split.

    The mean and the deviation of the train split also scale the validation and test examples, so that nothing is
    learned from them.

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
    mean = source.data[indices.train].mean(axis=0)
    deviation = source.data[indices.train].std(axis=0)
    # A measure can be constant in a small train split; avoid a division by 0.
    features = ((source.data - mean) / np.where(deviation > 0, deviation, 1.0)).astype(np.float32)
    train, validation, test = (
        Split(features[part], labels[part], tuple(f"tumour-{index:03d}" for index in part))
        for part in (indices.train, indices.validation, indices.test)
    )
    parts = [part.tolist() for part in (indices.train, indices.validation, indices.test)]
    fingerprint = digest([hashlib.sha256(source.data.tobytes()).hexdigest(), parts])
    names = tuple(str(name) for name in source.target_names)
    return Dataset("breast_cancer", train, validation, test, names, fingerprint)
