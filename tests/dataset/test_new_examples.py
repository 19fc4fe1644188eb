"""New examples in files of arrays and of texts; tests/training/test_prediction.py reads tables and pictures, too."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

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


TEXTS = Node("toonvision.dataset.text_directory.load", {"encoding": "utf-8"})
TABLE = Node("toonvision.dataset.table_file.load", {"target": "kind", "header": True})
WORDS: dict[str, Any] = {
    "columns": [{"kind": "text", "name": "text", "words": ["the", "film"], "sequence_length": 3}],
    "class_names": ["bad", "good"],
}


def test_texts_are_read_from_a_folder_or_a_file(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "texts" / "deep").mkdir(parents=True)
    (tmp_path / "texts" / "deep" / "a.txt").write_text("The film.")
    (tmp_path / "texts" / "b.TXT").write_text("xyzzy")
    caplog.set_level(logging.WARNING, "toonvision")
    x, names = read_examples(tmp_path / "texts", TEXTS, (3,), WORDS)
    assert dict(zip(names, x.tolist(), strict=True)) == {"deep/a.txt": [2, 3, 0], "b.TXT": [1, 0, 0]}
    assert "column text: no word that the model knows in b.TXT" in caplog.text
    x, names = read_examples(tmp_path / "texts" / "deep" / "a.txt", TEXTS, (3,), WORDS)
    assert (x.tolist(), names) == ([[2, 3, 0]], ("a.txt",))


def test_a_file_txt_is_a_table_for_a_model_of_a_table(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("text\nthe film\nfilm film\n")
    x, names = read_examples(tmp_path / "a.txt", TABLE, (3,), WORDS)
    assert (x.tolist(), names) == ([[2, 3, 0], [3, 3, 0]], ("row-1", "row-2"))


def test_texts_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"expected texts \(\.txt\)\. Received: none"):
        read_examples(tmp_path, TEXTS, (3,), WORDS)
    (tmp_path / "empty.txt").write_bytes(b"")
    (tmp_path / "latin.txt").write_bytes(b"\xe9")
    with pytest.raises(
        DatasetError, match=r"(?s)2 that cannot:.*empty\.txt: the file is empty.*latin\.txt: no text in"
    ):
        read_examples(tmp_path, TEXTS, (3,), WORDS)


@pytest.mark.parametrize("length", [0, 10**9])
def test_a_preprocessing_that_would_exhaust_the_machine_is_refused(tmp_path: Path, length: int) -> None:
    (tmp_path / "a.txt").write_text("the film")
    hostile = {**WORDS, "columns": [{**WORDS["columns"][0], "sequence_length": length}]}
    with pytest.raises(DatasetError, match="expected columns, as toonvision writes them"):
        read_examples(tmp_path / "a.txt", TEXTS, (3,), hostile)
    with pytest.raises(DatasetError, match="expected columns, as toonvision writes them"):
        read_examples(tmp_path / "a.txt", TEXTS, (3,), {**WORDS, "columns": []})
