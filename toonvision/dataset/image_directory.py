"""Images in folders: found by `file_listing`, decoded once into the cache, and split.

The key of the cache consists of the path, size and modification time of the files, and of the decoding. It has the time
instead of the content, so that a worker process starts without reading an image. It has no ratios, so that another
split decodes nothing. The fingerprint is a hash of the contents: a copy of the folder has the same fingerprint.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from rich.console import Console
from rich.progress import Progress

from toonvision.dataset.bad_files import (
    RAISE,
    BadFileError,
    check_on_bad,
    read_content,
    refuse_bad_files,
    without_bad_files,
)
from toonvision.dataset.cache import cached_files, digest
from toonvision.dataset.dataset import Dataset, Split
from toonvision.dataset.file_listing import FileListing, list_files
from toonvision.dataset.file_split import split_files
from toonvision.dataset.image_decoding import SUFFIXES, BadImageError, Decoding, decode
from toonvision.dataset.split import Ratios
from toonvision.errors import ConfigError, Problem

KIND = "image"
VERSION = 1  # of the decoding; bump to invalidate caches when a file gives other pixels
BATCH_BYTES = 64 * 2**20  # of decoded images in memory
MAX_THREADS = 16


def load(
    *,
    path: str,
    image_size: Sequence[int],
    resize: str = "stretch",
    validation_ratio: float = 0.2,
    test_ratio: float = 0.2,
    group_pattern: str | None = None,
    on_bad_image: str = "raise",
    seed: int = 7,
) -> Dataset:
    """Load a folder of images; the first call decodes them, later calls read the cache.

    Args:
        path: a folder with the folders train, validation and test, each with one folder for each class, without
            validation if `validation_ratio` is to split train; or with one folder for each class, whose images
            `validation_ratio` and `test_ratio` split.
        image_size: `[height, width]` of every example in pixels.
        resize: stretch, pad or crop (see `Decoding`).
        validation_ratio: share of every class (and group) held out for validation.
        test_ratio: share of every class (and group) held out for the test.
        group_pattern: a regular expression that finds the group of a file in its name (from the class folder on): its
            first capture group or, without one, the whole match. The ratios split every group.
        on_bad_image: raise for a DatasetError that names all unreadable files; skip for a warning.
        seed: seed of the split.

    Returns:
        RGB images, uint8, shape `(n, height, width, 3)`, named by their paths below `path`.

    Raises:
        ConfigError: if a setting is invalid.
        DatasetError: if the folder is not a classification dataset, or holds files that are not images.
    """
    decoding = Decoding.checked(image_size, resize)
    ratios = Ratios(validation_ratio, test_ratio)
    check_on_bad(KIND, on_bad_image)
    listing = list_files(path, SUFFIXES, KIND)
    if group_pattern is not None and "validation" in listing.splits:
        raise ConfigError(
            Problem("dataset.group_pattern", f"null, because {listing.root} is split already", repr(group_pattern))
        )
    stored = decoded(listing, decoding, on_bad_image)
    files = without_bad_files(listing, bad_images(stored))
    parts = split_files(files, listing.splits, ratios, seed=seed, group_pattern=group_pattern)
    labels = np.array([file.label for file in files], dtype=np.int64)
    names = np.array([file.name for file in files])
    train, validation, test = (
        Split(stored["images"][part], labels[part], tuple(names[part].tolist())) for part in parts
    )
    contents = [list(zip(names[part].tolist(), stored["digests"][part].tolist(), strict=True)) for part in parts]
    fingerprint = digest([VERSION, asdict(decoding), listing.class_names, contents])
    return Dataset("image_directory", train, validation, test, listing.class_names, fingerprint)


def bad_images(stored: dict[str, NDArray[Any]]) -> dict[int, str]:
    """Return the reasons of the files that could not be read, by their positions in the listing."""
    return dict(zip(stored["bad"].tolist(), stored["reasons"].tolist(), strict=True))


def decoded(listing: FileListing, decoding: Decoding, on_bad_image: str) -> dict[str, NDArray[Any]]:
    """Return the cached arrays of the listed images.

    Returns:
        images: of the readable files, uint8, shape `(readable, height, width, 3)`; digests: of their contents, strings.
        bad: indices in `listing.files` of the unreadable files, int64; reasons: why they are unreadable, strings.
    """
    files = [(file.name, file.size, file.modified) for file in listing.files]
    settings = {"version": VERSION, "decoding": asdict(decoding), "on_bad_image": on_bad_image}
    key = f"images-{digest([str(listing.root.resolve()), files, settings])}"
    return cached_files(key, lambda directory: _decode_into(directory, listing, decoding, on_bad_image))


@dataclass(frozen=True, slots=True)
class _Image:
    """A decoded file: its pixels and the digest of its content, or the reason why it is unreadable."""

    pixels: NDArray[np.uint8] | None
    digest: str
    reason: str


def _decode_into(directory: Path, listing: FileListing, decoding: Decoding, on_bad_image: str) -> None:
    digests: list[str] = []
    bad: dict[int, str] = {}
    with (directory / "images.npy").open("wb") as file:
        _write_header(file, len(listing.files), decoding)
        for index, image in enumerate(_decode_all(listing, decoding)):
            if image.pixels is None:
                bad[index] = image.reason
            else:
                file.write(image.pixels.tobytes())
                digests.append(image.digest)
        file.seek(0)
        _write_header(file, len(digests), decoding)
    if on_bad_image == RAISE:
        refuse_bad_files(listing, bad)
    np.save(directory / "digests.npy", np.array(digests, dtype=np.str_))
    np.save(directory / "bad.npy", np.array(list(bad), dtype=np.int64))
    np.save(directory / "reasons.npy", np.array(list(bad.values()), dtype=np.str_))


def _write_header(file: BinaryIO, count: int, decoding: Decoding) -> None:
    """Write the .npy header of `count` images; NumPy pads it to the same length for any count."""
    shape = (count, decoding.height, decoding.width, 3)
    np.lib.format.write_array_header_1_0(file, {"descr": "|u1", "fortran_order": False, "shape": shape})


def _decode_all(listing: FileListing, decoding: Decoding) -> Iterator[_Image]:
    """Decode in threads (Pillow releases the GIL), in order, with at most BATCH_BYTES in memory."""
    paths = [listing.root / file.name for file in listing.files]
    threads = min(os.cpu_count() or 1, MAX_THREADS)
    batch = max(threads, BATCH_BYTES // (decoding.height * decoding.width * 3))
    console = Console(stderr=True)
    progress = Progress(
        *Progress.get_default_columns(), console=console, transient=True, disable=not console.is_terminal
    )
    Image.init()  # Pillow registers its formats at first use, which is not thread-safe
    with progress, ThreadPoolExecutor(threads) as pool:
        task = progress.add_task("Decoding images", total=len(paths))
        for start in range(0, len(paths), batch):
            for image in pool.map(partial(_decode_file, decoding=decoding), paths[start : start + batch]):
                progress.advance(task)
                yield image


def _decode_file(path: Path, decoding: Decoding) -> _Image:
    try:
        content = read_content(path)
        return _Image(decode(content, decoding), hashlib.sha256(content).hexdigest()[:32], "")
    except (BadFileError, BadImageError) as error:
        return _Image(None, "", str(error))
