"""Hires of a bicycle station, a table that is made from a seed: a date, categories, numbers and missing values."""

from __future__ import annotations

import numpy as np
import pandas as pd

from toonvision.dataset.dataset import Dataset
from toonvision.dataset.split import Ratios, time_indices
from toonvision.dataset.table_file import dataset_of_columns
from toonvision.errors import ConfigError, Problem

_YEAR = 365.25
_WEATHER = {"clear": 1.0, "cloudy": 0.85, "rain": 0.4}
_BROKEN = 0.05  # share of the days without a temperature


def load(*, days: int = 1500, validation_ratio: float = 0.2, test_ratio: float = 0.2, seed: int = 7) -> Dataset:
    """Make the table, split by time: the last days are for the test.

    Args:
        days: number of rows, at least 100.
        validation_ratio: share of the days held out for validation.
        test_ratio: share of the days held out for the test.
        seed: of the numbers.

    Returns:
        float32 numbers, shape `(n, numbers)`, and one target: the number of hires of a day.

    Raises:
        ConfigError: if a setting is invalid.
    """
    if not isinstance(days, int) or isinstance(days, bool) or days < 100:
        raise ConfigError(Problem("dataset.days", "a whole number of at least 100", repr(days)))
    ratios, rng = Ratios(validation_ratio, test_ratio), np.random.default_rng(seed)
    date = pd.date_range("2020-01-01", periods=days)
    season = np.cos(2 * np.pi * (np.arange(days) - 200) / _YEAR)
    temperature = 12 + 9 * season + rng.normal(0, 3, days)
    weather = rng.choice(list(_WEATHER), days, p=(0.5, 0.3, 0.2))
    is_holiday = rng.random(days) < 0.03
    is_work = (date.day_of_week < 5) & ~is_holiday
    # Of people on the way to work, whom weather hardly stops, and of others, who want it warm and dry.
    comfort = np.exp(-np.square((temperature - 22) / 9))
    dry = np.array([_WEATHER[name] for name in weather])
    hires = 120 * is_work * (0.5 + dry / 2) + 250 * np.where(is_work, 0.4, 1.0) * comfort * dry
    hires = np.round(hires + rng.normal(0, 12, days)).clip(0)
    columns = {
        "weekday": date.day_name(),
        "holiday": is_holiday,
        "weather": weather,
        "temperature": np.where(rng.random(days) < _BROKEN, np.nan, temperature.round(1)),
        "wind": rng.gamma(3, 4, days).round(),
        "date": date,
    }
    indices = time_indices(np.zeros(days, dtype=np.int64), np.arange(days, dtype=np.float64), ratios)
    return dataset_of_columns(
        "bike_hires",
        pd.DataFrame(columns),
        hires.astype(np.float32)[:, None],
        indices,
        class_names=("hires",),
        content=f"{days} {seed}",
        is_ordered=True,
    )
