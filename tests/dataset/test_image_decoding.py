"""Image files in every format and mode as pixels."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import ExifTags, Image

from toonvision.dataset.image_decoding import BadImageError, Decoding, Resize, decode


def decoded(file: Path, *, size: tuple[int, int] = (8, 6), resize: Resize = Resize.STRETCH) -> np.ndarray:
    return decode(file.read_bytes(), Decoding(*size, resize)).astype(int)


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


def test_a_palette_becomes_its_colours_and_transparency_becomes_white(tmp_path: Path) -> None:
    image = Image.new("P", (12, 16), 1)
    image.putpalette([0, 0, 0, 10, 20, 30])
    image.save(tmp_path / "opaque.png")
    image.save(tmp_path / "clear.png", transparency=1)
    image.save(tmp_path / "clear.gif", transparency=1)
    assert (decoded(tmp_path / "opaque.png") == (10, 20, 30)).all()
    assert (decoded(tmp_path / "clear.png") == 255).all()
    assert (decoded(tmp_path / "clear.gif") == 255).all()


def test_a_gif_gives_its_first_frame(tmp_path: Path) -> None:
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


def test_a_picture_with_broken_exif_data_is_decoded(tmp_path: Path) -> None:
    Image.new("RGB", (12, 16), "white").save(tmp_path / "photo.jpg", exif=b"Exif\x00\x00nonsense")
    assert decoded(tmp_path / "photo.jpg").min() > 250


@pytest.fixture
def bars(tmp_path: Path) -> Path:
    """A wide picture: red, then green twice as broad, then blue."""
    pixels = np.repeat(np.array([[255, 0, 0], [0, 255, 0], [0, 255, 0], [0, 0, 255]], dtype=np.uint8), 20, axis=0)
    Image.fromarray(np.repeat(pixels[np.newaxis], 40, axis=0)).save(tmp_path / "bars.png")
    return tmp_path / "bars.png"


def test_stretch_keeps_the_whole_picture(bars: Path) -> None:
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


def test_a_large_photo_keeps_its_colours(tmp_path: Path) -> None:
    gradient = np.linspace(0, 255, 1600).astype(np.uint8)
    Image.fromarray(np.repeat(np.repeat(gradient[np.newaxis, :, np.newaxis], 1200, 0), 3, 2)).save(tmp_path / "x.jpg")
    expected = np.linspace(0, 255, 16)
    assert np.abs(decoded(tmp_path / "x.jpg", size=(16, 16))[8, :, 0] - expected).max() < 10


def test_a_decompression_bomb_is_not_decoded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Image.new("1", (200, 200)).save(tmp_path / "bomb.png")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 10_000)  # Pillow's error, from twice this on
    with pytest.raises(BadImageError, match="decompression bomb"):
        decoded(tmp_path / "bomb.png")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 30_000)  # Pillow's warning
    with pytest.warns(Image.DecompressionBombWarning), pytest.raises(BadImageError, match="200 x 200 pixels"):
        decoded(tmp_path / "bomb.png")


def test_an_unsupported_format_is_rejected_whatever_the_suffix(tmp_path: Path) -> None:
    Image.new("RGB", (12, 16)).save(tmp_path / "picture.png", format="TIFF")
    with pytest.raises(BadImageError, match="not an image of a known format"):
        decoded(tmp_path / "picture.png")
