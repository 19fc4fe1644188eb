"""Texts in files in folders: found by `file_listing`, split, and encoded as the train texts say."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pandas as pd

from toonvision.dataset.bad_files import (
    RAISE,
    BadFileError,
    check_on_bad,
    read_content,
    refuse_bad_files,
    without_bad_files,
)
from toonvision.dataset.cache import digest
from toonvision.dataset.dataset import Dataset
from toonvision.dataset.file_listing import list_files
from toonvision.dataset.file_split import split_files
from toonvision.dataset.split import Ratios, SplitIndices
from toonvision.dataset.table_file import dataset_of_columns
from toonvision.dataset.text_column import Vectorization
from toonvision.errors import ConfigError, Problem

SUFFIXES = (".txt",)
COLUMN = "text"  # of the table that the texts are taken for
_KIND = "text"


def load(
    *,
    path: str,
    encoding: str = "utf-8",
    max_tokens: int = 10_000,
    sequence_length: int = 100,
    validation_ratio: float = 0.2,
    test_ratio: float = 0.2,
    on_bad_text: str = "raise",
    seed: int = 7,
) -> Dataset:
    """Load a folder of texts.

    Args:
        path: a folder with the folders train, validation and test, each with one folder for each class, without
            validation if `validation_ratio` is to split train; or with one folder for each class, whose texts
            `validation_ratio` and `test_ratio` split.
        encoding: of the files.
        max_tokens: the size of the vocabulary, with the ids 0 of padding and 1 of unknown words.
        sequence_length: the words of a text that are kept.
        validation_ratio: share of every class held out for validation.
        test_ratio: share of every class held out for the test.
        on_bad_text: raise for a DatasetError that names all files that are empty or cannot be decoded; skip for a
            warning.
        seed: seed of the split.

    Returns:
        int32 ids, shape `(n, sequence_length)`, named by the paths of the files below `path`; and the vocabulary of the
        train texts as `preprocessing`.

    Raises:
        ConfigError: if a setting is invalid.
        DatasetError: if the folder is not a classification dataset, or holds files that cannot be read.
    """
    ratios, vectorization = Ratios(validation_ratio, test_ratio), Vectorization(max_tokens, sequence_length)
    check_on_bad(_KIND, on_bad_text)
    listing = list_files(path, SUFFIXES, _KIND)
    texts: list[str] = []
    bad: dict[int, str] = {}
    for index, file in enumerate(listing.files):
        try:
            texts.append(read_text(listing.root / file.name, encoding))
        except BadFileError as error:
            bad[index] = str(error)
    if on_bad_text == RAISE:
        refuse_bad_files(listing, bad)
    files = without_bad_files(listing, bad)
    everyone = np.arange(len(files))
    parts = [everyone[part] for part in split_files(files, listing.splits, ratios, seed=seed)]
    names = tuple(file.name for file in files)
    hashes = (hashlib.sha256(text.encode()).hexdigest() for text in texts)
    return dataset_of_columns(
        "text_directory",
        pd.DataFrame({COLUMN: texts}),
        np.array([file.label for file in files], dtype=np.int64),
        SplitIndices(*parts),
        class_names=listing.class_names,
        kinds={COLUMN: "text"},
        vectorization=vectorization,
        names=names,
        where=str(listing.root),
        content=digest(list(zip(names, hashes, strict=True))),
    )


def read_text(path: Path, encoding: str) -> str:
    """Return the text of a file.

    Raises:
        BadFileError: if it cannot be read or decoded, or is empty.
        ConfigError: if there is no such encoding.
    """
    try:
        text = read_content(path).decode(encoding)
    except UnicodeDecodeError as error:
        raise BadFileError(f"no text in {encoding} ({error.reason} at byte {error.start})") from error
    except LookupError as error:
        raise ConfigError(Problem("dataset.encoding", "the name of an encoding", repr(encoding))) from error
    if not text.strip():
        raise BadFileError("the file is empty")
    return text
