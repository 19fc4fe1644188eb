"""The files of a folder, and folders without a classification dataset."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from PIL import Image

from toonvision.dataset.file_listing import FileListing, list_files
from toonvision.dataset.image_decoding import SUFFIXES
from toonvision.errors import ConfigError, DatasetError


def list_images(folder: Path) -> FileListing:
    return list_files(str(folder), SUFFIXES, "image")


def test_hidden_files_and_other_suffixes_are_ignored(folder: Path) -> None:
    for name in (".DS_Store", "._entity-0_00.png", "Thumbs.db", "notes.txt"):
        (folder / "red" / name).write_bytes(b"nothing")
    (folder / ".git").mkdir()
    (folder / "LICENSE").write_text("free")
    assert len(list_images(folder).files) == 30


def test_suffixes_in_capitals_are_recognized(folder: Path) -> None:
    (folder / "red" / "entity-0_00.png").rename(folder / "red" / "ENTITY.PNG")
    assert "red/ENTITY.PNG" in [file.name for file in list_images(folder).files]


def error_message(folder: Path, error: type[Exception] = DatasetError) -> str:
    with pytest.raises(error) as caught:
        list_images(folder)
    message = str(caught.value)
    assert "xpected" in message
    assert "Received" in message
    return message


def test_a_class_folder_without_images_is_named(folder: Path) -> None:
    (folder / "white").mkdir()
    (folder / "white" / "notes.txt").write_text("soon")
    assert str(folder / "white") in error_message(folder)


def test_a_single_class_is_rejected(folder: Path) -> None:
    shutil.rmtree(folder / "red")
    shutil.rmtree(folder / "blue")
    assert "at least two classes. Received: green" in error_message(folder)


def test_the_folder_inside_is_proposed_for_an_outer_folder(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "outer").mkdir()
    inner = folder.rename(tmp_path / "outer" / "inner")
    assert f"Did you mean {str(inner)!r}" in error_message(tmp_path / "outer")


def test_a_folder_without_class_folders_is_rejected(tmp_path: Path) -> None:
    (tmp_path / "flat").mkdir()
    Image.new("RGB", (12, 16)).save(tmp_path / "flat" / "picture.png")
    assert "no folder" in error_message(tmp_path / "flat")


def test_a_folder_without_images_is_rejected(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / "empty" / name).mkdir(parents=True)
    assert "none in" in error_message(tmp_path / "empty")


def test_a_missing_path_is_rejected_with_a_similar_name(folder: Path) -> None:
    assert "Did you mean 'pictures'?" in error_message(folder.with_name("pictrues"), ConfigError)
    error_message(folder / "no" / "such" / "place", ConfigError)


def test_a_path_of_a_file_is_rejected(folder: Path) -> None:
    assert "which is a file" in error_message(folder / "red" / "entity-0_00.png", ConfigError)


@pytest.mark.parametrize("usual", ["val", "valid", "Validation", "dev"])
def test_a_split_may_have_another_usual_name(split_folder: Path, usual: str) -> None:
    whole = list_images(split_folder)
    (split_folder / "validation").rename(split_folder / usual)
    listing = list_images(split_folder)
    assert listing.splits == whole.splits == ("train", "validation", "test")
    assert [file.split for file in listing.files] == [file.split for file in whole.files]
    assert {file.name.partition("/")[0] for file in listing.files} == {"train", usual, "test"}


def test_validation_may_be_missing_but_no_other_split(split_folder: Path) -> None:
    shutil.rmtree(split_folder / "validation")
    assert list_images(split_folder).splits == ("train", "test")
    (split_folder / "test").rename(split_folder / "validation")
    assert "expected the folders train and test" in error_message(split_folder)


def test_a_split_that_is_there_twice_is_rejected(split_folder: Path) -> None:
    shutil.copytree(split_folder / "validation", split_folder / "val")
    assert "expected the folders train and test" in error_message(split_folder)


def test_another_folder_beside_the_splits_is_rejected(split_folder: Path) -> None:
    (split_folder / "unlabelled").mkdir()
    assert "no other" in error_message(split_folder)


def test_a_class_that_is_missing_in_a_split_is_named(split_folder: Path) -> None:
    shutil.rmtree(split_folder / "test" / "red")
    (split_folder / "train" / "white").mkdir()
    message = error_message(split_folder)
    assert all(f"no {name}" in message for name in ("test/red", "validation/white", "test/white"))


def test_files_are_sorted_by_split_class_and_path(split_folder: Path) -> None:
    listing = list_images(split_folder)
    assert listing.splits == ("train", "validation", "test")
    assert listing.class_names == ("blue", "green", "red")
    order = ["train", "validation", "test"]
    keys = [(order.index(file.split or ""), file.label, file.name) for file in listing.files]
    assert keys == sorted(keys)
    assert len(keys) == 30


def test_a_broken_link_is_listed_without_a_size(folder: Path) -> None:
    (folder / "blue" / "lost.png").symlink_to(folder / "nowhere.png")
    sizes = {file.name: file.size for file in list_images(folder).files}
    assert sizes.pop("blue/lost.png") == 0
    assert all(sizes.values())
