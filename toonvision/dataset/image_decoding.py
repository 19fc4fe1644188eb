"""Decodes an image file to RGB pixels of a given size."""

from __future__ import annotations

import io
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

from toonvision.errors import ConfigError, Problem, did_you_mean

SUFFIXES = (".jpg", ".jpeg", ".png", ".bmp", ".gif", ".webp")
FORMATS = ("JPEG", "PNG", "BMP", "GIF", "WEBP")
MAX_SIDE = 16384  # pixels; a larger size is a typing error

BROKEN = (OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, TypeError, struct.error)  # raised by Pillow

ORIENTATIONS = {  # from the value of EXIF tag 0x0112 to the transposition that undoes it (EXIF 2.32, page 37)
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


class Resize(StrEnum):
    """How to resize an image of another aspect ratio."""

    STRETCH = "stretch"
    PAD = "pad"
    CROP = "crop"


class BadImageError(Exception):
    """A file that is not a readable image; the message gives the reason."""


@dataclass(frozen=True, slots=True)
class Decoding:
    """The target of the decoding.

    Attributes:
        height: height in pixels.
        width: width in pixels.
        resize: stretch changes the aspect ratio, pad adds black bars, crop cuts both ends of the longer side.
    """

    height: int
    width: int
    resize: Resize

    @classmethod
    def checked(cls, image_size: Sequence[int], resize: str) -> Decoding:
        """Return the decoding of configured values.

        Raises:
            ConfigError: if `image_size` is not two positive whole numbers, or `resize` is unknown.
        """
        height, width = checked_image_size(image_size)
        known = [way.value for way in Resize]
        if resize not in known:
            raise ConfigError(
                Problem("dataset.resize", f"one of {', '.join(known)}", repr(resize), did_you_mean(resize, known))
            )
        return cls(height, width, Resize(resize))


def checked_image_size(image_size: Sequence[int]) -> tuple[int, int]:
    """Return `(height, width)` in pixels; raise ConfigError if these are not two positive whole numbers."""
    values: Any = list(image_size) if isinstance(image_size, Sequence) and not isinstance(image_size, str) else []
    if len(values) != 2 or not all(type(value) is int and 1 <= value <= MAX_SIDE for value in values):
        raise ConfigError(
            Problem("dataset.image_size", f"[height, width], two whole numbers from 1 to {MAX_SIDE}", repr(image_size))
        )
    return values[0], values[1]


def decode(content: bytes, decoding: Decoding) -> NDArray[np.uint8]:
    """Decode the first frame of an image, rotated by its EXIF orientation, with transparency on white.

    Returns:
        RGB in [0, 255], shape `(height, width, 3)`.

    Raises:
        BadImageError: if the content is not a complete image of a known format, or has so many pixels that it may be
            an attack (a decompression bomb in Pillow's terms).
    """
    if not content:
        raise BadImageError("the file is empty")
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as image:
            _check_pixels(image)
            # Decode a JPEG at 1/2, 1/4 or 1/8 of its size if at least twice the target size remains.
            image.draft(None, (2 * max(decoding.height, decoding.width),) * 2)
            return np.asarray(_resized(_upright(_to_rgb(image), image), decoding), dtype=np.uint8)
    except UnidentifiedImageError as error:
        raise BadImageError("not an image of a known format") from error
    except (*BROKEN, Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise BadImageError(str(error) or type(error).__name__) from error


def _check_pixels(image: Image.Image) -> None:
    """Raise at the size at which Pillow only warns; a warning filter is not thread-safe."""
    if Image.MAX_IMAGE_PIXELS is not None and image.width * image.height > Image.MAX_IMAGE_PIXELS:
        raise BadImageError(f"{image.width} x {image.height} pixels, more than {Image.MAX_IMAGE_PIXELS}")


def _to_rgb(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):  # 16 bits per pixel; Pillow's own conversion clips instead of scaling
        wide = np.asarray(image).astype(np.float64)
        return Image.fromarray(np.round(wide / 257).clip(0, 255).astype(np.uint8)).convert("RGB")  # 65535 / 257 = 255
    if image.has_transparency_data:
        transparent = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", transparent.size, "white"), transparent).convert("RGB")
    return image.convert("RGB")


def _upright(rgb: Image.Image, source: Image.Image) -> Image.Image:
    """Rotate `rgb` by the EXIF orientation of `source`; broken EXIF data are ignored."""
    try:
        # ImageOps.exif_transpose rewrites all EXIF data and fails on tags that it cannot encode.
        orientation = source.getexif().get(ExifTags.Base.Orientation)
    except BROKEN:
        return rgb
    return rgb.transpose(ORIENTATIONS[orientation]) if orientation in ORIENTATIONS else rgb


def _resized(rgb: Image.Image, decoding: Decoding) -> Image.Image:
    size = (decoding.width, decoding.height)
    match decoding.resize:
        case Resize.STRETCH:
            return rgb.resize(size, Image.Resampling.BICUBIC)
        case Resize.PAD:
            return ImageOps.pad(rgb, size, Image.Resampling.BICUBIC, color="black")
        case Resize.CROP:
            return ImageOps.fit(rgb, size, Image.Resampling.BICUBIC)
