"""Whether the trials in a part of a hyperparameter's values are worse than the others by more than chance.

The statistic of a part is Wilcoxon's: the ranks of its trials, standardized. The part is the most striking of all that
could be cut off, so the chance that belongs to it is that of any of these being as striking if the scores had nothing
to do with the values: for an end of a range, a maximally selected rank statistic (Lausen and Schumacher, "Maximally
selected rank statistics", 1992; Hothorn and Lausen, 2003). It is found by exchanging the scores at random.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_LOST = 0.1  # of the good trials at most: a part can be the worse one and still hold some that are worth having
_FEW = 5  # of fewer good trials than this, a part without any says little
_DRAWS = 10_000
_AT_ONCE = 500
# After so many draws as striking, more would not make the chance a small one (Besag and Clifford, "Sequential Monte
# Carlo p-values", 1991).
_ENOUGH = 100
_SEED = 0

Integers = NDArray[np.intp]
Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Count:
    """How many of some trials are good."""

    good: int
    total: int

    @property
    def share(self) -> float:
        """Between 0 and 1; 0 of none."""
        return self.good / self.total if self.total else 0.0


@dataclass(frozen=True, slots=True)
class Ranked:
    """The trials in which a hyperparameter was active, an element each.

    Attributes:
        level: the index of its value among those that were tried, in order where they have one; none is left out.
        rank: of its score, low is good; equals have equal ranks.
        good: whether it counts as good.
    """

    level: Integers
    rank: Numbers
    good: NDArray[np.bool_]

    @property
    def levels(self) -> int:
        """The number of values that were tried."""
        return int(self.level.max()) + 1 if len(self.level) else 0

    def count(self, part: range) -> Count:
        """Count the trials in a part of the levels."""
        inside = np.isin(self.level, part)
        return Count(int(self.good[inside].sum()), int(inside.sum()))


@dataclass(frozen=True, slots=True)
class Part:
    """Some levels, by how many standard deviations their trials are worse, and the chance of a part as striking."""

    levels: range
    worse: float
    p: float


def worst_part(ranked: Ranked, *, ordered: bool) -> Part | None:
    """Return the part whose trials are the worst, beyond chance the most.

    Args:
        ranked: the trials.
        ordered: whether parts are the ends of a range, rather than single levels.

    Returns:
        None if fewer than five trials are good, or every part holds the best one or more than a tenth of the good.
    """
    good = int(ranked.good.sum())
    if good < _FEW or ranked.levels < 2:
        return None
    parts = _ends(ranked.levels) if ordered else [range(index, index + 1) for index in range(ranked.levels)]
    inside = _inside(ranked, parts)
    limit = int(_LOST * good)
    eligible = (inside @ ranked.good <= limit) & (inside[:, ranked.rank.argmin()] == 0)
    if not eligible.any():
        return None
    worse = np.where(eligible, _worse(inside, ranked.rank), -np.inf)
    index = int(worse.argmax())
    return Part(parts[index], float(worse[index]), _chance(inside, ranked, limit, float(worse[index])))


def better_end(ranked: Ranked) -> Part | None:
    """Return the end of a range whose trials are the best, if the good ones gather at its very end.

    That is, half of them lie in the third of all trials that is furthest out, and the last level has a larger share of
    good ones than the rest of that end. So a range of which only the other end is bad has none.

    Args:
        ranked: the trials.
    """
    if ranked.levels < 2 or not ranked.good.any():
        return None
    ends = _ends(ranked.levels)
    inside = _inside(ranked, ends)
    worse = _worse(inside, ranked.rank)
    index = int(worse.argmax())
    at_upper = ends[index].start == 0
    better = range(ends[index].stop, ranked.levels) if at_upper else range(ends[index].start)
    inwards = [ranked.count(range(one, one + 1)) for one in range(ranked.levels)][:: -1 if at_upper else 1]
    outer_third = np.interp(
        len(ranked.level) / 3, np.cumsum([0, *(c.total for c in inwards)]), np.cumsum([0, *(c.good for c in inwards)])
    )
    if outer_third < ranked.good.sum() / 2 or inwards[0].share < ranked.count(better).share:
        return None
    p = _chance(inside, ranked, len(ranked.level), float(worse[index]))
    return Part(better, -float(worse[index]), p)


def _ends(levels: int) -> list[range]:
    return [*(range(i) for i in range(1, levels)), *(range(i, levels) for i in range(1, levels))]


def _inside(ranked: Ranked, parts: Sequence[range]) -> Numbers:
    """Which part (a row each) holds which trial (a column each)."""
    return np.array([np.isin(ranked.level, part) for part in parts], dtype=np.float64)


def _worse(inside: Numbers, rank: Numbers) -> Numbers:
    """The sum of the ranks inside, in standard deviations from its mean; a column for each column of ranks."""
    count, total = inside.sum(axis=1), inside.shape[1]
    spread = float(rank.std(axis=0, ddof=1).max())
    scale = np.sqrt(count * (total - count) / total) * (spread or 1.0)
    deviation: Numbers = inside @ (rank - rank.mean(axis=0))
    worse: Numbers = (deviation.T / scale).T
    return worse


def _chance(inside: Numbers, ranked: Ranked, limit: int, reached: float) -> float:
    """Return the chance that some part with at most `limit` good trials is as much worse, if scores are exchanged."""
    draw, striking, drawn = np.random.default_rng(_SEED), 0, 0
    trials = np.tile(np.arange(len(ranked.rank)), (_AT_ONCE, 1))
    while drawn < _DRAWS and striking < _ENOUGH:
        exchanged = draw.permuted(trials, axis=1).T
        worse = _worse(inside, ranked.rank[exchanged])
        worse[inside @ ranked.good[exchanged] > limit] = -np.inf
        striking += int((worse.max(axis=0) >= reached - 1e-9).sum())
        drawn += _AT_ONCE
    return (striking + 1) / (drawn + 1)
