"""Files that cannot be read; tests/dataset/test_image_directory.py and test_text_directory.py skip or refuse them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from toonvision.dataset.bad_files import BadFileError, check_on_bad, read_content
from toonvision.errors import ConfigError


def test_a_regular_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"content")
    assert read_content(tmp_path / "file") == b"content"


def test_what_is_no_regular_file_or_too_large_is_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with (tmp_path / "huge").open("wb") as file:
        file.truncate(2**28 + 1)  # a sparse file
    (tmp_path / "lost").symlink_to(tmp_path / "nowhere")
    reasons = {
        "pipe": "not a regular file",
        "huge": "larger than 256 MiB",
        "lost": "No such file",
        ".": "not a regular",
    }
    for name, reason in reasons.items():
        with pytest.raises(BadFileError, match=reason):
            read_content(tmp_path / name)


def test_another_way_with_bad_files_is_an_error() -> None:
    check_on_bad("image", "skip")
    with pytest.raises(
        ConfigError, match=r"dataset\.on_bad_text: expected one of raise, skip\. .*Did you mean 'raise'"
    ):
        check_on_bad("text", "rase")
