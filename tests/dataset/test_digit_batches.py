"""The digits in batches."""

from __future__ import annotations

import numpy as np

from toonvision.dataset import digits
from toonvision.dataset.digit_batches import batches
from toonvision.dataset.function import load


def test_they_are_the_digits() -> None:
    dataset, expected = load(build=batches), digits.load(image_size=(8, 8))
    np.testing.assert_array_equal(dataset.test.y, expected.test.y)
    np.testing.assert_array_equal(dataset.train.beginning(70).x, expected.train.x[:70])
    assert {len(y) for _, y in batches("train", batch_size=20)[:-1]} == {20}
