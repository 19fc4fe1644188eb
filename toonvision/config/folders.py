"""Folders that a command or a configuration names: whether one exists, and whether a run's leads out of itself."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from toonvision.errors import ConfigError, Problem, StorageError, did_you_mean


def folder_problem(folder: str, place: str) -> Problem | None:
    """Return the problem of a folder that does not exist, or is none.

    Args:
        folder: a path, absolute or from the working directory.
        place: of the value, in the configuration or on the command line.
    """
    return _problem(folder, place, Path.is_dir, "a folder", "a file")


def file_problem(file: str, place: str) -> Problem | None:
    """Return the problem of a file that does not exist, or is none; see `folder_problem`."""
    return _problem(file, place, Path.is_file, "a file", "a folder")


def path_problem(path: str, place: str) -> Problem | None:
    """Return the problem of a file or a folder that does not exist; see `folder_problem`."""
    return _problem(path, place, Path.exists, "a file or folder", "")


def _problem(text: str, place: str, is_right: Callable[[Path], bool], wanted: str, other: str) -> Problem | None:
    path = Path(text).expanduser().absolute()
    if is_right(path):
        return None
    if path.exists():
        return Problem(place, wanted, f"{text!r}, which is {other}")
    beside = [entry.name for entry in path.parent.iterdir() if is_right(entry)] if path.parent.is_dir() else []
    expected = f"an existing {wanted.removeprefix('a ')}"
    return Problem(place, expected, f"{text!r}, which is {path}", did_you_mean(path.name, beside))


def existing_path(path: str, place: str) -> Path:
    """Return the absolute path of a file or a folder, or raise ConfigError if there is none (see `path_problem`)."""
    if problem := path_problem(path, place):
        raise ConfigError(problem)
    return Path(path).expanduser().absolute()


def existing_folder(folder: str, place: str) -> Path:
    """Return the absolute path of a folder, or raise ConfigError if there is none (see `folder_problem`)."""
    if problem := folder_problem(folder, place):
        raise ConfigError(problem)
    return Path(folder).expanduser().absolute()


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
