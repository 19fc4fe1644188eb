"""Reading a table from a file, and what its columns are."""

from __future__ import annotations

import csv
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from pandas.errors import EmptyDataError, ParserError

from toonvision.dataset.dataset import Labels
from toonvision.dataset.encoding import Categorical, Encoding, texts
from toonvision.dataset.split import SplitIndices
from toonvision.dataset.text_column import UNKNOWN, Text, count_words
from toonvision.errors import ConfigError, DatasetError, Problem

logger = logging.getLogger(__name__)

SUFFIXES = (".csv", ".tsv", ".txt", ".parquet")
_MANY = 50  # different texts, if they are more than half of the rows, are names and not categories
_MOST = 1000  # categories: each is a number of every row
_WORDS = 5  # on average, of different texts in more than half of the rows: these are sentences
_REPEATED = 10  # times that a value must occur, on average, to say something of the target
_SHOWN = 5  # values in a message
_DETERMINED = 0.9999  # correlation with the target
_SHARE = 0.25  # of texts that are cut, or of words that are unknown, to warn of; with a small vocabulary, some are


def read_table(
    file: Path,
    *,
    header: bool = True,
    separator: str | None = None,
    quote: str | None = '"',
    encoding: str = "utf-8",
) -> pd.DataFrame:
    """Return the rows of a file; see `load`.

    Raises:
        ConfigError: if it has another suffix.
        DatasetError: if it cannot be read.
    """
    if file.suffix.lower() not in SUFFIXES:
        raise ConfigError(Problem("dataset.path", f"a file that ends with {', '.join(SUFFIXES)}", repr(file.name)))
    try:
        if file.suffix.lower() == ".parquet":
            frame = pd.read_parquet(file)
        else:
            separator = separator or ("\t" if file.suffix.lower() == ".tsv" else ",")
            frame = pd.read_csv(
                file,
                sep=separator,
                header=0 if header else None,
                quotechar='"' if quote is None else quote,
                quoting=csv.QUOTE_NONE if quote is None else csv.QUOTE_MINIMAL,
                encoding=encoding,
                low_memory=False,
            )
    except UnicodeDecodeError as error:
        hint = "Name the encoding of the file, such as dataset.encoding=latin-1."
        raise DatasetError(Problem(str(file), f"text in {encoding}", str(error), hint)) from error
    except LookupError as error:
        raise ConfigError(Problem("dataset.encoding", "the name of an encoding", repr(encoding))) from error
    except TypeError as error:
        raise ConfigError(Problem("dataset.quote", "one character, or null", repr(quote))) from error
    except (ParserError, EmptyDataError, ValueError, OSError) as error:  # of pyarrow: ArrowInvalid is a ValueError
        expected = "a table whose rows have as many fields as its first one"
        raise DatasetError(Problem(str(file), expected, str(error).strip())) from error
    frame.columns = [str(name + 1) if not header and isinstance(name, int) else str(name) for name in frame.columns]
    if not len(frame):
        raise DatasetError(Problem(str(file), "rows", "a header alone"))
    if separator == "\t" and quote is not None:
        _warn_of_quotes(frame, file)
    return frame


def _warn_of_quotes(frame: pd.DataFrame, file: Path) -> None:
    """Warn of rows that were several: of tabs, which texts hardly have, and of ends of lines between two quotes."""
    for name in frame.select_dtypes(include=["object", "string"]):
        joined = np.flatnonzero(frame[name].str.contains(r"\n[^\t]*\t", na=False))
        if len(joined):
            said = f"{file}, column {name}: row {joined[0] + 1} has several lines between two quotes"
            logger.warning("%s; where quotes are a part of the values: dataset.quote=null", said)


def kind_of(column: pd.Series[Any], where: str) -> str:
    """Return whether a column is numeric, categorical or date.

    Raises:
        DatasetError: if it has texts that hardly repeat: names, or sentences.
    """
    if pd.api.types.is_datetime64_any_dtype(column):
        return "date"
    if pd.api.types.is_numeric_dtype(column):
        return "numeric"
    known = column.dropna()
    if not len(known):
        return "numeric"
    if pd.to_datetime(known, format="ISO8601", errors="coerce").notna().all():
        return "date"
    different, half = known.nunique(), len(known) // 2
    are_sentences = different > half and count_words(known).mean() >= _WORDS
    if different > max(_MANY, half) or different > _MOST or are_sentences:
        name = str(column.name)
        hint = (
            f"Learn from their words: 'dataset.kinds={{{name}: text}}'; leave them out: dataset.drop=[{name}]; or take "
            f"each for a category: 'dataset.kinds={{{name}: categorical}}'"
        )
        expected = "numbers, dates, or texts that repeat"
        raise DatasetError(Problem(f"{where}, column {name}", expected, f"{different} different texts", hint))
    return "categorical"


def warn_of_columns(
    frame: pd.DataFrame,
    features: Mapping[str, str],
    labels: Labels,
    learned: Encoding,
    indices: SplitIndices,
    where: str,
) -> None:
    """Warn of columns that say nothing or everything, and of categories and words that the train rows lack."""
    target = pd.Series(labels if labels.ndim == 1 else labels[:, 0])
    for name, kind in features.items():
        column = frame[name]
        if column.nunique(dropna=False) < 2:
            logger.warning("%s: column %s has the same value in each row", where, name)
        elif labels.ndim == 1 and column.nunique() <= len(column) // _REPEATED:
            if target.groupby(column.to_numpy(), dropna=False).nunique().max() == 1:
                logger.warning("%s: column %s tells the target in each row: does it come from it?", where, name)
        elif labels.ndim > 1 and kind == "numeric" and abs(_numbers(column).corr(target)) > _DETERMINED:
            logger.warning("%s: column %s tells the target in each row: does it come from it?", where, name)
    held_out = np.concatenate([indices.validation, indices.test])
    for known in learned.columns:
        if isinstance(known, Categorical):
            unseen = sorted(set(texts(frame[known.name].iloc[held_out])) - set(known.values))
            if unseen:
                said = ", ".join(unseen[:_SHOWN])
                logger.warning("%s: column %s has values that no train row has: %s", where, known.name, said)
        elif isinstance(known, Text):
            _warn_of_texts(frame[known.name], known, indices, where)


def _warn_of_texts(column: pd.Series[Any], known: Text, indices: SplitIndices, where: str) -> None:
    lengths = count_words(column.iloc[indices.train])
    cut = float((lengths > known.sequence_length).mean())
    if cut > _SHARE:
        said = f"{cut:.0%} of the texts are cut to {known.sequence_length} words; the longest has {lengths.max()}"
        logger.warning("%s: column %s: %s", where, known.name, said)
    for part, rows in (("validation", indices.validation), ("test", indices.test)):
        ids = known.encode(column.iloc[rows])
        if ids.any() and (unknown := float((ids[ids > 0] == UNKNOWN).mean())) > _SHARE:
            said = f"{unknown:.0%} of the words of {part} are not in the vocabulary"
            logger.warning("%s: column %s: %s", where, known.name, said)


def _numbers(column: pd.Series[Any]) -> pd.Series[Any]:
    return pd.to_numeric(column).reset_index(drop=True)
