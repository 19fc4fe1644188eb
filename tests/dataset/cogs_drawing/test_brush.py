"""A brush that paints in relative units."""

from __future__ import annotations

import numpy as np
from PIL import Image

from toonvision.dataset.cogs_drawing.brush import HEIGHT, WIDTH, Brush, brush_on, shade

RED = (255, 0, 0)


def canvas(width: int = 100, height: int = 300) -> tuple[Image.Image, Brush]:
    image = Image.new("RGB", (width, height))
    return image, brush_on(image)


def painted(image: Image.Image) -> tuple[int, int, int, int]:
    """Return the first and the last painted column, and the first and the last painted row."""
    rows, columns = np.nonzero(np.asarray(image).any(axis=-1))
    return columns.min(), columns.max(), rows.min(), rows.max()


def test_units_are_relative_to_the_canvas() -> None:
    small, large = canvas(), canvas(200, 600)
    for _, brush in (small, large):
        brush.box((WIDTH / 2, HEIGHT / 2), (WIDTH, HEIGHT), RED)
    assert painted(small[0]) == (50, 99, 150, 299)
    assert painted(large[0]) == (100, 199, 300, 599)


def test_a_moved_brush_has_its_own_origin_and_scale() -> None:
    image, brush = canvas()
    brush.at((50, 100), (2, 2)).at((5, 5), (0.5, 1)).box((0, 0), (10, 10), RED)
    assert painted(image) == (60, 70, 110, 130)


def test_a_negative_scale_mirrors() -> None:
    image, brush = canvas()
    brush.at((50, 0), (-1, 1)).box((10, 0), (20, 10), RED)
    assert painted(image) == (30, 40, 0, 10)


def test_a_line_is_at_least_one_pixel_thick() -> None:
    image, brush = canvas(20, 60)
    brush.line([(0, 150), (100, 150)], 0.1, RED)
    assert painted(image)[2:] == (30, 30)


def test_a_shade_stays_within_the_channels() -> None:
    assert shade((200, 100, 0), 0.5) == (100, 50, 0)
    assert shade((200, 100, 10), 2) == (255, 200, 20)
