"""The six streets behind the Cogs, with houses and ground, and the street furniture in front of the Cogs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from toonvision.dataset.cogs_drawing.brush import HEIGHT, WIDTH, Brush, Colour, shade

Prop = Callable[[Brush, Colour], None]


@dataclass(frozen=True, slots=True)
class Street:
    """A background.

    Attributes:
        name: name of the street.
        share: share of the pictures with this street; the shares of all streets sum to 1.
        sky: colour above the roofs.
        walls: colours of the houses; some resemble a suit.
        ground: colour of the road.
        light: factors of the light for red, green and blue.
        prop: street furniture that can hide a part of the Cog.
        prop_colour: colour of the furniture.
    """

    name: str
    share: float
    sky: Colour
    walls: tuple[Colour, ...]
    ground: Colour
    light: tuple[float, float, float]
    prop: Prop
    prop_colour: Colour


def draw_street(brush: Brush, street: Street, rng: np.random.Generator) -> None:
    """Paint the sky, a row of houses with doors and windows, the pavement and the road."""
    brush.box((0, 0), (WIDTH, HEIGHT), street.sky)
    horizon = rng.uniform(196, 226)
    left = rng.uniform(-45, 0)
    while left < WIDTH:
        right = left + rng.uniform(34, 72)
        _draw_house(brush, (left, right, horizon), street, rng)
        left = right
    brush.box((0, horizon), (WIDTH, HEIGHT), street.ground)
    brush.box((0, horizon), (WIDTH, horizon + 18), shade(street.ground, 1.22))
    brush.box((0, horizon + 18), (WIDTH, horizon + 22), shade(street.ground, 0.75))
    slope = rng.uniform(-30, 30)
    for x in range(-20, 121, 35):
        brush.line([(x, horizon), (x + slope * 0.4, horizon + 18)], 0.8, shade(street.ground, 0.95))


def _draw_house(brush: Brush, span: tuple[float, float, float], street: Street, rng: np.random.Generator) -> None:
    left, right, ground = span
    wall = shade(street.walls[int(rng.integers(len(street.walls)))], rng.uniform(0.85, 1.15))
    roof = rng.uniform(5, 80)
    brush.box((left, roof), (right, ground), wall)
    brush.polygon(
        [(left - 3, roof), (right + 3, roof), (right - 4, roof - 12), (left + 4, roof - 12)], shade(wall, 0.7)
    )
    pane = shade(street.sky, rng.uniform(0.7, 1.2))
    width = (right - left) * 0.26
    for y in np.arange(roof + 14, ground - 60, 44):
        for x in (left + width * 0.6, right - width * 1.6):
            brush.box((x - 1.5, y - 1.5), (x + width + 1.5, y + 27), shade(wall, 1.3))
            brush.box((x, y), (x + width, y + 25), pane)
    door = left + rng.uniform(0.2, 0.5) * (right - left)
    brush.box((door, ground - 48), (door + width * 1.2, ground), shade(wall, 0.55))


def lamp_post(brush: Brush, colour: Colour) -> None:
    """A post as high as the picture; (0, 0) is its foot."""
    brush.box((-2.5, -230), (2.5, 0), colour)
    brush.box((-6, -8), (6, 0), shade(colour, 0.8))
    brush.oval((0, -236), (9, 11), (244, 232, 176))


def hydrant(brush: Brush, colour: Colour) -> None:
    """A fire hydrant; (0, 0) is its foot."""
    brush.box((-9, -50), (9, 0), colour)
    brush.oval((0, -50), (9, 9), shade(colour, 1.15))
    brush.box((-14, -38), (14, -28), shade(colour, 0.8))
    brush.box((-12, -5), (12, 0), shade(colour, 0.7))


def mailbox(brush: Brush, colour: Colour) -> None:
    """A mailbox on legs; (0, 0) is its foot."""
    brush.box((-11, -8), (-7, 0), shade(colour, 0.6))
    brush.box((7, -8), (11, 0), shade(colour, 0.6))
    brush.box((-14, -62), (14, -6), colour)
    brush.oval((0, -62), (14, 13), colour)
    brush.box((-9, -54), (9, -49), shade(colour, 0.5))


def barrel(brush: Brush, colour: Colour) -> None:
    """A wooden barrel with hoops; (0, 0) is its foot."""
    brush.polygon([(-13, 0), (-17, -28), (-13, -58), (13, -58), (17, -28), (13, 0)], colour)
    brush.oval((0, -58), (13, 4), shade(colour, 1.25))
    for y in (-46, -12):
        brush.box((-15, y - 2), (15, y + 2), (120, 122, 128))


def hedge(brush: Brush, colour: Colour) -> None:
    """A round shrub; (0, 0) is its foot."""
    for x, y, radius in ((0, -24, 22), (-14, -16, 15), (14, -16, 15), (0, -46, 15)):
        brush.oval((x, y), (radius, radius), shade(colour, 1.0 - 0.006 * (y + 30)))


def snowman(brush: Brush, colour: Colour) -> None:
    """Two balls of snow with a carrot; (0, 0) is its foot."""
    brush.oval((0, -18), (19, 20), colour)
    brush.oval((0, -50), (13, 14), shade(colour, 1.05))
    brush.polygon([(0, -52), (12, -49), (0, -47)], (230, 130, 40))


STREETS: tuple[Street, ...] = (
    Street(
        "Silly Street",
        0.27,
        (134, 190, 232),
        ((156, 92, 68), (188, 150, 104), (128, 58, 58)),
        (140, 136, 132),
        (1.0, 1.0, 1.0),
        hydrant,
        (196, 52, 44),
    ),
    Street(
        "Barnacle Boulevard",
        0.22,
        (168, 196, 212),
        ((104, 124, 140), (128, 98, 72), (62, 84, 122)),
        (146, 122, 94),
        (0.94, 1.0, 1.06),
        barrel,
        (124, 84, 54),
    ),
    Street(
        "Elm Street",
        0.17,
        (150, 206, 220),
        ((96, 140, 88), (168, 158, 112), (74, 112, 72)),
        (128, 150, 96),
        (0.96, 1.06, 0.94),
        hedge,
        (60, 112, 60),
    ),
    Street(
        "Tenor Terrace",
        0.14,
        (232, 190, 170),
        ((172, 84, 96), (196, 140, 80), (132, 76, 112)),
        (156, 128, 120),
        (1.08, 0.98, 0.92),
        mailbox,
        (120, 48, 60),
    ),
    Street(
        "Walrus Way",
        0.12,
        (198, 214, 232),
        ((156, 178, 204), (120, 100, 92), (190, 200, 214)),
        (204, 212, 224),
        (0.94, 1.0, 1.1),
        snowman,
        (226, 232, 242),
    ),
    Street(
        "Lullaby Lane",
        0.08,
        (58, 50, 98),
        ((84, 68, 120), (60, 60, 104), (104, 70, 84)),
        (92, 84, 116),
        (0.86, 0.84, 1.04),
        lamp_post,
        (54, 54, 72),
    ),
)
