"""The 32 Cogs of the four suits."""

from __future__ import annotations

from collections import Counter

from toonvision.dataset.cogs_drawing.roster import COGS, SUITS


def test_every_suit_has_eight_cogs_that_look_different() -> None:
    assert Counter(cog.suit for cog in COGS) == dict.fromkeys(SUITS, 8)
    assert len({cog.figure for cog in COGS}) == 32
