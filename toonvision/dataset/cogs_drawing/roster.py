"""The looks of the 32 Cogs of the four suits."""

from __future__ import annotations

from dataclasses import dataclass

from toonvision.dataset.cogs_drawing import head as face
from toonvision.dataset.cogs_drawing.brush import Colour
from toonvision.dataset.cogs_drawing.figure import Body, Figure, bow_tie, long_tie
from toonvision.dataset.cogs_drawing.head import Head

SUITS: dict[str, Colour] = {
    "bossbot": (116, 82, 50),
    "lawbot": (48, 60, 104),
    "cashbot": (56, 98, 66),
    "sellbot": (122, 46, 54),
}


@dataclass(frozen=True, slots=True)
class Cog:
    """A Cog: its suit, its name and its looks."""

    suit: str
    name: str
    figure: Figure


PINK: Colour = (226, 170, 146)
TAN: Colour = (204, 160, 116)
PALE: Colour = (206, 206, 196)
ICE: Colour = (160, 190, 206)
MOSS: Colour = (140, 166, 122)
RED: Colour = (196, 44, 44)
BLUE: Colour = (52, 88, 190)
TEAL: Colour = (38, 142, 142)
PLUM: Colour = (120, 52, 128)
YELLOW: Colour = (228, 190, 58)
ORANGE: Colour = (220, 122, 44)
NIGHT: Colour = (44, 44, 52)

BOSSBOTS = {
    "flunky": Figure(
        Body(48, 44, 74, 48), Head(40, 44, 0.8, PINK), (face.glasses, face.bald_fringe), PINK, long_tie, BLUE
    ),
    "pencil_pusher": Figure(
        Body(38, 28, 86, 76), Head(26, 46, 1.0, YELLOW), (face.pencil_point,), YELLOW, long_tie, RED
    ),
    "yesman": Figure(Body(50, 34, 90, 72), Head(34, 54, 0.9, PINK), (face.slick_hair, face.ears), PINK, long_tie, TEAL),
    "micromanager": Figure(
        Body(40, 38, 62, 42), Head(46, 40, 0.7, MOSS), (face.glasses, face.ears), MOSS, bow_tie, RED
    ),
    "downsizer": Figure(
        Body(42, 30, 88, 70), Head(44, 42, 0.6, TAN), (face.moustache, face.bald_fringe), TAN, bow_tie, NIGHT
    ),
    "head_hunter": Figure(
        Body(54, 38, 96, 70), Head(38, 52, 1.1, ORANGE), (face.horns, face.fangs), ORANGE, long_tie, NIGHT
    ),
    "corporate_raider": Figure(
        Body(52, 46, 80, 52), Head(44, 46, 0.9, TAN), (face.bowler, face.moustache), TAN, long_tie, PLUM
    ),
    "big_cheese": Figure(Body(58, 44, 98, 64), Head(48, 48, 1.0, YELLOW), (face.holes,), YELLOW, bow_tie, BLUE),
}
LAWBOTS = {
    "bottom_feeder": Figure(
        Body(48, 46, 72, 48), Head(46, 42, 0.65, MOSS), (face.long_nose, face.fangs), MOSS, bow_tie, YELLOW
    ),
    "bloodsucker": Figure(
        Body(40, 28, 88, 76), Head(34, 50, 0.85, PALE), (face.slick_hair, face.fangs), PALE, long_tie, RED
    ),
    "double_talker": Figure(
        Body(52, 36, 92, 70), Head(38, 50, 0.9, PINK), (face.half_mask, face.ears), PINK, long_tie, YELLOW
    ),
    "ambulance_chaser": Figure(
        Body(42, 30, 86, 72), Head(38, 46, 0.8, TAN), (face.siren, face.long_nose), TAN, bow_tie, RED
    ),
    "back_stabber": Figure(
        Body(54, 36, 94, 72), Head(36, 56, 0.75, ICE), (face.slick_hair, face.moustache), ICE, long_tie, PLUM
    ),
    "spin_doctor": Figure(
        Body(40, 30, 84, 74), Head(42, 48, 1.0, PALE), (face.swirl, face.glasses), PALE, bow_tie, TEAL
    ),
    "legal_eagle": Figure(
        Body(56, 38, 96, 68), Head(40, 52, 0.85, (150, 110, 74)), (face.crest, face.beak), YELLOW, long_tie, ORANGE
    ),
    "big_wig": Figure(
        Body(58, 42, 98, 64), Head(40, 52, 0.9, PINK), (face.judge_wig, face.monocle), PINK, long_tie, NIGHT
    ),
}
CASHBOTS = {
    "short_change": Figure(Body(44, 42, 64, 44), Head(42, 40, 0.85, PALE), (face.coin, face.ears), PALE, long_tie, RED),
    "penny_pincher": Figure(
        Body(48, 34, 88, 72), Head(34, 54, 0.7, PINK), (face.long_nose, face.bald_fringe), PINK, long_tie, ORANGE
    ),
    "tightwad": Figure(
        Body(50, 46, 76, 50), Head(44, 46, 0.6, (196, 120, 110)), (face.moustache,), PINK, bow_tie, NIGHT
    ),
    "bean_counter": Figure(
        Body(40, 28, 86, 76), Head(34, 48, 0.9, MOSS), (face.visor, face.glasses), MOSS, long_tie, PLUM
    ),
    "number_cruncher": Figure(
        Body(54, 40, 92, 68), Head(46, 48, 1.05, ICE), (face.fangs, face.visor), ICE, long_tie, YELLOW
    ),
    "money_bags": Figure(
        Body(52, 50, 78, 48), Head(52, 46, 0.6, TAN), (face.sack_knot, face.monocle), TAN, bow_tie, BLUE
    ),
    "loan_shark": Figure(Body(44, 32, 90, 72), Head(44, 52, 0.75, ICE), (face.fin,), ICE, long_tie, BLUE),
    "robber_baron": Figure(
        Body(58, 42, 98, 66), Head(40, 50, 0.9, PINK), (face.top_hat, face.moustache), PINK, bow_tie, RED
    ),
}
SELLBOTS = {
    "cold_caller": Figure(Body(46, 42, 72, 48), Head(40, 44, 0.8, ICE), (face.headset,), ICE, long_tie, BLUE),
    "telemarketer": Figure(
        Body(40, 28, 86, 76), Head(36, 48, 0.9, TAN), (face.headset, face.glasses), TAN, long_tie, TEAL
    ),
    "name_dropper": Figure(
        Body(50, 34, 90, 72), Head(36, 54, 0.8, PINK), (face.quiff, face.monocle), PINK, bow_tie, PLUM
    ),
    "glad_hander": Figure(
        Body(52, 46, 78, 50), Head(48, 44, 0.8, PINK), (face.slick_hair, face.ears), PINK, bow_tie, YELLOW
    ),
    "mover_and_shaker": Figure(
        Body(42, 30, 88, 74), Head(38, 50, 1.1, MOSS), (face.bald_fringe, face.long_nose), MOSS, long_tie, ORANGE
    ),
    "two_face": Figure(
        Body(54, 38, 94, 70), Head(42, 52, 0.9, TAN), (face.half_mask, face.horns), TAN, long_tie, NIGHT
    ),
    "mingler": Figure(
        Body(54, 40, 96, 66), Head(40, 50, 0.85, PLUM), (face.crest, face.long_nose), PLUM, bow_tie, TEAL
    ),
    "mr_hollywood": Figure(
        Body(58, 40, 98, 68), Head(40, 54, 0.9, PINK), (face.quiff, face.sunglasses), PINK, long_tie, RED
    ),
}

COGS: tuple[Cog, ...] = tuple(
    Cog(suit, name, figure)
    for suit, members in zip(SUITS, (BOSSBOTS, LAWBOTS, CASHBOTS, SELLBOTS), strict=True)
    for name, figure in members.items()
)
