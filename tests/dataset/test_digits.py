"""The digits: real, enlarged to bytes, split within every class."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_digits

from toonvision.dataset.digits import load
from toonvision.errors import ConfigError


def test_all_digits_are_there_once_with_their_labels() -> None:
    dataset = load()
    names = [name for split in (dataset.train, dataset.validation, dataset.test) for name in split.names]
    assert sorted(names) == [f"digit-{index:04d}" for index in range(1797)]
    target = load_digits().target
    for split in (dataset.train, dataset.validation, dataset.test):
        assert [target[int(name.removeprefix("digit-"))] for name in split.names] == split.y.tolist()
    assert dataset.class_names == tuple("0123456789")


def test_every_class_is_split_60_20_20() -> None:
    dataset = load()
    counts = [np.bincount(split.y, minlength=10) for split in (dataset.train, dataset.validation, dataset.test)]
    for count, ratio in zip(counts, (0.6, 0.2, 0.2), strict=True):
        assert (np.abs(count - ratio * sum(counts)) <= 1).all()


def test_images_are_bytes_with_one_channel_from_black_to_white() -> None:
    dataset = load(image_size=[24, 16])
    assert dataset.input_shape == (24, 16, 1)
    for split in (dataset.train, dataset.validation, dataset.test):
        assert split.x.dtype == np.uint8
        assert split.y.dtype == np.int64
    assert dataset.train.x.min() == 0
    assert dataset.train.x.max() == 255


def test_at_their_own_size_the_pixels_are_the_sources() -> None:
    train = load(image_size=[8, 8]).train
    source = load_digits().images[[int(name.removeprefix("digit-")) for name in train.names]]
    np.testing.assert_allclose(train.x[..., 0] / 255, source / 16, atol=0.5 / 255)


def test_the_validation_ratio_leaves_the_test_set_as_it_is() -> None:
    few, many = load(validation_ratio=0.1), load(validation_ratio=0.3)
    assert few.test.names == many.test.names
    assert few.fingerprint != many.fingerprint


def test_the_fingerprint_is_the_same_for_the_same_settings() -> None:
    assert load().fingerprint == load().fingerprint
    assert len({load(**change).fingerprint for change in ({}, {"seed": 8}, {"image_size": [16, 16]})}) == 3


@pytest.mark.parametrize("image_size", [[32], [32, 0], [32, 3.5], "32", 32, [32, 32, 1], [True, 32]])
def test_an_image_size_out_of_place_is_refused(image_size: Any) -> None:
    with pytest.raises(ConfigError, match=r"dataset\.image_size: expected \[height, width\]"):
        load(image_size=image_size)
