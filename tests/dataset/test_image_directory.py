"""Folders of real image files, of every format and in every state a user's folder may be in."""

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
from PIL import ExifTags, Image

from toonvision.dataset import image_directory
from toonvision.dataset.dataset import Dataset
from toonvision.dataset.image_decoding import BadImageError, Decoding, Resize, decode
from toonvision.dataset.image_directory import load
from toonvision.errors import ConfigError, DatasetError

CLOTHING = Path(__file__).parents[3] / "shared" / "data" / "clothing"
COLOURS = {"red": (250, 10, 10), "green": (10, 250, 10), "blue": (10, 10, 250)}
SIZE = [8, 6]


@pytest.fixture(autouse=True)
def _cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOONVISION_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three folders of ten plain pictures, of two entities each, all as their class is named."""
    for name, colour in COLOURS.items():
        (tmp_path / "pictures" / name).mkdir(parents=True)
        for index in range(10):
            file = tmp_path / "pictures" / name / f"entity-{index % 2}_{index:02d}.png"
            Image.new("RGB", (12, 16), colour).save(file)
    return tmp_path / "pictures"


@pytest.fixture
def split_folder(folder: Path) -> Path:
    root = folder.with_name("split")
    for part, chosen in (("train", "0[0-5]"), ("validation", "0[67]"), ("test", "0[89]")):
        for name in COLOURS:
            (root / part / name).mkdir(parents=True)
            for file in (folder / name).glob(f"*_{chosen}.png"):
                shutil.copy2(file, root / part / name)
    return root


def read(folder: Path, **settings: Any) -> Dataset:
    return load(path=str(folder), **{"image_size": SIZE, **settings})


def names(dataset: Dataset) -> list[str]:
    return [name for split in (dataset.train, dataset.validation, dataset.test) for name in split.names]


def decoded(file: Path, *, size: tuple[int, int] = (8, 6), resize: Resize = Resize.STRETCH) -> np.ndarray:
    return decode(file.read_bytes(), Decoding(*size, resize)).astype(int)


# --- the two layouts


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


def test_split_folders_are_used_as_they_are_and_not_copied(split_folder: Path) -> None:
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


def test_every_group_keeps_the_ratios(folder: Path) -> None:
    dataset = read(folder, group_pattern=r"entity-(\d)")
    for split, size in ((dataset.train, 3), (dataset.validation, 1), (dataset.test, 1)):
        assert set(Counter(name.split("_")[0] for name in split.names).values()) == {size}


def test_a_group_is_the_whole_match_without_parentheses_and_may_be_a_folder(folder: Path) -> None:
    for name in COLOURS:
        for file in sorted((folder / name).glob("*.png")):
            inner = folder / name / f"toon {file.name[7]}"
            inner.mkdir(exist_ok=True)
            file.rename(inner / file.name)
    dataset = read(folder, group_pattern=r"toon .")
    assert set(Counter(name.rpartition("/")[0] for name in dataset.test.names).values()) == {1}


def test_hidden_files_and_other_endings_are_passed_over(folder: Path) -> None:
    for name in (".DS_Store", "._entity-0_00.png", "Thumbs.db", "notes.txt"):
        (folder / "red" / name).write_bytes(b"nothing")
    (folder / ".git").mkdir()
    (folder / "LICENSE").write_text("free")
    assert len(names(read(folder))) == 30


def test_endings_in_capitals_count(folder: Path) -> None:
    (folder / "red" / "entity-0_00.png").rename(folder / "red" / "ENTITY.PNG")
    assert "red/ENTITY.PNG" in names(read(folder))


# --- the formats


@pytest.mark.parametrize("suffix", ["jpg", "jpeg", "png", "bmp", "gif", "webp"])
def test_every_format_is_decoded(tmp_path: Path, suffix: str) -> None:
    Image.new("RGB", (30, 40), (200, 100, 50)).save(tmp_path / f"picture.{suffix}")
    assert np.abs(decoded(tmp_path / f"picture.{suffix}") - (200, 100, 50)).max() <= 4


@pytest.mark.parametrize(
    ("mode", "colour", "suffix", "expected"),
    [
        ("L", 100, "png", (100, 100, 100)),
        ("L", 100, "jpg", (100, 100, 100)),
        ("1", 1, "png", (255, 255, 255)),
        ("1", 0, "bmp", (0, 0, 0)),
        ("LA", (0, 0), "png", (255, 255, 255)),
        ("LA", (0, 51), "png", (204, 204, 204)),
        ("RGBA", (255, 0, 0, 0), "png", (255, 255, 255)),
        ("RGBA", (255, 0, 0, 51), "png", (255, 204, 204)),
        ("RGBA", (255, 0, 0, 255), "png", (255, 0, 0)),
        ("CMYK", (0, 255, 255, 0), "jpg", (255, 0, 0)),
        ("I;16", 65535, "png", (255, 255, 255)),
        ("I;16", 32896, "png", (128, 128, 128)),
        ("I;16", 257, "png", (1, 1, 1)),
    ],
)
def test_every_mode_becomes_rgb(tmp_path: Path, mode: str, colour: Any, suffix: str, expected: Any) -> None:
    Image.new(mode, (12, 16), colour).save(tmp_path / f"picture.{suffix}")
    assert np.abs(decoded(tmp_path / f"picture.{suffix}") - expected).max() <= 2


def test_a_palette_becomes_its_colours_and_its_transparency_white(tmp_path: Path) -> None:
    image = Image.new("P", (12, 16), 1)
    image.putpalette([0, 0, 0, 10, 20, 30])
    image.save(tmp_path / "opaque.png")
    image.save(tmp_path / "clear.png", transparency=1)
    image.save(tmp_path / "clear.gif", transparency=1)
    assert (decoded(tmp_path / "opaque.png") == (10, 20, 30)).all()
    assert (decoded(tmp_path / "clear.png") == 255).all()
    assert (decoded(tmp_path / "clear.gif") == 255).all()


def test_the_first_frame_of_a_gif_is_taken(tmp_path: Path) -> None:
    first, second = Image.new("RGB", (12, 16), (255, 0, 0)), Image.new("RGB", (12, 16), (0, 0, 255))
    first.save(tmp_path / "moving.gif", save_all=True, append_images=[second])
    assert (decoded(tmp_path / "moving.gif") == (255, 0, 0)).all()


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_is_turned_upright(tmp_path: Path, orientation: int) -> None:
    upright = Image.new("RGB", (60, 80), "black")
    upright.paste("white", (0, 0, 30, 20))  # the upper left corner
    stored = {
        1: lambda i: i,
        2: lambda i: i.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
        3: lambda i: i.rotate(180),
        4: lambda i: i.transpose(Image.Transpose.FLIP_TOP_BOTTOM),
        5: lambda i: i.transpose(Image.Transpose.TRANSPOSE),
        6: lambda i: i.rotate(90, expand=True),
        7: lambda i: i.transpose(Image.Transpose.TRANSVERSE),
        8: lambda i: i.rotate(270, expand=True),
    }[orientation](upright)
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    stored.save(tmp_path / "photo.jpg", exif=exif, quality=95)
    pixels = decoded(tmp_path / "photo.jpg", size=(80, 60))[..., 0]
    assert pixels[2:18, 2:28].min() > 200
    pixels[:28, :38] = 0
    assert pixels.max() < 50


def test_broken_exif_data_do_not_stop_a_picture(tmp_path: Path) -> None:
    Image.new("RGB", (12, 16), "white").save(tmp_path / "photo.jpg", exif=b"Exif\x00\x00nonsense")
    assert decoded(tmp_path / "photo.jpg").min() > 250


# --- the size


@pytest.fixture
def bars(tmp_path: Path) -> Path:
    """A wide picture: red, then green twice as broad, then blue."""
    pixels = np.repeat(np.array([[255, 0, 0], [0, 255, 0], [0, 255, 0], [0, 0, 255]], dtype=np.uint8), 20, axis=0)
    Image.fromarray(np.repeat(pixels[np.newaxis], 40, axis=0)).save(tmp_path / "bars.png")
    return tmp_path / "bars.png"


def test_stretch_keeps_all_of_the_picture(bars: Path) -> None:
    pixels = decoded(bars, size=(40, 40))
    assert pixels[20, [2, 20, 37]].tolist() == [[255, 0, 0], [0, 255, 0], [0, 0, 255]]
    assert pixels.max(axis=2).min() > 100


def test_pad_keeps_the_proportions_and_adds_black(bars: Path) -> None:
    pixels = decoded(bars, size=(40, 40), resize=Resize.PAD)
    assert pixels[:10].max() == 0
    assert pixels[30:].max() == 0
    assert pixels[20, [2, 20, 37]].tolist() == [[255, 0, 0], [0, 255, 0], [0, 0, 255]]


def test_crop_keeps_the_proportions_and_the_middle(bars: Path) -> None:
    assert (decoded(bars, size=(40, 40), resize=Resize.CROP)[:, 2:-2] == (0, 255, 0)).all()


def test_the_size_is_height_then_width(folder: Path) -> None:
    assert read(folder, image_size=[20, 10]).input_shape == (20, 10, 3)


def test_a_large_photo_keeps_its_colours(tmp_path: Path) -> None:
    gradient = np.linspace(0, 255, 1600).astype(np.uint8)
    Image.fromarray(np.repeat(np.repeat(gradient[np.newaxis, :, np.newaxis], 1200, 0), 3, 2)).save(tmp_path / "x.jpg")
    expected = np.linspace(0, 255, 16)
    assert np.abs(decoded(tmp_path / "x.jpg", size=(16, 16))[8, :, 0] - expected).max() < 10


# --- files that cannot be read


def spoil(folder: Path) -> dict[str, str]:
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


def test_all_files_that_cannot_be_read_are_named_at_once(folder: Path) -> None:
    reasons = spoil(folder)
    for _ in range(2):  # a failed load leaves nothing in the cache
        with pytest.raises(DatasetError) as caught:
            read(folder)
        lines = str(caught.value).splitlines()[1:]
        assert len(lines) == 4
        for name, reason in reasons.items():
            (line,) = (line for line in lines if name in line)
            assert reason in line


def test_they_are_skipped_with_a_warning_if_wished(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    reasons = spoil(folder)
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


def test_a_class_of_which_nothing_can_be_read_is_an_error(split_folder: Path) -> None:
    for file in (split_folder / "test" / "red").glob("*"):
        file.write_bytes(b"")
    with pytest.raises(DatasetError, match=r"only files that cannot be read in test/red"):
        read(split_folder, on_bad_image="skip")


def test_a_decompression_bomb_is_not_decoded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Image.new("1", (200, 200)).save(tmp_path / "bomb.png")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 10_000)  # Pillow's error, from twice this on
    with pytest.raises(BadImageError, match="decompression bomb"):
        decoded(tmp_path / "bomb.png")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 30_000)  # Pillow's warning
    with pytest.warns(Image.DecompressionBombWarning), pytest.raises(BadImageError, match="200 x 200 pixels"):
        decoded(tmp_path / "bomb.png")


def test_a_format_that_was_not_asked_for_is_not_opened(tmp_path: Path) -> None:
    Image.new("RGB", (12, 16)).save(tmp_path / "picture.png", format="TIFF")
    with pytest.raises(BadImageError, match="not an image of a known format"):
        decoded(tmp_path / "picture.png")


# --- folders that hold no task


def refusal(folder: Path, error: type[Exception] = DatasetError, **settings: Any) -> str:
    with pytest.raises(error) as caught:
        read(folder, **settings)
    message = str(caught.value)
    assert "xpected" in message
    assert "Received" in message
    return message


def test_an_empty_class_folder_is_named(folder: Path) -> None:
    (folder / "white").mkdir()
    (folder / "white" / "notes.txt").write_text("soon")
    assert str(folder / "white") in refusal(folder)


def test_one_class_alone_is_refused(folder: Path) -> None:
    shutil.rmtree(folder / "red")
    shutil.rmtree(folder / "blue")
    assert "at least two classes. Received: green" in refusal(folder)


def test_a_folder_around_the_folder_is_seen_through(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "outer").mkdir()
    inner = folder.rename(tmp_path / "outer" / "inner")
    assert f"Did you mean {str(inner)!r}" in refusal(tmp_path / "outer")


def test_a_folder_without_class_folders_is_refused(tmp_path: Path) -> None:
    (tmp_path / "flat").mkdir()
    Image.new("RGB", (12, 16)).save(tmp_path / "flat" / "picture.png")
    assert "no folder" in refusal(tmp_path / "flat")


def test_no_images_at_all_are_refused(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / "empty" / name).mkdir(parents=True)
    assert "none in" in refusal(tmp_path / "empty")


def test_a_missing_path_is_refused_with_the_nearest(folder: Path) -> None:
    assert "Did you mean 'pictures'?" in refusal(folder.with_name("pictrues"), ConfigError)
    refusal(folder / "no" / "such" / "place", ConfigError)


def test_a_path_to_a_file_is_refused(folder: Path) -> None:
    assert "which is a file" in refusal(folder / "red" / "entity-0_00.png", ConfigError)


@pytest.mark.parametrize("wrong", ["val", "valid", "Validation", "dev"])
def test_a_split_under_another_name_is_refused_with_the_right_one(split_folder: Path, wrong: str) -> None:
    (split_folder / "validation").rename(split_folder / wrong)
    assert f"Rename {wrong!r} to 'validation'" in refusal(split_folder)


def test_a_missing_split_is_refused(split_folder: Path) -> None:
    shutil.rmtree(split_folder / "validation")
    assert "expected the folders train, validation and test" in refusal(split_folder)


def test_a_folder_beside_the_splits_is_refused(split_folder: Path) -> None:
    (split_folder / "unlabelled").mkdir()
    assert "no other" in refusal(split_folder)


def test_a_class_that_one_split_lacks_is_named(split_folder: Path) -> None:
    shutil.rmtree(split_folder / "test" / "red")
    (split_folder / "train" / "white").mkdir()
    message = refusal(split_folder)
    assert all(f"no {name}" in message for name in ("test/red", "validation/white", "test/white"))


# --- settings out of place


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
def test_a_setting_out_of_place_is_refused_by_name(folder: Path, settings: dict[str, Any], where: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(**{"path": str(folder), "image_size": SIZE, **settings})
    assert where in str(caught.value)


def test_a_group_pattern_that_would_have_no_effect_is_refused(split_folder: Path) -> None:
    assert "is split already" in refusal(split_folder, ConfigError, group_pattern="entity-.")


# --- the cache and the fingerprint


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


def test_another_validation_ratio_opens_no_image_and_leaves_the_test_set(folder: Path, opened: list[Path]) -> None:
    few, many = read(folder, validation_ratio=0.1), read(folder, validation_ratio=0.4)
    assert len(opened) == 30
    assert few.test.names == many.test.names
    assert len(few.validation) < len(many.validation)
    assert few.fingerprint != many.fingerprint


@pytest.mark.parametrize("settings", [{"image_size": [6, 8]}, {"resize": "pad"}])
def test_another_decoding_opens_the_images_again(folder: Path, opened: list[Path], settings: dict[str, Any]) -> None:
    assert read(folder).fingerprint != read(folder, **settings).fingerprint
    assert len(opened) == 60


def test_a_changed_file_is_seen(folder: Path, opened: list[Path]) -> None:
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


def test_batches_hold_the_order(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
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


# --- a real folder


@pytest.mark.skipif(not CLOTHING.is_dir(), reason=f"{CLOTHING} is not there: it is no part of the repository")
def test_the_real_photographs_of_clothes_are_read() -> None:
    dataset = read(CLOTHING, image_size=[75, 25])
    assert len(names(dataset)) == 415
    assert len(dataset.class_names) == 5
    assert dataset.input_shape == (75, 25, 3)
    assert 20 < dataset.train.x.std() < 120
