"""Windows over rows: which rows an example has, in which order, and the names of new ones."""

from __future__ import annotations

import json
import logging
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from toonvision.dataset.encoding import fit_encoding
from toonvision.dataset.windows import Windows, chosen, ends, ordered_rows, with_calendar
from toonvision.errors import DatasetError


def windows(window: int = 2, **settings: Any) -> Windows:
    encoding = fit_encoding(
        pd.DataFrame({"load": [0.0]}), {"load": "numeric"}, scaling="none", class_names=["load"], where="here"
    )
    return Windows(encoding, window, (1,), **{"time": None, "series": None, "calendar": (), **settings})


def test_each_row_with_a_full_window_is_an_example_also_the_last() -> None:
    x, names = windows(3).examples(pd.DataFrame({"load": [1.0, 2, 3, 4]}), "here")
    np.testing.assert_array_equal(x[..., 0], [[1, 2, 3], [2, 3, 4]])
    assert x.dtype == np.float32
    assert names == ("row-3", "row-4")


def test_rows_are_sorted_by_time_and_examples_keep_the_order_of_the_table() -> None:
    frame = pd.DataFrame({"load": [30.0, 10, 20, 40], "time": ["2024-01-03", "2024-01-01", "2024-01-02", "2024-01-04"]})
    x, names = windows(time="time").examples(frame, "here")
    assert names == ("row-1", "row-3", "row-4")
    np.testing.assert_array_equal(x[..., 0], [[20, 30], [10, 20], [30, 40]])


def test_no_window_lies_in_two_series() -> None:
    frame = pd.DataFrame({"load": [1.0, 10, 2, 20, 3], "time": [1, 1, 2, 2, 3], "shop": ["a", "b", "a", "b", "a"]})
    x, names = windows(time="time", series="shop").examples(frame, "here")
    assert names == ("row-3", "row-4", "row-5")
    np.testing.assert_array_equal(x[..., 0], [[1, 2], [10, 20], [2, 3]])


def test_evenly_spaced_windows_need_no_memory_of_their_own() -> None:
    view = windows(2).encode(pd.DataFrame({"load": np.arange(9.0)}), "here")
    assert np.shares_memory(chosen(view, np.array([1, 3, 5])), view)
    np.testing.assert_array_equal(chosen(view, np.array([1, 3, 5]))[..., 0], [[1, 2], [3, 4], [5, 6]])
    for starts in ([1, 2, 5], [5, 3, 1], []):
        picked = chosen(view, np.array(starts, dtype=np.int64))
        np.testing.assert_array_equal(picked[:, 0, 0], starts)
        assert not np.shares_memory(picked, view)


def test_a_row_after_the_last_one_is_of_no_series() -> None:
    rows = ordered_rows(pd.DataFrame({"t": [1, 2, 1], "s": ["a", "a", "b"]}), time="t", series="s", where="here")
    assert rows.has_row_after(np.arange(3), 1).tolist() == [True, False, False]
    assert rows.has_row_after(np.arange(3), 5).tolist() == [False, False, False]
    assert ends(rows, 2).tolist() == [1]


def test_the_calendar_is_a_point_of_a_circle() -> None:
    frame = pd.DataFrame({"time": ["2024-01-01T00:00", "2024-01-01T06:00", "2024-01-01T12:00"]})
    seen = with_calendar(frame, "time", ("day",), "here")
    np.testing.assert_allclose(seen["time, sine of day"], [0, 1, 0], atol=1e-9)
    np.testing.assert_allclose(seen["time, cosine of day"], [1, 0, -1], atol=1e-9)
    assert with_calendar(frame, "time", (), "here") is frame


def test_the_first_gap_in_time_is_named(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    days = ["2024-01-01", "2024-01-02", "2024-01-03", "2024-01-07", "2024-01-08", "2024-01-20"]
    ordered_rows(pd.DataFrame({"day": days}), time="day", series=None, where="load.csv")
    expected = "load.csv, column day: times are missing at 2 places, first between 2024-01-03 and 2024-01-07"
    assert expected in caplog.text
    caplog.clear()
    months = pd.DataFrame({"month": pd.date_range("2024-01-01", periods=14, freq="MS")})
    ordered_rows(months, time="month", series=None, where="load.csv")
    assert not caplog.text


BAD: dict[str, tuple[dict[str, list[Any]], dict[str, Any], str]] = {
    "too few rows": ({"load": [1.0]}, {}, "here: expected at least 2 rows, which the model sees. Received: 1 rows"),
    "too short series": (
        {"load": [1.0, 2], "time": [1, 1], "shop": ["a", "b"]},
        {"time": "time", "series": "shop"},
        "Received: 1 rows in the longest series",
    ),
    "no time": ({"load": [1.0, 2]}, {"time": "time"}, "here: expected the columns time. Received: no time"),
    "no column": ({"price": [1.0, 2]}, {}, "here: expected the columns load. Received: no load"),
    "repeated time": (
        {"load": [1.0, 2, 3], "time": [1, 2, 1]},
        {"time": "time"},
        "here, column time: expected another time in each row of a series. Received: 1 in the rows 1 and 3",
    ),
    "missing time": (
        {"load": [1.0, 2], "time": ["2024-01-01", None]},
        {"time": "time"},
        "here, column time: expected a date or a number in each row. Received: none in 1",
    ),
    "texts as time": (
        {"load": [1.0, 2], "time": ["soon", "later"]},
        {"time": "time"},
        "here, column time: expected a column of dates or numbers",
    ),
    "missing series": (
        {"load": [1.0, 2], "time": [1, 2], "shop": ["a", None]},
        {"time": "time", "series": "shop"},
        "here, column shop: expected the name of a series in each row. Received: none in 1 rows, first in row 2",
    ),
    "a calendar of numbers": (
        {"load": [1.0, 2], "time": [1, 2]},
        {"time": "time", "calendar": ("day",)},
        "here, column time: expected dates, for dataset.calendar. Received: numbers",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_rows_that_make_no_windows_are_one_message(name: str) -> None:
    columns, settings, message = BAD[name]
    with pytest.raises(DatasetError, match=message.replace(".", r"\.")):
        windows(**settings).examples(pd.DataFrame(columns), "here")


def test_windows_are_plain_data() -> None:
    made = windows(3, time="time", calendar=("day",))
    plain = json.loads(json.dumps(made.to_plain()))
    assert (plain["kind"], plain["window"], plain["horizon"]) == ("series", 3, [1])
    assert Windows.from_plain(plain) == made
    for key, wrong in {"window": 0, "calendar": ["hour"], "encoding": {}}.items():
        with pytest.raises(ValidationError):
            Windows.from_plain({**plain, key: wrong})
