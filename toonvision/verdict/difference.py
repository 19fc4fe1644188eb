"""The difference between two roles, which holds for other seeds and other examples.

A number of errors varies with the seed of the training and with the test examples. An interval over one of them alone
is too narrow (Bouthillier et al. 2021, "Accounting for Variance in Machine Learning Benchmarks", arXiv:2103.03098).
`benchmarks/verdict.py` measures how often this one holds.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import stats

from toonvision.verdict.interval import Interval
from toonvision.verdict.measure import Floats


@dataclass(frozen=True, slots=True)
class Difference:
    """The baseline's mean less that of the tuned models.

    Attributes:
        value: positive if the tuned models have less.
        interval: confidence interval; None with one seed in a role, which does not show how much the seed matters, or
            where nothing varies.
        p_value: two-sided: how often chance alone makes a difference at least as large; None where `interval` is.
    """

    value: float
    interval: Interval | None
    p_value: float | None


def difference(baseline: Floats, tuned: Floats, *, confidence: float) -> Difference:
    """Compare the sums over the examples, as means over the seeds.

    Seeds and examples are crossed: each model answers each example. The variance is the sum of three parts, the seeds'
    of each role and the examples'; their degrees of freedom are combined as Welch and Satterthwaite do.

    Args:
        baseline: what each of its models has on each example, shape `(seeds, n)`.
        tuned: the same of the tuned models on the same examples; the number of seeds may differ.
        confidence: level of the interval.
    """
    roles = (baseline, tuned)
    examples = baseline.shape[1]
    value = float(baseline.sum(axis=1).mean() - tuned.sum(axis=1).mean())
    if examples < 2 or min(len(role) for role in roles) < 2:
        return Difference(value, None, None)
    parts = [(float(role.sum(axis=1).var(ddof=1)) / len(role), len(role) - 1) for role in roles]
    by_example = baseline.mean(axis=0) - tuned.mean(axis=0)
    parts.append((examples * float(by_example.var(ddof=1)), examples - 1))
    variance = sum(part for part, _ in parts)
    if not variance:
        return Difference(value, None, None)
    freedom = variance**2 / sum(part**2 / degrees for part, degrees in parts)
    deviation = math.sqrt(variance)
    half = float(stats.t.ppf(0.5 + confidence / 2, freedom)) * deviation
    p_value = 2 * float(stats.t.sf(abs(value) / deviation, freedom))
    return Difference(value, (value - half, value + half), p_value)


def share_of_pairs(baseline: Floats, tuned: Floats) -> float:
    """Return in which share of the pairs of models the tuned one has less; a tie counts half.

    Args:
        baseline: one number for each of its models.
        tuned: the same of the tuned models.
    """
    gaps = np.subtract.outer(baseline, tuned)
    return float(np.mean((gaps > 0) + 0.5 * (gaps == 0)))
