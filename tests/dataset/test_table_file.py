"""A table in a file: how it is split, and what is wrong with it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.dataset.made_table import ROWS, encoding, read, rows
from tests.real_data import TABLES, reads_real_data
from toonvision.dataset.table_file import load
from toonvision.dataset.text_column import Text
from toonvision.errors import ToonvisionError


def test_rows_are_split_within_classes_and_the_test_rows_stay(file: Path) -> None:
    dataset = read(file)
    parts = (dataset.train, dataset.validation, dataset.test)
    assert [np.bincount(split.y).tolist() for split in parts] == [[12] * 3, [4] * 3, [4] * 3]
    assert read(file, validation_ratio=0.3).test.names == dataset.test.names
    assert read(file, seed=8).test.names != dataset.test.names


def test_a_group_stays_in_one_split(file: Path, frame: pd.DataFrame) -> None:
    frame.assign(patient=np.arange(ROWS) // 3).to_csv(file, index=False)
    dataset = read(file, group="patient")
    found = [{row // 3 for row in rows(split.names)} for split in (dataset.train, dataset.validation, dataset.test)]
    assert sum(len(groups) for groups in found) == len(set.union(*found)) == 20
    assert [len(groups) for groups in found] == [12, 4, 4]
    assert read(file, group="patient", validation_ratio=0.3).test.names == dataset.test.names
    assert not any("patient" in name for name in encoding(dataset).names)


def test_the_last_rows_in_time_are_the_test(file: Path, frame: pd.DataFrame) -> None:
    frame.sample(frac=1, random_state=1).to_csv(file, index=False)
    dataset, shuffled = read(file, time="day"), pd.read_csv(file)
    found = [shuffled["day"].iloc[rows(split.names)] for split in (dataset.train, dataset.validation, dataset.test)]
    assert [len(days) for days in found] == [36, 12, 12]
    assert found[0].max() < found[1].min()
    assert found[1].max() < found[2].min()
    assert all(days.is_monotonic_increasing for days in found)


def test_rows_without_a_target_can_be_left_out(file: Path, frame: pd.DataFrame) -> None:
    frame.loc[[3, 5], "kind"] = None
    frame.to_csv(file, index=False)
    dataset = read(file, on_missing_target="skip")
    names = {name for split in (dataset.train, dataset.validation, dataset.test) for name in split.names}
    assert names == {f"row-{row + 1}" for row in range(ROWS) if row not in (3, 5)}


BAD: dict[str, tuple[str | bytes, dict[str, Any], str]] = {
    "empty": ("", {}, "expected a table whose rows .* No columns to parse"),
    "header alone": ("a,kind\n", {}, "expected rows. Received: a header alone"),
    "ragged": ("a,kind\n1,x\n1,2,3\n", {}, "as many fields as its first one. .*Expected 2 fields in line 3, saw 3"),
    "short": ("a,kind\n1,x\n2\n3,y\n", {}, "column kind: expected a value of the target in each row. .*1 rows \\(2\\)"),
    "wrong encoding": ("a,kind\né,x\n".encode("latin-1"), {}, "expected text in utf-8.*dataset.encoding=latin-1"),
    "no encoding": ("a,kind\n1,x\n", {"encoding": "utf-9"}, "dataset.encoding: expected the name of an encoding"),
    "no such target": ("a,kind\n1,x\n", {"target": "kinds"}, "dataset.target: .*'kinds'. Did you mean 'kind'"),
    "no such column to drop": ("a,kind\n1,x\n", {"drop": ["b"]}, "dataset.drop: expected one of a, kind"),
    "no such group": ("a,kind\n1,x\n", {"group": "b"}, "dataset.group: expected one of a, kind"),
    "no such time": ("a,kind\n1,x\n", {"time": "b"}, "dataset.time: expected one of a, kind"),
    "no such kind": ("a,kind\n1,x\n", {"kinds": {"b": "date"}}, "dataset.kinds: expected one of a, kind"),
    "group and time": ("a,b,kind\n1,2,x\n", {"group": "a", "time": "b"}, "dataset.group: expected null"),
    "no header": ("1,x\n2,y\n", {}, "dataset.target: expected one of 1, x"),
    "missing target": ("a,kind\n1,x\n2,\n", {}, "Received: none in 1 rows \\(2\\). dataset.on_missing_target=skip"),
    "one class": ("a,kind\n1,x\n2,x\n", {}, "different values of the target. Received: 'x' in each row"),
    "nothing but the target": ("kind\nx\ny\n" * 20, {}, "expected a column to learn from"),
    "classes that do not repeat": (
        "a,kind\n" + "".join(f"{n},c{n}\n" for n in range(30)),
        {},
        "expected classes that repeat. Received: 30 in 30 rows",
    ),
    "too few rows": ("a,kind\n1,x\n2,y\n", {}, "at least one example for"),
    "names": (
        "a,kind\n" + "".join(f"name {n},{'xy'[n % 2]}\n" for n in range(200)),
        {},
        "column a: expected numbers, dates, or texts that repeat. Received: 200 different .*dataset.drop=\\[a\\]",
    ),
    "a text without words": (
        "a,kind\n" + "".join(f"{'...' if n % 2 else ''},{'xy'[n // 2 % 2]}\n" for n in range(40)),
        {"kinds": {"a": "text"}},
        "column a: expected text values. Received: no word in 24 train rows",
    ),
    "another kind": (
        "a,kind\n1,x\n2,y\n",
        {"kinds": {"a": "txt"}},
        "dataset.kinds: expected one of numeric, categorical, date, text for each column. Received: {'a': 'txt'}",
    ),
    "several quotes": ("a,kind\n1,x\n", {"quote": "''"}, "dataset.quote: expected one character, or null"),
    "small vocabulary": ("a,kind\n1,x\n", {"max_tokens": 2}, "dataset.max_tokens: expected a whole number from 3"),
    "short sequence": ("a,kind\n1,x\n", {"sequence_length": 0}, "dataset.sequence_length: .*number from 1"),
    "texts as numbers": (
        "a,kind\n" + "".join(f"{n if n != 7 else 'seven'},{'xy'[n % 2]}\n" for n in range(40)),
        {"kinds": {"a": "numeric"}},
        "column a: expected numeric values. .*seven",
    ),
    "texts as dates": (
        "a,kind\n" + "".join(f"day {n},{'xy'[n % 2]}\n" for n in range(40)),
        {"kinds": {"a": "date"}},
        "column a: expected date values. Received: Time data day .* is not ISO8601",
    ),
    "texts as numbers of the target": (
        "a,kind\n1,2\n2,many\n",
        {"target_kind": "numbers"},
        "expected finite numbers in the target. Received: 'many' in row 2",
    ),
    "several columns of classes": (
        "a,b,kind\n1,x,y\n2,y,x\n",
        {"target": ["b", "kind"], "target_kind": "classes"},
        "one",
    ),
    "one group": ("a,kind\n1,x\n1,y\n", {"group": "a"}, "at least 3 groups"),
    "no time": ("a,kind\nsoon,x\nlater,y\n", {"time": "a"}, "dataset.time: expected a column of dates or numbers"),
    "missing time": ("a,kind\n1,x\n,y\n", {"time": "a"}, "dataset.time: expected a date or a number in each row"),
    "ratios": ("a,kind\n1,x\n", {"validation_ratio": 0.5, "test_ratio": 0.5}, "a sum below 1"),
    "a class that is only late": (
        "a,kind\n" + "".join(f"{n},{'x' if n < 50 else 'y'}\n" for n in range(60)),
        {"time": "a", "drop": []},
        "expected a column to learn from|a training example for every class",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_table_is_one_message(name: str, tmp_path: Path) -> None:
    content, settings, message = BAD[name]
    file = tmp_path / "bad.csv"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(ToonvisionError, match=f"(?s){message}"):
        read(file, **{"target": "kind", **settings})


@reads_real_data
@pytest.mark.parametrize(
    ("name", "settings", "shape", "classes"),
    [
        ("penguins.csv", {"target": "species"}, (206, 15), 3),
        ("abalone.csv", {"target": "9", "header": False}, (2505, 10), 1),
        ("german.csv", {"target": "21", "header": False}, (600, 61), 2),
    ],
)
def test_real_tables_are_read(name: str, settings: dict[str, Any], shape: tuple[int, int], classes: int) -> None:
    dataset = load(path=str(TABLES / name), **settings)
    assert dataset.train.x.shape == shape
    assert len(dataset.class_names) == classes
    assert np.isfinite(dataset.test.x).all()


@reads_real_data
def test_real_messages_with_quotes_are_read() -> None:
    settings: dict[str, Any] = {"target": 1, "header": False, "quote": None, "kinds": {2: "text"}}
    dataset = load(path=str(TABLES / "sms.tsv"), sequence_length=40, **settings)
    assert [len(split) for split in (dataset.train, dataset.validation, dataset.test)] == [3346, 1114, 1114]
    assert (dataset.train.x.shape[1:], dataset.train.x.dtype, dataset.class_names) == ((40,), np.int32, ("ham", "spam"))
    (column,) = encoding(dataset).columns
    assert isinstance(column, Text)
    assert column.words[:3] == ("to", "i", "you")
    assert 2 < dataset.train.x.max() < 10_000
