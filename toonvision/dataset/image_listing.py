"""The images of a folder with their classes and, if the folder has them, their splits; nothing is decoded."""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from toonvision.config.folders import existing_folder
from toonvision.dataset.image_decoding import SUFFIXES
from toonvision.errors import ConfigError, DatasetError, Problem

logger = logging.getLogger(__name__)

SPLITS = ("train", "validation", "test")
SPLIT_SYNONYMS = {"val": "validation", "valid": "validation", "dev": "validation", "eval": "validation"} | {
    "training": "train",
    "testing": "test",
}


@dataclass(frozen=True, slots=True)
class ImageFile:
    """A file with the suffix of an image.

    Attributes:
        name: path below the listed folder, with `/`.
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
class ImageListing:
    """The images of a folder, sorted by split, class and path.

    Attributes:
        root: absolute path of the folder.
        class_names: sorted names of the classes.
        files: at least one for each class of each split.
    """

    root: Path
    class_names: tuple[str, ...]
    files: tuple[ImageFile, ...]

    @property
    def is_split(self) -> bool:
        """Whether the folder has the splits train, validation and test."""
        return self.files[0].split is not None


def list_images(path: str) -> ImageListing:
    """List the images of a folder with class folders, or with class folders in `train`, `validation` and `test`.

    Folders below a class folder belong to the class. Hidden files and files with other suffixes are ignored.

    Raises:
        ConfigError: if `path` is not a folder.
        DatasetError: if the folder is not a classification dataset.
    """
    root = _checked_folder(path)
    names = _folder_names(root)
    if not names:
        raise DatasetError(Problem(str(root), "folders named by class, or train, validation and test", "no folder"))
    parts: Sequence[str | None] = SPLITS if _is_split(root, names) else (None,)
    class_names = _class_names(root, parts)
    files: list[ImageFile] = []
    empty: list[Path] = []
    for part in parts:
        for label, class_name in enumerate(class_names):
            folder = root / (part or "") / class_name
            found = [_image_file(root, file, label, part) for file in _image_paths(folder)]
            files.extend(found)
            if not found:
                empty.append(folder)
    if empty:
        raise DatasetError(
            Problem(
                str(root),
                f"at least one image ({', '.join(SUFFIXES)}) for every class",
                f"none in {', '.join(str(folder) for folder in empty)}",
            )
        )
    return ImageListing(root, class_names, tuple(files))


def _checked_folder(path: str) -> Path:
    if not isinstance(path, str | os.PathLike) or not str(path):
        raise ConfigError(Problem("dataset.path", "the path of a folder", repr(path)))
    return existing_folder(str(path), "dataset.path")


def _folder_names(folder: Path) -> list[str]:
    return sorted(child.name for child in folder.iterdir() if child.is_dir() and not child.name.startswith("."))


def _is_split(root: Path, names: Sequence[str]) -> bool:
    """Whether the folders are splits rather than classes.

    Raises:
        DatasetError: if their names are similar to those of splits.
    """
    if sorted(names) == sorted(SPLITS):
        return True
    intended = {name: SPLIT_SYNONYMS.get(name.lower(), name.lower()) for name in names}
    if len(set(intended.values()) & set(SPLITS)) < 2:
        return False
    hints = [f"{name!r} to {split!r}" for name, split in intended.items() if split in SPLITS and name not in SPLITS]
    raise DatasetError(
        Problem(
            str(root),
            "the folders train, validation and test and no other, or one folder for each class",
            ", ".join(names),
            f"Rename {', '.join(hints)}." if hints else "",
        )
    )


def _class_names(root: Path, parts: Sequence[str | None]) -> tuple[str, ...]:
    """Return the names of the class folders, which must be the same in every part."""
    named = {part: _folder_names(root / (part or "")) for part in parts}
    known = sorted({name for names in named.values() for name in names})
    missing = [f"{part}/{name}" for part, names in named.items() for name in known if name not in names]
    if missing:
        raise DatasetError(
            Problem(str(root), f"the same class folders in {', '.join(SPLITS)}", f"no {', no '.join(missing)}")
        )
    if len(known) < 2:
        inner = _folder_names(root / known[0]) if known and parts == (None,) else []
        hint = f" Did you mean {str(root / known[0])!r}?" if len(inner) > 1 else ""
        raise DatasetError(
            Problem(str(root), "folders for at least two classes", ", ".join(known) or "no folder", hint)
        )
    return tuple(known)


def _image_paths(folder: Path) -> list[Path]:
    """Return the images in a folder and the folders below it, sorted."""
    found: list[Path] = []
    others = 0
    for directory, directories, names in os.walk(folder):
        directories[:] = [name for name in directories if not name.startswith(".")]
        shown = [name for name in names if not name.startswith(".")]
        images = [name for name in shown if Path(name).suffix.lower() in SUFFIXES]
        found.extend(Path(directory, name) for name in images)
        others += len(shown) - len(images)
    if others:
        logger.debug("%s: ignored %d files with other suffixes", folder, others)
    return sorted(found, key=Path.as_posix)


def _image_file(root: Path, path: Path, label: int, split: str | None) -> ImageFile:
    name = path.relative_to(root).as_posix()
    try:
        status = path.stat()
    except OSError:  # a broken link; decoding it gives the reason
        return ImageFile(name, label, split, 0, 0)
    return ImageFile(name, label, split, status.st_size, status.st_mtime_ns)
