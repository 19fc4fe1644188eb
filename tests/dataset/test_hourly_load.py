"""The load of a power grid: made from a seed, split by time."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from toonvision.dataset.hourly_load import load, table
from toonvision.errors import ConfigError


def test_the_last_hours_are_the_test() -> None:
    dataset = load()
    assert [len(split) for split in (dataset.train, dataset.validation, dataset.test)] == [1747, 600, 600]
    assert (dataset.train.x.shape[1:], dataset.train.x.dtype, dataset.class_names) == ((48, 6), np.float32, ("load",))
    loads = table(3000, 7)["load"].to_numpy()
    np.testing.assert_allclose(dataset.test.y[:, 0], loads[-600:], rtol=1e-6)
    assert dataset.test.names[-1] == "row-2994"
    assert dataset.is_ordered


def test_a_load_is_like_that_of_the_day_before_and_lasts() -> None:
    loads = table(3000, 7)["load"].to_numpy()
    for lag, least in ((1, 0.85), (24, 0.6), (168, 0.5)):
        assert np.corrcoef(loads[lag:], loads[:-lag])[0, 1] > least
    assert np.corrcoef(loads[12:], loads[:-12])[0, 1] < 0.3


def test_the_seed_makes_the_numbers() -> None:
    np.testing.assert_array_equal(load(hours=500).test.x, load(hours=500).test.x)
    assert load(hours=500).fingerprint != load(hours=500, seed=8).fingerprint


@pytest.mark.parametrize("hours", [499, 600.0, True])
def test_a_wrong_number_of_hours_is_an_error(hours: Any) -> None:
    with pytest.raises(ConfigError, match=r"dataset\.hours: expected a whole number of at least 500"):
        load(hours=hours)
