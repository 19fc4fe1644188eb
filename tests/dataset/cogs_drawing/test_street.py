"""The streets."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from toonvision.dataset.cogs_drawing.brush import brush_on
from toonvision.dataset.cogs_drawing.street import STREETS, draw_street


def test_the_shares_of_the_streets_sum_to_one() -> None:
    assert sum(street.share for street in STREETS) == pytest.approx(1)


def test_every_street_has_its_own_picture() -> None:
    pictures = []
    for street in STREETS:
        image = Image.new("RGB", (100, 300))
        draw_street(brush_on(image), street, np.random.default_rng(1))
        assert np.asarray(image).any(axis=-1).all()  # nothing is left unpainted
        pictures.append(image.tobytes())
    assert len(set(pictures)) == len(STREETS)


def test_every_prop_can_be_seen() -> None:
    for street in STREETS:
        image = Image.new("RGB", (100, 300))
        street.prop(brush_on(image).at((50, 290)), street.prop_colour)
        assert np.asarray(image).any(axis=-1).sum() > 100, street.name
