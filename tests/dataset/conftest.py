"""Folders of pictures for the tests of folders."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.dataset import image_folders


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three class folders of ten plain pictures each."""
    return image_folders.make_folder(tmp_path / "pictures")


@pytest.fixture
def split_folder(folder: Path) -> Path:
    """The same pictures in the folders train, validation and test."""
    return image_folders.split_folder(folder, folder.with_name("split"))
