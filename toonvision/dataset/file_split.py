"""The split of listed files: as their folders say, or drawn in each class and group."""

from __future__ import annotations

import time
from collections.abc import Sequence
from itertools import accumulate

import numpy as np
import regex
from numpy.typing import NDArray

from toonvision.dataset.file_listing import SPLITS, ListedFile
from toonvision.dataset.split import Ratios, split_indices
from toonvision.errors import ConfigError, Problem

_MATCHING = 5  # seconds; nested repetitions need longer than a life for a name of forty characters


def split_files(
    files: Sequence[ListedFile], splits: Sequence[str], ratios: Ratios, *, seed: int, group_pattern: str | None = None
) -> tuple[slice | NDArray[np.int64], ...]:
    """Return the positions of the train, validation and test files; slices do not copy a memory map.

    Args:
        files: in the order of a listing.
        splits: that the listing has.
        ratios: of each class (and group), for the splits that it lacks.
        seed: of the draw.
        group_pattern: finds the group of a file in its name; see `toonvision.dataset.image_directory.load`.

    Raises:
        ConfigError: if `group_pattern` finds no groups.
        DatasetError: as `split_indices` does.
    """
    sizes = [sum(file.split == name for file in files) for name in splits]
    given = [slice(stop - size, stop) for size, stop in zip(sizes, accumulate(sizes), strict=True)]
    if len(given) == len(SPLITS):
        return tuple(given)
    drawn = files[given[0]] if given else files  # the train files come first
    labels = np.array([file.label for file in drawn], dtype=np.int64)
    groups = None if group_pattern is None else _groups(drawn, group_pattern)
    if given:
        ratios = Ratios(ratios.validation)
    indices = split_indices(labels, ratios, seed=seed, groups=groups)
    return indices.train, indices.validation, given[-1] if given else indices.test


def _groups(files: Sequence[ListedFile], pattern: str) -> list[str]:
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
