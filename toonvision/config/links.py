"""Whether a run's directory leads out of itself: what is written through such a link is written somewhere else."""

from __future__ import annotations

import os
from pathlib import Path

from toonvision.errors import Problem, StorageError


def refuse_links(directory: Path) -> None:
    """Check the directory of a run before something is written to it.

    The directory itself may be a link, and a link in it may stay in it: the lock of Optuna's journal is one.

    Raises:
        StorageError: naming the first link that leads out of it.
    """
    root = directory.resolve()
    for folder, folders, files in os.walk(root):
        for path in (Path(folder, name) for name in sorted((*folders, *files))):
            if path.is_symlink() and not (target := path.resolve()).is_relative_to(root):
                hint = "Remove it, or put a copy of what it leads to in its place."
                place = str(directory / path.relative_to(root))
                raise StorageError(Problem(place, "no link out of the directory of a run", str(target), hint))
