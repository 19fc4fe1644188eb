"""A series in a file: which rows an example sees, its target and its split, and what is wrong with a file."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.real_data import TABLES, reads_real_data
from toonvision.config.training_schema import Resampling
from toonvision.dataset.dataset import Dataset
from toonvision.dataset.encoding import Encoding
from toonvision.dataset.resampling import check_resampling
from toonvision.dataset.series import load
from toonvision.dataset.windows import Windows
from toonvision.errors import ConfigError, ToonvisionError

ROWS = 20


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Twenty days whose load is 0 to 19, and whether it is a holiday."""
    frame = pd.DataFrame(
        {
            "day": pd.date_range("2024-01-01", periods=ROWS).strftime("%Y-%m-%d"),
            "load": np.arange(ROWS) + 0.0,
            "state": np.where(np.arange(ROWS) % 3 == 0, "off", "on"),
        }
    )
    frame.to_csv(tmp_path / "load.csv", index=False)
    return tmp_path / "load.csv"


def read(file: Path, **settings: Any) -> Dataset:
    given = {"target": "load", "target_kind": "numbers", "window": 3, "time": "day", "scaling": "none", **settings}
    return load(path=str(file), **given)


def learned(dataset: Dataset) -> Encoding:
    assert dataset.preprocessing is not None
    return Windows.from_plain(dataset.preprocessing).encoding


def test_the_rows_of_each_example_and_its_target(file: Path) -> None:
    dataset = read(file, horizon=2, drop=["state"])
    assert dataset.train.x[..., 0].tolist() == [[row, row + 1, row + 2] for row in range(8)]
    assert dataset.train.y[:, 0].tolist() == list(range(4, 12))
    assert dataset.train.names == tuple(f"row-{row}" for row in range(3, 11))
    assert dataset.validation.x[..., 0].tolist() == [[row, row + 1, row + 2] for row in range(8, 12)]
    assert dataset.validation.y[:, 0].tolist() == [12, 13, 14, 15]
    assert dataset.test.x[..., 0].tolist() == [[row, row + 1, row + 2] for row in range(12, 16)]
    assert dataset.test.y[:, 0].tolist() == [16, 17, 18, 19]
    assert dataset.train.x.dtype == dataset.train.y.dtype == np.float32
    assert dataset.class_names == ("load",)
    assert dataset.is_ordered


def test_the_order_of_the_file_does_not_matter(file: Path) -> None:
    sorted_, shuffled = read(file), file.with_name("shuffled.csv")
    pd.read_csv(file).sample(frac=1, random_state=1).to_csv(shuffled, index=False)
    for part in ("train", "validation", "test"):
        np.testing.assert_array_equal(getattr(read(shuffled), part).x, getattr(sorted_, part).x)
        np.testing.assert_array_equal(getattr(read(shuffled), part).y, getattr(sorted_, part).y)
    last = pd.read_csv(shuffled)["load"].tolist().index(18.0)
    assert read(shuffled).test.names[-1] == f"row-{last + 1}"
    unordered = read(shuffled, time=None, drop=["day"])
    assert unordered.train.y[:, 0].tolist() == pd.read_csv(shuffled)["load"].tolist()[3:12]


def test_several_horizons_are_as_many_targets_and_no_split_shares_one(file: Path) -> None:
    dataset = read(file, horizon=[1, 3])
    assert dataset.class_names == ("load +1", "load +3")
    assert dataset.train.y.tolist() == [[row, row + 2] for row in range(3, 10)]
    assert dataset.validation.y.tolist() == [[12, 14], [13, 15]]
    assert dataset.test.y.tolist() == [[16, 18], [17, 19]]


def test_scaling_and_categories_are_those_of_the_train_rows(file: Path) -> None:
    frame = pd.read_csv(file)
    frame.loc[ROWS - 1, "state"] = "broken"
    frame.to_csv(file, index=False)
    dataset = read(file, scaling="standardize")
    known = {column.name: column for column in learned(dataset).columns}
    assert (getattr(known["load"], "center", 0), getattr(known["load"], "scale", 0)) == (5.5, np.arange(12).std())
    assert getattr(known["state"], "values", ()) == ("off", "on")
    assert learned(dataset).names == ("load", "state=off", "state=on")
    np.testing.assert_allclose(dataset.train.x[0, :, 0], (np.arange(3) - 5.5) / np.arange(12).std(), rtol=1e-6)
    assert dataset.train.y[:, 0].tolist() == list(range(3, 12))  # in their own unit


def test_classes_come_from_texts(file: Path) -> None:
    dataset = read(file, target="state", target_kind=None)
    assert dataset.class_names == ("off", "on")
    assert dataset.train.y.dtype == np.int64
    assert dataset.train.y.tolist() == [0 if row % 3 == 0 else 1 for row in range(3, 12)]
    assert dataset.train.x.shape == (9, 3, 3)


def test_several_series_are_cut_at_the_same_time(file: Path) -> None:
    frame = pd.read_csv(file)
    late = frame.iloc[8:].assign(load=lambda rows: rows["load"] + 100)
    pd.concat([frame.assign(shop="a"), late.assign(shop="b")]).to_csv(file, index=False)
    dataset = read(file, series="shop", drop=["state"])
    assert set(dataset.train.y[:, 0].tolist()) & {111.0}
    for split, days in ((dataset.validation, range(14, 17)), (dataset.test, range(17, 20))):
        assert sorted(split.y[:, 0].tolist()) == [*days, *(day + 100 for day in days)]
    windows = dataset.train.x[..., 0]
    np.testing.assert_array_equal(np.diff(windows, axis=1), 1)


def test_missing_values_of_the_past_are_seen_as_such(file: Path) -> None:
    frame = pd.read_csv(file).assign(wind=1.0)
    frame.loc[[2, 5], "wind"] = np.nan
    frame.to_csv(file, index=False)
    dataset = read(file)
    assert learned(dataset).names == ("load", "state=off", "state=on", "wind", "wind is missing")
    assert dataset.train.x[0, :, -1].tolist() == [0, 0, 1]


def test_examples_without_a_target_can_be_left_out(file: Path) -> None:
    frame = pd.read_csv(file)
    frame.loc[[5, 19], "load"] = np.nan
    frame.to_csv(file, index=False)
    dataset = read(file, on_missing_target="skip")
    assert dataset.train.y[:, 0].tolist() == [3, 4, 6, 7, 8, 9, 10, 11]
    assert dataset.test.y[:, 0].tolist() == [16, 17, 18]
    with pytest.raises(ToonvisionError, match=r"none in 2 rows \(6, 20\)\. dataset\.on_missing_target=skip"):
        read(file)


def test_the_fingerprint_is_of_the_examples(file: Path) -> None:
    assert read(file).fingerprint == read(file).fingerprint
    others: list[dict[str, Any]] = [
        {"window": 4},
        {"horizon": 2},
        {"drop": ["state"]},
        {"test_ratio": 0.3},
        {"stride": 2},
    ]
    assert len({read(file, **settings).fingerprint for settings in [{}, *others]}) == 6


def test_a_column_that_tells_the_target_is_named(file: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    frame = pd.DataFrame({"load": np.random.default_rng(0).normal(size=60)})
    frame.assign(leak=frame["load"].shift(-1, fill_value=0)).to_csv(file, index=False)
    read(file, time=None)
    assert "column leak tells the target in each row" in caplog.text
    assert "column load" not in caplog.text


def test_an_order_of_time_cannot_be_resampled(file: Path) -> None:
    for method in ("kfold", "reshuffled"):
        with pytest.raises(ConfigError, match=r"training\.resampling\.method: expected holdout, because the examples"):
            check_resampling(read(file), Resampling(method=method))


CSV = "t,y\n" + "".join(f"{n},{n % 7}.5\n" for n in range(30))
CLASSES = "t,y\n" + "".join(f"{n},{'late' if n > 25 else 'ab'[n % 2]}\n" for n in range(30))
BAD: dict[str, tuple[str, dict[str, Any], str]] = {
    "no window": (CSV, {"window": 0}, "dataset.window: expected a whole number of at least 1. Received: 0."),
    "a leak": (CSV, {"horizon": 0}, "dataset.horizon: expected a whole number of at least 1. Received: 0."),
    "a long window": (
        CSV,
        {"window": 25},
        "expected rows for a window of 25 and a horizon of 1 in train and validation. Received: examples: 0 for",
    ),
    "a far horizon": (CSV, {"horizon": 29}, "a window of 3 and a horizon of 29 in train and validation and test"),
    "one row": ("t,y\n1,2.5\n", {}, "different values of the target"),
    "two rows": ("t,y\n1,2.5\n2,3.5\n", {}, "expected rows for a window of 3"),
    "times that repeat": (
        CSV + "4,1.5\n",
        {},
        "column t: expected another time in each row of a series. Received: 4 in the rows 5 and 31. For several series",
    ),
    "no time": (CSV, {"time": "day"}, "dataset.time: expected one of t, y. Received: 'day'."),
    "no target": (CSV, {"target": "load"}, "dataset.target: expected one of t, y. Received: 'load'."),
    "no series": (CSV, {"series": "shop"}, "dataset.series: expected one of t, y. Received: 'shop'."),
    "a time that is missing": (CSV + ",1.5\n", {}, "column t: expected a date or a number in each row. Received: none"),
    "a time that is none": (CSV + "soon,1.5\n", {}, "column t: expected a column of dates or numbers"),
    "nothing to learn from": (CSV, {"drop": ["y"]}, "expected a column to learn from. Received: none."),
    "a target without a value": (
        CSV.replace(",0.5", ","),
        {"on_missing_target": "raise"},
        "none in 5 rows (1, 8, 15, ",
    ),
    "no target at all": (
        "t,y\n1,\n2,\n",
        {"on_missing_target": "skip"},
        "column y: expected a value of the target in each row. Received: none in 2 rows (1, 2)",
    ),
    "a class that is only late": (
        CLASSES,
        {"target_kind": "classes"},
        "expected a train example of each class; the first rows in time are for training. Received: none of 'late'.",
    ),
    "classes of several horizons": (
        CLASSES,
        {"target_kind": "classes", "horizon": [1, 2]},
        "dataset.horizon: expected one whole number, for classes. Received: [1, 2].",
    ),
    "a calendar of numbers": (
        CSV,
        {"calendar": ["day"]},
        "column t: expected dates, for dataset.calendar. Received: num",
    ),
    "shares": (CSV, {"validation_ratio": 0.5, "test_ratio": 0.5}, "a sum below 1"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_series_is_one_message(name: str, tmp_path: Path) -> None:
    content, settings, message = BAD[name]
    (tmp_path / "bad.csv").write_text(content)
    with pytest.raises(ToonvisionError) as raised:
        load(path=str(tmp_path / "bad.csv"), **{"target": "y", "window": 3, "time": "t", **settings})
    assert message in str(raised.value)


@reads_real_data
def test_a_real_series_is_read(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    dataset = load(
        path=str(TABLES / "daily-min-temperatures.csv"), target="Temp", time="Date", window=28, calendar=["year"]
    )
    assert dataset.train.x.shape == (2162, 28, 3)
    assert [len(split) for split in (dataset.validation, dataset.test)] == [730, 730]
    assert "times are missing at 2 places, first between 1984-12-30 and 1985-01-01" in caplog.text  # leap years
    assert np.isfinite(dataset.test.x).all()
    persistence = np.abs(dataset.test.y[:, 0] - pd.read_csv(TABLES / "daily-min-temperatures.csv")["Temp"][-731:-1])
    assert 1 < persistence.mean() < 3
