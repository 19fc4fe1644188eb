"""Confidence intervals: by resampling examples, and exact for a count where resampling gives none."""

from __future__ import annotations

import warnings
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.stats import DegenerateDataWarning, binomtest, bootstrap

from toonvision.verdict.measure import Floats

Interval = tuple[float, float]
_RESAMPLES = 2000
# BCa leaves out each example once, which takes n * n steps: 33 s with 10,000 examples and ten models, 8 s without.
# With so many examples the percentile interval agrees to four digits.
_MOST_LEFT_OUT = 2000
_AT_ONCE = 2**21  # numbers in a batch of resamples, 16 MiB per array


def bootstrap_intervals(
    statistic: Callable[[NDArray[np.int64]], Floats], examples: int, *, held: int, confidence: float, seed: int
) -> list[Interval | None]:
    """Return the BCa interval of each of several statistics of the same examples (Efron 1987).

    Each example is resampled with the answers of all models, so that comparisons between models stay paired.

    Args:
        statistic: from indices of examples, shape `(..., n)`, to the statistics, shape `(k, ...)`.
        examples: number of examples.
        held: numbers that the statistic holds in memory for one resample; it sets the size of a batch.
        confidence: level of the intervals, for example 0.95.
        seed: for the resampling.

    Returns:
        One interval for each statistic; None for a statistic with the same value in every resample.
    """
    if examples < 2:
        return [None] * len(statistic(np.arange(examples)))
    with warnings.catch_warnings(action="ignore", category=DegenerateDataWarning), np.errstate(all="ignore"):
        found = bootstrap(
            (np.arange(examples),),
            lambda indices, axis: statistic(indices),
            n_resamples=_RESAMPLES,
            batch=max(1, _AT_ONCE // held),
            vectorized=True,
            axis=-1,
            confidence_level=confidence,
            method="BCa" if examples <= _MOST_LEFT_OUT else "percentile",
            rng=np.random.default_rng(seed),
        ).confidence_interval
    ends = zip(np.atleast_1d(found.low).tolist(), np.atleast_1d(found.high).tolist(), strict=True)
    return [(low, high) if low < high else None for low, high in ends]  # BCa's ends are NaN where it gives no interval


def exact_interval(count: int, examples: int, confidence: float) -> Interval:
    """Return the exact interval of a count of independent events (Clopper and Pearson 1934).

    It is not empty without any error: 0 errors are compatible with an expected count of up to 3.7 at 0.95.
    """
    share = binomtest(count, examples).proportion_ci(confidence_level=confidence, method="exact")
    return examples * float(share.low), examples * float(share.high)
