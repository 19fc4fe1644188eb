"""One picture: a Cog in a pose on a street, with the light and the grain of a screenshot.

All lengths are relative, and only the grain, which is drawn last, depends on the size: a seed gives the same scene at
every size.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from toonvision.dataset.cogs_drawing.brush import HEIGHT, WIDTH, Brush, Colour, brush_on
from toonvision.dataset.cogs_drawing.figure import Figure, Pose, draw_figure
from toonvision.dataset.cogs_drawing.roster import SUITS, Cog
from toonvision.dataset.cogs_drawing.street import STREETS, Street, draw_street

SUPERSAMPLING = 2  # drawn pixels per kept pixel and side, to smooth edges
DYE = 8.0  # standard deviation of a suit's channels, of 255
TINT = 0.085  # standard deviation of the light's channels, as a factor
BRIGHTNESS = (0.6, 1.25)
HAZE = 0.20  # the largest weight of the haze
GRAIN = (3.0, 14.0)  # standard deviation of a pixel's channels, of 255
PROP_SHARE = 0.6  # share of pictures with street furniture in front of the Cog


def choose_street(rng: np.random.Generator) -> Street:
    """Draw a random street by the shares of the streets."""
    return STREETS[int(rng.choice(len(STREETS), p=[street.share for street in STREETS]))]


def draw_picture(cog: Cog, street: Street, size: tuple[int, int], rng: np.random.Generator) -> NDArray[np.uint8]:
    """Draw `cog` on `street`.

    Args:
        cog: the Cog to draw.
        street: the background.
        size: height and width in pixels.
        rng: random generator for pose, place, light and grain.

    Returns:
        The picture, RGB, uint8, shape `(height, width, 3)`.
    """
    height, width = size
    canvas = Image.new("RGB", (width * SUPERSAMPLING, height * SUPERSAMPLING))
    brush = brush_on(canvas)
    draw_street(brush, street, rng)
    _place_figure(brush, cog.figure, _dyed(SUITS[cog.suit], rng), rng)
    if rng.random() < PROP_SHARE:
        foot = (rng.choice((-1, 1)) * rng.uniform(22, 44) + WIDTH / 2, rng.uniform(284, 304))
        size_of_prop = rng.uniform(0.9, 1.5)
        street.prop(brush.at(foot, (size_of_prop, size_of_prop)), street.prop_colour)
    return _lit(canvas.reduce(SUPERSAMPLING), street, rng)


def _dyed(suit: Colour, rng: np.random.Generator) -> Colour:
    red, green, blue = np.clip(np.asarray(suit) + rng.normal(0, DYE, 3), 0, 255).astype(int).tolist()
    return red, green, blue


def _place_figure(brush: Brush, figure: Figure, suit: Colour, rng: np.random.Generator) -> None:
    body = figure.body
    height = body.torso + body.legs + figure.head.height
    scale = min(0.86 * HEIGHT / height, 1.28) * rng.uniform(0.84, 1.04)
    foot = (WIDTH / 2 + rng.uniform(-8, 8), rng.uniform(276, 294))
    pose = Pose(
        left=rng.uniform(0.03, 0.45),
        right=rng.uniform(0.03, 0.45),
        bend=rng.uniform(-0.35, 0.3),
        stride=rng.uniform(0.7, 1.35),
        tilt=rng.uniform(-3, 3),
    )
    brush.oval(foot, (36 * scale, 5 * scale), (70, 68, 72))
    mirrored = scale * rng.choice((-1, 1))
    draw_figure(brush.at(foot, (mirrored, scale)), figure, suit, pose)


def _lit(image: Image.Image, street: Street, rng: np.random.Generator) -> NDArray[np.uint8]:
    tint = np.asarray(street.light) * (1 + rng.normal(0, TINT, 3)) * rng.uniform(*BRIGHTNESS)
    slope, haze, grain = rng.uniform(-0.25, 0.25), rng.uniform(0, HAZE), rng.uniform(*GRAIN)
    pixels = np.asarray(image, np.float32)
    gradient = np.linspace(1 - slope, 1 + slope, image.width, dtype=np.float32)[None, :, None]
    pixels = pixels * gradient * tint.astype(np.float32)
    pixels += (np.asarray(street.sky, np.float32) - pixels) * np.float32(haze)
    pixels += rng.standard_normal(pixels.shape, np.float32) * np.float32(grain)
    return np.clip(pixels, 0, 255).astype(np.uint8)
