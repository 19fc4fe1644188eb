"""A table in a CSV or Parquet file, whose rows are split at random, by groups or by time.

Columns become numbers as the train rows say.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from toonvision.config.folders import existing_file
from toonvision.dataset.cache import digest
from toonvision.dataset.dataset import Dataset, Examples, Indices, Labels, Split
from toonvision.dataset.encoding import KINDS, days, fit_encoding, texts
from toonvision.dataset.split import Ratios, SplitIndices, group_indices, split_indices, strata, time_indices
from toonvision.dataset.table_columns import kind_of, read_table, warn_of_columns
from toonvision.dataset.table_target import labels_of
from toonvision.dataset.text_column import DEFAULT, Vectorization
from toonvision.errors import ConfigError, DatasetError, Problem, did_you_mean


def load(
    *,
    path: str,
    target: str | int | Sequence[str | int],
    drop: Sequence[str | int] = (),
    kinds: Mapping[str | int, str] | None = None,
    target_kind: str | None = None,
    on_missing_target: str = "raise",
    scaling: str = "standardize",
    max_tokens: int = 10_000,
    sequence_length: int = 100,
    group: str | None = None,
    time: str | None = None,
    header: bool = True,
    separator: str | None = None,
    quote: str | None = '"',
    encoding: str = "utf-8",
    validation_ratio: float = 0.2,
    test_ratio: float = 0.2,
    seed: int = 7,
) -> Dataset:
    """Load a table.

    Args:
        path: of a file `.csv`, `.tsv`, `.txt` or `.parquet`.
        target: the column to predict, or several.
        drop: columns that are not learned from.
        kinds: numeric, categorical, date or text, of columns where the values do not tell.
        target_kind: classes or numbers; None to tell by the values.
        on_missing_target: raise for a DatasetError that names the rows without a target; skip leaves them out.
        scaling: of numbers and days: standardize, robust (by median and quartiles) or none.
        max_tokens: of texts: the size of the vocabulary, with the ids 0 of padding and 1 of unknown words.
        sequence_length: of texts: the words that are kept.
        group: a column; its rows of one value stay in one split.
        time: a column of dates or numbers; the last rows are for the test, those before for validation.
        header: whether the first row of a text file names the columns; else they are `1`, `2` and so on.
        separator: of a text file; None for a comma, or a tab where the file is `.tsv`.
        quote: of a text file: the character around a value that has separators or lines; None for none.
        encoding: of a text file.
        validation_ratio: share of the rows held out for validation.
        test_ratio: share of the rows held out for the test.
        seed: seed of the split.

    Returns:
        float32 numbers, shape `(n, numbers)`, or the int32 ids of a text, shape `(n, sequence_length)`, or a mapping of
        these (see `Encoding.encode`); and what was learned from the train rows as `preprocessing`.

    Raises:
        ConfigError: if a setting is invalid, or names a column that is not there.
        DatasetError: if the file cannot be read, or is no table to learn from.
    """
    ratios, file = Ratios(validation_ratio, test_ratio), existing_file(path, "dataset.path")
    vectorization = Vectorization(max_tokens, sequence_length)
    frame = read_table(file, header=header, separator=separator, quote=quote, encoding=encoding)
    # YAML and the command line take the names of columns without a header for numbers.
    targets = [str(target)] if isinstance(target, str | int) else list(map(str, target))
    dropped, given = list(map(str, drop)), {str(name): kind for name, kind in (kinds or {}).items()}
    check_columns(frame, {"target": targets, "drop": dropped, "kinds": list(given), "group": [group], "time": [time]})
    if wrong := {name: kind for name, kind in given.items() if kind not in KINDS}:
        raise ConfigError(Problem("dataset.kinds", f"one of {', '.join(KINDS)} for each column", repr(wrong)))
    if group is not None and time is not None:
        raise ConfigError(Problem("dataset.group", "null, because dataset.time splits the rows", repr(group)))
    if on_missing_target == "skip":
        frame = frame.dropna(subset=targets)
    labels, class_names = labels_of(frame, targets, target_kind, str(file))
    indices = _indices(frame, labels, ratios, group=group, time=time, seed=seed)
    left_out = {*targets, *dropped, group, time}
    features = frame[[name for name in frame if name not in left_out]]
    content = hashlib.sha256(file.read_bytes()).hexdigest()
    return dataset_of_columns(
        "table",
        features,
        labels,
        indices,
        class_names=class_names,
        kinds=given,
        scaling=scaling,
        vectorization=vectorization,
        where=str(file),
        content=content,
        groups=tuple(texts(frame[group])) if group is not None else (),
        is_ordered=time is not None,
    )


def dataset_of_columns(
    name: str,
    frame: pd.DataFrame,
    labels: Labels,
    indices: SplitIndices,
    *,
    class_names: tuple[str, ...],
    kinds: Mapping[str, str] | None = None,
    scaling: str = "standardize",
    vectorization: Vectorization = DEFAULT,
    names: tuple[str, ...] = (),
    where: str = "dataset",
    content: str = "",
    groups: tuple[str, ...] = (),
    is_ordered: bool = False,
) -> Dataset:
    """Return the three splits of a table, whose columns are encoded as the train rows say.

    Args:
        name: of the dataset.
        frame: the columns to learn from.
        labels: shape `(n,)` or `(n, k)`.
        indices: of each split, positions of rows.
        class_names: names of the classes, labels or targets.
        kinds: of columns where the values do not tell.
        scaling: of numbers and days; see `load`.
        vectorization: of texts.
        names: of the rows; empty for their numbers.
        where: the rows are from, for messages.
        content: identifies the rows.
        groups: of each row; or empty.
        is_ordered: whether the splits follow each other in time.

    Raises:
        DatasetError: if there is no column, or one cannot be encoded.
    """
    if not len(frame.columns):
        raise DatasetError(Problem(where, "a column to learn from", "none beside the target"))
    given = kinds or {}
    found = {column: given.get(column) or kind_of(frame[column], where) for column in map(str, frame)}
    fit = functools.partial(
        fit_encoding,
        kinds=found,
        scaling=scaling,
        vectorization=vectorization,
        class_names=class_names,
        where=where,
    )
    learned = fit(frame.iloc[indices.train])
    x, names = learned.encode(frame, where), names or tuple(f"row-{position + 1}" for position in frame.index)
    warn_of_columns(frame, found, labels, learned, indices, where)
    train, validation, test = (
        Split(x, labels, names, groups).taken(part) for part in (indices.train, indices.validation, indices.test)
    )
    parts = [part.tolist() for part in (indices.train, indices.validation, indices.test)]
    fingerprint = digest([content, learned.to_plain(), parts])
    both = frame.iloc[np.concatenate([indices.train, indices.validation])]

    def refit(rows: Indices) -> Examples:
        return fit(both.iloc[rows]).encode(both, where)

    return Dataset(name, train, validation, test, class_names, fingerprint, learned.to_plain(), is_ordered, refit)


def check_columns(frame: pd.DataFrame, named: Mapping[str, Sequence[str | None]]) -> None:
    """Raise ConfigError for every setting that names a column which the table lacks."""
    known = list(frame.columns)
    problems = [
        Problem(f"dataset.{key}", f"one of {', '.join(known)}", repr(name), did_you_mean(name, known))
        for key, names in named.items()
        for name in names
        if name is not None and name not in known
    ]
    if problems:
        raise ConfigError(*problems)


def _indices(
    frame: pd.DataFrame, labels: Labels, ratios: Ratios, *, group: str | None, time: str | None, seed: int
) -> SplitIndices:
    classes = labels.astype(np.int64) if labels.ndim == 1 else np.zeros(len(labels), dtype=np.int64)
    if group is not None:
        return group_indices(classes, texts(frame[group]), ratios, seed=seed)
    if time is not None:
        return time_indices(classes, moments(frame[time]), ratios)
    return split_indices(strata(labels), ratios, seed=seed)


def moments(column: pd.Series[Any]) -> NDArray[np.float64]:
    """Return numbers that order the rows by time.

    Raises:
        ConfigError: if a value is neither a date nor a number.
    """
    try:
        values = pd.to_numeric(column) if pd.api.types.is_numeric_dtype(column) else days(column)
    except (ValueError, TypeError) as error:
        raise ConfigError(Problem("dataset.time", "a column of dates or numbers", str(error))) from error
    if values.isna().any():
        raise ConfigError(Problem("dataset.time", "a date or a number in each row", f"none in {values.isna().sum()}"))
    return values.to_numpy(np.float64)
