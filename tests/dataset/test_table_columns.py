"""Reading the file of a table, and warnings of its columns."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.dataset.made_table import read
from toonvision.errors import ToonvisionError


@pytest.mark.parametrize("suffix", [".parquet", ".tsv"])
def test_other_files_of_the_same_table_give_the_same_examples(
    file: Path, frame: pd.DataFrame, tmp_path: Path, suffix: str
) -> None:
    other = tmp_path / f"table{suffix}"
    if suffix == ".parquet":
        frame.to_parquet(other)
    else:
        frame.to_csv(other, sep="\t", index=False)
    np.testing.assert_allclose(read(other).train.x, read(file).train.x, rtol=1e-6)


def test_columns_that_say_nothing_or_everything_are_warned_of(
    file: Path, frame: pd.DataFrame, caplog: pytest.LogCaptureFixture
) -> None:
    frame.loc[0, "color"] = "violet"
    frame.assign(same=1, code=frame["kind"].str.upper(), cost=2 * frame["price"]).to_csv(file, index=False)
    caplog.set_level(logging.WARNING, "toonvision")
    read(file, seed=next(seed for seed in range(99) if "row-1" in read(file, seed=seed).test.names))
    read(file, "price")
    said = " ".join(caplog.messages)
    assert "column same has the same value in each row" in said
    assert "column code tells the target in each row" in said
    assert "column cost tells the target in each row" in said
    assert "column color has values that no train row has: violet" in said


def test_a_file_that_is_no_table_is_one_message(tmp_path: Path) -> None:
    (tmp_path / "table.parquet").write_bytes(b"PAR1 nothing PAR1")
    with pytest.raises(ToonvisionError, match=r"table\.parquet: expected a table"):
        read(tmp_path / "table.parquet")
    (tmp_path / "table.pkl").write_bytes(b"")
    with pytest.raises(ToonvisionError, match=r"a file that ends with \.csv, \.tsv, \.txt, \.parquet"):
        read(tmp_path / "table.pkl")
    with pytest.raises(ToonvisionError, match=r"an existing file\. .*Did you mean 'table.pkl'"):
        read(tmp_path / "table.pk")
