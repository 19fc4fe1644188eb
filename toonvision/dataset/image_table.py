"""Images that a table lists: a column has the path of each file, others what is to be predicted.

They are decoded into the cache as those of `image_directory`, whose way of reading a file this is.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from toonvision.config.folders import existing_file, existing_folder
from toonvision.dataset.bad_files import check_on_bad, warn_of_bad_files
from toonvision.dataset.cache import digest
from toonvision.dataset.dataset import Dataset, Labels, Split
from toonvision.dataset.encoding import texts
from toonvision.dataset.file_listing import SPLIT_SYNONYMS, SPLITS, FileListing, listed_file
from toonvision.dataset.image_decoding import Decoding
from toonvision.dataset.image_directory import KIND, VERSION, bad_images, decoded
from toonvision.dataset.split import Ratios, SplitIndices, group_indices, split_indices, strata
from toonvision.dataset.table_columns import read_table
from toonvision.dataset.table_file import check_columns
from toonvision.dataset.table_target import labels_of
from toonvision.errors import ConfigError, DatasetError, Problem

_SHOWN = 5  # rows in a message


def load(
    *,
    path: str,
    image: str,
    target: str | Sequence[str],
    image_size: Sequence[int],
    folder: str | None = None,
    resize: str = "stretch",
    target_kind: str | None = None,
    on_missing_target: str = "raise",
    split: str | None = None,
    group: str | None = None,
    validation_ratio: float = 0.2,
    test_ratio: float = 0.2,
    on_bad_image: str = "raise",
    separator: str | None = None,
    encoding: str = "utf-8",
    seed: int = 7,
) -> Dataset:
    """Load the images of a table; the first call decodes them, later calls read the cache.

    Args:
        path: of a file `.csv`, `.tsv`, `.txt` or `.parquet`.
        image: the column with the path of each image: absolute, or from `folder`.
        target: the column to predict, or several.
        image_size: `[height, width]` of every example in pixels.
        folder: of the images; that of the table if None. A path may lead out of it.
        resize: stretch, pad or crop (see `Decoding`).
        target_kind: classes or numbers; None to tell by the values.
        on_missing_target: raise for a DatasetError that names the rows without a target; skip leaves them out.
        split: a column with train, validation (or another usual name) and test; without validation, `validation_ratio`
            splits the train images. None to draw the splits.
        group: a column; its rows of one value stay in one split.
        validation_ratio: share held out for validation, of each class, of each tenth of a number, or of the groups.
        test_ratio: share held out for the test.
        on_bad_image: raise for a DatasetError that names the files that are missing or cannot be read; skip for a
            warning.
        separator: of a text file; None for a comma, or a tab where the file is `.tsv`.
        encoding: of a text file.
        seed: seed of the split.

    Returns:
        RGB images, uint8, shape `(n, height, width, 3)`, named by their paths in the table.

    Raises:
        ConfigError: if a setting is invalid, or names a column that is not there.
        DatasetError: if the table or an image cannot be read, or the rows contradict each other.
    """
    decoding, ratios = Decoding.checked(image_size, resize), Ratios(validation_ratio, test_ratio)
    check_on_bad(KIND, on_bad_image)
    file = existing_file(path, "dataset.path")
    root = file.parent if folder is None else existing_folder(folder, "dataset.folder")
    frame, where = read_table(file, separator=separator, encoding=encoding), str(file)
    targets = [target] if isinstance(target, str) else list(target)
    check_columns(frame, {"image": [image], "target": targets, "split": [split], "group": [group]})
    if split is not None and group is not None:
        raise ConfigError(Problem("dataset.group", "null, because dataset.split splits the rows", repr(group)))
    if on_missing_target == "skip":
        frame = frame.dropna(subset=targets)
    if split is not None:
        frame = frame.assign(**{split: _splits(frame[split], f"{where}, column {split}")})
    frame = _each_file_once(frame, image, [*targets, *([split] if split else [])], where)
    labels_of(frame, targets, target_kind, where)  # its errors come before the decoding
    if on_bad_image == "raise":
        _check_files(frame[image], root, where)
    files = tuple(listed_file(root, root / name, 0, None, name) for name in frame[image])
    listing = FileListing(root, KIND, (), files)
    stored = decoded(listing, decoding, on_bad_image)
    warn_of_bad_files(listing, bad_images(stored))
    frame = frame.drop(index=frame.index[stored["bad"]])
    labels, class_names = labels_of(frame, targets, target_kind, where)
    if split is None:
        indices = _drawn(frame, labels, ratios, group, seed=seed)
    else:
        indices = _given(frame[split], labels, ratios, seed=seed)
    groups = tuple(texts(frame[group])) if group is not None else ()
    everything = Split(stored["images"], labels, tuple(frame[image]), groups)
    parts = (indices.train, indices.validation, indices.test)
    train, validation, test = (everything.taken(part) for part in parts)
    contents = [[stored["digests"][part].tolist(), labels[part].tolist()] for part in parts]
    fingerprint = digest([VERSION, asdict(decoding), class_names, contents])
    return Dataset("image_table", train, validation, test, class_names, fingerprint)


def _each_file_once(frame: pd.DataFrame, image: str, said: Sequence[str], where: str) -> pd.DataFrame:
    """Return the rows, of those that say the same of the same file the first.

    Raises:
        DatasetError: if a row has no file, or two rows say different things of one.
    """
    lacking = np.flatnonzero(frame[image].isna())
    if len(lacking):
        received = f"none in {_rows(frame, lacking)}"
        raise DatasetError(Problem(f"{where}, column {image}", "the path of an image in each row", received))
    names = frame[image].map(lambda name: os.path.normpath(str(name)))
    frame = frame.assign(**{image: names}).drop_duplicates([image, *said])
    again = np.flatnonzero(frame[image].duplicated(keep=False))
    if len(again):
        same = np.flatnonzero(frame[image] == frame[image].iloc[again[0]])
        expected = f"one value of {', '.join(said)} for each file"
        received = f"several for {frame[image].iloc[again[0]]!r} in {_rows(frame, same)}"
        raise DatasetError(Problem(where, expected, received))
    return frame


def _check_files(names: pd.Series[str], root: Path, where: str) -> None:
    """Raise DatasetError for the rows whose file does not exist."""
    missing = np.flatnonzero([not (root / name).exists() for name in names])
    if len(missing):
        shown = ", ".join(repr(name) for name in names.iloc[missing[:_SHOWN]])
        hint = f"Paths start from {root} (dataset.folder). dataset.on_bad_image=skip leaves these rows out."
        received = f"no such file in {_rows(names, missing)}: {shown}"
        raise DatasetError(Problem(f"{where}, column {names.name}", "an image in each row", received, hint))


def _rows(frame: pd.DataFrame | pd.Series[str], positions: NDArray[np.integer]) -> str:
    """Return how many rows these are, and which."""
    numbers = ", ".join(str(row + 1) for row in frame.index[positions[:_SHOWN]])
    return f"{len(positions)} rows ({numbers}{', ...' if len(positions) > _SHOWN else ''})"


def _drawn(frame: pd.DataFrame, labels: Labels, ratios: Ratios, group: str | None, *, seed: int) -> SplitIndices:
    if group is None:
        return split_indices(strata(labels), ratios, seed=seed)
    classes = labels.astype(np.int64) if labels.ndim == 1 else np.zeros(len(labels), dtype=np.int64)
    return group_indices(classes, texts(frame[group]), ratios, seed=seed)


def _splits(column: pd.Series[Any], where: str) -> list[str]:
    """Return the split that each row names.

    Raises:
        DatasetError: if a row names something else, or none names train or test.
    """
    named = texts(column)
    splits = [SPLIT_SYNONYMS.get(name.lower(), name.lower()) for name in named]
    wrong = [repr(name) for name in sorted(set(named)) if SPLIT_SYNONYMS.get(name.lower(), name.lower()) not in SPLITS]
    if wrong:
        raise DatasetError(Problem(where, f"{', '.join(SPLITS)} in each row", ", ".join(wrong[:_SHOWN])))
    if not {"train", "test"} <= set(splits):
        raise DatasetError(Problem(where, "rows for train and for test", f"{', '.join(sorted(set(splits)))} alone"))
    return splits


def _given(splits: pd.Series[Any], labels: Labels, ratios: Ratios, *, seed: int) -> SplitIndices:
    """Return the splits that the rows name; validation is drawn from train where none names it."""
    train, validation, test = (np.flatnonzero(splits == name).astype(np.int64) for name in SPLITS)
    if len(validation):
        return SplitIndices(train, validation, test)
    drawn = split_indices(strata(labels[train]), Ratios(ratios.validation), seed=seed)
    return SplitIndices(train[drawn.train], train[drawn.validation], test)
