"""What is forecast, and in which split: no train example sees a row at or after the first target of validation."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toonvision.dataset.forecast import Forecast, first_times, forecast_ends, split_by_time
from toonvision.dataset.split import Ratios
from toonvision.dataset.windows import ordered_rows
from toonvision.errors import ConfigError


@st.composite
def tables(draw: st.DrawFn) -> pd.DataFrame:
    """Return up to three series with times of their own, in any order."""
    rows = [
        (series, time)
        for series in range(draw(st.integers(1, 3)))
        for time in draw(st.lists(st.integers(0, 60), unique=True, min_size=1, max_size=40))
    ]
    return pd.DataFrame(draw(st.permutations(rows)), columns=["series", "time"])


@settings(max_examples=60, deadline=None)
@given(
    frame=tables(),
    window=st.integers(1, 5),
    horizon=st.lists(st.integers(1, 6), unique=True, min_size=1, max_size=3),
    stride=st.integers(1, 3),
    ratio=st.sampled_from([0.1, 0.25, 0.4]),
)
def test_no_split_sees_the_targets_of_a_later_one(
    frame: pd.DataFrame, window: int, horizon: list[int], stride: int, ratio: float
) -> None:
    forecast = Forecast(("y",), window, tuple(horizon), stride, time="time", series="series")
    rows = ordered_rows(frame, time="time", series="series", where="here")
    last = forecast_ends(rows, forecast, np.ones(len(frame), dtype=np.bool_))
    cuts = first_times(rows, Ratios(ratio, ratio))
    split = split_by_time(rows, forecast, last, cuts)
    targets = [
        {int(row) for position in part for row in last[position] + np.array(horizon)}
        for part in (split.train, split.validation, split.test)
    ]
    assert sum(map(len, targets)) == len(set.union(*targets))
    times = [[float(rows.moments[row]) for row in found] for found in targets]
    for before, after in ((0, 1), (0, 2), (1, 2)):
        assert max(times[before], default=-1.0) < min(times[after], default=np.inf)
    seen = [float(rows.moments[last[position] - back]) for position in split.train for back in range(window)]
    assert max(seen, default=-1.0) < cuts[0]
    for position in np.concatenate([split.train, split.validation, split.test]):
        example = np.arange(last[position] - window + 1, last[position] + max(horizon) + 1)
        assert len(set(rows.series[example])) == 1
        assert (np.diff(rows.moments[example]) > 0).all()


def test_the_share_of_targets_is_that_of_the_rows_whatever_the_window() -> None:
    rows = ordered_rows(pd.DataFrame({"y": range(100)}), time=None, series=None, where="here")
    for window in (3, 9):
        forecast = Forecast(("y",), window, 2)
        last = forecast_ends(rows, forecast, np.ones(100, dtype=np.bool_))
        split = split_by_time(rows, forecast, last, first_times(rows, Ratios(0.2, 0.3)))
        assert [len(part) for part in (split.train, split.validation, split.test)] == [50 - window - 1, 20, 30]
        assert (last[split.test] + 2).tolist() == list(range(70, 100))


def test_strides_count_from_the_first_row_of_a_series() -> None:
    rows = ordered_rows(pd.DataFrame({"y": range(12)}), time=None, series=None, where="here")
    for window in (2, 4):
        forecast = Forecast(("y",), window, stride=4)
        assert forecast_ends(rows, forecast, np.ones(12, dtype=np.bool_)).tolist() == [3, 7]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"window": 0}, "dataset.window: expected a whole number of at least 1. Received: 0"),
        ({"window": 2.5}, "dataset.window: expected a whole number of at least 1. Received: 2.5"),
        ({"horizon": 0}, "dataset.horizon: expected a whole number of at least 1. Received: 0"),
        ({"horizon": (1, -1)}, "dataset.horizon: expected a whole number of at least 1. Received: -1"),
        ({"horizon": (2, 2)}, "dataset.horizon: expected different distances in rows. Received: [2, 2]"),
        ({"horizon": ()}, "dataset.horizon: expected different distances in rows. Received: []"),
        ({"stride": True}, "dataset.stride: expected a whole number of at least 1. Received: True"),
        (
            {"calendar": ("days",), "time": "t"},
            "dataset.calendar: expected periods: day, week, year. Received: 'days'. Did you mean 'day'?",
        ),
        ({"calendar": ("day",)}, "dataset.time: expected a column with the time, for dataset.calendar"),
        ({"series": "s"}, "dataset.time: expected a column with the time, for several series. Received: null"),
    ],
)
def test_a_wrong_setting_is_named(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError) as raised:
        Forecast(**{"target": ("y",), "window": 3, **wrong})
    assert message in str(raised.value)
