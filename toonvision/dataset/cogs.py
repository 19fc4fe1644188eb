"""The embedded dataset: 983 pictures of 32 Cogs in four suits, drawn from a seed.

The pictures of the article, screenshots of a game, are not public. This dataset has the same counts: 590 for training,
196 for validation and 197 for the test, split 60/20/20 within every Cog; unbalanced by suit, by Cog and by street.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

import numpy as np
from numpy.typing import NDArray

from toonvision.dataset.cache import cached
from toonvision.dataset.cogs_drawing.picture import choose_street, draw_picture
from toonvision.dataset.cogs_drawing.roster import COGS, SUITS, Cog
from toonvision.dataset.cogs_drawing.street import Street
from toonvision.dataset.dataset import Dataset, Split
from toonvision.errors import ConfigError, Problem

VERSION = 2  # of the drawing; bump to invalidate caches when a picture changes
MIN_SIDE = 16  # pixels

# Number of pictures of each Cog, in the order of the roster; one line per suit.
COUNTS: tuple[int, ...] = (
    *(47, 33, 29, 18, 25, 14, 22, 18),
    *(52, 41, 38, 27, 36, 24, 31, 19),
    *(58, 44, 37, 42, 29, 33, 22, 18),
    *(49, 38, 22, 34, 26, 21, 17, 19),
)


@dataclass(frozen=True, slots=True)
class Shot:
    """A picture to draw; `number` counts the pictures of `cog` from 0."""

    cog: Cog
    number: int
    street: Street
    rng: np.random.Generator

    @property
    def name(self) -> str:
        """The name of the picture, such as `bossbot/flunky/0007 (Silly Street)`."""
        return f"{self.cog.suit}/{self.cog.name}/{self.number:04d} ({self.street.name})"


def load(*, image_size: Sequence[int], seed: int) -> Dataset:
    """Load the Cogs; the first call with these arguments draws them, later calls read the cache.

    Args:
        image_size: height and width in pixels, at least 16 each; the article has (600, 200). A Cog is drawn three times
            as high as wide, and other ratios stretch it.
        seed: seed of the drawing. A seed gives the same scenes at every size.

    Returns:
        RGB pictures, uint8, as slices of one read-only memory map.

    Raises:
        ConfigError: if `image_size` is not two integers of at least 16, or `seed` is not an integer of at least 0.
    """
    size = _checked_size(image_size)
    if type(seed) is not int or seed < 0:
        raise ConfigError(Problem("dataset.seed", "an integer of at least 0", repr(seed)))
    splits = _plan(seed)
    shots = [shot for split in splits for shot in split]
    settings = json.dumps({"dataset": "cogs", "version": VERSION, "image_size": size, "seed": seed})
    key = f"cogs-{hashlib.sha256(settings.encode()).hexdigest()[:16]}"
    stored = cached(key, lambda: _draw(shots, size))
    bounds = pairwise(accumulate(map(len, splits), initial=0))
    train, validation, test = (
        _split(stored["images"][start:stop], split) for (start, stop), split in zip(bounds, splits, strict=True)
    )
    fingerprint = hashlib.sha256(settings.encode() + stored["digest"].tobytes()).hexdigest()
    return Dataset("cogs", train, validation, test, tuple(SUITS), fingerprint)


def _checked_size(image_size: Sequence[int]) -> tuple[int, int]:
    sides = list(image_size) if isinstance(image_size, Sequence) and not isinstance(image_size, str) else []
    if len(sides) != 2 or any(type(side) is not int or side < MIN_SIDE for side in sides):
        raise ConfigError(
            Problem("dataset.image_size", f"two integers of at least {MIN_SIDE}, height then width", repr(image_size))
        )
    return sides[0], sides[1]


def _plan(seed: int) -> tuple[list[Shot], list[Shot], list[Shot]]:
    """Return the shots of the three splits, in a random order that depends on the seed only."""
    splits: tuple[list[Shot], list[Shot], list[Shot]] = ([], [], [])
    for index, (cog, parts) in enumerate(zip(COGS, _shares(COUNTS), strict=True)):
        targets = [split for split, part in zip(splits, parts, strict=True) for _ in range(part)]
        for number, split in enumerate(targets):
            rng = np.random.default_rng([seed, index, number])
            split.append(Shot(cog, number, choose_street(rng), rng))
    for split in splits:
        order = np.random.default_rng([seed, len(split)]).permutation(len(split))
        split[:] = [split[i] for i in order]
    return splits


def _shares(counts: Sequence[int]) -> list[tuple[int, int, int]]:
    """Divide each count 60/20/20 by rounding the running totals, so that the totals of the splits are exact."""
    totals = list(accumulate(counts, initial=0))
    shares = []
    for before, after in pairwise(totals):
        train, test = round(0.6 * after) - round(0.6 * before), round(0.2 * after) - round(0.2 * before)
        shares.append((train, after - before - train - test, test))
    return shares


def _draw(shots: Sequence[Shot], size: tuple[int, int]) -> dict[str, NDArray[np.uint8]]:
    images = np.empty((len(shots), *size, 3), np.uint8)
    for image, shot in zip(images, shots, strict=True):
        image[:] = draw_picture(shot.cog, shot.street, size, shot.rng)
    digest = hashlib.sha256(images.data).digest()
    return {"images": images, "digest": np.frombuffer(digest, np.uint8)}


def _split(images: NDArray[np.uint8], shots: Sequence[Shot]) -> Split:
    suits = list(SUITS)
    classes = np.array([suits.index(shot.cog.suit) for shot in shots], np.int64)
    return Split(images, classes, tuple(shot.name for shot in shots))
