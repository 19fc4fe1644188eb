"""The cache: built once, read-only, whole or not there, and safe among processes."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from toonvision.dataset.cache import STALE_SECONDS, cached, cached_files, digest
from toonvision.errors import DatasetError

Build = Callable[[], dict[str, np.ndarray]]


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TOONVISION_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def build() -> dict[str, np.ndarray]:
    return {"x": np.arange(12).reshape(3, 4), "names": np.array(["één", "b"]), "none": np.empty(0, dtype=np.int64)}


def refuse() -> dict[str, np.ndarray]:
    raise AssertionError("built a second time")


def leftovers(cache: Path) -> list[str]:
    return [path.name for path in cache.iterdir() if path.name.startswith(".")]


def test_the_second_call_reads_what_the_first_built(cache: Path) -> None:
    cached("key", build)
    arrays = cached("key", refuse)
    assert sorted(arrays) == ["names", "none", "x"]
    np.testing.assert_array_equal(arrays["x"], build()["x"])
    assert arrays["names"].tolist() == ["één", "b"]
    assert arrays["none"].shape == (0,)
    assert leftovers(cache) == []


def test_arrays_are_read_only_memory_maps(cache: Path) -> None:
    for _ in range(2):
        array = cached("key", build)["x"]
        assert isinstance(array, np.memmap)
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1


def test_files_may_be_written_by_hand(cache: Path) -> None:
    arrays = cached_files("key", lambda directory: np.save(directory / "x.npy", np.ones(3)))
    assert arrays["x"].tolist() == [1, 1, 1]


@pytest.mark.parametrize("kept", [0, 40, 140])
def test_a_truncated_array_is_built_again(cache: Path, kept: int) -> None:
    cached("key", build)
    file = cache / "key" / "x.npy"
    file.write_bytes(file.read_bytes()[:kept])
    np.testing.assert_array_equal(cached("key", build)["x"], build()["x"])
    cached("key", refuse)
    assert leftovers(cache) == []


@pytest.mark.parametrize("lost", ["x.npy", "entry.json"])
def test_an_entry_that_lost_a_file_is_built_again(cache: Path, lost: str) -> None:
    cached("key", build)
    (cache / "key" / lost).unlink()
    assert sorted(cached("key", build)) == ["names", "none", "x"]


def test_a_file_of_other_bytes_is_built_again(cache: Path) -> None:
    cached("key", build)
    file = cache / "key" / "x.npy"
    file.write_bytes(b"?" * file.stat().st_size)
    np.testing.assert_array_equal(cached("key", build)["x"], build()["x"])


def test_a_failed_build_leaves_nothing(cache: Path) -> None:
    with pytest.raises(AssertionError):
        cached("key", refuse)
    assert list(cache.iterdir()) == []


def test_object_arrays_are_rejected(cache: Path) -> None:
    with pytest.raises(ValueError, match="allow_pickle"):
        cached("key", lambda: {"x": np.array([{}], dtype=object)})


def test_files_of_a_killed_process_are_not_read_and_are_removed_after_a_day(cache: Path) -> None:
    code = (
        "import os, numpy as np; from toonvision.dataset.cache import cached_files\n"
        "def write(directory):\n"
        "    np.save(directory / 'x.npy', np.zeros(3)); os.kill(os.getpid(), 9)\n"
        "cached_files('key', write)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == -9
    (left,) = leftovers(cache)
    np.testing.assert_array_equal(cached("key", build)["x"], build()["x"])
    assert leftovers(cache) == [left]
    long_ago = time.time() - STALE_SECONDS - 60
    os.utime(cache / left, (long_ago, long_ago))
    cached("other", build)
    assert leftovers(cache) == []


def test_two_processes_may_build_one_entry_at_once(cache: Path, tmp_path: Path) -> None:
    code = (
        "import sys, time, numpy as np, pathlib; from toonvision.dataset.cache import cached\n"
        "me, other = map(pathlib.Path, sys.argv[1:])\n"
        "def build():\n"
        "    me.touch()\n"
        "    while not other.exists(): time.sleep(0.005)\n"
        "    return {'x': np.full(100_000, 7)}\n"
        "print(int(cached('key', build)['x'].sum()))"
    )
    flags = [str(tmp_path / "a"), str(tmp_path / "b")]
    both = [
        subprocess.Popen([sys.executable, "-c", code, *order], stdout=subprocess.PIPE, text=True)
        for order in (flags, flags[::-1])
    ]
    assert [process.communicate(timeout=60)[0].strip() for process in both] == ["700000"] * 2
    assert leftovers(cache) == []
    assert cached("key", refuse)["x"].shape == (100_000,)


def test_a_directory_that_cannot_be_written_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("TOONVISION_CACHE", str(tmp_path / "file"))
    with pytest.raises(DatasetError, match=r"file: expected a folder .*TOONVISION_CACHE"):
        cached("key", build)


def test_a_digest_depends_on_values_and_not_on_their_order() -> None:
    assert digest({"a": 1, "b": [2, 3]}) == digest({"b": [2, 3], "a": 1})
    assert digest({"a": 1}) != digest({"a": 2})
    assert len(digest(None)) == 32


def test_a_folder_of_another_program_is_never_deleted(cache: Path) -> None:
    for name in (".oh-my-zsh", ".toonvision-mine-x", "key"):
        (cache / name).mkdir(parents=True)
        (cache / name / "precious.txt").touch()
        os.utime(cache / name, (0, 0))
    with pytest.raises(DatasetError, match="expected a folder in which only toonvision writes"):
        cached("key", lambda: {"x": np.arange(3)})
    assert len(list(cache.glob("*/precious.txt"))) == 3


def test_a_link_in_the_place_of_an_entry_is_not_followed(cache: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "x.npy").touch()
    cache.mkdir(parents=True, exist_ok=True)
    (cache / "key").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(DatasetError, match="expected a folder in which only toonvision writes"):
        cached("key", lambda: {"x": np.arange(3)})
    assert (tmp_path / "elsewhere" / "x.npy").exists()
