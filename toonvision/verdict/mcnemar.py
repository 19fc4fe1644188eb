"""McNemar's exact test of two models on the examples on which exactly one of them is wrong."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest


@dataclass(frozen=True, slots=True)
class McNemar:
    """Two models on the same examples (McNemar 1947, Psychometrika 12, 153-157).

    Attributes:
        only_baseline: examples on which only the baseline is wrong.
        only_tuned: examples on which only the tuned model is wrong.
        p_value: exact and two-sided: the probability of a split at least as uneven if each of these examples is
            equally likely for either model; 1 if there are no such examples.
    """

    only_baseline: int
    only_tuned: int
    p_value: float


def mcnemar(baseline_wrong: NDArray[np.bool_], tuned_wrong: NDArray[np.bool_]) -> McNemar:
    """Test whether two models make different numbers of errors.

    Args:
        baseline_wrong: whether the baseline is wrong on each example, shape `(n,)`.
        tuned_wrong: whether the tuned model is wrong on the same examples in the same order, shape `(n,)`.
    """
    only_baseline = int(np.count_nonzero(baseline_wrong & ~tuned_wrong))
    only_tuned = int(np.count_nonzero(tuned_wrong & ~baseline_wrong))
    discordant = only_baseline + only_tuned
    p_value = float(binomtest(only_baseline, discordant).pvalue) if discordant else 1.0
    return McNemar(only_baseline, only_tuned, p_value)
