"""The heads of the Cogs: a tapered face, and the features that distinguish the Cogs.

A head is painted with (0, 0) at the middle of the chin; up is negative. A feature is a function of a brush and a head.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from toonvision.dataset.cogs_drawing.brush import Brush, Colour, shade

BLACK: Colour = (24, 22, 26)
WHITE: Colour = (240, 238, 230)
GREY: Colour = (150, 152, 158)
GOLD: Colour = (214, 176, 60)


@dataclass(frozen=True, slots=True)
class Head:
    """A face: `width` at the cheeks and `height` in units, `crown` the width of the top relative to the cheeks."""

    width: float
    height: float
    crown: float
    colour: Colour


Feature = Callable[[Brush, Head], None]


def draw_head(brush: Brush, head: Head, features: tuple[Feature, ...]) -> None:
    """Paint the face with its eyes, brows and teeth, then the features in their order."""
    half, top = head.width / 2, head.width / 2 * head.crown
    jaw, height = half * 0.72, head.height
    outline = [(-jaw, 0), (-half, -0.35 * height), (-top, -0.88 * height), (-top * 0.6, -height)]
    outline += [(-x, y) for x, y in reversed(outline)]
    brush.polygon(outline, head.colour)
    shadow = [(half * 0.45, 0), (jaw, 0), (half, -0.35 * height), (top, -0.88 * height), (top * 0.6, -0.9 * height)]
    brush.polygon(shadow, shade(head.colour, 0.82))
    eye = head.width * 0.13
    for side in (-1, 1):
        x = side * half * 0.42
        brush.oval((x, -0.6 * height), (eye, eye * 1.15), WHITE)
        brush.oval((x - side * eye * 0.3, -0.57 * height), (eye * 0.45, eye * 0.5), BLACK)
        brush.line([(side * half * 0.12, -0.66 * height), (side * half * 0.75, -0.8 * height)], 2.4, BLACK)
    brush.oval((0, -0.43 * height), (head.width * 0.08, height * 0.08), shade(head.colour, 0.65))
    brush.box((-half * 0.5, -0.27 * height), (half * 0.5, -0.14 * height), BLACK)
    brush.box((-half * 0.44, -0.25 * height), (half * 0.44, -0.18 * height), WHITE)
    for feature in features:
        feature(brush, head)


def glasses(brush: Brush, head: Head) -> None:
    """Two round lenses and a bridge."""
    radius = head.width * 0.2
    for x in (-head.width * 0.22, head.width * 0.22):
        brush.ring((x, -0.6 * head.height), (radius, radius), 1.6, BLACK)
    brush.line([(-2, -0.6 * head.height), (2, -0.6 * head.height)], 1.6, BLACK)


def sunglasses(brush: Brush, head: Head) -> None:
    """A black band of dark lenses."""
    half, y = head.width / 2, -0.6 * head.height
    brush.box((-half, y - 2), (half, y), BLACK)
    for side in (-1, 1):
        lens = [(side * 1.5, y - 2), (side * half * 0.9, y - 2), (side * half * 0.75, y + 6), (side * 4, y + 6)]
        brush.polygon(lens, BLACK)


def monocle(brush: Brush, head: Head) -> None:
    """One golden lens with its cord."""
    x, y, radius = head.width * 0.21, -0.6 * head.height, head.width * 0.19
    brush.ring((x, y), (radius, radius), 1.8, GOLD)
    brush.line([(x + radius, y), (x + radius * 1.3, -2)], 1, GOLD)


def bald_fringe(brush: Brush, head: Head) -> None:
    """Tufts of dark hair over the ears."""
    for side in (-1, 1):
        brush.oval((side * head.width * 0.48, -0.68 * head.height), (3.5, 0.16 * head.height), (70, 50, 40))


def slick_hair(brush: Brush, head: Head) -> None:
    """Black hair combed flat."""
    half, height = head.width / 2 * head.crown, head.height
    brush.polygon(
        [(-half, -0.8 * height), (-half * 0.8, -1.08 * height), (half, -1.1 * height), (half, -0.84 * height)], BLACK
    )


def quiff(brush: Brush, head: Head) -> None:
    """A blond wave over the forehead."""
    half, height = head.width / 2 * head.crown, head.height
    brush.oval((-half * 0.2, -height), (half * 1.05, height * 0.15), (226, 190, 92))
    brush.oval((half * 0.6, -1.08 * height), (half * 0.5, height * 0.13), (240, 206, 110))


def judge_wig(brush: Brush, head: Head) -> None:
    """A white wig down to the shoulders."""
    half, height = head.width / 2, head.height
    brush.oval((0, -0.98 * height), (half * 1.1, height * 0.24), WHITE)
    for row in range(4):
        for side in (-1, 1):
            brush.oval((side * half * 1.08, (-0.85 + 0.24 * row) * height), (5, height * 0.13), shade(WHITE, 0.92))


def bowler(brush: Brush, head: Head) -> None:
    """A dark bowler hat."""
    half, top = head.width / 2, -0.93 * head.height
    brush.oval((0, top - 3), (half * 0.95 * head.crown, 11), (48, 42, 46))
    brush.oval((0, top), (half * 1.25 * head.crown, 3), (36, 32, 36))


def top_hat(brush: Brush, head: Head) -> None:
    """A tall black hat with a golden band."""
    half, top = head.width / 2 * head.crown, -0.94 * head.height
    brush.box((-half * 0.85, top - 22), (half * 0.85, top), BLACK)
    brush.box((-half * 0.85, top - 6), (half * 0.85, top - 3), GOLD)
    brush.oval((0, top), (half * 1.3, 2.6), BLACK)


def visor(brush: Brush, head: Head) -> None:
    """A bookkeeper's green eyeshade."""
    half, y = head.width / 2, -0.84 * head.height
    brush.polygon(
        [(-half * 1.15, y + 4), (-half * 0.9, y - 3), (half * 0.9, y - 3), (half * 1.15, y + 4)], (58, 140, 84)
    )


def headset(brush: Brush, head: Head) -> None:
    """An earphone, a band and a microphone."""
    half, height = head.width / 2, head.height
    brush.ring((0, -0.62 * height), (half * 1.06, height * 0.46), 2, GREY)
    brush.oval((half, -0.55 * height), (3.5, 6), BLACK)
    brush.line([(half, -0.5 * height), (half * 0.7, -0.15 * height), (half * 0.3, -0.18 * height)], 1.5, BLACK)


def ears(brush: Brush, head: Head) -> None:
    """Big round ears."""
    for side in (-1, 1):
        brush.oval((side * head.width * 0.56, -0.5 * head.height), (5, 8), shade(head.colour, 0.9))


def horns(brush: Brush, head: Head) -> None:
    """Two pointed horns."""
    half, height = head.width / 2 * head.crown, head.height
    for side in (-1, 1):
        horn = [
            (side * half * 0.95, -0.85 * height),
            (side * half * 1.35, -1.3 * height),
            (side * half * 0.4, -0.97 * height),
        ]
        brush.polygon(horn, (222, 214, 190))


def pencil_point(brush: Brush, head: Head) -> None:
    """A sharpened point on top, and the pink rubber below."""
    half, height = head.width / 2 * head.crown, head.height
    brush.polygon([(-half, -0.9 * height), (0, -1.5 * height), (half, -0.9 * height)], (232, 208, 160))
    brush.polygon([(-half * 0.3, -1.32 * height), (0, -1.5 * height), (half * 0.3, -1.32 * height)], BLACK)
    brush.box((-half * 0.8, -0.07 * height), (half * 0.8, 0.02 * height), (226, 132, 146))


def beak(brush: Brush, head: Head) -> None:
    """A hooked yellow beak over the mouth."""
    half, height = head.width / 2, head.height
    brush.polygon(
        [(-half * 0.5, -0.5 * height), (half * 0.5, -0.5 * height), (half * 0.2, 0), (0, 0.06 * height)], (236, 176, 44)
    )
    brush.line([(-half * 0.4, -0.3 * height), (half * 0.3, -0.28 * height)], 1.2, (150, 100, 20))


def crest(brush: Brush, head: Head) -> None:
    """White feathers on top."""
    half, height = head.width / 2 * head.crown, head.height
    for x in (-0.7, -0.2, 0.3, 0.8):
        brush.polygon(
            [(half * (x - 0.3), -0.86 * height), (half * x * 1.3, -1.2 * height), (half * (x + 0.3), -0.86 * height)],
            WHITE,
        )


def fin(brush: Brush, head: Head) -> None:
    """A shark's fin on top, and a mouth full of teeth."""
    half, height = head.width / 2, head.height
    brush.polygon(
        [(-half * 0.4, -0.95 * height), (half * 0.5, -1.35 * height), (half * 0.4, -0.9 * height)],
        shade(head.colour, 0.85),
    )
    brush.box((-half * 0.75, -0.28 * height), (half * 0.75, -0.1 * height), (120, 30, 40))
    for x in (-0.6, -0.3, 0.0, 0.3, 0.6):
        brush.polygon(
            [(half * (x - 0.15), -0.28 * height), (half * x, -0.13 * height), (half * (x + 0.15), -0.28 * height)],
            WHITE,
        )


def fangs(brush: Brush, head: Head) -> None:
    """Two long teeth."""
    for side in (-1, 1):
        x, y = side * head.width * 0.14, -0.2 * head.height
        brush.polygon([(x - 2.2, y), (x + 2.2, y), (x, y + 0.18 * head.height)], WHITE)


def moustache(brush: Brush, head: Head) -> None:
    """A wide moustache."""
    half, y = head.width / 2, -0.32 * head.height
    brush.polygon([(0, y - 3), (half * 0.8, y + 5), (0, y + 3), (-half * 0.8, y + 5)], (84, 60, 44))


def long_nose(brush: Brush, head: Head) -> None:
    """A nose that hangs over the mouth."""
    brush.oval((0, -0.36 * head.height), (head.width * 0.13, head.height * 0.2), shade(head.colour, 0.75))


def half_mask(brush: Brush, head: Head) -> None:
    """The second face: one side of the head in another colour."""
    half, height = head.width / 2, head.height
    side = [(0, 0), (half * 0.72, 0), (half, -0.35 * height), (half * head.crown, -0.88 * height), (0, -height)]
    brush.polygon(side, (92, 74, 110))
    brush.oval((half * 0.42, -0.6 * height), (head.width * 0.13, head.width * 0.13), (236, 214, 90))
    brush.line([(half * 0.1, -0.14 * height), (half * 0.5, -0.27 * height)], 2, BLACK)


def holes(brush: Brush, head: Head) -> None:
    """The holes of a cheese."""
    for x, y, radius in ((-0.33, 0.84, 0.09), (0.3, 0.9, 0.07), (0.38, 0.36, 0.08), (-0.36, 0.3, 0.06)):
        brush.oval(
            (x * head.width, -y * head.height), (radius * head.width, radius * head.width), shade(head.colour, 0.68)
        )


def coin(brush: Brush, head: Head) -> None:
    """A golden coin on the forehead."""
    brush.oval((0, -0.92 * head.height), (head.width * 0.2, head.width * 0.2), GOLD)
    brush.ring((0, -0.92 * head.height), (head.width * 0.13, head.width * 0.13), 1.2, shade(GOLD, 0.7))


def sack_knot(brush: Brush, head: Head) -> None:
    """The tied top of a money sack."""
    half, height = head.width / 2 * head.crown, head.height
    brush.polygon(
        [(-half * 0.5, -0.95 * height), (-half, -1.28 * height), (half, -1.28 * height), (half * 0.5, -0.95 * height)],
        shade(head.colour, 0.9),
    )
    brush.box((-half * 0.6, -1.03 * height), (half * 0.6, -0.95 * height), GOLD)


def siren(brush: Brush, head: Head) -> None:
    """The red lamp of an ambulance."""
    half, top = head.width / 2 * head.crown, -head.height
    brush.box((-half * 0.6, top - 2), (half * 0.6, top + 2), GREY)
    brush.oval((0, top - 5), (half * 0.42, 7), (220, 52, 44))


def swirl(brush: Brush, head: Head) -> None:
    """Rings on the forehead, as of something that spins."""
    for share in (0.17, 0.09):
        brush.ring((0, -0.88 * head.height), (head.width * share, head.width * share), 1.5, (230, 120, 40))
