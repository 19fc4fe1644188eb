"""Tests whether the trials with some values of a hyperparameter are significantly worse than the others.

The statistic of a part of the values is Wilcoxon's: the standardized rank sum of its trials. The tested part is the one
with the largest statistic. So its p-value is the probability that any part has a statistic as large if scores do not
depend on values: a maximally selected rank statistic (Lausen and Schumacher, "Maximally selected rank statistics",
1992; Hothorn and Lausen, 2003). It is computed by permuting the scores.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_MAX_LOST = 0.1  # largest share of the good trials that a cut may remove
_MIN_GOOD = 5  # with fewer good trials, a part without any is weak evidence
_DRAWS = 10_000
_AT_ONCE = 500
# The draws stop after this number of statistics as large: the p-value will not be small (Besag and Clifford,
# "Sequential Monte Carlo p-values", 1991).
_ENOUGH = 100
_SEED = 0

Integers = NDArray[np.intp]
Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Count:
    """The number of good trials among some trials."""

    good: int
    total: int

    @property
    def share(self) -> float:
        """Share of good trials, between 0 and 1; 0 without trials."""
        return self.good / self.total if self.total else 0.0


@dataclass(frozen=True, slots=True)
class Ranked:
    """The trials in which a hyperparameter is active, one element each.

    Attributes:
        level: index of the value among the tried values, which are sorted if they are ordered.
        rank: of the trial, low is good; equal results have equal ranks.
        good: whether the trial counts as good. The first trial is the best one.
    """

    level: Integers
    rank: Numbers
    good: NDArray[np.bool_]

    @property
    def levels(self) -> int:
        """The number of tried values."""
        return int(self.level.max()) + 1 if len(self.level) else 0

    def count(self, part: range) -> Count:
        """Count the trials in a part of the levels."""
        inside = np.isin(self.level, part)
        return Count(int(self.good[inside].sum()), int(inside.sum()))


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the levels: how many standard deviations its trials are worse, and the p-value."""

    levels: range
    worse: float
    p: float


def worst_part(ranked: Ranked, *, ordered: bool) -> Part | None:
    """Return the part with the worst trials.

    Args:
        ranked: the trials.
        ordered: whether parts are the ends of a range rather than single levels.

    Returns:
        None if fewer than five trials are good, or every part contains the best trial or more than a tenth of the good
        trials.
    """
    good = int(ranked.good.sum())
    if good < _MIN_GOOD or ranked.levels < 2:
        return None
    parts = _ends(ranked.levels) if ordered else [range(index, index + 1) for index in range(ranked.levels)]
    inside = _inside(ranked, parts)
    limit = int(_MAX_LOST * good)
    eligible = (inside @ ranked.good <= limit) & (inside[:, 0] == 0)
    if not eligible.any():
        return None
    worse = np.where(eligible, _worse(inside, ranked.rank), -np.inf)
    index = int(worse.argmax())
    return Part(parts[index], float(worse[index]), _p_value(inside, ranked, limit, float(worse[index])))


def better_end(ranked: Ranked) -> Part | None:
    """Return the end of a range with the best trials, if the good trials are concentrated at the outermost values.

    At least half of the good trials lie in the outermost third of all trials, and the outermost level has at least the
    share of good trials of the whole end. So a range in which only the other end is bad has no better end.

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
    inwards = [ranked.count(range(level, level + 1)) for level in range(ranked.levels)][:: -1 if at_upper else 1]
    outer_third = np.interp(
        len(ranked.level) / 3, np.cumsum([0, *(c.total for c in inwards)]), np.cumsum([0, *(c.good for c in inwards)])
    )
    if outer_third < ranked.good.sum() / 2 or inwards[0].share < ranked.count(better).share:
        return None
    p = _p_value(inside, ranked, len(ranked.level), float(worse[index]))
    return Part(better, -float(worse[index]), p)


def _ends(levels: int) -> list[range]:
    return [*(range(i) for i in range(1, levels)), *(range(i, levels) for i in range(1, levels))]


def _inside(ranked: Ranked, parts: Sequence[range]) -> Numbers:
    """Return which part (row) contains which trial (column)."""
    return np.array([np.isin(ranked.level, part) for part in parts], dtype=np.float64)


def _worse(inside: Numbers, rank: Numbers) -> Numbers:
    """Return the standardized rank sum of each part; one column for each column of ranks."""
    count, total = inside.sum(axis=1), inside.shape[1]
    spread = float(rank.std(axis=0, ddof=1).max())
    scale = np.sqrt(count * (total - count) / total) * (spread or 1.0)
    deviation: Numbers = inside @ (rank - rank.mean(axis=0))
    worse: Numbers = (deviation.T / scale).T
    return worse


def _p_value(inside: Numbers, ranked: Ranked, limit: int, reached: float) -> float:
    """Return the p-value: how often a part with at most `limit` good trials is as much worse after a permutation."""
    generator, extreme, drawn = np.random.default_rng(_SEED), 0, 0
    trials = np.tile(np.arange(len(ranked.rank)), (_AT_ONCE, 1))
    while drawn < _DRAWS and extreme < _ENOUGH:
        exchanged = generator.permuted(trials, axis=1).T
        worse = _worse(inside, ranked.rank[exchanged])
        worse[inside @ ranked.good[exchanged] > limit] = -np.inf
        extreme += int((worse.max(axis=0) >= reached - 1e-9).sum())
        drawn += _AT_ONCE
    return (extreme + 1) / (drawn + 1)
