"""What an example of a series sees, what is to be predicted then, and in which split it lies."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from toonvision.dataset.split import EPSILON, Ratios, SplitIndices
from toonvision.dataset.windows import PERIODS, Indices, Rows, ends
from toonvision.errors import ConfigError, Problem, did_you_mean


@dataclass(frozen=True, slots=True)
class Forecast:
    """What an example sees, and what is to be predicted then.

    Attributes:
        target: the columns to predict.
        window: rows that an example sees.
        horizon: how many rows after the window's last one the target lies; 1 for the next row. Several for as many
            targets.
        stride: rows from one window to the next.
        time: a column of dates or numbers; None for rows that are in order.
        series: a column with the name of each row's series; None for one series.
        calendar: periods of the time that an example sees: day, week or year.

    Raises:
        ConfigError: if a value is invalid.
    """

    target: tuple[str, ...]
    window: int
    horizon: int | tuple[int, ...] = 1
    stride: int = 1
    time: str | None = None
    series: str | None = None
    calendar: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        counts = {"window": (self.window,), "horizon": self.horizons, "stride": (self.stride,)}
        problems = [
            Problem(f"dataset.{key}", "a whole number of at least 1", repr(value))
            for key, values in counts.items()
            for value in values
            if not isinstance(value, int) or isinstance(value, bool) or value < 1
        ]
        problems += [
            Problem("dataset.calendar", f"periods: {', '.join(PERIODS)}", repr(period), did_you_mean(period, PERIODS))
            for period in self.calendar
            if period not in PERIODS
        ]
        if not self.horizons or len(set(self.horizons)) < len(self.horizons):
            problems.append(Problem("dataset.horizon", "different distances in rows", repr(list(self.horizons))))
        if self.time is None:
            expected = "a column with the time, for {}"
            if self.series is not None:
                problems.append(Problem("dataset.time", expected.format("several series"), "null"))
            if self.calendar:
                problems.append(Problem("dataset.time", expected.format("dataset.calendar"), "null"))
        if problems:
            raise ConfigError(*problems)

    @property
    def horizons(self) -> tuple[int, ...]:
        """Each horizon."""
        return self.horizon if isinstance(self.horizon, tuple) else (self.horizon,)


def first_times(rows: Rows, ratios: Ratios) -> tuple[float, float]:
    """Return the first times of validation and test.

    They do not depend on the window, so that the test stays the same where the window is a hyperparameter.
    """
    times = np.sort(rows.moments)
    tests = math.floor(len(times) * (ratios.test or 0.0) + 0.5 + EPSILON)
    validations = math.floor(len(times) * ratios.validation + 0.5 + EPSILON)
    positions = (len(times) - tests - validations, len(times) - tests)
    validation, test = (float(times[min(position, len(times) - 1)]) for position in positions)
    return validation, test


def forecast_ends(rows: Rows, forecast: Forecast, is_known: NDArray[np.bool_]) -> Indices:
    """Return the rows with which a window ends that has all its targets."""
    last: Indices = ends(rows, forecast.window)
    last = last[(rows.within[last] + 1) % forecast.stride == 0]  # so that other windows end with the same rows
    for horizon in forecast.horizons:
        last = last[rows.has_row_after(last, horizon)]
        last = last[is_known[last + horizon]]
    return last


def split_by_time(rows: Rows, forecast: Forecast, last: Indices, cuts: tuple[float, float]) -> SplitIndices:
    """Return the examples whose targets, all of them, lie before, between and after the cuts, in an order of time."""
    first = rows.moments[last + min(forecast.horizons)]
    final = rows.moments[last + max(forecast.horizons)]
    order = np.argsort(first, kind="stable")
    validation, test = cuts
    parts = (final < validation, (first >= validation) & (final < test), first >= test)
    return SplitIndices(*(order[part[order]] for part in parts))
