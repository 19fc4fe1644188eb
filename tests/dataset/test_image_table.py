"""Images that a table lists: targets of each kind, splits, and what is wrong with a table."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.dataset.image_folders import COLOURS
from tests.real_data import CLOTHING, reads_real_data
from toonvision.dataset import image_directory
from toonvision.dataset.dataset import Dataset
from toonvision.dataset.image_table import load
from toonvision.errors import ToonvisionError


@pytest.fixture(autouse=True)
def _cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOONVISION_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def listed(folder: Path) -> pd.DataFrame:
    """The pictures of the folder, with a target of each kind."""
    files = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.png"))
    colors = [file.partition("/")[0] for file in files]
    levels = np.array([COLOURS[color] for color in colors]) / 255
    frame = pd.DataFrame({"file": files, "color": colors, "redness": levels[:, 0], "blueness": levels[:, 2]})
    parts = np.array(["train"] * 6 + ["val"] * 2 + ["Test"] * 2)
    frame["is_red"] = (frame["color"] == "red").astype(int)
    return frame.assign(has_hue=1, pair=np.arange(30) // 2, part=np.tile(parts, 3))


def read(frame: pd.DataFrame, beside: Path, /, **settings: Any) -> Dataset:
    frame.to_csv(beside / "table.csv", index=False)
    given: dict[str, Any] = {
        "path": str(beside / "table.csv"),
        "image": "file",
        "target": "color",
        "image_size": [8, 6],
    }
    return load(**{**given, **settings})


def parts(dataset: Dataset) -> tuple[Any, ...]:
    return dataset.train, dataset.validation, dataset.test


def test_classes_are_split_within_each(listed: pd.DataFrame, folder: Path) -> None:
    dataset = read(listed, folder)
    assert dataset.class_names == ("blue", "green", "red")
    assert [np.bincount(split.y).tolist() for split in parts(dataset)] == [[6] * 3, [2] * 3, [2] * 3]
    for pixels, label, name in zip(dataset.train.x, dataset.train.y, dataset.train.names, strict=True):
        assert name.startswith(f"{dataset.class_names[label]}/")
        assert (pixels == COLOURS[dataset.class_names[label]]).all()
    assert read(listed, folder).fingerprint == dataset.fingerprint
    assert read(listed, folder, seed=8).test.names != dataset.test.names


def test_several_columns_of_0_and_1_are_labels(listed: pd.DataFrame, folder: Path) -> None:
    listed.loc[3, "has_hue"] = 0
    dataset = read(listed, folder, target=["is_red", "has_hue"])
    assert dataset.class_names == ("is_red", "has_hue")
    assert dataset.test.y.shape == (6, 2)
    assert dataset.test.y.dtype == np.int64
    red = [name.startswith("red/") for name in dataset.train.names]
    np.testing.assert_array_equal(dataset.train.y[:, 0], red)


def test_numbers_are_targets(listed: pd.DataFrame, folder: Path) -> None:
    dataset = read(listed, folder, target=["redness", "blueness"])
    assert dataset.train.y.dtype == np.float32
    np.testing.assert_allclose(dataset.train.x[:, 0, 0, [0, 2]] / 255, dataset.train.y, atol=1e-6)


def test_a_column_says_the_split(listed: pd.DataFrame, folder: Path) -> None:
    dataset = read(listed, folder, split="part")
    assert [set(listed["part"][listed["file"].isin(split.names)]) for split in parts(dataset)] == [
        {"train"},
        {"val"},
        {"Test"},
    ]
    drawn = read(listed.assign(part=listed["part"].replace("val", "train")), folder, split="part")
    assert drawn.test.names == dataset.test.names
    assert [len(split) for split in parts(drawn)] == [18, 6, 6]


def test_a_group_stays_in_one_split(listed: pd.DataFrame, folder: Path) -> None:
    dataset = read(listed, folder, group="pair")
    assert sum(len(set(split.groups)) for split in parts(dataset)) == 15
    assert [len(split) for split in parts(dataset)] == [18, 6, 6]


def test_paths_are_absolute_or_from_a_folder(listed: pd.DataFrame, folder: Path, tmp_path: Path) -> None:
    expected = read(listed, folder)
    found = read(listed, tmp_path, folder=str(folder))
    absolute = read(listed.assign(file=[str(folder / name) for name in listed["file"]]), tmp_path)
    outside = read(listed.assign(file="../pictures/" + listed["file"]), folder)
    assert found.fingerprint == absolute.fingerprint == outside.fingerprint == expected.fingerprint
    np.testing.assert_array_equal(absolute.test.x, expected.test.x)


def test_a_file_that_is_listed_twice_is_one_example(listed: pd.DataFrame, folder: Path) -> None:
    twice = pd.concat([listed, listed.head(3).assign(file="./" + listed["file"].head(3))])
    assert read(twice, folder).fingerprint == read(listed, folder).fingerprint


def test_files_that_are_missing_or_broken_can_be_left_out(
    listed: pd.DataFrame, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (folder / listed["file"][0]).unlink()
    (folder / listed["file"][11]).write_bytes(b"nothing")
    with caplog.at_level(logging.WARNING):
        dataset = read(listed, folder, on_bad_image="skip")
    assert "skipped 2 files" in caplog.text
    assert sum(len(split) for split in parts(dataset)) == 28
    assert all((split.x[:, 0, 0].argmax(axis=1) == 2 - split.y).all() for split in parts(dataset))


Change = Callable[[pd.DataFrame], pd.DataFrame]
BAD: dict[str, tuple[Change, dict[str, Any], str]] = {
    "no such image column": (lambda f: f, {"image": "files"}, r"dataset\.image: .*'files'\. Did you mean 'file'\?"),
    "no such target": (lambda f: f, {"target": "colour"}, r"dataset\.target: .*'colour'\. Did you mean 'color'\?"),
    "no such split": (lambda f: f, {"split": "parts"}, r"dataset\.split: .* Did you mean 'part'\?"),
    "no such group": (lambda f: f, {"group": "pairs"}, r"dataset\.group: .* Did you mean 'pair'\?"),
    "no such folder": (lambda f: f, {"folder": "nowhere"}, r"dataset\.folder: expected an existing folder"),
    "split and group": (lambda f: f, {"split": "part", "group": "pair"}, r"dataset\.group: expected null, because"),
    "unknown way of a bad image": (lambda f: f, {"on_bad_image": "drop"}, r"dataset\.on_bad_image: expected one of"),
    "missing files": (
        lambda f: f.assign(file=["gone.png", *f["file"][1:6], "lost.png", *f["file"][7:]]),
        {},
        r"column file: .* no such file in 2 rows \(1, 7\): 'gone\.png', 'lost\.png'\. Paths start from",
    ),
    "rows without a file": (lambda f: f.assign(file=f["file"].where(f.index != 4)), {}, r"none in 1 rows \(5\)"),
    "a file with two classes": (
        lambda f: pd.concat([f, f.head(1).assign(color="red")]),
        {},
        r"one value of color for each file\. Received: several for 'blue/entity-0_00\.png' in 2 rows \(1, 31\)",
    ),
    "a file in two splits": (
        lambda f: pd.concat([f, f.head(1).assign(part="test")]),
        {"split": "part"},
        r"one value of color, part for each file",
    ),
    "an unknown split": (
        lambda f: f.assign(part=f["part"].replace("Test", "holdout")),
        {"split": "part"},
        r"column part: expected train, validation, test in each row\. Received: 'holdout'",
    ),
    "no test rows": (lambda f: f.assign(part="train"), {"split": "part"}, r"rows for train and for test.* train alone"),
    "rows without a target": (lambda f: f.assign(color=f["color"].where(f.index > 1)), {}, r"none in 2 rows \(1, 2\)"),
    "no table": (lambda f: f.head(0), {}, "expected rows. Received: a header alone"),
}


@pytest.mark.parametrize(("change", "settings", "message"), BAD.values(), ids=list(BAD))
def test_a_bad_table_is_one_message(
    change: Change, settings: dict[str, Any], message: str, listed: pd.DataFrame, folder: Path
) -> None:
    with pytest.raises(ToonvisionError, match=message):
        read(change(listed), folder, **settings)


def test_files_that_are_no_images_are_named(listed: pd.DataFrame, folder: Path) -> None:
    (folder / listed["file"][2]).write_bytes(b"nothing")
    with pytest.raises(ToonvisionError, match=r"1 that cannot:\n  blue/entity-0_04\.png: not an image"):
        read(listed, folder)


@reads_real_data
def test_real_photographs_are_those_of_their_folders(tmp_path: Path) -> None:
    expected = image_directory.load(path=str(CLOTHING), image_size=[24, 24], resize="pad")
    rows = [
        {"file": name, "split": name.split("/")[0], "label": name.split("/")[1]}
        for split in (expected.train, expected.validation, expected.test)
        for name in split.names
    ]
    settings = {"folder": str(CLOTHING), "target": "label", "split": "split", "image_size": [24, 24], "resize": "pad"}
    found = read(pd.DataFrame(rows), tmp_path, **settings)
    assert found.class_names == expected.class_names
    for one, other in zip(parts(found), parts(expected), strict=True):
        assert one.names == other.names
        np.testing.assert_array_equal(one.y, other.y)
        np.testing.assert_array_equal(one.x, other.x)
