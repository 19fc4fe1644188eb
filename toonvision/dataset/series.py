"""A series in a CSV or Parquet file: windows over rows in an order of time, split by time."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from toonvision.config.folders import existing_file
from toonvision.dataset.cache import digest
from toonvision.dataset.dataset import Dataset, Labels, Split
from toonvision.dataset.encoding import KINDS, fit_encoding
from toonvision.dataset.forecast import Forecast, first_times, forecast_ends, split_by_time
from toonvision.dataset.split import Ratios, SplitIndices
from toonvision.dataset.table_columns import kind_of, read_table, warn_of_columns
from toonvision.dataset.table_file import check_columns
from toonvision.dataset.table_target import labels_of
from toonvision.dataset.windows import Indices, Windows, chosen, ordered_rows, with_calendar
from toonvision.errors import ConfigError, DatasetError, Problem

_KINDS = tuple(kind for kind in KINDS if kind != "text")  # a window has numbers alone


def load(
    *,
    path: str,
    target: str | Sequence[str],
    window: int,
    horizon: int | Sequence[int] = 1,
    stride: int = 1,
    time: str | None = None,
    series: str | None = None,
    calendar: Sequence[str] = (),
    drop: Sequence[str] = (),
    kinds: Mapping[str, str] | None = None,
    target_kind: str | None = None,
    on_missing_target: str = "raise",
    scaling: str = "standardize",
    header: bool = True,
    separator: str | None = None,
    encoding: str = "utf-8",
    validation_ratio: float = 0.2,
    test_ratio: float = 0.2,
) -> Dataset:
    """Load windows over the rows of a table.

    The last rows in time are the targets of the test, those before of validation. No train example sees a row at or
    after the first target of validation. An example of validation or test may see rows before its split, as it would
    when the model is in use.

    Args:
        path: of a file `.csv`, `.tsv`, `.txt` or `.parquet`.
        target: the column to predict, or several. Their past is seen, too, unless `drop` names them.
        window: rows that an example sees.
        horizon: how many rows after the window's last one the target lies; several for as many targets.
        stride: rows from one window to the next.
        time: a column of dates or numbers, by which rows are sorted; None for rows that are in order.
        series: a column with the name of each row's series; no window lies in two. The splits have the same times for
            all. None for one series.
        calendar: periods of `time` that an example sees: day, week or year.
        drop: columns that are not learned from.
        kinds: numeric, categorical or date, of columns where the values do not tell.
        target_kind: classes or numbers; None to tell by the values.
        on_missing_target: raise for a DatasetError that names the rows without a target; skip leaves out the examples
            whose target is missing.
        scaling: of numbers and days: standardize, robust (by median and quartiles) or none.
        header: whether the first row of a text file names the columns; else they are `1`, `2` and so on.
        separator: of a text file; None for a comma, or a tab where the file is `.tsv`.
        encoding: of a text file.
        validation_ratio: share of the rows that are targets of validation.
        test_ratio: share of the rows that are targets of the test.

    Returns:
        float32 windows, shape `(n, window, numbers)`, named by their last row; numbers to predict are in their unit.

    Raises:
        ConfigError: if a setting is invalid, or names a column that is not there.
        DatasetError: if the file cannot be read, or has too few rows, or times that repeat.
    """
    ratios, file = Ratios(validation_ratio, test_ratio), existing_file(path, "dataset.path")
    forecast = Forecast(
        target=(target,) if isinstance(target, str) else tuple(target),
        window=window,
        horizon=horizon if isinstance(horizon, int) else tuple(horizon),
        stride=stride,
        time=time,
        series=series,
        calendar=tuple(calendar),
    )
    frame = read_table(file, header=header, separator=separator, encoding=encoding)
    named = {"target": forecast.target, "drop": drop, "kinds": list(kinds or ()), "series": [series], "time": [time]}
    check_columns(frame, named)
    return dataset_of_rows(
        "series",
        frame,
        forecast,
        ratios,
        drop=drop,
        kinds=kinds,
        target_kind=target_kind,
        skip_missing=on_missing_target == "skip",
        scaling=scaling,
        where=str(file),
        content=hashlib.sha256(file.read_bytes()).hexdigest(),
    )


def dataset_of_rows(
    name: str,
    frame: pd.DataFrame,
    forecast: Forecast,
    ratios: Ratios,
    *,
    drop: Sequence[str] = (),
    kinds: Mapping[str, str] | None = None,
    target_kind: str | None = None,
    skip_missing: bool = False,
    scaling: str = "standardize",
    where: str = "dataset",
    content: str = "",
) -> Dataset:
    """Return windows over the rows of a table, in three splits; see `load`.

    Args:
        name: of the dataset.
        frame: the table.
        forecast: whose columns it has.
        ratios: shares of the rows for validation and test.
        drop: columns that are not learned from.
        kinds: of columns where the values do not tell.
        target_kind: classes or numbers; None to tell by the values.
        skip_missing: whether examples without a target are left out.
        scaling: of numbers and days.
        where: the rows are from, for messages.
        content: identifies the rows.

    Raises:
        ConfigError: if the time has no periods, or classes have several horizons.
        DatasetError: if the rows are too few, or one cannot be used.
    """
    rows = ordered_rows(frame, time=forecast.time, series=forecast.series, where=where)
    labels, is_known, class_names = _labels(frame, forecast, target_kind, where, skip_missing=skip_missing)
    frame, labels, is_known = frame.iloc[rows.order], labels[rows.order], is_known[rows.order]
    seen = with_calendar(frame, forecast.time, forecast.calendar, where)
    features = seen[[column for column in seen if column not in {*drop, forecast.time, forecast.series}]]
    if not len(features.columns):
        raise DatasetError(Problem(where, "a column to learn from", "none"))
    given = {str(column): kind for column, kind in (kinds or {}).items()}
    if wrong := {column: kind for column, kind in given.items() if kind not in _KINDS}:
        raise ConfigError(Problem("dataset.kinds", f"one of {', '.join(_KINDS)} for each column", repr(wrong)))
    found = {column: given.get(column) or kind_of(features[column], where) for column in map(str, features)}
    cuts = first_times(rows, ratios)
    learned = fit_encoding(
        features[rows.moments < cuts[0]], found, scaling=scaling, class_names=class_names, where=where
    )
    windows = Windows(learned, forecast.window, forecast.horizons, forecast.time, forecast.series, forecast.calendar)
    last = forecast_ends(rows, forecast, is_known)
    indices = split_by_time(rows, forecast, last, cuts)
    y = _targets(labels, last, forecast.horizons)
    _check(y, indices, class_names, forecast, where)
    others = {column: kind for column, kind in found.items() if column not in forecast.target}
    warn_of_columns(features.iloc[last], others, y, learned, indices, where)
    view, names = windows.encode(features, where), np.array([f"row-{row + 1}" for row in rows.order[last]])
    train, validation, test = (
        Split(chosen(view, last[part] - forecast.window + 1), y[part], tuple(names[part].tolist()))
        for part in (indices.train, indices.validation, indices.test)
    )
    parts = [part.tolist() for part in (indices.train, indices.validation, indices.test)]
    plain = windows.to_plain()
    fingerprint = digest([content, plain, last.tolist(), parts])
    return Dataset(name, train, validation, test, class_names, fingerprint, plain, is_ordered=True)


def _labels(
    frame: pd.DataFrame, forecast: Forecast, kind: str | None, where: str, *, skip_missing: bool
) -> tuple[Labels, NDArray[np.bool_], tuple[str, ...]]:
    """Return the labels of each row, whether it has any, and the names of what is to be predicted."""
    targets = list(forecast.target)
    is_known = frame[targets].notna().all(axis=1).to_numpy()
    if not skip_missing or not is_known.any():
        is_known = np.ones(len(frame), dtype=np.bool_)
    found, names = labels_of(frame[is_known], targets, kind, where)
    labels = np.zeros((len(frame), *found.shape[1:]), dtype=found.dtype)
    labels[is_known] = found
    if not isinstance(forecast.horizon, tuple):
        return labels, is_known, names
    if labels.ndim == 1:
        raise ConfigError(Problem("dataset.horizon", "one whole number, for classes", repr(list(forecast.horizon))))
    return labels, is_known, tuple(f"{name} +{horizon}" for horizon in forecast.horizon for name in names)


def _targets(labels: Labels, last: Indices, horizons: tuple[int, ...]) -> Labels:
    """Return what is to be predicted after each window."""
    targets: Labels = labels[last + horizons[0]]
    for horizon in horizons[1:]:
        targets = np.concatenate([targets, labels[last + horizon]], axis=1)
    return targets


def _check(labels: Labels, indices: SplitIndices, class_names: tuple[str, ...], forecast: Forecast, where: str) -> None:
    """Raise DatasetError if a split is empty, or no train example has a class."""
    parts = {"train": indices.train, "validation": indices.validation, "test": indices.test}
    if empty := [name for name, part in parts.items() if not len(part)]:
        sizes = ", ".join(f"{len(part)} for {name}" for name, part in parts.items())
        horizon = max(forecast.horizons)
        expected = f"rows for a window of {forecast.window} and a horizon of {horizon} in {' and '.join(empty)}"
        raise DatasetError(Problem(where, expected, f"examples: {sizes}"))
    if labels.ndim == 1 and (absent := sorted(set(range(len(class_names))) - set(labels[indices.train].tolist()))):
        expected = "a train example of each class; the first rows in time are for training"
        received = f"none of {', '.join(repr(class_names[label]) for label in absent)}"
        raise DatasetError(Problem(where, expected, received))
