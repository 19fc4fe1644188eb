"""The load of a power grid hour by hour, a series that is made from a seed: days, weeks, a trend, weather, noise."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from toonvision.dataset.dataset import Dataset
from toonvision.dataset.forecast import Forecast
from toonvision.dataset.series import dataset_of_rows
from toonvision.dataset.split import Ratios
from toonvision.errors import ConfigError, Problem

_DAY, _YEAR = 24, 365.25
_LEAST = 500
_COMFORT = 16.0  # degrees Celsius, below which people heat


def load(
    *,
    hours: int = 3000,
    window: int = 48,
    horizon: int = 6,
    validation_ratio: float = 0.2,
    test_ratio: float = 0.2,
    seed: int = 7,
) -> Dataset:
    """Make the series, split by time: the last hours are for the test.

    Args:
        hours: number of rows, at least 500.
        window: hours that an example sees.
        horizon: hours after the window's last one.
        validation_ratio: share of the hours held out for validation.
        test_ratio: share of the hours held out for the test.
        seed: of the numbers.

    Returns:
        float32 windows, shape `(n, window, numbers)`, and one target: the load, in megawatts.

    Raises:
        ConfigError: if a setting is invalid.
    """
    if not isinstance(hours, int) or isinstance(hours, bool) or hours < _LEAST:
        raise ConfigError(Problem("dataset.hours", f"a whole number of at least {_LEAST}", repr(hours)))
    ratios = Ratios(validation_ratio, test_ratio)
    forecast = Forecast(("load",), window, horizon, time="time", calendar=("day", "week"))
    return dataset_of_rows("hourly_load", table(hours, seed), forecast, ratios, content=f"{hours} {seed}")


def table(hours: int, seed: int) -> pd.DataFrame:
    """Return the columns time, temperature and load."""
    rng = np.random.default_rng(seed)
    time = pd.date_range("2024-11-01", periods=hours, freq="h")  # a winter
    hour, passed = time.hour.to_numpy(), np.arange(hours)
    season = -6 * np.cos(2 * np.pi * (time.day_of_year.to_numpy() - 20) / _YEAR)
    front = _lasting(rng, hours, keeps=0.985, deviation=0.5)  # weather that stays for some days
    temperature = 9 + season - 3 * np.cos(2 * np.pi * (hour - 3) / _DAY) + front
    is_work = time.day_of_week.to_numpy() < 5
    work = np.exp(-np.square((hour - 10) / 3)) + 0.8 * np.exp(-np.square((hour - 16) / 2.5))
    home = 0.5 * np.exp(-np.square((hour - 8) / 1.5)) + np.exp(-np.square((hour - 20) / 2.5))
    load = 400 + 0.01 * passed + 150 * work * np.where(is_work, 1.0, 0.35) + 80 * home
    load += 8 * np.maximum(0, _COMFORT - temperature) + _lasting(rng, hours, keeps=0.9, deviation=6)
    return pd.DataFrame({"time": time, "temperature": temperature.round(1), "load": load.round(1)})


def _lasting(rng: np.random.Generator, hours: int, *, keeps: float, deviation: float) -> NDArray[np.float64]:
    """Return noise of which each hour keeps a part of the hour before, an autoregressive process of order 1."""
    noise = rng.normal(0, deviation, hours)
    for hour in range(1, hours):
        noise[hour] += keeps * noise[hour - 1]
    return noise
