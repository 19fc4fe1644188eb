"""Files of a listing that cannot be read: one error that names all of them, or a warning."""

from __future__ import annotations

import logging
import stat
from collections.abc import Mapping
from pathlib import Path

from toonvision.dataset.file_listing import FileListing, ListedFile
from toonvision.errors import ConfigError, DatasetError, Problem, did_you_mean

logger = logging.getLogger(__name__)

MAX_BYTES = 2**28  # of a file
RAISE, SKIP = ON_BAD = ("raise", "skip")


class BadFileError(Exception):
    """A file that cannot be read; the message gives the reason."""


def read_content(path: Path) -> bytes:
    """Return the content of a file.

    Raises:
        BadFileError: if it cannot be read, is larger than `MAX_BYTES`, or is no regular file.
    """
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):  # a pipe would block, a device might never end
            raise BadFileError("not a regular file")
        if status.st_size > MAX_BYTES:
            raise BadFileError(f"larger than {MAX_BYTES // 2**20} MiB")
        return path.read_bytes()
    except OSError as error:
        raise BadFileError(error.strerror or str(error)) from error


def check_on_bad(kind: str, given: str) -> None:
    """Raise ConfigError if the setting `dataset.on_bad_KIND` has no value of `ON_BAD`."""
    if given not in ON_BAD:
        expected = f"one of {', '.join(ON_BAD)}"
        raise ConfigError(Problem(f"dataset.on_bad_{kind}", expected, repr(given), did_you_mean(given, ON_BAD)))


def refuse_bad_files(listing: FileListing, bad: Mapping[int, str]) -> None:
    """Raise DatasetError if there are bad files, whose positions have reasons; it names all of them."""
    if bad:
        expected = f"files that can be read as {listing.kind}s (dataset.on_bad_{listing.kind}=skip leaves others out)"
        raise DatasetError(Problem(str(listing.root), expected, f"{len(bad)} that cannot:{_lines(listing, bad)}"))


def warn_of_bad_files(listing: FileListing, bad: Mapping[int, str]) -> str:
    """Warn of the files that are skipped, if there are any, and return them with the reason of each, a line each."""
    skipped = _lines(listing, bad)
    if bad:
        said = (listing.root, len(bad), listing.kind, skipped)
        logger.warning("%s: skipped %d files that cannot be read as %ss:%s", *said)
    return skipped


def without_bad_files(listing: FileListing, bad: Mapping[int, str]) -> list[ListedFile]:
    """Return the files without the bad ones, of which a warning is logged.

    Raises:
        DatasetError: if a class (of a given split) has no other file.
    """
    if not bad:
        return list(listing.files)
    skipped = warn_of_bad_files(listing, bad)
    files = [file for index, file in enumerate(listing.files) if index not in bad]
    lost = {(file.split, file.label) for file in listing.files} - {(file.split, file.label) for file in files}
    if lost:
        folders = sorted("/".join(filter(None, (split, listing.class_names[label]))) for split, label in lost)
        raise DatasetError(
            Problem(
                str(listing.root),
                f"at least one {listing.kind} for every class",
                f"only files that cannot be read in {', '.join(folders)}:{skipped}",
            )
        )
    return files


def _lines(listing: FileListing, bad: Mapping[int, str]) -> str:
    return "".join(f"\n  {listing.files[index].name}: {reason}" for index, reason in bad.items())
