"""A brush that paints flat shapes in relative units, so that a drawing fits every canvas size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from PIL import Image, ImageDraw

Colour = tuple[int, int, int]
Point = tuple[float, float]

WIDTH = 100.0
HEIGHT = 300.0


@dataclass(frozen=True, slots=True)
class Brush:
    """Paints on an image of `WIDTH` by `HEIGHT` units.

    Attributes:
        draw: Pillow's drawing interface of the image.
        pixels: pixels per unit, horizontally and vertically.
        origin: position of the drawing's (0, 0) in units of the image.
        scale: units of the image per unit of the drawing, horizontally and vertically; a negative value mirrors.
    """

    draw: ImageDraw.ImageDraw
    pixels: Point
    origin: Point = (0.0, 0.0)
    scale: Point = (1.0, 1.0)

    def at(self, origin: Point, scale: Point = (1.0, 1.0)) -> Brush:
        """Return a brush whose (0, 0) is at `origin` of this brush, scaled by `scale`."""
        moved = (self.origin[0] + origin[0] * self.scale[0], self.origin[1] + origin[1] * self.scale[1])
        return replace(self, origin=moved, scale=(self.scale[0] * scale[0], self.scale[1] * scale[1]))

    def polygon(self, points: Sequence[Point], colour: Colour) -> None:
        """Fill a polygon."""
        self.draw.polygon([self._pixel(point) for point in points], fill=colour)

    def box(self, corner: Point, opposite: Point, colour: Colour) -> None:
        """Fill a rectangle, given by two opposite corners."""
        self.draw.rectangle(self._bounds(corner, opposite), fill=colour)

    def oval(self, centre: Point, radii: Point, colour: Colour) -> None:
        """Fill an ellipse."""
        self.draw.ellipse(self._around(centre, radii), fill=colour)

    def ring(self, centre: Point, radii: Point, width: float, colour: Colour) -> None:
        """Paint the outline of an ellipse, `width` units thick."""
        self.draw.ellipse(self._around(centre, radii), outline=colour, width=self._thickness(width))

    def line(self, points: Sequence[Point], width: float, colour: Colour) -> None:
        """Paint a line through the points, `width` units thick, with round bends."""
        path = [self._pixel(point) for point in points]
        self.draw.line(path, fill=colour, width=self._thickness(width), joint="curve")

    def _thickness(self, width: float) -> int:
        return max(1, round(width * abs(self.scale[0]) * self.pixels[0]))

    def _pixel(self, point: Point) -> Point:
        across = (self.origin[0] + point[0] * self.scale[0]) * self.pixels[0]
        down = (self.origin[1] + point[1] * self.scale[1]) * self.pixels[1]
        return across, down

    def _around(self, centre: Point, radii: Point) -> tuple[float, float, float, float]:
        left_top = (centre[0] - radii[0], centre[1] - radii[1])
        return self._bounds(left_top, (centre[0] + radii[0], centre[1] + radii[1]))

    def _bounds(self, corner: Point, opposite: Point) -> tuple[float, float, float, float]:
        (x1, y1), (x2, y2) = self._pixel(corner), self._pixel(opposite)
        return min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2)


def brush_on(image: Image.Image) -> Brush:
    """Return a brush for the whole of `image`."""
    return Brush(ImageDraw.Draw(image), (image.width / WIDTH, image.height / HEIGHT))


def shade(colour: Colour, factor: float) -> Colour:
    """Return `colour` made darker (`factor` below 1) or lighter (above 1)."""
    red, green, blue = (min(255, max(0, round(channel * factor))) for channel in colour)
    return red, green, blue
