"""Columns of a table as numbers for a model; what it takes is learned from the train rows, and is plain data.

So it can be kept beside a model in JSON, and new rows are encoded as the train rows were.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import Field, TypeAdapter

from toonvision.dataset.dataset import Examples
from toonvision.dataset.text_column import DEFAULT, Text, Vectorization
from toonvision.errors import DatasetError, Problem

KINDS = ("numeric", "categorical", "date", "text")
NUMBERS = "columns"  # the input of the numbers, where there are texts, too
_DAYS = 365.2425  # of a year
PERIODS = {"week": 7.0, "year": _DAYS}
_EPOCH = pd.Timestamp("1970-01-01")


@dataclass(frozen=True, slots=True)
class Numeric:
    """A column of numbers: `(value - center) / scale`; a second number where values are missing.

    Attributes:
        name: of the column.
        center: subtracted, and given for a missing value.
        scale: divided by.
        has_missing: whether train rows lack it; then a second number says whether a row does.
    """

    name: str
    center: float
    scale: float
    has_missing: bool
    kind: Literal["numeric"] = "numeric"

    @classmethod
    def fit(cls, name: str, column: pd.Series[Any], scaling: str) -> Numeric:
        """Learn from the train rows."""
        values = pd.to_numeric(column).to_numpy(np.float64, na_value=np.nan)
        known = values[np.isfinite(values)]
        center, scale = 0.0, 1.0
        if len(known) and scaling == "standardize":
            center, scale = float(known.mean()), float(known.std())
        elif len(known) and scaling == "robust":
            low, center, high = (float(value) for value in np.quantile(known, (0.25, 0.5, 0.75)))
            scale = high - low
        return cls(name, center, scale or 1.0, has_missing=len(known) < len(values))

    def names(self) -> list[str]:
        """Return a name for each number."""
        return [self.name, f"{self.name} is missing"] if self.has_missing else [self.name]

    def encode(self, column: pd.Series[Any]) -> list[NDArray[np.float64]]:
        """Return an array for each name."""
        values = pd.to_numeric(column).to_numpy(np.float64, na_value=np.nan)
        missing = ~np.isfinite(values)
        scaled = np.where(missing, 0.0, (values - self.center) / self.scale)
        return [scaled, missing.astype(np.float64)] if self.has_missing else [scaled]


@dataclass(frozen=True, slots=True)
class Categorical:
    """A column of texts: a number for each value that the train rows have, 1 or 0; all are 0 for another value.

    Attributes:
        name: of the column.
        values: sorted; the empty text stands for a missing value.
    """

    name: str
    values: tuple[str, ...]
    kind: Literal["categorical"] = "categorical"

    @classmethod
    def fit(cls, name: str, column: pd.Series[Any]) -> Categorical:
        """Learn from the train rows."""
        return cls(name, tuple(sorted(set(texts(column)))))

    def names(self) -> list[str]:
        """Return a name for each number."""
        return [f"{self.name}={value}" if value else f"{self.name} is missing" for value in self.values]

    def encode(self, column: pd.Series[Any]) -> list[NDArray[np.float64]]:
        """Return an array for each name."""
        codes, names = _coded(column)
        position = {name: index for index, name in enumerate(names)}
        return [(codes == position.get(value, -1)).astype(np.float64) for value in self.values]


@dataclass(frozen=True, slots=True)
class Date:
    """A column of dates: the day, scaled, and where it lies in the week and in the year, as a point of a circle.

    Attributes:
        name: of the column.
        day: the days since 1970.
    """

    name: str
    day: Numeric
    kind: Literal["date"] = "date"

    @classmethod
    def fit(cls, name: str, column: pd.Series[Any], scaling: str) -> Date:
        """Learn from the train rows."""
        return cls(name, Numeric.fit(name, days(column), scaling))

    def names(self) -> list[str]:
        """Return a name for each number."""
        circles = [f"{self.name}, {point} of {period}" for period in PERIODS for point in ("sine", "cosine")]
        return [*self.day.names(), *circles]

    def encode(self, column: pd.Series[Any]) -> list[NDArray[np.float64]]:
        """Return an array for each name."""
        since = days(column)
        found = self.day.encode(since)
        known = since.to_numpy(np.float64, na_value=np.nan)
        for period in PERIODS.values():
            angle = 2 * np.pi * known / period
            found += [np.nan_to_num(np.sin(angle)), np.nan_to_num(np.cos(angle))]
        return found


Column = Annotated[Numeric | Categorical | Date | Text, Field(discriminator="kind")]


@dataclass(frozen=True)
class Encoding:
    """How rows of a table become examples.

    Attributes:
        columns: in the order of the table.
        class_names: of the target; or the names of the targets.
    """

    columns: Annotated[tuple[Column, ...], Field(min_length=1)]
    class_names: tuple[str, ...]
    window: ClassVar[None] = None  # an example is one row, not several as in a series

    def ordered(self, frame: pd.DataFrame, where: str) -> pd.DataFrame:
        """Return rows in the order that `encode` takes: as they are."""
        return frame

    @functools.cached_property
    def names(self) -> tuple[str, ...]:
        """The name of each number of an example; texts have none."""
        return tuple(name for column in self.columns if not isinstance(column, Text) for name in column.names())

    def encode(self, frame: pd.DataFrame, where: str) -> Examples:
        """Return examples: float32 numbers, shape `(n, numbers)`, or the int32 ids of a text, shape `(n, length)`.

        Several of these are inputs by name: that of the column of a text, and `columns` for the numbers.

        Args:
            frame: with these columns, and perhaps others.
            where: the frame is from, for errors.

        Raises:
            DatasetError: if a column is missing, or has values of another kind.
        """
        if missing := [column.name for column in self.columns if column.name not in frame.columns]:
            expected = f"the columns {', '.join(column.name for column in self.columns)}"
            raise DatasetError(Problem(where, expected, f"no {', no '.join(missing)}"))
        inputs: dict[str, NDArray[Any]] = {}
        numbers: list[NDArray[np.float64]] = []
        for column in self.columns:
            with _named(where, column.name, column.kind):
                if isinstance(column, Text):
                    inputs[column.name] = column.encode(frame[column.name])
                else:
                    numbers += column.encode(frame[column.name])
        if numbers:
            inputs[NUMBERS] = np.stack(numbers, axis=1).astype(np.float32)
        return inputs if len(inputs) > 1 else next(iter(inputs.values()))

    def to_plain(self) -> dict[str, Any]:
        """Return it as plain data."""
        plain: dict[str, Any] = TypeAdapter(Encoding).dump_python(self, mode="json")
        return plain

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Encoding:
        """Return what `to_plain` was given.

        Raises:
            pydantic.ValidationError: if it is something else.
        """
        return TypeAdapter(cls).validate_python(plain)


def fit_encoding(
    frame: pd.DataFrame,
    kinds: Mapping[str, str],
    *,
    scaling: str,
    vectorization: Vectorization = DEFAULT,
    class_names: Sequence[str],
    where: str,
) -> Encoding:
    """Learn an encoding.

    Args:
        frame: the train rows.
        kinds: one of `KINDS` for each column.
        scaling: standardize, robust (by median and quartiles) or none; of numbers and days.
        vectorization: of texts.
        class_names: of the target.
        where: the rows are from, for errors.

    Raises:
        DatasetError: if a column has values of another kind, or a name that no input may have.
    """
    columns = list[Column]()
    for name, kind in kinds.items():
        with _named(where, name, kind):
            if kind == "categorical":
                columns.append(Categorical.fit(name, frame[name]))
            elif kind == "date":
                columns.append(Date.fit(name, frame[name], scaling))
            elif kind == "text":
                columns.append(Text.fit(name, frame[name], vectorization))
            else:
                columns.append(Numeric.fit(name, frame[name], scaling))
    wrong = [column.name for column in columns if isinstance(column, Text) and not _may_name_input(column.name)]
    if len(columns) > 1 and wrong:
        expected = f"another name than {NUMBERS!r}, and without '/', for an input of texts beside others"
        raise DatasetError(Problem(f"{where}, column {wrong[0]}", expected, repr(wrong[0])))
    return Encoding(tuple(columns), tuple(class_names))


def _may_name_input(column: str) -> bool:
    return column != NUMBERS and "/" not in column  # which Keras refuses


@contextlib.contextmanager
def _named(where: str, column: str, kind: str) -> Iterator[None]:
    try:
        yield
    except (ValueError, TypeError) as error:
        received = str(error).splitlines()[0].rstrip(".:")
        raise DatasetError(Problem(f"{where}, column {column}", f"{kind} values", received)) from error


def texts(column: pd.Series[Any]) -> list[str]:
    """Return the values as texts, a whole number without a point; the empty text for a missing one."""
    codes, names = _coded(column)
    found: list[str] = np.array(names, dtype=object)[codes].tolist()
    return found


def _coded(column: pd.Series[Any]) -> tuple[NDArray[np.int64], list[str]]:
    """Return the different values as texts, the empty one first, and the position of each row's among them."""
    codes, values = pd.factorize(column)  # -1 for a missing value
    return codes + 1, ["", *map(_text, values)]


def days(column: pd.Series[Any]) -> pd.Series[Any]:
    """Return the days since 1970, with the part of a day; NaN for a missing date.

    Raises:
        ValueError: if a value is no date.
    """
    return (pd.to_datetime(column, format="ISO8601").dt.tz_localize(None) - _EPOCH) / pd.Timedelta(days=1)


def _text(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
