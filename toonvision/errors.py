"""The exceptions that toonvision raises on purpose.

    ToonvisionError
    ├── ConfigError      the configuration or the command is wrong           exit code 2
    ├── DatasetError     the data cannot be read or do not fit the model     exit code 1
    └── SearchError      the search cannot go on                             exit code 1

An expected error is one message: what was expected, what was received, and where.
"""

from __future__ import annotations

import contextlib
import difflib
import errno
import os
from collections.abc import Iterable, Iterator
from pathlib import Path


class ToonvisionError(Exception):
    """Any error that is explained by its message alone, without a traceback."""

    exit_code = 1


class ConfigError(ToonvisionError):
    """The configuration or the command is wrong."""

    exit_code = 2


class DatasetError(ToonvisionError):
    """The data cannot be read, or they do not fit the model."""


class SearchError(ToonvisionError):
    """The search cannot go on, say because no values could be built."""


class StorageError(ToonvisionError):
    """What a run leaves cannot be written, say because the disk is full; what the record holds is whole."""


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return `" Did you mean 'x'?"` for the known name nearest to `name`, or an empty string."""
    matches = difflib.get_close_matches(str(name), [str(k) for k in known], n=1)
    return f" Did you mean {matches[0]!r}?" if matches else ""


@contextlib.contextmanager
def room_on_disk(directory: Path) -> Iterator[None]:
    """Raise StorageError in the place of an OSError that says that the disk of the run in `directory` is full."""
    try:
        yield
    except OSError as error:  # of HDF5 without a number
        if error.errno not in (errno.ENOSPC, errno.EDQUOT) and os.strerror(errno.ENOSPC) not in str(error):
            raise
        raise StorageError(
            f"{directory}: expected room on the disk. Received: {error}. Every trial that has ended is in the record. "
            f"When there is room again: toonvision resume {directory}"
        ) from error
