"""Reading the file of a table, and warnings of its columns."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.dataset.made_table import ROWS, read
from toonvision.config.compose import compose
from toonvision.dataset.dataset import Split
from toonvision.errors import ToonvisionError


def parts(file: Path, **settings: Any) -> tuple[Split, Split, Split]:
    dataset = read(file, **settings)
    return dataset.train, dataset.validation, dataset.test


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


@pytest.mark.parametrize(
    ("values", "received"),
    [
        ([f"name {row}" for row in range(120)], "120 different texts"),
        ([f"the film number {row} is not so bad" for row in range(40)], "40 different texts"),
        ([f"code {row % 1200}" for row in range(6000)], "1200 different texts"),
    ],
    ids=["names", "sentences", "thousands of categories"],
)
def test_texts_are_never_taken_for_categories_without_a_word(tmp_path: Path, values: list[str], received: str) -> None:
    kinds = ["a", "b"] * (len(values) // 2)
    pd.DataFrame({"message": values, "kind": kinds}).to_csv(tmp_path / "texts.csv", index=False)
    hint = r"Learn from their words: 'dataset\.kinds=\{message: text\}'"
    with pytest.raises(ToonvisionError, match=rf"column message: expected numbers.*Received: {received}\. {hint}"):
        read(tmp_path / "texts.csv")
    assert compose(["dataset=table", "dataset.kinds={message: text}"]).dataset.kinds == {"message": "text"}
    assert read(tmp_path / "texts.csv", kinds={"message": "text"}).train.x.dtype == np.int32


def test_texts_that_are_cut_or_unknown_are_warned_of(
    file: Path, frame: pd.DataFrame, caplog: pytest.LogCaptureFixture
) -> None:
    words = ["early bird"] * (ROWS * 4 // 5) + ["late owl"] * (ROWS // 5)
    frame.assign(message=words)[["message", "day", "kind"]].to_csv(file, index=False)
    caplog.set_level(logging.WARNING, "toonvision")
    read(file, time="day", kinds={"message": "text"}, sequence_length=1)
    said = " ".join(caplog.messages)
    assert "column message: 100% of the texts are cut to 1 words; the longest has 2" in said
    assert "column message: 100% of the words of test are not in the vocabulary" in said
    assert "words of validation" not in said
    caplog.clear()
    read(file, kinds={"message": "text"})
    assert not [message for message in caplog.messages if "column message: " in message]


def test_quotes_that_join_lines_are_warned_of(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    lines = [f"{'ab'[row % 2]}\tsaid {row}" for row in range(20)]
    lines[3], lines[5] = 'b\t"said he', 'b\tand went"'
    (tmp_path / "texts.tsv").write_text("\n".join(lines) + "\n")
    settings = {"target": "1", "header": False, "kinds": {"2": "text"}}
    assert sum(len(split) for split in parts(tmp_path / "texts.tsv", **settings)) == 18
    assert "column 2: row 4 has several lines between two quotes" in caplog.text
    assert "dataset.quote=null" in caplog.text
    caplog.clear()
    assert sum(len(split) for split in parts(tmp_path / "texts.tsv", quote=None, **settings)) == 20
    assert "several lines" not in caplog.text
