"""The figure of a Cog below the head: trousers, jacket, shirt, tie, arms and hands, in one pose.

A figure is painted with (0, 0) on the ground between the feet; up is negative.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from toonvision.dataset.cogs_drawing.brush import Brush, Colour, Point, shade
from toonvision.dataset.cogs_drawing.head import BLACK, WHITE, Feature, Head, draw_head


@dataclass(frozen=True, slots=True)
class Body:
    """Proportions in units: width of the `shoulders` and the `waist`, height of the `torso` and the `legs`."""

    shoulders: float
    waist: float
    torso: float
    legs: float


@dataclass(frozen=True, slots=True)
class Pose:
    """How a Cog stands.

    Attributes:
        left: angle of the left upper arm from straight down in radians; positive is outwards.
        right: angle of the right upper arm in radians.
        bend: angle between the forearms and the upper arms in radians; positive is outwards.
        stride: distance between the feet relative to that at rest.
        tilt: sideways shift of the head in units.
    """

    left: float
    right: float
    bend: float
    stride: float
    tilt: float


Tie = Callable[[Brush, Body, Colour], None]


@dataclass(frozen=True, slots=True)
class Figure:
    """The looks of a Cog without the colour of its suit."""

    body: Body
    head: Head
    features: tuple[Feature, ...]
    hands: Colour
    tie: Tie
    tie_colour: Colour


def draw_figure(brush: Brush, figure: Figure, suit: Colour, pose: Pose) -> None:
    """Paint the Cog from its shoes to its hat."""
    body = figure.body
    _draw_legs(brush, body, suit, pose.stride)
    chest = brush.at((0, -body.legs))
    _draw_arm(chest, figure, shade(suit, 0.88), (-1, pose.left, pose.bend))
    _draw_arm(chest, figure, shade(suit, 0.88), (1, pose.right, pose.bend))
    _draw_jacket(chest, body, suit)
    figure.tie(chest, body, figure.tie_colour)
    chest.box((-5, -body.torso - 4), (5, -body.torso + 2), shade(figure.head.colour, 0.7))
    draw_head(chest.at((pose.tilt, -body.torso - 1)), figure.head, figure.features)


def long_tie(brush: Brush, body: Body, colour: Colour) -> None:
    """A tie from the collar to below the chest."""
    top, end = -body.torso + 2, -body.torso * 0.42
    brush.polygon(
        [(-2.6, top), (2.6, top), (1.6, top + 6), (4.2, end - 5), (0, end), (-4.2, end - 5), (-1.6, top + 6)], colour
    )
    brush.line([(-2, top + 6), (2, top + 6)], 1.2, shade(colour, 0.7))


def bow_tie(brush: Brush, body: Body, colour: Colour) -> None:
    """A bow at the collar."""
    y = -body.torso + 6
    for side in (-1, 1):
        brush.polygon([(0, y), (side * 9, y - 5), (side * 9, y + 5)], colour)
    brush.oval((0, y), (2.4, 2.8), shade(colour, 0.75))


def _draw_legs(brush: Brush, body: Body, suit: Colour, stride: float) -> None:
    hip, spread = body.waist / 2, body.waist * 0.3 * stride
    for side in (-1, 1):
        ankle, tone = side * spread, shade(suit, 0.78 if side < 0 else 0.7)
        inner, outer = side * hip * 0.02, side * hip * 0.94
        brush.polygon(
            [(inner, -body.legs - 2), (outer, -body.legs - 2), (ankle + side * 6, -5), (ankle - side * 5, -5)], tone
        )
        brush.oval((ankle + side * 2, -3.5), (9, 4.5), BLACK)


def _draw_jacket(brush: Brush, body: Body, suit: Colour) -> None:
    shoulder, waist, torso = body.shoulders / 2, body.waist / 2, body.torso
    edge = [(-shoulder * 0.45, -torso), (-shoulder, -torso * 0.9), (-waist, -torso * 0.25), (-waist * 1.08, 5)]
    brush.polygon(edge + [(-x, y) for x, y in reversed(edge)], suit)
    brush.polygon(
        [(waist * 0.55, 5), (waist * 1.08, 5), (waist, -torso * 0.25), (shoulder, -torso * 0.9)], shade(suit, 0.85)
    )
    opening = shoulder * 0.42
    brush.polygon([(-opening, -torso), (opening, -torso), (0, -torso * 0.34)], WHITE)
    for side in (-1, 1):
        lapel: list[Point] = [(side * opening, -torso), (side * opening * 1.75, -torso * 0.72), (0, -torso * 0.3)]
        brush.polygon([*lapel, (side * opening * 0.5, -torso * 0.66)], shade(suit, 1.25))
    brush.line([(0, -torso * 0.32), (0, 5)], 1.2, shade(suit, 0.6))
    for share in (0.24, 0.1):
        brush.oval((2.6, -torso * share), (1.5, 1.5), shade(suit, 0.5))


def _draw_arm(brush: Brush, figure: Figure, suit: Colour, bearing: tuple[int, float, float]) -> None:
    side, angle, bend = bearing
    body, length = figure.body, figure.body.torso * 0.42
    shoulder = (side * (body.shoulders / 2 - 4), -body.torso * 0.86)
    elbow = _towards(shoulder, side * angle, length)
    wrist = _towards(elbow, side * (angle + bend), length)
    width = 6.0 + body.shoulders * 0.09
    brush.line([shoulder, elbow, wrist], width, suit)
    brush.line([wrist, _towards(wrist, side * (angle + bend), 3)], width * 0.9, WHITE)
    palm = _towards(wrist, side * (angle + bend), 8)
    brush.oval(palm, (6, 6.5), figure.hands)
    for spread in (-0.6, 0.0, 0.6):
        brush.line([palm, _towards(palm, side * (angle + bend) + spread, 10)], 3.2, shade(figure.hands, 0.93))


def _towards(start: Point, angle: float, length: float) -> Point:
    return start[0] + math.sin(angle) * length, start[1] + math.cos(angle) * length
