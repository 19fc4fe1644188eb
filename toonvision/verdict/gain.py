"""The gain of each of several changes, from a few trainings of each state: pooled t tests, corrected by Holm.

Two or three trainings show little of how much the seed matters. So the variance is pooled over all groups of trainings,
as in an analysis of variance. The interval of each gain stands for itself; the p-values hold for all gains together.
`benchmarks/path_labels.py` measures how often they are wrong.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from toonvision.verdict.interval import Interval

CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Gain:
    """The difference of the mean scores of a group to those of another group.

    Attributes:
        value: the difference; if it is relative, the ratio of the geometric means minus 1.
        is_relative: whether the logarithms of the scores were compared.
        interval: confidence interval of `value`; None if no group has two scores, or if the scores of each are equal.
        p_value: two-sided, corrected by Holm for all compared pairs; None where `interval` is.
    """

    value: float
    is_relative: bool
    interval: Interval | None
    p_value: float | None

    @property
    def is_significant(self) -> bool:
        """Whether chance rarely makes such a difference in any of the compared pairs."""
        return self.p_value is not None and self.p_value <= 1 - CONFIDENCE


def gains(groups: Sequence[Sequence[float]], pairs: Sequence[tuple[int, int]], *, is_loss: bool) -> list[Gain]:
    """Compare pairs of groups.

    The logarithms are compared if the scores are a loss and all are positive: the spread of a loss over the seeds is
    proportional to the loss. Otherwise the scores are compared as they are.

    Args:
        groups: the scores of each group, at least one.
        pairs: indices of the group that is measured, and of the group that it is measured by.
        is_loss: whether the scores are minimized.
    """
    is_relative = is_loss and all(score > 0 for score in itertools.chain(*groups))
    scores = [np.log(group) if is_relative else np.asarray(group, dtype=np.float64) for group in groups]
    freedom = sum(len(group) - 1 for group in scores)
    squares = sum(float(((group - group.mean()) ** 2).sum()) for group in scores)
    values = [float(scores[ours].mean() - scores[others].mean()) for ours, others in pairs]
    if not freedom or not squares:
        return [Gain(_shown(value, is_relative), is_relative, None, None) for value in values]
    deviations = [
        math.sqrt(squares / freedom * (1 / len(scores[ours]) + 1 / len(scores[others]))) for ours, others in pairs
    ]
    quantile = float(stats.t.ppf(0.5 + CONFIDENCE / 2, freedom))
    p_values = [2 * float(stats.t.sf(abs(value) / by, freedom)) for value, by in zip(values, deviations, strict=True)]
    return [
        Gain(
            _shown(value, is_relative),
            is_relative,
            (_shown(value - quantile * by, is_relative), _shown(value + quantile * by, is_relative)),
            p_value,
        )
        for value, by, p_value in zip(values, deviations, holm(p_values), strict=True)
    ]


def holm(p_values: Sequence[float]) -> list[float]:
    """Return p-values that hold for all tests together (Holm, "A simple sequentially rejective test", 1979)."""
    order = np.argsort(p_values)
    steps = np.asarray(p_values)[order] * np.arange(len(order), 0, -1)
    adjusted = np.empty(len(order))
    adjusted[order] = np.minimum(1.0, np.maximum.accumulate(steps))
    return [float(p_value) for p_value in adjusted]


def _shown(value: float, is_relative: bool) -> float:
    return float(np.expm1(value)) if is_relative else value
