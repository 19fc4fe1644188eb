"""How listed files are split; tests/dataset/test_image_directory.py reads groups and their errors."""

from __future__ import annotations

import numpy as np

from toonvision.dataset.file_listing import ListedFile
from toonvision.dataset.file_split import split_files
from toonvision.dataset.split import Ratios


def files(split: str | None, count: int) -> list[ListedFile]:
    return [ListedFile(f"{index % 2}/{split}-{index}", index % 2, split, 1, 0) for index in range(count)]


def test_given_splits_are_slices() -> None:
    given = [*files("train", 6), *files("validation", 4), *files("test", 2)]
    parts = split_files(given, ("train", "validation", "test"), Ratios(0.2, 0.2), seed=7)
    assert parts == (slice(0, 6), slice(6, 10), slice(10, 12))


def test_validation_is_drawn_from_train_alone() -> None:
    train, validation, test = split_files(
        [*files("train", 8), *files("test", 4)], ("train", "test"), Ratios(0.25, 0.2), seed=7
    )
    assert isinstance(train, np.ndarray)
    assert isinstance(validation, np.ndarray)
    assert test == slice(8, 12)
    assert sorted([*train, *validation]) == list(range(8))
    assert len(validation) == 2


def test_without_splits_all_are_drawn_in_groups() -> None:
    everything = files(None, 20)
    train, validation, test = split_files(everything, (), Ratios(0.2, 0.2), seed=7, group_pattern=r"^\w+")
    assert [len(np.arange(20)[part]) for part in (train, validation, test)] == [12, 4, 4]
