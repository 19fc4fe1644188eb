"""Folders of pictures and a table for the tests of their datasets."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from tests.dataset import image_folders, made_table


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three class folders of ten plain pictures each."""
    return image_folders.make_folder(tmp_path / "pictures")


@pytest.fixture
def split_folder(folder: Path) -> Path:
    """The same pictures in the folders train, validation and test."""
    return image_folders.split_folder(folder, folder.with_name("split"))


@pytest.fixture
def frame() -> pd.DataFrame:
    """Return a table with a column of each kind, and missing values."""
    return made_table.made()


@pytest.fixture
def file(frame: pd.DataFrame, tmp_path: Path) -> Path:
    """Return a file with this table."""
    frame.to_csv(tmp_path / "table.csv", index=False)
    return tmp_path / "table.csv"
