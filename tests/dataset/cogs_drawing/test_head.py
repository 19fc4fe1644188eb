"""The head of a Cog."""

from __future__ import annotations

import numpy as np
from PIL import Image

from toonvision.dataset.cogs_drawing.brush import brush_on
from toonvision.dataset.cogs_drawing.head import Feature, Head, draw_head, glasses
from toonvision.dataset.cogs_drawing.roster import COGS

HEAD = Head(40, 44, 0.8, (226, 170, 146))


def drawing(*features: Feature) -> np.ndarray:
    image = Image.new("RGB", (100, 300))
    draw_head(brush_on(image).at((50, 150)), HEAD, features)
    return np.asarray(image)


def test_a_head_stands_on_the_chin_with_its_size() -> None:
    rows, columns = np.nonzero(drawing().any(axis=-1))
    assert abs(columns.max() - columns.min() - HEAD.width) <= 2
    assert abs(rows.max() - 150) <= 2
    assert abs(rows.max() - rows.min() - HEAD.height) <= 2


def test_every_feature_of_the_roster_changes_the_head() -> None:
    features = {feature for cog in COGS for feature in cog.figure.features}
    assert glasses in features
    plain = drawing()
    assert [feature for feature in features if np.array_equal(drawing(feature), plain)] == []
