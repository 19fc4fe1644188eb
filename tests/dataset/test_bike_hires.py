"""The hires of a bicycle station: made from a seed, split by time."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from toonvision.dataset.bike_hires import load
from toonvision.errors import ConfigError


def test_the_last_days_are_the_test() -> None:
    dataset = load()
    assert [len(split) for split in (dataset.train, dataset.validation, dataset.test)] == [900, 300, 300]
    assert dataset.test.names[-1] == "row-1500"
    assert dataset.class_names == ("hires",)
    assert (dataset.train.x.dtype, dataset.train.y.shape) == (np.float32, (900, 1))
    assert dataset.preprocessing is not None
    kinds = {column["name"]: column["kind"] for column in dataset.preprocessing["columns"]}
    assert kinds["weekday"] == kinds["weather"] == "categorical"
    assert (kinds["date"], kinds["temperature"]) == ("date", "numeric")


def test_the_seed_makes_the_numbers() -> None:
    np.testing.assert_array_equal(load(days=200).test.x, load(days=200).test.x)
    assert load(days=200).fingerprint != load(days=200, seed=8).fingerprint


@pytest.mark.parametrize("days", [99, 200.0, True])
def test_a_wrong_number_of_days_is_an_error(days: Any) -> None:
    with pytest.raises(ConfigError, match=r"dataset\.days: expected a whole number of at least 100"):
        load(days=days)
