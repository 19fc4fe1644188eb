"""The exceptions that toonvision raises on purpose, and the data that explains them.

    ToonvisionError
    ├── ConfigError      the configuration or the command is wrong           exit code 2
    ├── DatasetError     the data cannot be read or do not fit the model     exit code 1
    ├── SearchError      the search cannot go on                             exit code 1
    └── StorageError     a file of the run cannot be written or read         exit code 1

An expected error is one message: where, what was expected, what was received, and the near name.
"""

from __future__ import annotations

import contextlib
import difflib
import errno
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with a configuration.

    Attributes:
        path: its place in the configuration, say `training.epochs`; empty if it has none.
        expected: what belongs there.
        received: what is there, as text; a value as `repr` shows it.
        hint: what to do, as sentences; empty if there is nothing to say.
    """

    path: str
    expected: str
    received: str
    hint: str = ""

    def __str__(self) -> str:
        place = f"{self.path}: " if self.path else ""
        hint = f" {self.hint.strip()}" if self.hint else ""
        return f"{place}expected {self.expected}. Received: {self.received}.{hint}"


class ToonvisionError(Exception):
    """Any error that its message explains without a traceback.

    Args:
        problems: what is wrong, each once, as data; as a message where nothing was received that could be named.
    """

    exit_code = 1

    def __init__(self, *problems: Problem | str) -> None:
        self.problems = tuple(dict.fromkeys(problems))
        messages = [str(problem) for problem in self.problems]
        if len(messages) > 1:
            messages = [f"{len(messages)} errors in the configuration:", *(f"- {message}" for message in messages)]
        super().__init__("\n".join(messages))


class ConfigError(ToonvisionError):
    """The configuration or the command is wrong."""

    exit_code = 2


class DatasetError(ToonvisionError):
    """The data cannot be read, or they do not fit the model."""


class SearchError(ToonvisionError):
    """The search cannot go on, say because no values could be built."""


class StorageError(ToonvisionError):
    """A file of the run cannot be written, say because the disk is full, or is not what was written."""


def access_error(error: OSError) -> StorageError | None:
    """Return the error of a path that this user may not write; None for another error."""
    if error.errno not in (errno.EACCES, errno.EPERM, errno.EROFS):
        return None
    return StorageError(Problem(str(error.filename), "a path that this user can write", str(error.strerror)))


def did_you_mean(name: object, known: Iterable[object]) -> str:
    """Return `" Did you mean 'x'?"` for the known name nearest to `name`, or an empty string.

    The only close one that begins with `name` is the nearest: val_acc is short for val_accuracy.
    """
    matches = difflib.get_close_matches(str(name), [str(k) for k in known], n=3)
    begun = [match for match in matches if match.startswith(str(name))]
    return f" Did you mean {(begun if len(begun) == 1 else matches)[0]!r}?" if matches else ""


def printable(text: str) -> str:
    """Return a text whose control characters, which could steer a terminal, are written as escapes; lines stay."""
    return "".join(c if c.isprintable() or c == "\n" else c.encode("unicode_escape").decode("ascii") for c in text)


@contextlib.contextmanager
def room_on_disk(directory: Path) -> Iterator[None]:
    """Raise StorageError instead of an OSError that says that the disk of the run in `directory` is full."""
    try:
        yield
    except OSError as error:  # HDF5's has no number
        if error.errno not in (errno.ENOSPC, errno.EDQUOT) and os.strerror(errno.ENOSPC) not in str(error):
            raise
        raise StorageError(
            f"{directory}: expected room on the disk. Received: {error}. Every trial that has ended is in the record. "
            f"When there is room again: toonvision resume {directory}"
        ) from error
