"""New examples for a trained model: rows of a table, images, or arrays, as the model's own examples were made."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from toonvision.config.node import Node
from toonvision.dataset.dataset import Examples, Shape
from toonvision.dataset.encoding import Encoding
from toonvision.dataset.image_decoding import SUFFIXES, BadImageError, Decoding, decode
from toonvision.dataset.table_columns import read_table
from toonvision.errors import DatasetError, Problem

_RED_GREEN_BLUE = 3
_LUMINANCE = (0.299, 0.587, 0.114)  # ITU-R 601, as Pillow converts to gray


def read_examples(
    data: Path, dataset: Node, shape: Shape | Mapping[str, Shape], preprocessing: Mapping[str, Any] | None
) -> tuple[Examples, tuple[str, ...]]:
    """Return examples and their names.

    Args:
        data: exists; a table if the model has learned one; else an image, a folder of images, or a file `.npy` with an
            array (`.npz` with one for each input).
        dataset: the model's, whose settings say how a file is read.
        shape: of one example, or of each input by its name.
        preprocessing: the dataset's, if it has any.

    Raises:
        ConfigError: if the file of a table has another suffix.
        DatasetError: if they cannot be read, or are no examples of this model.
    """
    if preprocessing is not None:
        return _rows(data, dataset, preprocessing)
    if data.suffix in (".npy", ".npz"):
        return _arrays(data, shape)
    if isinstance(shape, Mapping) or len(shape) != 3:
        expected = f"a file .npy with examples of shape {shape}" if not isinstance(shape, Mapping) else "a file .npz"
        raise DatasetError(Problem(str(data), expected, repr(data.name)))
    return _images(data, dataset, shape)


def _rows(data: Path, dataset: Node, preprocessing: Mapping[str, Any]) -> tuple[Examples, tuple[str, ...]]:
    try:
        encoding = Encoding.from_plain(preprocessing)
    except ValidationError as error:
        expected = "columns, as toonvision writes them beside a model"
        raise DatasetError(Problem(f"preprocessing for {data}", expected, str(error).splitlines()[0])) from error
    settings = {key: dataset.arguments[key] for key in ("header", "separator", "encoding") if key in dataset.arguments}
    frame = read_table(data, **settings)
    return encoding.encode(frame, str(data)), tuple(f"row-{position + 1}" for position in range(len(frame)))


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
    files = sorted(path for path in data.rglob("*") if path.is_file()) if data.is_dir() else [data]
    files = [path for path in files if path.suffix.lower() in SUFFIXES]
    if not files:
        raise DatasetError(Problem(str(data), f"images ({', '.join(SUFFIXES)})", "none"))
    pixels, bad = [], []
    for path in files:
        try:
            pixels.append(decode(path.read_bytes(), decoding))
        except (BadImageError, OSError) as error:
            bad.append(f"\n  {path}: {error}")
    if bad:
        raise DatasetError(
            Problem(str(data), "files that can be read as images", f"{len(bad)} that cannot:{''.join(bad)}")
        )
    images = np.stack(pixels)
    if channels != _RED_GREEN_BLUE:
        images = np.rint(images @ np.array(_LUMINANCE)).astype(np.uint8)[..., None]
    return images, tuple(str(path.relative_to(data)) if data.is_dir() else path.name for path in files)
