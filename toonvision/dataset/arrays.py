"""Arrays in NumPy's files: one file `.npz`, or a folder of files `.npy`, which are memory-mapped.

The names are those of Keras's own datasets: `x` and `y`, which are split, or `x_train`, `y_train`, `x_test`, `y_test`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from toonvision.config.folders import existing_path
from toonvision.dataset.cache import digest
from toonvision.dataset.dataset import Dataset, Labels, Split
from toonvision.dataset.split import Ratios, split_indices, strata
from toonvision.errors import DatasetError, Problem

_WHOLE = ("x", "y")
_SPLITS = ("train", "validation", "test")
_CHUNK = 2**20  # bytes


def load(*, path: str, validation_ratio: float = 0.2, test_ratio: float = 0.2, seed: int = 7) -> Dataset:
    """Load arrays.

    Args:
        path: of a file `.npz` or a folder of files `.npy`, with the arrays `x` and `y`; or with `x_train`, `y_train`,
            `x_test`, `y_test` and perhaps `x_validation` and `y_validation`.
        validation_ratio: share of the examples (of `x_train`) held out for validation, unless that has its own arrays.
        test_ratio: share of the examples held out for the test, unless that has its own arrays.
        seed: seed of the split.

    Returns:
        The examples as they are; classes, labels or numbers, as `y` has integers of shape `(n,)` or `(n, 1)`, 0 and 1
        of shape `(n, k)`, or floats.

    Raises:
        ConfigError: if a setting is invalid.
        DatasetError: if the arrays cannot be read, or do not belong together.
    """
    ratios, file = Ratios(validation_ratio, test_ratio), existing_path(path, "dataset.path")
    found = _read(file)
    parts = ["", *(f"_{name}" for name in _SPLITS)]
    given = [part for part in parts if f"x{part}" in found or f"y{part}" in found]
    if given not in ([""], ["_train", "_test"], ["_train", "_validation", "_test"]):
        expected = "the arrays x and y; or x_train, y_train, x_test and y_test, perhaps x_validation and y_validation"
        raise DatasetError(Problem(str(file), expected, ", ".join(found) or "none"))
    pairs = {part: _pair(found, part, file) for part in given}
    labels, class_names = _labels({part: y for part, (_, y) in pairs.items()}, file)
    splits = [Split(pairs[part][0], labels[part]) for part in given]
    if len({split.x.shape[1:] for split in splits}) > 1:
        shapes = ", ".join(f"x{part} {split.x.shape}" for part, split in zip(given, splits, strict=True))
        raise DatasetError(Problem(str(file), "examples of the same shape in all arrays", shapes))
    if len(splits) < len(_SPLITS):
        held_out = ratios if len(splits) == 1 else Ratios(validation_ratio)
        indices = split_indices(strata(splits[0].y), held_out, seed=seed)
        drawn = [splits[0].taken(part) for part in (indices.train, indices.validation)]
        splits = [*drawn, splits[0].taken(indices.test) if len(splits) == 1 else splits[1]]
    train, validation, test = splits
    fingerprint = digest([_content(file), validation_ratio, test_ratio, seed])
    return Dataset("arrays", train, validation, test, class_names, fingerprint)


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.npy"))


def _read(file: Path) -> dict[str, NDArray[Any]]:
    try:
        if file.is_dir():
            return {path.stem: np.load(path, mmap_mode="r", allow_pickle=False) for path in _files(file)}
        loaded = np.load(file, allow_pickle=False)
        if not isinstance(loaded, Mapping):
            raise ValueError("one array without a name")
        return {name: loaded[name] for name in loaded}
    except (OSError, ValueError, EOFError) as error:
        expected = "arrays of numbers in a file .npz, or in a folder of files .npy"
        raise DatasetError(Problem(str(file), expected, str(error))) from error


def _pair(found: Mapping[str, NDArray[Any]], part: str, file: Path) -> tuple[NDArray[Any], NDArray[Any]]:
    x, y = (found.get(f"{name}{part}") for name in _WHOLE)
    if x is None or y is None or x.ndim < 2 or y.ndim < 1 or len(x) != len(y) or not len(x):
        received = " and ".join(
            f"{name}{part} {'is missing' if array is None else array.shape}" for name, array in (("x", x), ("y", y))
        )
        raise DatasetError(Problem(str(file), "as many labels as examples, each an array of numbers", received))
    if not (np.issubdtype(x.dtype, np.number) or x.dtype == np.bool_):
        raise DatasetError(Problem(f"{file}, x{part}", "numbers", str(x.dtype)))
    return x, y


def _labels(given: Mapping[str, NDArray[Any]], file: Path) -> tuple[dict[str, Labels], tuple[str, ...]]:
    """Return the labels of each part, and their names."""
    flat = {part: y[:, 0] if y.ndim == 2 and y.shape[1] == 1 and _is_whole(y) else y for part, y in given.items()}
    first = next(iter(flat.values()))
    if any(y.ndim != first.ndim or y.shape[1:] != first.shape[1:] for y in flat.values()) or first.ndim > 2:
        shapes = ", ".join(f"y{part} {y.shape}" for part, y in given.items())
        raise DatasetError(Problem(str(file), "labels of one shape, (n,) or (n, k)", shapes))
    if first.ndim == 1 and (_is_whole(first) or first.dtype.kind in "US"):
        classes = np.unique(np.concatenate(list(flat.values())))
        if len(classes) < 2:
            raise DatasetError(Problem(str(file), "at least two classes", f"{len(classes)}"))
        indices = {part: np.searchsorted(classes, y).astype(np.int64) for part, y in flat.items()}
        return dict(indices), tuple(map(str, classes.tolist()))
    columns = {part: y[:, None] if y.ndim == 1 else y for part, y in flat.items()}
    names = tuple(str(number) for number in range(next(iter(columns.values())).shape[1]))
    if _is_whole(first) and all(np.isin(y, (0, 1)).all() for y in columns.values()):
        return {part: y.astype(np.int64) for part, y in columns.items()}, names
    if not all(np.issubdtype(y.dtype, np.number) and np.isfinite(y).all() for y in columns.values()):
        raise DatasetError(Problem(str(file), "finite numbers as labels", "others"))
    return {part: y.astype(np.float32) for part, y in columns.items()}, names


def _is_whole(array: NDArray[Any]) -> bool:
    return bool(np.issubdtype(array.dtype, np.integer) or array.dtype == np.bool_)


def _content(file: Path) -> str:
    """Return a digest of the files."""
    found = hashlib.sha256()
    for path in _files(file) if file.is_dir() else [file]:
        found.update(path.name.encode() if file.is_dir() else b"")
        with path.open("rb") as content:
            while chunk := content.read(_CHUNK):
                found.update(chunk)
    return found.hexdigest()
