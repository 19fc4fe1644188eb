"""Windows over the rows of a table in an order of time, as examples; how they are made is plain data."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal

import numpy as np
import pandas as pd
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from pydantic import Field, TypeAdapter

from toonvision.dataset.encoding import Column, Encoding, days, texts
from toonvision.dataset.table_file import moments
from toonvision.errors import ConfigError, DatasetError, Problem

logger = logging.getLogger(__name__)

Indices = NDArray[np.int64]
PERIODS = {"day": 1.0, "week": 7.0, "year": 365.2425}  # in days
_GAP = 1.5  # times the usual step; months have 28 to 31 days


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of one or several series, one series after the other, each in its order of time.

    Attributes:
        order: the position in the table of each row, shape `(n,)`.
        moments: the time of each row, as a number; its position where no column has the time.
        series: the number of each row's series.
        within: the position of each row in its series, from 0.
    """

    order: Indices
    moments: NDArray[np.float64]
    series: Indices
    within: Indices

    def has_row_after(self, last: Indices, distance: int) -> NDArray[np.bool_]:
        """Whether the row so many rows after each one is of the same series."""
        after = last + distance
        inside = after < len(self.series)
        is_there: NDArray[np.bool_] = inside & (self.series[np.where(inside, after, last)] == self.series[last])
        return is_there


@dataclass(frozen=True, slots=True)
class Windows:
    """How rows of a table become windows.

    Attributes:
        encoding: of a row.
        window: rows of an example.
        horizon: how many rows after the window's last one the targets lie.
        time: a column of dates or numbers; None where the rows of a table are in their order.
        series: a column that names the series of a row; None for one series.
        calendar: periods of `time`, whose point of a circle an example has for each row: day, week or year.
    """

    encoding: Encoding
    window: Annotated[int, Field(ge=1)]
    horizon: tuple[int, ...]
    time: str | None
    series: str | None
    calendar: tuple[Annotated[str, Field(pattern="^(day|week|year)$")], ...]
    kind: Literal["series"] = "series"

    @property
    def columns(self) -> tuple[Column, ...]:
        """Those of a row."""
        return self.encoding.columns

    def encode(self, frame: pd.DataFrame, where: str) -> NDArray[np.float32]:
        """Return a view of all windows over ordered rows with a calendar, shape `(n - window + 1, window, numbers)`.

        A window can lie in two series; `ends` says which do not.
        """
        encoded = self.encoding.encode(frame, where)
        view: NDArray[np.float32] = sliding_window_view(encoded, self.window, axis=0).swapaxes(1, 2)
        return view

    def examples(self, frame: pd.DataFrame, where: str) -> tuple[NDArray[np.float32], tuple[str, ...]]:
        """Return the window that ends with each row, if it is full, and the name of the row, in the table's order.

        Args:
            frame: with the columns that the model has learned, and perhaps others.
            where: the frame is from, for errors.

        Raises:
            DatasetError: if a column is missing or has other values, or no series has rows enough.
        """
        columns = [column for column in (self.time, self.series) if column is not None]
        if missing := [column for column in columns if column not in frame.columns]:
            raise DatasetError(Problem(where, f"the columns {', '.join(columns)}", f"no {', no '.join(missing)}"))
        rows = ordered_rows(frame, time=self.time, series=self.series, where=where)
        last = ends(rows, self.window)
        if not len(last):
            longest = f"{int(rows.within.max()) + 1} rows"
            received = longest if self.series is None else f"{longest} in the longest series"
            raise DatasetError(Problem(where, f"at least {self.window} rows, which the model sees", received))
        last = last[np.argsort(rows.order[last])]
        view = self.encode(self._ordered(frame, rows, where), where)
        return chosen(view, last - self.window + 1), tuple(f"row-{row + 1}" for row in rows.order[last])

    def ordered(self, frame: pd.DataFrame, where: str) -> pd.DataFrame:
        """Return the rows of a table in their order, with a calendar, as `encode` takes them; see `ordered_rows`."""
        return self._ordered(frame, ordered_rows(frame, time=self.time, series=self.series, where=where), where)

    def _ordered(self, frame: pd.DataFrame, rows: Rows, where: str) -> pd.DataFrame:
        return with_calendar(frame.iloc[rows.order], self.time, self.calendar, where)

    def to_plain(self) -> dict[str, Any]:
        """Return it as plain data."""
        plain: dict[str, Any] = TypeAdapter(Windows).dump_python(self, mode="json")
        return plain

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Windows:
        """Return what `to_plain` was given.

        Raises:
            pydantic.ValidationError: if it is something else.
        """
        return TypeAdapter(cls).validate_python(plain)


def ordered_rows(frame: pd.DataFrame, *, time: str | None, series: str | None, where: str) -> Rows:
    """Return the order of the rows of a table; warn where a time is missing between two.

    Args:
        frame: the rows.
        time: a column of dates or numbers; None for the order of the table.
        series: a column with the name of each row's series; None for one series.
        where: the rows are from, for errors.

    Raises:
        DatasetError: if a row has no time or no series, or two rows of a series have the same time.
    """
    codes = np.zeros(len(frame), dtype=np.int64)
    if series is not None:
        lacking = np.flatnonzero(frame[series].isna())
        if len(lacking):
            received = f"none in {len(lacking)} rows, first in row {lacking[0] + 1}"
            raise DatasetError(Problem(f"{where}, column {series}", "the name of a series in each row", received))
        codes = pd.factorize(np.array(texts(frame[series]), dtype=object), sort=True)[0].astype(np.int64)
    given = np.arange(len(frame), dtype=np.float64)
    if time is not None:
        try:
            given = moments(frame[time])
        except ConfigError as error:
            (problem,) = (problem for problem in error.problems if isinstance(problem, Problem))
            raise DatasetError(replace(problem, path=f"{where}, column {time}")) from error
    order = np.lexsort((given, codes))
    codes, given = codes[order], given[order]
    starts = np.flatnonzero(np.diff(codes, prepend=-1))
    within = np.arange(len(order)) - np.repeat(starts, np.diff(starts, append=len(order)))
    rows = Rows(order, given, codes, within)
    if time is not None:
        _check_steps(rows, frame[time], where)
    return rows


def ends(rows: Rows, window: int) -> Indices:
    """Return the rows with which a full window of one series ends."""
    return np.flatnonzero(rows.within >= window - 1)


def chosen(windows: NDArray[np.float32], starts: Indices) -> NDArray[np.float32]:
    """Return some windows: as a view, which needs no memory of its own, if they are evenly spaced; else as a copy."""
    steps = np.unique(np.diff(starts))
    if len(starts) and len(steps) <= 1 and (step := int(steps[0]) if len(steps) else 1) > 0:
        return windows[starts[0] : starts[-1] + 1 : step]
    return windows[starts]


def with_calendar(frame: pd.DataFrame, time: str | None, calendar: tuple[str, ...], where: str) -> pd.DataFrame:
    """Return a table with two more columns for each period: where a time lies in it, as a point of a circle.

    Raises:
        DatasetError: if the times are numbers.
    """
    if time is None or not calendar:
        return frame
    if pd.api.types.is_numeric_dtype(frame[time]):
        raise DatasetError(Problem(f"{where}, column {time}", "dates, for dataset.calendar", "numbers"))
    since = days(frame[time])
    points: dict[str, pd.Series[Any]] = {}
    for period in calendar:
        angle = 2 * np.pi * since / PERIODS[period]
        points |= {f"{time}, sine of {period}": np.sin(angle), f"{time}, cosine of {period}": np.cos(angle)}
    return frame.assign(**points)


def _check_steps(rows: Rows, times: pd.Series[Any], where: str) -> None:
    """Raise DatasetError for the first time that repeats in a series, and warn of the first gap."""
    steps = np.diff(rows.moments)
    is_step = rows.series[1:] == rows.series[:-1]
    place = f"{where}, column {times.name}"
    for index in np.flatnonzero(is_step & (steps == 0))[:1]:
        first, second = rows.order[index : index + 2]
        hint = "For several series in one table: dataset.series=COLUMN"
        received = f"{times.iloc[first]} in the rows {first + 1} and {second + 1}"
        raise DatasetError(Problem(place, "another time in each row of a series", received, hint))
    if not is_step.any():
        return
    gaps = np.flatnonzero(is_step & (steps > _GAP * np.median(steps[is_step])))
    if len(gaps):
        before, after = (times.iloc[rows.order[gaps[0] + offset]] for offset in (0, 1))
        message = "%s: times are missing at %d places, first between %s and %s; a window counts rows"
        logger.warning(message, place, len(gaps), before, after)
