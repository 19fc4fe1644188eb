"""The target of a table."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from tests.dataset.made_table import ROWS, read


def test_the_target_is_classes_numbers_or_labels(file: Path, frame: pd.DataFrame, tmp_path: Path) -> None:
    assert read(file).class_names == ("a", "b", "c")
    numbers = read(file, "price")
    assert numbers.train.y.dtype == np.float32
    assert numbers.train.y.shape == (len(numbers.train), 1)
    assert read(file, ["price", "count"]).class_names == ("price", "count")
    marks = frame.assign(hot=np.arange(ROWS) % 2, wet=np.arange(ROWS) // 2 % 2, grade=np.arange(ROWS) % 4 + 9)
    marks.to_csv(tmp_path / "marks.csv", index=False)
    labels = read(tmp_path / "marks.csv", ["hot", "wet"])
    assert labels.train.y.dtype == np.int64
    assert labels.class_names == ("hot", "wet")
    assert read(tmp_path / "marks.csv", "grade").class_names == ("9", "10", "11", "12")  # in the order of numbers
    assert read(tmp_path / "marks.csv", "grade", target_kind="numbers").train.y.dtype == np.float32
