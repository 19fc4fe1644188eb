"""The difference of two roles over seeds and examples."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import ttest_ind, ttest_rel

from toonvision.verdict.difference import difference, share_of_pairs

RNG = np.random.default_rng(0)


def test_without_a_variance_of_examples_it_is_welchs_test() -> None:
    """Each training has its own level, the same on all examples."""
    baseline, tuned = (
        np.repeat(RNG.normal(level, scale, (seeds, 1)), 50, 1) for level, scale, seeds in ((2, 1, 5), (1, 3, 4))
    )
    found = difference(baseline, tuned, confidence=0.95)
    welch = ttest_ind(baseline.sum(axis=1), tuned.sum(axis=1), equal_var=False)
    assert found.p_value == pytest.approx(welch.pvalue)
    assert found.interval == pytest.approx(tuple(welch.confidence_interval(0.95)))


def test_without_a_variance_of_seeds_it_is_the_paired_test_of_the_examples() -> None:
    baseline, tuned = (np.repeat(RNG.normal(level, 1, (1, 50)), 3, 0) for level in (1, 0.7))
    found = difference(baseline, tuned, confidence=0.9)
    paired = ttest_rel(baseline[0], tuned[0])
    assert found.value == pytest.approx(50 * np.mean(baseline[0] - tuned[0]))
    assert found.p_value == pytest.approx(paired.pvalue)
    assert found.interval == pytest.approx(tuple(50 * end for end in paired.confidence_interval(0.9)))


def test_both_variances_make_the_interval_wider() -> None:
    seeds, examples = RNG.normal(size=(2, 40, 1)), RNG.normal(size=(2, 1, 50))
    widths = []
    for noise in (seeds + 0 * examples, 0 * seeds + examples, seeds + examples):
        low, high = difference(*noise, confidence=0.95).interval or (0.0, 0.0)
        widths.append(high - low)
    assert widths[2] > max(widths[:2])


@pytest.mark.parametrize("shape", [(1, 50), (3, 1)])
def test_one_seed_or_one_example_gives_no_interval(shape: tuple[int, int]) -> None:
    found = difference(RNG.normal(size=shape), RNG.normal(size=(3, shape[1])), confidence=0.95)
    assert (found.interval, found.p_value) == (None, None)


def test_what_does_not_vary_has_no_interval() -> None:
    found = difference(np.ones((3, 50)), np.zeros((3, 50)), confidence=0.95)
    assert (found.value, found.interval, found.p_value) == (50, None, None)


def test_a_tie_is_half_a_pair() -> None:
    assert share_of_pairs(np.array([3.0, 5.0]), np.array([3.0, 9.0])) == pytest.approx((0.5 + 1) / 4)
