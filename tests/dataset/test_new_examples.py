"""New examples in files of arrays; tests/test_prediction.py reads tables and pictures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from toonvision.config.node import Node
from toonvision.dataset.new_examples import read_examples
from toonvision.errors import DatasetError

NODE = Node("toonvision.dataset.digit_sums.load")
TWO = {"left": (4, 4, 1), "right": (2,)}


def test_several_inputs_are_arrays_of_their_names(tmp_path: Path) -> None:
    left, right = np.ones((3, 4, 4, 1)), np.zeros((3, 2))
    np.savez(tmp_path / "two.npz", left=left, right=right)
    x, names = read_examples(tmp_path / "two.npz", NODE, TWO, None)
    np.testing.assert_array_equal(x["left"], left)
    assert names == ("0", "1", "2")


def test_inputs_that_are_missing_or_of_other_lengths_are_named(tmp_path: Path) -> None:
    np.savez(tmp_path / "two.npz", left=np.ones((3, 4, 4, 1)))
    with pytest.raises(DatasetError, match=r"left \(n, 4, 4, 1\) and right \(n, 2\)\. Received: left \(3, 4, 4, 1\)"):
        read_examples(tmp_path / "two.npz", NODE, TWO, None)
    np.savez(tmp_path / "two.npz", left=np.ones((3, 4, 4, 1)), right=np.zeros((2, 2)))
    with pytest.raises(DatasetError, match="an array of shape"):
        read_examples(tmp_path / "two.npz", NODE, TWO, None)


def test_an_image_for_a_model_of_rows_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "picture.png").write_bytes(b"")
    with pytest.raises(DatasetError, match=r"expected a file \.npy with examples of shape \(30,\)"):
        read_examples(tmp_path / "picture.png", NODE, (30,), None)
