"""The lock of a run: one process works on it at a time."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout

from toonvision.errors import ConfigError, Problem
from toonvision.record import stop_request

LOCK = ".lock"


@contextlib.contextmanager
def locked(directory: Path) -> Iterator[None]:
    """Lock the run in `directory`, so that no other process writes to it. The lock ends with the process.

    What earlier sessions of the run were asked is forgotten.

    Raises:
        ConfigError: if another process holds the lock.
    """
    try:
        with FileLock(directory / LOCK, blocking=False):
            stop_request.forget(directory)
            yield
    except Timeout as error:
        raise ConfigError(Problem("", "a run that no other process works on", repr(str(directory)))) from error


def is_locked(directory: Path) -> bool:
    """Whether a process works on the run in `directory`."""
    if not (directory / LOCK).exists():
        return False
    try:
        with FileLock(directory / LOCK, blocking=False):
            return False
    except Timeout:
        return True
