"""Intervals against worked examples from the literature, each with the place of its numbers."""

from __future__ import annotations

import numpy as np
import pytest

from toonvision.verdict.interval import bootstrap_intervals, exact_interval


def test_bca_on_the_spatial_test_data() -> None:
    """Efron and Tibshirani 1993, "An Introduction to the Bootstrap", table 14.2, p. 183: 90 % BCa (115.8, 259.6).

    Taken from the tests of PyLogit, which quote the table; its percentile interval, (100.8, 233.9), is far from it.
    With one set of 2,000 resamples the ends move by 2 %, so that the mean over many sets is compared.
    """
    given = np.array(
        [48, 36, 20, 29, 42, 42, 20, 42, 22, 41, 45, 14, 6, 0, 33, 28, 34, 4, 32, 24, 47, 41, 24, 26, 30, 41]
    )
    intervals = [
        bootstrap_intervals(
            lambda indices: given[indices].var(axis=-1)[None], len(given), held=len(given), confidence=0.9, seed=seed
        )[0]
        for seed in range(50)
    ]
    assert given.var() == pytest.approx(171.5, abs=0.05)
    assert np.mean([interval for interval in intervals if interval is not None], axis=0) == pytest.approx(
        (115.8, 259.6), rel=0.01
    )


def test_an_interval_of_many_examples_equals_the_normal_approximation() -> None:
    """So many that no example is left out by turns: the share of 500 in 5,000 is 0.1 +- 1.96 sqrt(0.09 / 5000)."""
    given = np.repeat([1.0, 0.0], (500, 4500))
    (interval,) = bootstrap_intervals(
        lambda indices: given[indices].mean(axis=-1)[None], len(given), held=len(given), confidence=0.95, seed=1
    )
    half = 1.96 * np.sqrt(0.1 * 0.9 / 5000)
    assert interval == pytest.approx((0.1 - half, 0.1 + half), abs=0.1 * half)


def test_batches_do_not_change_an_interval() -> None:
    given = np.random.default_rng(0).normal(size=50)
    few, many = (
        bootstrap_intervals(
            lambda indices: given[indices].mean(axis=-1)[None], len(given), held=held, confidence=0.95, seed=1
        )
        for held in (50, 2**20)
    )
    assert few == many


@pytest.mark.parametrize("examples", [4, 5000])
def test_a_constant_statistic_has_no_interval_and_the_others_keep_theirs(examples: int) -> None:
    given = np.array([np.arange(examples), np.full(examples, 5)])
    varied, constant = bootstrap_intervals(
        lambda indices: given[:, indices].mean(axis=-1), examples, held=examples, confidence=0.95, seed=1
    )
    assert varied is not None
    assert constant is None


def test_the_exact_interval_of_no_event_is_the_rule_of_three() -> None:
    """If nothing happens n times, its rate is below 3 / n with 95 % confidence, one-sided."""
    assert exact_interval(0, 1000, 0.90) == pytest.approx((0, 3), abs=0.01)
