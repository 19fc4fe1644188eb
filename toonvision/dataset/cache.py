"""A cache of arrays on disk: built once, then memory-mapped read-only by every process.

An entry is a folder of `.npy` files. It is written beside its place and renamed into it when whole, so a reader never
sees half of one, and of two processes that build the same entry the second takes what the first has put there.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from toonvision.errors import DatasetError

logger = logging.getLogger(__name__)

MANIFEST = "entry.json"  # the size in bytes of every file of the entry, so that a loss is noticed
STALE_SECONDS = 24 * 3600.0  # a temporary folder this old was left by a process that was killed
ATTEMPTS = 5


def cache_directory() -> Path:
    """Return the cache's folder: `$TOONVISION_CACHE`, or `~/.cache/toonvision`."""
    return Path(os.environ.get("TOONVISION_CACHE") or "~/.cache/toonvision").expanduser()


def digest(settings: object) -> str:
    """Return 32 hexadecimal digits that identify `settings`, whatever the order of its keys.

    Raises:
        TypeError: if `settings` is more than JSON can hold.
    """
    text = json.dumps(settings, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def cached(key: str, build: Callable[[], Mapping[str, np.ndarray[Any, Any]]]) -> dict[str, np.ndarray[Any, Any]]:
    """Return the arrays stored under `key`, calling `build` for them only if they are not there yet.

    Args:
        key: the entry's name, one folder name such as `f"cogs-{digest(settings)}"`. It must change with whatever
            changes the arrays.
        build: makes the arrays, by name. No object arrays; strings as dtype U.

    Returns:
        The arrays by name, as read-only memory maps.

    Raises:
        DatasetError: if the cache's folder cannot be written.
    """

    def write(directory: Path) -> None:
        for name, array in build().items():
            np.save(directory / f"{name}.npy", array, allow_pickle=False)

    return cached_files(key, write)


def cached_files(key: str, write: Callable[[Path], None]) -> dict[str, np.ndarray[Any, Any]]:
    """Do as `cached`, for arrays too large to be held: `write` puts its `NAME.npy` files in the folder it is given."""
    entry = cache_directory() / key
    for _ in range(ATTEMPTS):
        arrays = _open(entry)
        if arrays is not None:
            return arrays
        _build(entry, write)
    raise DatasetError(
        f"{entry}: expected a folder that keeps what is written. Received: an entry that is damaged anew"
    )


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
        temporary = Path(tempfile.mkdtemp(prefix=f".{entry.name}-", dir=entry.parent))
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
    """Rename a finished folder into its place, unless another process has put a whole entry there meanwhile."""
    if entry.exists():
        if _open(entry) is not None:
            return
        logger.warning("%s is damaged and is built again", entry)
        damaged = temporary.with_name(f"{temporary.name}-damaged")
        with contextlib.suppress(FileNotFoundError):  # another process may have just moved it away
            entry.rename(damaged)
        shutil.rmtree(damaged, ignore_errors=True)
    try:
        temporary.rename(entry)
    except OSError:
        if _open(entry) is None:  # not lost to another process, but a real failure
            raise


def _remove_stale(directory: Path) -> None:
    for path in directory.glob(".*-*"):
        try:
            if time.time() - path.stat().st_mtime > STALE_SECONDS:
                shutil.rmtree(path, ignore_errors=True)
        except FileNotFoundError:  # its process has finished with it
            continue


def _out_of_reach(directory: Path, error: OSError) -> DatasetError:
    return DatasetError(
        f"{directory}: expected a folder that can be read and written, for the dataset cache (TOONVISION_CACHE names "
        f"it). Received: {error.strerror or error}"
    )
