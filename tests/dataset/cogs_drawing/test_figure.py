"""The figure of a Cog below the head."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from PIL import Image

from toonvision.dataset.cogs_drawing.brush import brush_on
from toonvision.dataset.cogs_drawing.figure import Figure, Pose, bow_tie, draw_figure, long_tie
from toonvision.dataset.cogs_drawing.roster import COGS

REST = Pose(left=0.2, right=0.2, bend=0.1, stride=1.0, tilt=0.0)
FIGURE = COGS[0].figure


def drawing(figure: Figure = FIGURE, suit: tuple[int, int, int] = (10, 200, 10), pose: Pose = REST) -> np.ndarray:
    image = Image.new("RGB", (100, 300))
    draw_figure(brush_on(image).at((50, 280)), figure, suit, pose)
    return np.asarray(image)


def test_a_figure_stands_on_the_ground_with_its_height() -> None:
    rows, _ = np.nonzero(drawing(replace(FIGURE, features=())).any(axis=-1))
    height = FIGURE.body.legs + FIGURE.body.torso + FIGURE.head.height
    assert abs(rows.max() - 280) <= 2
    assert abs(rows.max() - rows.min() - height) <= 3


def test_the_jacket_has_the_colour_of_the_suit() -> None:
    for suit in ((10, 200, 10), (200, 10, 10)):
        assert (drawing(suit=suit) == suit).all(axis=-1).sum() > 500


def test_a_tie_and_a_pose_change_the_drawing() -> None:
    with_long, with_bow = (drawing(replace(FIGURE, tie=tie)) for tie in (long_tie, bow_tie))
    assert not np.array_equal(with_long, with_bow)
    assert not np.array_equal(drawing(), drawing(pose=replace(REST, left=0.6)))
