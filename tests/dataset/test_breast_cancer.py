"""The tumour table: standardised by the train split alone."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer

from toonvision.dataset.breast_cancer import load
from toonvision.errors import ConfigError


def test_every_tumour_is_there_once() -> None:
    dataset = load()
    names = [name for split in (dataset.train, dataset.validation, dataset.test) for name in split.names]
    assert sorted(names) == [f"tumour-{index:03d}" for index in range(569)]
    assert dataset.input_shape == (30,)
    assert dataset.class_names == ("malignant", "benign")


def test_both_classes_are_split_60_20_20() -> None:
    dataset = load()
    counts = [np.bincount(split.y).tolist() for split in (dataset.train, dataset.validation, dataset.test)]
    assert counts == [[128, 215], [42, 71], [42, 71]]


def test_features_are_standardised_on_the_train_split_alone() -> None:
    dataset = load()
    assert dataset.train.x.dtype == np.float32
    np.testing.assert_allclose(dataset.train.x.mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(dataset.train.x.std(axis=0), 1, atol=1e-5)
    assert np.abs(dataset.test.x.mean(axis=0)).max() > 0.01
    source = load_breast_cancer().data
    train = source[[int(name.removeprefix("tumour-")) for name in dataset.train.names]]
    test = source[[int(name.removeprefix("tumour-")) for name in dataset.test.names]]
    np.testing.assert_allclose(dataset.test.x, (test - train.mean(axis=0)) / train.std(axis=0), atol=1e-4)


def test_the_validation_ratio_leaves_the_test_set_as_it_is() -> None:
    few, many = load(validation_ratio=0.1), load(validation_ratio=0.3)
    assert few.test.names == many.test.names
    assert few.fingerprint != many.fingerprint
    assert few.fingerprint == load(validation_ratio=0.1).fingerprint


def test_a_ratio_out_of_place_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"dataset\.test_ratio"):
        load(test_ratio=1.5)
