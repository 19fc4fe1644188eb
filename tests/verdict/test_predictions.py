"""Predictions: what is written is what is read, whatever things are called."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from toonvision.errors import DatasetError
from toonvision.verdict.predictions import Predictions, columns, load, write

NAMES = ("<script>alert(1)</script>", 'a, "quoted"\nname', "label")
PREDICTIONS = Predictions(
    ("a/1.png", "b, 2.png", "c\udcff.png"),
    np.array([0, 2, 1]),
    NAMES,
    {
        "baseline": np.array([[0.7, 0.2, 0.1], [1 / 3, 1 / 3 + 1e-7, 1 / 3], [0, 1, 0]], np.float32),
        "tuned": np.array([[0.1, 0.2, 0.7], [1e-30, 0, 1], [0.25, 0.5, 0.25]], np.float32),
    },
)


@pytest.fixture
def written(tmp_path: Path) -> Path:
    (tmp_path / "models").mkdir()
    return write(PREDICTIONS, tmp_path)


def test_predictions_are_read_as_they_were_written(written: Path) -> None:
    read = load(written.parents[1])
    assert read is not None
    assert (read.examples, read.class_names) == (PREDICTIONS.examples, NAMES)
    np.testing.assert_array_equal(read.labels, PREDICTIONS.labels)
    for role, probabilities in PREDICTIONS.outputs.items():
        np.testing.assert_array_equal(read.outputs[role], probabilities)


def test_the_file_is_a_readable_table(written: Path) -> None:
    lines = written.read_text(errors="surrogateescape").splitlines()
    assert lines[0].startswith("example,label,baseline: <script>alert(1)</script>,")
    assert "a/1.png,<script>alert(1)</script>,0.699999988,0.200000003,0.100000001,0.100000001," in "\n".join(lines)


def test_predictions_are_the_most_probable_classes() -> None:
    assert PREDICTIONS.predicted("baseline").tolist() == [0, 1, 1]
    assert PREDICTIONS.is_right("baseline").tolist() == [True, False, True]
    assert PREDICTIONS.confidence("tuned").tolist() == pytest.approx([0.7, 1.0, 0.5])


def test_a_run_without_the_file_has_no_predictions(tmp_path: Path) -> None:
    assert load(tmp_path) is None


@pytest.mark.parametrize("text", ["", "example,label,baseline: a,tuned: a\nx,b,1,1\n", "a,b,c,d\nx,c,1\n"])
def test_a_file_in_another_format_is_an_error(tmp_path: Path, text: str) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "predictions.csv").write_text(text)
    with pytest.raises(DatasetError, match=r"predictions\.csv: expected an example, its label and a number"):
        load(tmp_path)


def test_one_unit_for_two_classes_is_the_probability_of_the_second() -> None:
    np.testing.assert_allclose(columns(np.array([[0.25]], dtype=np.float32), 2), [[0.75, 0.25]])
    for given, names in ((np.array([[0.2, 0.8]], dtype=np.float32), 2), (np.array([[3.5]], dtype=np.float32), 1)):
        assert columns(given, names) is given
