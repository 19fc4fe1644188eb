"""One picture of a Cog on a street."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from toonvision.dataset.cogs_drawing.picture import choose_street, draw_picture
from toonvision.dataset.cogs_drawing.roster import COGS
from toonvision.dataset.cogs_drawing.street import STREETS


@pytest.mark.parametrize("index", [0, 9, 18, 31])
def test_one_seed_shows_the_same_scene_at_every_size(index: int) -> None:
    def draw(size: tuple[int, int]) -> np.ndarray:
        rng = np.random.default_rng(index)
        return draw_picture(COGS[index], choose_street(rng), size, rng)

    large, small = draw((600, 200)), draw((150, 50))
    assert large.shape == (600, 200, 3)
    shrunk = large.reshape(150, 4, 50, 4, 3).mean(axis=(1, 3))
    blocks = [image.reshape(30, 5, 10, 5, 3).mean(axis=(1, 3)) for image in (shrunk, small.astype(float))]
    assert np.abs(blocks[0] - blocks[1]).mean() < 4


def test_streets_are_drawn_by_their_shares() -> None:
    rng = np.random.default_rng(0)
    names = Counter(choose_street(rng).name for _ in range(2000))
    for street in STREETS:
        assert names[street.name] / 2000 == pytest.approx(street.share, abs=0.04)
