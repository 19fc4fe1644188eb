"""Folders that a command or a configuration names: whether one exists, and whether a run's leads out of itself."""

from __future__ import annotations

import os
from pathlib import Path

from toonvision.errors import ConfigError, Problem, StorageError, did_you_mean


def folder_problem(folder: str, place: str) -> Problem | None:
    """Return the problem of a folder that does not exist, or is none.

    Args:
        folder: a path, absolute or from the working directory.
        place: of the value, in the configuration or on the command line.
    """
    path = Path(folder).expanduser().absolute()
    if path.is_dir():
        return None
    if path.exists():
        return Problem(place, "a folder", f"{folder!r}, which is a file")
    beside = [entry.name for entry in path.parent.iterdir() if entry.is_dir()] if path.parent.is_dir() else []
    return Problem(place, "an existing folder", f"{folder!r}, which is {path}", did_you_mean(path.name, beside))


def existing_folder(folder: str, place: str) -> Path:
    """Return the absolute path of a folder, or raise ConfigError if there is none (see `folder_problem`)."""
    if problem := folder_problem(folder, place):
        raise ConfigError(problem)
    return Path(folder).expanduser().absolute()


def file_problem(file: str, place: str) -> Problem | None:
    """Return the problem of a file that does not exist, or is a folder; see `folder_problem`."""
    path = Path(file).expanduser().absolute()
    if path.is_file():
        return None
    if path.exists():
        return Problem(place, "a file", f"{file!r}, which is a folder")
    beside = [entry.name for entry in path.parent.iterdir() if entry.is_file()] if path.parent.is_dir() else []
    return Problem(place, "an existing file", f"{file!r}, which is {path}", did_you_mean(path.name, beside))


def existing_file(file: str, place: str) -> Path:
    """Return the absolute path of a file, or raise ConfigError if there is none (see `file_problem`)."""
    if problem := file_problem(file, place):
        raise ConfigError(problem)
    return Path(file).expanduser().absolute()


def refuse_links(directory: Path) -> None:
    """Raise StorageError for the first link that leads out of the directory of a run, before something is written.

    What is written through it would be written somewhere else. The directory itself may be a link, and a link in it may
    stay in it: the lock of Optuna's journal is one.
    """
    root = directory.resolve()
    for folder, folders, files in os.walk(root):
        for path in (Path(folder, name) for name in sorted((*folders, *files))):
            if path.is_symlink() and not (target := path.resolve()).is_relative_to(root):
                hint = "Remove it, or put a copy of what it leads to in its place."
                place = str(directory / path.relative_to(root))
                raise StorageError(Problem(place, "no link out of the directory of a run", str(target), hint))
