"""New examples for a trained model, as its own were made: rows of a table, texts, images, or arrays."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import ValidationError

from toonvision.config.node import Node
from toonvision.dataset import text_directory
from toonvision.dataset.bad_files import BadFileError, read_content
from toonvision.dataset.dataset import Examples, Shape
from toonvision.dataset.encoding import Encoding
from toonvision.dataset.file_listing import files_below
from toonvision.dataset.image_decoding import SUFFIXES, BadImageError, Decoding, decode
from toonvision.dataset.table_columns import read_table
from toonvision.dataset.text_column import UNKNOWN, Text
from toonvision.dataset.windows import Windows
from toonvision.errors import DatasetError, Problem

logger = logging.getLogger(__name__)

_SHOWN = 5  # names in a message
_RED_GREEN_BLUE = 3
_LUMINANCE = (0.299, 0.587, 0.114)  # ITU-R 601, as Pillow converts to gray


def read_examples(
    data: Path, dataset: Node, shape: Shape | Mapping[str, Shape], preprocessing: Mapping[str, Any] | None
) -> tuple[Examples, tuple[str, ...]]:
    """Return examples and their names.

    Args:
        data: exists; a table if the model has learned one, or texts in a folder or a file `.txt` if it has learned
            texts alone; else an image, a folder of images, or a file `.npy` with an array (`.npz` with one for each
            input).
        dataset: the model's, whose settings say how a file is read.
        shape: of one example, or of each input by its name.
        preprocessing: the dataset's, if it has any.

    Raises:
        ConfigError: if the file of a table has another suffix.
        DatasetError: if they cannot be read, or are no examples of this model.
    """
    if preprocessing is not None:
        return _encoded(data, dataset, preprocessing)
    if data.suffix in (".npy", ".npz"):
        return _arrays(data, shape)
    if isinstance(shape, Mapping) or len(shape) != 3:
        expected = f"a file .npy with examples of shape {shape}" if not isinstance(shape, Mapping) else "a file .npz"
        raise DatasetError(Problem(str(data), expected, repr(data.name)))
    return _images(data, dataset, shape)


def _encoded(data: Path, dataset: Node, preprocessing: Mapping[str, Any]) -> tuple[Examples, tuple[str, ...]]:
    learned = learned_of(preprocessing, str(data))
    if isinstance(learned, Windows):
        return learned.examples(read_frame(data, dataset, learned)[0], str(data))
    frame, names = read_frame(data, dataset, learned)
    return _known(learned, frame, names, data)


def learned_of(preprocessing: Mapping[str, Any], place: str) -> Encoding | Windows:
    """Return what is kept beside a model of a table's rows, of texts, or of windows over rows.

    Raises:
        DatasetError: if it is something else.
    """
    try:
        is_series = preprocessing.get("kind") == "series"
        return Windows.from_plain(preprocessing) if is_series else Encoding.from_plain(preprocessing)
    except ValidationError as error:
        expected = "columns, as toonvision writes them beside a model"
        raise DatasetError(Problem(f"preprocessing for {place}", expected, str(error).splitlines()[0])) from error


def read_frame(data: Path, dataset: Node, learned: Encoding | Windows) -> tuple[pd.DataFrame, list[str]]:
    """Return the rows of a table or texts, read as the dataset's own, and their names."""
    is_table = "target" in dataset.arguments  # whose file may end with .txt, too
    is_text = data.is_dir() or (not is_table and data.suffix.lower() in text_directory.SUFFIXES)
    first, *others = learned.columns
    if is_text and isinstance(first, Text) and not others:
        texts, names = _texts(data, str(dataset.arguments.get("encoding", "utf-8")))
        return pd.DataFrame({first.name: texts}), names
    keys = ("header", "separator", "quote", "encoding")
    frame = read_table(data, **{key: dataset.arguments[key] for key in keys if key in dataset.arguments})
    return frame, [f"row-{position + 1}" for position in range(len(frame))]


def _known(
    encoding: Encoding, frame: pd.DataFrame, names: Sequence[str], data: Path
) -> tuple[Examples, tuple[str, ...]]:
    """Return encoded examples, after a warning of texts that say nothing to the model."""
    x = encoding.encode(frame, str(data))
    for column in encoding.columns:
        if isinstance(column, Text):
            ids = x[column.name] if isinstance(x, Mapping) else x
            strange = [names[row] for row in np.flatnonzero((ids <= UNKNOWN).all(axis=1)).tolist()]
            if strange:
                said = ", ".join(strange[:_SHOWN]) + (", ..." if len(strange) > _SHOWN else "")
                logger.warning("%s, column %s: no word that the model knows in %s", data, column.name, said)
    return x, tuple(names)


def _texts(data: Path, encoding: str) -> tuple[list[str], list[str]]:
    texts, bad = [], []
    files = _files(data, text_directory.SUFFIXES, "texts")
    for path in files:
        try:
            texts.append(text_directory.read_text(path, encoding))
        except BadFileError as error:
            bad.append(f"\n  {path}: {error}")
    _refuse(bad, data, "texts")
    return texts, _names(files, data)


def _arrays(data: Path, shape: Shape | Mapping[str, Shape]) -> tuple[Examples, tuple[str, ...]]:
    try:
        loaded = np.load(data, allow_pickle=False, mmap_mode="r" if data.suffix == ".npy" else None)
        arrays: dict[str, NDArray[Any]] = (
            {"": loaded} if data.suffix == ".npy" else {key: loaded[key] for key in loaded}
        )
    except (OSError, ValueError, EOFError) as error:
        raise DatasetError(Problem(str(data), "arrays of numbers", str(error))) from error
    wanted = dict(shape) if isinstance(shape, Mapping) else {"": shape}
    if len(wanted) == len(arrays) == 1:
        arrays = dict(zip(wanted, arrays.values(), strict=True))
    found = {key: array.shape[1:] for key, array in arrays.items()}
    lengths = {len(array) for array in arrays.values()}
    if found != wanted or len(lengths) != 1:
        expected = " and ".join(f"{key} (n, {', '.join(map(str, size))})".strip() for key, size in wanted.items())
        received = ", ".join(f"{key} {array.shape}".strip() for key, array in arrays.items())
        raise DatasetError(Problem(str(data), f"an array of shape {expected}", received))
    names = tuple(str(index) for index in range(lengths.pop()))
    return (arrays if isinstance(shape, Mapping) else arrays[""]), names


def _images(data: Path, dataset: Node, shape: Shape) -> tuple[Examples, tuple[str, ...]]:
    height, width, channels = shape
    decoding = Decoding.checked([height, width], str(dataset.arguments.get("resize", "stretch")))
    files = _files(data, SUFFIXES, "images")
    pixels, bad = [], []
    for path in files:
        try:
            pixels.append(decode(read_content(path), decoding))
        except (BadImageError, BadFileError) as error:
            bad.append(f"\n  {path}: {error}")
    _refuse(bad, data, "images")
    images = np.stack(pixels)
    if channels != _RED_GREEN_BLUE:
        images = np.rint(images @ np.array(_LUMINANCE)).astype(np.uint8)[..., None]
    return images, tuple(_names(files, data))


def _files(data: Path, suffixes: Sequence[str], kind: str) -> list[Path]:
    files = files_below(data, suffixes) if data.is_dir() else [data]
    if not files or files[0].suffix.lower() not in suffixes:
        raise DatasetError(Problem(str(data), f"{kind} ({', '.join(suffixes)})", "none"))
    return files


def _refuse(bad: Sequence[str], data: Path, kind: str) -> None:
    if bad:
        received = f"{len(bad)} that cannot:{''.join(bad)}"
        raise DatasetError(Problem(str(data), f"files that can be read as {kind}", received))


def _names(files: Sequence[Path], data: Path) -> list[str]:
    return [str(path.relative_to(data)) if data.is_dir() else path.name for path in files]
