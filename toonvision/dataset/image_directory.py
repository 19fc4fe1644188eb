"""Images in folders: found by `image_listing`, decoded once into the cache, and split.

The key of the cache consists of the path, size and modification time of the files, and of the decoding. It has the time
instead of the content, so that a worker process starts without reading an image. It has no ratios, so that another
split decodes nothing. The fingerprint is a hash of the contents: a copy of the folder has the same fingerprint.
"""

from __future__ import annotations

import hashlib
import logging
import os
import stat
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from functools import partial
from itertools import accumulate
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import regex
from numpy.typing import NDArray
from PIL import Image
from rich.console import Console
from rich.progress import Progress

from toonvision.dataset.cache import cached_files, digest
from toonvision.dataset.dataset import Dataset, Split
from toonvision.dataset.image_decoding import MAX_BYTES, BadImageError, Decoding, decode
from toonvision.dataset.image_listing import SPLITS, ImageFile, ImageListing, list_images
from toonvision.dataset.split import Ratios, split_indices
from toonvision.errors import ConfigError, DatasetError, Problem, did_you_mean

logger = logging.getLogger(__name__)

VERSION = 1  # of the decoding; bump to invalidate caches when a file gives other pixels
BATCH_BYTES = 64 * 2**20  # of decoded images in memory
MAX_THREADS = 16
_MATCHING = 5  # seconds; nested repetitions need longer than a life for a name of forty characters
ON_BAD_IMAGE = ("raise", "skip")


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
    if on_bad_image not in ON_BAD_IMAGE:
        raise ConfigError(
            Problem(
                "dataset.on_bad_image",
                f"one of {', '.join(ON_BAD_IMAGE)}",
                repr(on_bad_image),
                did_you_mean(on_bad_image, ON_BAD_IMAGE),
            )
        )
    listing = list_images(path)
    if group_pattern is not None and "validation" in listing.splits:
        raise ConfigError(
            Problem("dataset.group_pattern", f"null, because {listing.root} is split already", repr(group_pattern))
        )
    stored = _decoded(listing, decoding, on_bad_image)
    files = _readable(listing, stored)
    parts = _parts(files, listing.splits, ratios, group_pattern, seed)
    labels = np.array([file.label for file in files], dtype=np.int64)
    names = np.array([file.name for file in files])
    train, validation, test = (
        Split(stored["images"][part], labels[part], tuple(names[part].tolist())) for part in parts
    )
    contents = [list(zip(names[part].tolist(), stored["digests"][part].tolist(), strict=True)) for part in parts]
    fingerprint = digest([VERSION, asdict(decoding), listing.class_names, contents])
    return Dataset("image_directory", train, validation, test, listing.class_names, fingerprint)


def _decoded(listing: ImageListing, decoding: Decoding, on_bad_image: str) -> dict[str, NDArray[Any]]:
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


def _decode_into(directory: Path, listing: ImageListing, decoding: Decoding, on_bad_image: str) -> None:
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
    if bad and on_bad_image == "raise":
        lines = "".join(f"\n  {listing.files[index].name}: {reason}" for index, reason in bad.items())
        expected = "files that can be read as images (dataset.on_bad_image=skip leaves the others out)"
        raise DatasetError(Problem(str(listing.root), expected, f"{len(bad)} that cannot:{lines}"))
    np.save(directory / "digests.npy", np.array(digests, dtype=np.str_))
    np.save(directory / "bad.npy", np.array(list(bad), dtype=np.int64))
    np.save(directory / "reasons.npy", np.array(list(bad.values()), dtype=np.str_))


def _write_header(file: BinaryIO, count: int, decoding: Decoding) -> None:
    """Write the .npy header of `count` images; NumPy pads it to the same length for any count."""
    shape = (count, decoding.height, decoding.width, 3)
    np.lib.format.write_array_header_1_0(file, {"descr": "|u1", "fortran_order": False, "shape": shape})


def _decode_all(listing: ImageListing, decoding: Decoding) -> Iterator[_Image]:
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
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):  # a pipe would block, a device might never end
            raise BadImageError("not a regular file")
        if status.st_size > MAX_BYTES:
            raise BadImageError(f"larger than {MAX_BYTES // 2**20} MiB")
        content = path.read_bytes()
        return _Image(decode(content, decoding), hashlib.sha256(content).hexdigest()[:32], "")
    except BadImageError as error:
        return _Image(None, "", str(error))
    except OSError as error:
        return _Image(None, "", error.strerror or str(error))


def _readable(listing: ImageListing, stored: dict[str, NDArray[Any]]) -> list[ImageFile]:
    """Return the decoded files, and warn about the others.

    Raises:
        DatasetError: if a class (of a given split) has no readable file.
    """
    bad: dict[int, str] = dict(zip(stored["bad"].tolist(), stored["reasons"].tolist(), strict=True))
    if not bad:
        return list(listing.files)
    skipped = "".join(f"\n  {listing.files[index].name}: {reason}" for index, reason in bad.items())
    logger.warning("%s: skipped %d files that cannot be read as images:%s", listing.root, len(bad), skipped)
    files = [file for index, file in enumerate(listing.files) if index not in bad]
    lost = {(file.split, file.label) for file in listing.files} - {(file.split, file.label) for file in files}
    if lost:
        folders = sorted("/".join(filter(None, (split, listing.class_names[label]))) for split, label in lost)
        raise DatasetError(
            Problem(
                str(listing.root),
                "at least one image for every class",
                f"only files that cannot be read in {', '.join(folders)}:{skipped}",
            )
        )
    return files


def _parts(
    files: Sequence[ImageFile], splits: Sequence[str], ratios: Ratios, group_pattern: str | None, seed: int
) -> tuple[slice | NDArray[np.int64], ...]:
    """Return the positions of the train, validation and test images; slices do not copy the memory map."""
    sizes = [sum(file.split == name for file in files) for name in splits]
    given = [slice(stop - size, stop) for size, stop in zip(sizes, accumulate(sizes), strict=True)]
    if len(given) == len(SPLITS):
        return tuple(given)
    drawn = files[given[0]] if given else files  # the train images come first
    labels = np.array([file.label for file in drawn], dtype=np.int64)
    groups = None if group_pattern is None else _groups(drawn, group_pattern)
    if given:
        ratios = Ratios(ratios.validation)
    indices = split_indices(labels, ratios, seed=seed, groups=groups)
    return indices.train, indices.validation, given[-1] if given else indices.test


def _groups(files: Sequence[ImageFile], pattern: str) -> list[str]:
    """Return the group of each file.

    Raises:
        ConfigError: if `pattern` is not a regular expression, does not match every file, or takes too long to.
    """
    key, deadline = "dataset.group_pattern", time.monotonic() + _MATCHING
    try:
        compiled = regex.compile(pattern)
        matches = [
            compiled.search(file.name.partition("/")[2], timeout=max(0.01, deadline - time.monotonic()))
            for file in files
        ]
    except (regex.error, TypeError) as error:
        raise ConfigError(Problem(key, "a regular expression", f"{pattern!r}, {error}")) from error
    except TimeoutError as error:
        expected = f"a regular expression that needs at most {_MATCHING} seconds for the names of {len(files)} files"
        raise ConfigError(Problem(key, expected, f"{pattern!r}, which needs more")) from error
    group = 1 if compiled.groups else 0
    found = [match[group] if match else None for match in matches]
    unmatched = [file.name for file, name in zip(files, found, strict=True) if name is None]
    if unmatched:
        raise ConfigError(
            Problem(
                "dataset.group_pattern",
                "a match in the name of every file",
                f"{pattern!r}, which finds no group in {', '.join(unmatched)}",
            )
        )
    return [name for name in found if name is not None]
