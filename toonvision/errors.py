"""The exceptions that toonvision raises on purpose.

    ToonvisionError
    ├── ConfigError      the configuration or the command is wrong           exit code 2
    ├── DatasetError     the data cannot be read or do not fit the model     exit code 1
    └── SearchError      the search cannot go on                             exit code 1

An expected error is one message: what was expected, what was received, and where.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


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


class RecordError(ToonvisionError):
    """The record cannot be written, say because the disk is full; what it holds is whole."""


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return `" Did you mean 'x'?"` for the known name nearest to `name`, or an empty string."""
    matches = difflib.get_close_matches(str(name), [str(k) for k in known], n=1)
    return f" Did you mean {matches[0]!r}?" if matches else ""
