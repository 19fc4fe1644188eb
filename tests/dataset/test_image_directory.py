"""A dataset of the images in a folder: its splits, unreadable files, settings, and the cache."""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.dataset.image_folders import COLOURS
from tests.real_data import CLOTHING, reads_real_data
from toonvision.dataset import file_split, image_directory
from toonvision.dataset.dataset import Dataset
from toonvision.dataset.image_decoding import Decoding
from toonvision.dataset.image_directory import load
from toonvision.errors import ConfigError, DatasetError

SIZE = [8, 6]


@pytest.fixture(autouse=True)
def _cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOONVISION_CACHE", str(tmp_path / "cache"))


def read(folder: Path, **settings: Any) -> Dataset:
    return load(path=str(folder), **{"image_size": SIZE, **settings})


def names(dataset: Dataset) -> list[str]:
    return [name for split in (dataset.train, dataset.validation, dataset.test) for name in split.names]


def test_class_folders_are_split_60_20_20_in_every_class(folder: Path) -> None:
    dataset = read(folder)
    assert dataset.class_names == ("blue", "green", "red")
    for split, size in ((dataset.train, 6), (dataset.validation, 2), (dataset.test, 2)):
        assert np.bincount(split.y).tolist() == [size] * 3
        assert split.x.shape == (3 * size, 8, 6, 3)
        assert split.x.dtype == np.uint8
        assert split.y.dtype == np.int64
        for pixels, label, name in zip(split.x, split.y, split.names, strict=True):
            assert name.startswith(f"{dataset.class_names[label]}/")
            assert (pixels == COLOURS[dataset.class_names[label]]).all()
    assert len(set(names(dataset))) == 30


def test_given_splits_are_used_without_a_copy(split_folder: Path) -> None:
    dataset = read(split_folder)
    for part, split, size in (
        ("train", dataset.train, 6),
        ("validation", dataset.validation, 2),
        ("test", dataset.test, 2),
    ):
        assert np.bincount(split.y).tolist() == [size] * 3
        assert all(name.startswith(f"{part}/") for name in split.names)
        assert isinstance(split.x, np.memmap)
        assert not split.x.flags.owndata
        assert not split.x.flags.writeable
        for pixels, label in zip(split.x, split.y, strict=True):
            assert (pixels == COLOURS[dataset.class_names[label]]).all()


def test_validation_is_drawn_from_train_where_it_has_no_folder(split_folder: Path) -> None:
    whole = read(split_folder)
    shutil.rmtree(split_folder / "validation")
    dataset = read(split_folder, validation_ratio=0.5)
    assert [np.bincount(split.y).tolist() for split in (dataset.train, dataset.validation)] == [[3] * 3] * 2
    assert sorted((*dataset.train.names, *dataset.validation.names)) == sorted(whole.train.names)
    assert dataset.test.names == whole.test.names
    np.testing.assert_array_equal(dataset.test.x, whole.test.x)


def test_every_group_keeps_the_ratios(folder: Path) -> None:
    dataset = read(folder, group_pattern=r"entity-(\d)")
    for split, size in ((dataset.train, 3), (dataset.validation, 1), (dataset.test, 1)):
        assert set(Counter(name.split("_")[0] for name in split.names).values()) == {size}


def test_a_group_without_parentheses_is_the_whole_match(folder: Path) -> None:
    for name in COLOURS:
        for file in sorted((folder / name).glob("*.png")):
            inner = folder / name / f"toon {file.name[7]}"
            inner.mkdir(exist_ok=True)
            file.rename(inner / file.name)
    dataset = read(folder, group_pattern=r"toon .")
    assert set(Counter(name.rpartition("/")[0] for name in dataset.test.names).values()) == {1}


def test_the_size_is_height_then_width(folder: Path) -> None:
    assert read(folder, image_size=[20, 10]).input_shape == (20, 10, 3)


def add_unreadable_files(folder: Path) -> dict[str, str]:
    """Put files in the folder that are no images; return their names and the reasons."""
    photo = folder / "red" / "truncated.jpg"
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    Image.fromarray(noise).save(photo)
    photo.write_bytes(photo.read_bytes()[:2000])
    (folder / "green" / "empty.png").write_bytes(b"")
    (folder / "green" / "text.png").write_text("not a picture")
    (folder / "blue" / "lost.png").symlink_to(folder / "nowhere.png")
    return {
        "red/truncated.jpg": "truncated",
        "green/empty.png": "the file is empty",
        "green/text.png": "not an image of a known format",
        "blue/lost.png": "No such file",
    }


def test_an_error_names_all_unreadable_files(folder: Path) -> None:
    reasons = add_unreadable_files(folder)
    for _ in range(2):  # a failed load leaves nothing in the cache
        with pytest.raises(DatasetError) as caught:
            read(folder)
        lines = str(caught.value).splitlines()[1:]
        assert len(lines) == 4
        for name, reason in reasons.items():
            (line,) = (line for line in lines if name in line)
            assert reason in line


def test_unreadable_files_can_be_skipped_with_a_warning(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    reasons = add_unreadable_files(folder)
    for _ in range(2):
        caplog.clear()
        with caplog.at_level(logging.WARNING):
            dataset = read(folder, on_bad_image="skip")
        assert len(names(dataset)) == 30
        assert "skipped 4 files" in caplog.text
        assert all(name in caplog.text and reason in caplog.text for name, reason in reasons.items())
        for split in (dataset.train, dataset.validation, dataset.test):
            for pixels, label in zip(split.x, split.y, strict=True):
                assert (pixels == COLOURS[dataset.class_names[label]]).all()


def test_a_class_with_unreadable_files_only_is_an_error(split_folder: Path) -> None:
    for file in (split_folder / "test" / "red").glob("*"):
        file.write_bytes(b"")
    with pytest.raises(DatasetError, match=r"only files that cannot be read in test/red"):
        read(split_folder, on_bad_image="skip")


@pytest.mark.parametrize(
    ("settings", "where"),
    [
        ({"image_size": [0, 6]}, "dataset.image_size"),
        ({"image_size": [6]}, "dataset.image_size"),
        ({"image_size": [6.5, 6]}, "dataset.image_size"),
        ({"resize": "strech"}, "Did you mean 'stretch'"),
        ({"on_bad_image": "skipp"}, "Did you mean 'skip'"),
        ({"validation_ratio": 1.2}, "dataset.validation_ratio"),
        ({"test_ratio": 0}, "dataset.test_ratio"),
        ({"validation_ratio": 0.5, "test_ratio": 0.5}, "dataset.validation_ratio and dataset.test_ratio"),
        ({"seed": -1}, "dataset.seed"),
        ({"group_pattern": "("}, "dataset.group_pattern"),
        ({"group_pattern": r"entity-(1)"}, "blue/entity-0_00.png"),
        ({"path": ""}, "dataset.path"),
        ({"path": None}, "dataset.path"),
    ],
)
def test_a_wrong_setting_is_rejected_by_name(folder: Path, settings: dict[str, Any], where: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(**{"path": str(folder), "image_size": SIZE, **settings})
    assert where in str(caught.value)


def test_a_group_pattern_without_an_effect_is_rejected(split_folder: Path) -> None:
    with pytest.raises(ConfigError, match="is split already"):
        read(split_folder, group_pattern="entity-.")


def test_a_group_pattern_that_takes_too_long_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "blue" / f"{'a' * 60}!.png").write_bytes((folder / "blue" / "entity-0_00.png").read_bytes())
    monkeypatch.setattr(file_split, "_MATCHING", 0.2)
    with pytest.raises(ConfigError, match=r"dataset\.group_pattern: expected a regular expression that needs at most"):
        read(folder, group_pattern=r"(a|aa)+$")


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The image files that are read from here on."""
    files: list[Path] = []
    original = image_directory._decode_file

    def note(path: Path, decoding: Decoding) -> Any:
        files.append(path)
        return original(path, decoding)

    monkeypatch.setattr(image_directory, "_decode_file", note)
    return files


def test_the_second_load_opens_no_image(folder: Path, opened: list[Path]) -> None:
    first = read(folder)
    assert len(opened) == 30
    again = read(folder)
    assert len(opened) == 30
    assert first.fingerprint == again.fingerprint
    np.testing.assert_array_equal(first.train.x, again.train.x)


def test_another_validation_ratio_opens_no_image_and_keeps_the_test_set(folder: Path, opened: list[Path]) -> None:
    few, many = read(folder, validation_ratio=0.1), read(folder, validation_ratio=0.4)
    assert len(opened) == 30
    assert few.test.names == many.test.names
    assert len(few.validation) < len(many.validation)
    assert few.fingerprint != many.fingerprint


@pytest.mark.parametrize("settings", [{"image_size": [6, 8]}, {"resize": "pad"}])
def test_another_decoding_opens_the_images_again(folder: Path, opened: list[Path], settings: dict[str, Any]) -> None:
    assert read(folder).fingerprint != read(folder, **settings).fingerprint
    assert len(opened) == 60


def test_a_changed_file_is_read_again(folder: Path, opened: list[Path]) -> None:
    before = read(folder)
    Image.new("RGB", (12, 16), "white").save(folder / "red" / "entity-0_00.png")
    after = read(folder)
    assert len(opened) == 60
    assert before.fingerprint != after.fingerprint


def test_a_copy_elsewhere_has_the_same_fingerprint(folder: Path) -> None:
    copy = folder.with_name("copy")
    shutil.copytree(folder, copy, copy_function=shutil.copy)
    os.utime(copy / "red" / "entity-0_00.png", (1, 1))
    assert read(folder).fingerprint == read(copy).fingerprint


def test_a_link_to_the_folder_shares_its_cache(folder: Path, opened: list[Path]) -> None:
    read(folder)
    folder.with_name("link").symlink_to(folder)
    read(folder.with_name("link"))
    assert len(opened) == 30


def test_batches_keep_the_order(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(image_directory, "BATCH_BYTES", 1)  # as few at once as there are threads
    dataset = read(folder)
    for pixels, label in zip(dataset.train.x, dataset.train.y, strict=True):
        assert (pixels == COLOURS[dataset.class_names[label]]).all()


def test_two_processes_may_load_one_folder_at_once(folder: Path) -> None:
    code = (
        "import sys; from toonvision.dataset.image_directory import load\n"
        "print(load(path=sys.argv[1], image_size=[8, 6]).fingerprint)"
    )
    both = [subprocess.Popen([sys.executable, "-c", code, folder], stdout=subprocess.PIPE, text=True) for _ in "ab"]
    prints = {process.communicate(timeout=60)[0].strip() for process in both}
    assert prints == {read(folder).fingerprint}


@reads_real_data
def test_real_photographs_are_read() -> None:
    dataset = read(CLOTHING, image_size=[75, 25])
    assert len(names(dataset)) == 415
    assert len(dataset.class_names) == 5
    assert dataset.input_shape == (75, 25, 3)
    assert 20 < dataset.train.x.std() < 120


def test_a_file_that_is_too_large_or_a_pipe_is_not_read(folder: Path) -> None:
    with (folder / "red" / "huge.png").open("wb") as file:
        file.truncate(100 * 2**30)  # a sparse file
    (folder / "red" / "endless.png").symlink_to("/dev/zero")
    os.mkfifo(folder / "red" / "pipe.png")
    with pytest.raises(DatasetError) as raised:
        read(folder)
    assert "huge.png: larger than 256 MiB" in str(raised.value)
    assert "endless.png: not a regular file" in str(raised.value)
    assert "pipe.png: not a regular file" in str(raised.value)
