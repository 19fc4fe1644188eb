"""A table as a dataset: standardized by the train split alone."""

from __future__ import annotations

import numpy as np

from toonvision.dataset.dataset import Dataset
from toonvision.dataset.split import SplitIndices
from toonvision.dataset.table import dataset_of_table

FEATURES = np.random.default_rng(1).normal(3, (1, 20), size=(50, 2))
INDICES = SplitIndices(np.arange(30), np.arange(30, 40), np.arange(40, 50))
LABELS = np.arange(50) % 2


def made(features: np.ndarray = FEATURES) -> Dataset:
    return dataset_of_table("table", features, LABELS, INDICES, class_names=("a", "b"), row="row")


def test_features_are_standardized_on_the_train_split_alone() -> None:
    dataset = made()
    np.testing.assert_allclose(dataset.train.x.mean(axis=0), 0, atol=1e-6)
    np.testing.assert_allclose(dataset.train.x.std(axis=0), 1, atol=1e-5)
    train = FEATURES[:30]
    np.testing.assert_allclose(dataset.test.x, (FEATURES[40:] - train.mean(axis=0)) / train.std(axis=0), atol=1e-5)
    assert dataset.test.names[0] == "row-040"
    np.testing.assert_array_equal(dataset.test.y, LABELS[40:])


def test_a_constant_column_is_zero() -> None:
    assert not made(np.ones((50, 2))).train.x.any()


def test_other_features_have_another_fingerprint() -> None:
    assert made().fingerprint == made().fingerprint != made(FEATURES + 1).fingerprint
