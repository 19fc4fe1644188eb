"""The target of a table: classes, labels or numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from toonvision.dataset.dataset import Labels
from toonvision.dataset.encoding import texts
from toonvision.errors import ConfigError, DatasetError, Problem

_FEW = 20  # different whole numbers are classes
_SHOWN = 5  # rows in a message


def labels_of(frame: pd.DataFrame, targets: list[str], kind: str | None, where: str) -> tuple[Labels, tuple[str, ...]]:
    """Return the labels of each row, and their names.

    Args:
        frame: the rows.
        targets: columns.
        kind: classes or numbers; None to tell by the values.
        where: the rows are from, for errors.

    Returns:
        Class indices, shape `(n,)`; 0 or 1 for each of several targets, int64, or numbers, float32, shape `(n, k)`.

    Raises:
        DatasetError: if a row has no target, or the targets are not of this kind.
        ConfigError: if several columns are to be classes.
    """
    for name in targets:
        lacking = np.flatnonzero(frame[name].isna())
        if len(lacking):
            rows = ", ".join(str(row + 1) for row in lacking[:_SHOWN])
            hint = "dataset.on_missing_target=skip leaves them out."
            received = f"none in {len(lacking)} rows ({rows}{', ...' if len(lacking) > _SHOWN else ''})"
            raise DatasetError(Problem(f"{where}, column {name}", "a value of the target in each row", received, hint))
        if frame[name].nunique() < 2:
            received = f"{frame[name].iloc[0]!r} in each row"
            raise DatasetError(Problem(f"{where}, column {name}", "different values of the target", received))
    columns = [frame[name] for name in targets]
    if kind is None:
        kind = "numbers" if len(columns) > 1 or _are_numbers(columns[0]) else "classes"
    if kind == "numbers":
        return _numbers(columns, where), tuple(targets)
    if len(columns) > 1:
        raise ConfigError(Problem("dataset.target", "one column, for classes", repr(targets)))
    given = texts(columns[0])
    names = sorted(set(given), key=_number_or_text)
    if len(names) > max(_FEW, len(given) // 2):
        hint = "For numbers: dataset.target_kind=numbers"
        expected = "classes that repeat"
        raise DatasetError(
            Problem(f"{where}, column {targets[0]}", expected, f"{len(names)} in {len(given)} rows", hint)
        )
    position = {name: index for index, name in enumerate(names)}
    return np.array([position[value] for value in given], dtype=np.int64), tuple(names)


def _are_numbers(column: pd.Series[Any]) -> bool:
    """Whether a target is to be taken for numbers."""
    if pd.api.types.is_bool_dtype(column) or not pd.api.types.is_numeric_dtype(column):
        return False
    is_whole = bool((column == column.round()).all())
    return not is_whole or column.nunique() > _FEW


def _numbers(columns: Sequence[pd.Series[Any]], where: str) -> Labels:
    arrays = []
    for column in columns:
        values = pd.to_numeric(column, errors="coerce").to_numpy(np.float64, na_value=np.nan)
        wrong = np.flatnonzero(~np.isfinite(values))
        if len(wrong):
            received = f"{column.iloc[wrong[0]]!r} in row {wrong[0] + 1}"
            raise DatasetError(Problem(f"{where}, column {column.name}", "finite numbers in the target", received))
        arrays.append(values)
    labels = np.stack(arrays, axis=1)
    if len(columns) > 1 and np.isin(labels, (0, 1)).all():  # labels, any number of them for each row
        return labels.astype(np.int64)
    return labels.astype(np.float32)


def _number_or_text(text: str) -> tuple[float, str]:
    try:
        return float(text), text
    except ValueError:
        return np.inf, text
