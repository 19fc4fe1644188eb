"""A cache of arrays on disk: built once, then memory-mapped read-only by every process.

An entry is a folder of `.npy` files. It is written to a temporary folder and renamed when complete, so a reader never
sees a part of an entry. If two processes build the same entry, the second uses the entry of the first.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import shutil
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from toonvision.config.directory import cache_directory
from toonvision.errors import DatasetError, Problem

logger = logging.getLogger(__name__)

MANIFEST = "entry.json"  # sizes in bytes of the entry's files, to detect damage
STALE_SECONDS = 24 * 3600.0  # an older temporary folder belongs to a process that was killed
ATTEMPTS = 5
_TEMPORARY = ".toonvision-"  # before the name of a temporary folder


def looks_file(fingerprint: str) -> Path:
    """Return the file that counts the looks at the test set of a dataset with this fingerprint, over all runs."""
    return cache_directory() / "test_looks" / f"{digest(fingerprint)}.jsonl"


def digest(settings: object) -> str:
    """Return 32 hexadecimal digits that identify `settings`, independent of the order of its keys.

    Raises:
        TypeError: if JSON cannot represent `settings`.
    """
    text = json.dumps(settings, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def cached(key: str, build: Callable[[], Mapping[str, np.ndarray[Any, Any]]]) -> dict[str, np.ndarray[Any, Any]]:
    """Return the arrays stored under `key`; call `build` if there are none.

    Args:
        key: name of the entry, a single folder name such as `f"cogs-{digest(settings)}"`. It must change with
            everything that changes the arrays.
        build: returns the arrays by name. Object arrays are not allowed; strings have dtype U.

    Returns:
        The arrays by name, as read-only memory maps.

    Raises:
        DatasetError: if the folder of the cache is not writable.
    """

    def write(directory: Path) -> None:
        for name, array in build().items():
            np.save(directory / f"{name}.npy", array, allow_pickle=False)

    return cached_files(key, write)


def cached_files(key: str, write: Callable[[Path], None]) -> dict[str, np.ndarray[Any, Any]]:
    """Return the arrays stored under `key`; `write` writes its `NAME.npy` files to the folder that it receives."""
    entry = cache_directory() / key
    for _ in range(ATTEMPTS):
        arrays = _open(entry)
        if arrays is not None:
            return arrays
        _build(entry, write)
    raise DatasetError(Problem(str(entry), "a folder that keeps its files", "an entry that is damaged repeatedly"))


def _open(entry: Path) -> dict[str, np.ndarray[Any, Any]] | None:
    """Memory-map every array of an entry, or return None if the entry is missing or damaged."""
    try:
        sizes: dict[str, int] = json.loads((entry / MANIFEST).read_text())
        if any((entry / name).stat().st_size != size for name, size in sizes.items()):
            return None
        return {Path(name).stem: np.load(entry / name, mmap_mode="r", allow_pickle=False) for name in sizes}
    except (FileNotFoundError, NotADirectoryError, EOFError, ValueError):  # ValueError: bad JSON, header or length
        return None
    except PermissionError as error:
        raise _out_of_reach(entry.parent, error) from error


def _build(entry: Path, write: Callable[[Path], None]) -> None:
    try:
        entry.parent.mkdir(parents=True, exist_ok=True)
        _remove_stale(entry.parent)
        temporary = Path(tempfile.mkdtemp(prefix=f"{_TEMPORARY}{entry.name}-", dir=entry.parent))
    except OSError as error:
        raise _out_of_reach(entry.parent, error) from error
    try:
        write(temporary)
        sizes = {path.name: path.stat().st_size for path in sorted(temporary.glob("*.npy"))}
        (temporary / MANIFEST).write_text(json.dumps(sizes))
        _put(temporary, entry)
    except OSError as error:
        raise _out_of_reach(entry.parent, error) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _put(temporary: Path, entry: Path) -> None:
    """Rename a complete folder to its final name, unless another process has created the entry meanwhile."""
    if entry.exists():
        if _open(entry) is not None:
            return
        if not _is_ours(entry):
            raise DatasetError(Problem(str(entry), "a folder in which only toonvision writes", "another one"))
        logger.warning("%s is damaged and is built again", entry)
        damaged = temporary.with_name(f"{temporary.name}-damaged")
        with contextlib.suppress(FileNotFoundError):  # another process has moved it
            entry.rename(damaged)
        shutil.rmtree(damaged, ignore_errors=True)
    try:
        temporary.rename(entry)
    except OSError:
        if _open(entry) is None:  # no other process has created the entry
            raise


def _is_ours(folder: Path) -> bool:
    """Whether a folder holds nothing but what an entry consists of, so that it may be deleted."""
    if folder.is_symlink() or not folder.is_dir():
        return False
    files = list(folder.iterdir())
    return all(file.is_file() and (file.suffix == ".npy" or file.name == MANIFEST) for file in files)


def _remove_stale(directory: Path) -> None:
    for path in directory.glob(f"{_TEMPORARY}*-*"):
        try:
            if time.time() - path.stat().st_mtime > STALE_SECONDS and _is_ours(path):
                shutil.rmtree(path, ignore_errors=True)
        except FileNotFoundError:  # its process has removed it
            continue


def _out_of_reach(directory: Path, error: OSError) -> DatasetError:
    return DatasetError(
        Problem(
            str(directory),
            "a folder that can be read and written, for the dataset cache (TOONVISION_CACHE names it)",
            str(error.strerror or error),
        )
    )
