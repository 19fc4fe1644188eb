"""The files of a folder with their classes and, if the folder has them, their splits; nothing is read."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from toonvision.config.folders import existing_folder
from toonvision.errors import ConfigError, DatasetError, Problem

logger = logging.getLogger(__name__)

SPLITS = ("train", "validation", "test")
SPLIT_SYNONYMS = {"val": "validation", "valid": "validation", "dev": "validation", "eval": "validation"} | {
    "training": "train",
    "testing": "test",
}


@dataclass(frozen=True, slots=True)
class ListedFile:
    """A file with one of the suffixes.

    Attributes:
        name: path below the listed folder, with `/`; or as a table names it.
        label: index of the class.
        split: train, validation or test; None if the folder has no splits.
        size: size in bytes; 0 for a broken link.
        modified: modification time in nanoseconds since the epoch; 0 for a broken link.
    """

    name: str
    label: int
    split: str | None
    size: int
    modified: int


@dataclass(frozen=True, slots=True)
class FileListing:
    """The files of a folder, sorted by split, class and path.

    Attributes:
        root: absolute path of the folder.
        kind: what a file is: image or text.
        class_names: sorted names of the classes.
        files: at least one for each class of each split.
    """

    root: Path
    kind: str
    class_names: tuple[str, ...]
    files: tuple[ListedFile, ...]

    @property
    def splits(self) -> tuple[str, ...]:
        """The splits that the folder has: none, train and test, or these and validation."""
        there = {file.split for file in self.files}
        return tuple(split for split in SPLITS if split in there)


def list_files(path: str, suffixes: Sequence[str], kind: str) -> FileListing:
    """List the files of a folder with class folders, or with class folders in `train`, `validation` and `test`.

    `validation` may be missing, or have another usual name (`SPLIT_SYNONYMS`). Folders below a class
    folder belong to the class. Hidden files and files with other suffixes are ignored.

    Args:
        path: of the folder.
        suffixes: of the files, in lower case.
        kind: what a file is, for messages: image or text.

    Raises:
        ConfigError: if `path` is not a folder.
        DatasetError: if the folder is not a classification dataset.
    """
    root = _checked_folder(path)
    names = _folder_names(root)
    if not names:
        raise DatasetError(Problem(str(root), "folders named by class, or train, validation and test", "no folder"))
    parts: Mapping[str | None, str] = _split_folders(root, names) or {None: ""}
    class_names = _class_names(root, parts)
    files: list[ListedFile] = []
    empty: list[Path] = []
    for part, name in parts.items():
        for label, class_name in enumerate(class_names):
            folder = root / name / class_name
            found = [listed_file(root, file, label, part) for file in files_below(folder, suffixes)]
            files.extend(found)
            if not found:
                empty.append(folder)
    if empty:
        raise DatasetError(
            Problem(
                str(root),
                f"at least one {kind} ({', '.join(suffixes)}) for every class",
                f"none in {', '.join(str(folder) for folder in empty)}",
            )
        )
    return FileListing(root, kind, class_names, tuple(files))


def _checked_folder(path: str) -> Path:
    if not isinstance(path, str | os.PathLike) or not str(path):
        raise ConfigError(Problem("dataset.path", "the path of a folder", repr(path)))
    return existing_folder(str(path), "dataset.path")


def _folder_names(folder: Path) -> list[str]:
    return sorted(child.name for child in folder.iterdir() if child.is_dir() and not child.name.startswith("."))


def _split_folders(root: Path, names: Sequence[str]) -> dict[str | None, str] | None:
    """Return the folder of each split; None if the folders are classes.

    Raises:
        DatasetError: if some are splits, and train, test or nothing but splits is missing.
    """
    intended = {name: SPLIT_SYNONYMS.get(name.lower(), name.lower()) for name in names}
    there = [split for split in intended.values() if split in SPLITS]
    if len(set(there)) < 2:
        return None
    if {"train", "test"} <= set(there) and len(there) == len(set(there)) == len(names):
        folders = {split: name for name, split in intended.items()}
        return {split: folders[split] for split in SPLITS if split in folders}
    expected = "the folders train and test, and perhaps validation, and no other; or one folder for each class"
    raise DatasetError(Problem(str(root), expected, ", ".join(names)))


def _class_names(root: Path, parts: Mapping[str | None, str]) -> tuple[str, ...]:
    """Return the names of the class folders, which must be the same in every part."""
    named = {folder: _folder_names(root / folder) for folder in parts.values()}
    known = sorted({name for names in named.values() for name in names})
    missing = [f"{part}/{name}" for part, names in named.items() for name in known if name not in names]
    if missing:
        expected = f"the same class folders in {', '.join(parts.values())}"
        raise DatasetError(Problem(str(root), expected, f"no {', no '.join(missing)}"))
    if len(known) < 2:
        inner = _folder_names(root / known[0]) if known and None in parts else []
        hint = f" Did you mean {str(root / known[0])!r}?" if len(inner) > 1 else ""
        raise DatasetError(
            Problem(str(root), "folders for at least two classes", ", ".join(known) or "no folder", hint)
        )
    return tuple(known)


def files_below(folder: Path, suffixes: Sequence[str]) -> list[Path]:
    """Return the files with these suffixes in a folder and the folders below it, sorted; hidden ones are ignored."""
    found: list[Path] = []
    others = 0
    for directory, directories, names in os.walk(folder):
        directories[:] = [name for name in directories if not name.startswith(".")]
        shown = [name for name in names if not name.startswith(".")]
        wanted = [name for name in shown if Path(name).suffix.lower() in suffixes]
        found.extend(Path(directory, name) for name in wanted)
        others += len(shown) - len(wanted)
    if others:
        logger.debug("%s: ignored %d files with other suffixes", folder, others)
    return sorted(found, key=Path.as_posix)


def listed_file(root: Path, path: Path, label: int, split: str | None, name: str | None = None) -> ListedFile:
    """Return a file; its name is its path below `root` if None."""
    name = path.relative_to(root).as_posix() if name is None else name
    try:
        status = path.stat()
    except OSError:  # a broken link; reading it gives the reason
        return ListedFile(name, label, split, 0, 0)
    return ListedFile(name, label, split, status.st_size, status.st_mtime_ns)
