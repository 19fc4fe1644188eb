"""The maps of a run are read if they are what was written for its test examples."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from toonvision.verdict.activation_maps import load_maps, maps_file

MAPS = np.arange(3 * 4 * 2, dtype=np.uint8).reshape(3, 4, 2)


def test_maps_are_those_that_were_saved(tmp_path: Path) -> None:
    maps_file(tmp_path, "tuned").parent.mkdir()
    np.save(maps_file(tmp_path, "tuned"), MAPS)
    found = load_maps(tmp_path, "tuned", 3)
    assert found is not None
    assert (found == MAPS).all()
    assert load_maps(tmp_path, "baseline", 3) is None
    assert load_maps(tmp_path, "tuned", 4) is None


@pytest.mark.parametrize(
    "given",
    [MAPS.astype(float), MAPS[0], MAPS[:, :0], np.array([[[None]]] * 3, dtype=object)],
    ids=["floats", "one", "empty", "objects"],
)
def test_other_arrays_are_no_maps(given: np.ndarray, tmp_path: Path) -> None:
    maps_file(tmp_path, "tuned").parent.mkdir()
    np.save(maps_file(tmp_path, "tuned"), given, allow_pickle=True)
    assert load_maps(tmp_path, "tuned", 3) is None


def test_a_file_that_says_it_is_larger_than_it_is_is_no_map(tmp_path: Path) -> None:
    path = maps_file(tmp_path, "tuned")
    path.parent.mkdir()
    np.save(path, MAPS)
    path.write_bytes(path.read_bytes().replace(b"(3, 4, 2)", b"(3, 9, 9)"))
    assert load_maps(tmp_path, "tuned", 3) is None
    path.write_bytes(b"no array")
    assert load_maps(tmp_path, "tuned", 3) is None
