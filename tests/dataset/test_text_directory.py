"""A dataset of the texts in a folder: its splits, its words, and what is wrong with it."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.dataset.made_table import encoding
from tests.dataset.text_folders import make_folder, split_folder
from toonvision.dataset.dataset import Dataset
from toonvision.dataset.text_column import Text
from toonvision.dataset.text_directory import load
from toonvision.errors import ToonvisionError


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    """Two class folders of ten texts each."""
    return make_folder(tmp_path / "texts")


def read(folder: Path, **settings: Any) -> Dataset:
    return load(path=str(folder), **settings)


def test_class_folders_are_split_within_classes(texts: Path) -> None:
    dataset = read(texts, sequence_length=6)
    assert dataset.class_names == ("bad", "good")
    for split, size in ((dataset.train, 6), (dataset.validation, 2), (dataset.test, 2)):
        assert np.bincount(split.y).tolist() == [size] * 2
        assert (split.x.shape, split.x.dtype) == ((2 * size, 6), np.int32)
        assert all(
            name.startswith(dataset.class_names[label]) for name, label in zip(split.names, split.y, strict=True)
        )
    assert dataset.id_inputs == ("",)
    assert read(texts, validation_ratio=0.3).test.names == dataset.test.names


def test_only_train_texts_give_words(texts: Path) -> None:
    held_out = read(texts).test.names
    for name in held_out:
        (texts / name).write_text("xyzzy film")
    dataset = read(texts)
    (column,) = encoding(dataset).columns
    assert isinstance(column, Text)
    assert "film" in column.words
    assert "xyzzy" not in column.words
    assert (dataset.test.x[:, 0] == 1).all()
    assert dataset.test.names == held_out


@pytest.mark.parametrize("usual", ["validation", "val", "valid", "dev"])
def test_given_splits_are_used(tmp_path: Path, usual: str) -> None:
    dataset = read(split_folder(tmp_path / "texts", "train", usual, "test"))
    parts = (dataset.train, dataset.validation, dataset.test)
    assert [len(split) for split in parts] == [8, 8, 8]
    for name, split in zip(("train", usual, "test"), parts, strict=True):
        assert all(one.startswith(f"{name}/") for one in split.names)


def test_validation_is_drawn_from_train_where_it_has_no_folder(tmp_path: Path) -> None:
    dataset = read(split_folder(tmp_path / "texts", "train", "test"), validation_ratio=0.25)
    assert [len(split) for split in (dataset.train, dataset.validation, dataset.test)] == [6, 2, 8]
    assert all(name.startswith("train/") for name in dataset.validation.names)


def test_the_fingerprint_follows_the_texts_the_words_and_the_split(texts: Path) -> None:
    before = read(texts).fingerprint
    copy = shutil.copytree(texts, texts.with_name("copy"))
    assert read(copy).fingerprint == before
    assert len({before, *(read(texts, **more).fingerprint for more in ({"seed": 8}, {"max_tokens": 5}))}) == 3
    (texts / "bad" / "00.txt").write_text("changed")
    assert read(texts).fingerprint != before


def test_another_encoding_is_read(texts: Path) -> None:
    for file in texts.rglob("*.txt"):
        file.write_bytes("déjà vu".encode("latin-1"))
    dataset = read(texts, encoding="latin-1")
    (column,) = encoding(dataset).columns
    assert isinstance(column, Text)
    assert set(column.words) == {"déjà", "vu"}


def write(name: str, content: bytes) -> Callable[[Path], object]:
    return lambda root: (root / name).write_bytes(content)


def rename_all(root: Path) -> None:
    for file in (root / "bad").glob("*.txt"):
        file.rename(file.with_suffix(".html"))


BAD: dict[str, tuple[Callable[[Path], object], dict[str, Any], str]] = {
    "no folder": (shutil.rmtree, {}, "dataset.path: expected an existing folder"),
    "empty folder": (
        lambda root: [*map(shutil.rmtree, (root / "bad", root / "good"))],
        {},
        "expected folders named by class, or train, validation and test. Received: no folder",
    ),
    "one class": (lambda root: shutil.rmtree(root / "bad"), {}, "at least two classes. Received: good"),
    "a class without texts": (rename_all, {}, r"at least one text \(\.txt\) for every class. Received: none in .*bad"),
    "wrong encoding": (
        write("bad/00.txt", "déjà".encode("latin-1")),
        {},
        r"files that can be read as texts \(dataset\.on_bad_text=skip leaves others out\)\. Received: 1 that cannot:"
        r"\n  bad/00\.txt: no text in utf-8 \(invalid continuation byte at byte 1\)",
    ),
    "empty file": (write("good/03.txt", b" \n"), {}, "1 that cannot:\n  good/03.txt: the file is empty"),
    "only bad files in a class": (
        lambda root: [file.write_bytes(b"") for file in (root / "bad").glob("*")],
        {"on_bad_text": "skip"},
        "at least one text for every class. Received: only files that cannot be read in bad",
    ),
    "no words": (
        lambda root: [file.write_bytes(b"!?") for file in root.rglob("*.txt")],
        {},
        "column text: expected text values. Received: no word in 12 train rows",
    ),
    "no such encoding": (bool, {"encoding": "utf-9"}, "dataset.encoding: expected the name of an encoding"),
    "vocabulary": (bool, {"max_tokens": 2}, "dataset.max_tokens: expected a whole number from 3"),
    "length": (bool, {"sequence_length": 0}, "dataset.sequence_length: expected a whole number from 1"),
    "on_bad_text": (bool, {"on_bad_text": "skipp"}, "dataset.on_bad_text: .*Did you mean 'skip'"),
    "ratio": (bool, {"test_ratio": 1.0}, "dataset.test_ratio: expected a number above 0 and below 1"),
    "seed": (bool, {"seed": -1}, "dataset.seed: expected a whole number of 0 or above"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_texts_are_one_message(name: str, texts: Path) -> None:
    change, settings, message = BAD[name]
    change(texts)
    with pytest.raises(ToonvisionError, match=f"(?s){message}"):
        read(texts, **settings)


def test_bad_texts_can_be_skipped_with_a_warning(texts: Path, caplog: pytest.LogCaptureFixture) -> None:
    (texts / "bad" / "00.txt").write_bytes(b"")
    (texts / "good" / "01.txt").write_bytes(b"\xff\xfe")
    with caplog.at_level(logging.WARNING):
        dataset = read(texts, on_bad_text="skip")
    names = {name for split in (dataset.train, dataset.validation, dataset.test) for name in split.names}
    assert len(names) == 18
    assert not names & {"bad/00.txt", "good/01.txt"}
    assert "skipped 2 files that cannot be read as texts:\n  bad/00.txt: the file is empty" in caplog.text
