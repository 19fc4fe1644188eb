"""Write a small project of the user's own: options in `conf/`, the Python that they name, and a test."""

from __future__ import annotations

import os
from pathlib import Path

from toonvision.errors import ConfigError, Problem

# Its files, in the order in which a reader meets them. What else lies in the folder was not written by hand.
FILES = (
    "README.md",
    "my_project.py",
    "test_my_project.py",
    "conf/dataset/mine.yaml",
    "conf/model/mine.yaml",
    "conf/search_space/mine.yaml",
    "conf/search_space/mine_baseline.yaml",
    "conf/experiment/mine.yaml",
)
_SHOWN = 3  # names in a message


def template_directory() -> Path:
    """Return the folder of the packaged project, which is copied."""
    return Path(__file__).parent.parent / "project_template"


def create_project(directory: Path) -> list[Path]:
    """Write the project into a directory, which is created; return the files.

    Args:
        directory: absolute or from the working directory; it does not exist, or it is empty.

    Raises:
        ConfigError: if something is in the way. Nothing is written then.
    """
    if problem := _problem(directory):
        raise ConfigError(problem)
    written = []
    for name in FILES:
        file = directory / name
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("x", encoding="utf-8") as opened:
            opened.write((template_directory() / name).read_text(encoding="utf-8"))
        written.append(file)
    return written


def _problem(directory: Path) -> Problem | None:
    """Return what is in the way of a new directory: the names in it, or a file at its place or above it."""
    expected, hint = "a new or an empty directory", "Nothing was written."
    if directory.is_dir():
        names = sorted(entry.name for entry in directory.iterdir())
        if not names:
            return None
        more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
        received = f"{str(directory)!r}, in which there is {', '.join(names[:_SHOWN])}{more}"
        return Problem("DIR", expected, received, hint)
    for place in (directory, *directory.parents):
        if place.is_dir():
            return None
        if os.path.lexists(place):
            kind = "a file" if place.exists() else "a link to nothing"
            where = "which" if place == directory else f"of which {place}"
            return Problem("DIR", expected, f"{str(directory)!r}, {where} is {kind}", hint)
    return None
