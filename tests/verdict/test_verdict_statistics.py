"""The statistics of the verdict against worked examples from the literature, each with the place of its numbers."""

from __future__ import annotations

from math import comb

import numpy as np
import pytest
from sklearn.metrics import precision_recall_fscore_support

from toonvision.verdict.interval import bootstrap_intervals, exact_interval
from toonvision.verdict.mcnemar import McNemar, mcnemar
from toonvision.verdict.measure import confusion, macro_scores


def paired(both: int, only_baseline: int, only_tuned: int, neither: int) -> McNemar:
    """Test the pairs of a published fourfold table."""
    counts = (both, only_baseline, only_tuned, neither)
    return mcnemar(np.repeat([True, True, False, False], counts), np.repeat([True, False, True, False], counts))


def macro(labels: list[int], predicted: list[int], n_classes: int) -> list[float]:
    cells = np.array(labels) * n_classes + np.array(predicted)
    return [float(score) for score in macro_scores(confusion(cells, n_classes))]


def test_mcnemar_on_two_media_for_tubercle_bacilli() -> None:
    """Armitage and Berry 1994, p. 127; exact P of 0.0129 in StatsDirect's manual, matched pairs (after Liddell)."""
    test = paired(20, 12, 2, 16)
    assert (test.only_baseline, test.only_tuned) == (12, 2)
    assert round(test.p_value, 4) == 0.0129


def test_mcnemar_on_the_approval_of_a_cabinet() -> None:
    """S. Aoki, Gunma University, lecture on McNemar's test; R's binom.test(c(35, 28)) gives p = 0.45 there."""
    assert round(paired(48, 28, 35, 53).p_value, 3) == 0.450


def test_mcnemar_on_the_approval_of_a_president() -> None:
    """Agresti 1990, p. 350: of 1600, 150 and 86 changed their minds.

    Penn State's STAT 504 has chi-squared = 17.3559 and p = 3.099e-05 for the asymptotic test, to which the exact one is
    near at so many pairs; and exact p-values are the larger ones.
    """
    assert paired(794, 150, 86, 570).p_value == pytest.approx(3.099e-05, rel=0.25)
    assert paired(794, 150, 86, 570).p_value > 3.099e-05


def test_mcnemar_is_twice_the_binomial_tail() -> None:
    """Fagerland, Lydersen and Laake 2013 (BMC Medical Research Methodology 13:91), supplement, equation 1."""
    for fewer in range(8):
        assert paired(3, fewer, fewer, 3).p_value == 1.0
        for more in range(fewer + 1, 15):
            tail = sum(comb(fewer + more, k) for k in range(fewer + 1)) / 2 ** (fewer + more)
            assert paired(3, fewer, more, 3).p_value == pytest.approx(min(1.0, 2 * tail))
            assert paired(3, more, fewer, 3).p_value == paired(3, fewer, more, 3).p_value


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


def test_the_interval_of_many_examples_is_that_of_the_normal_approximation() -> None:
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
def test_one_statistic_without_an_interval_leaves_the_others_theirs(examples: int) -> None:
    given = np.array([np.arange(examples), np.full(examples, 5)])
    varied, constant = bootstrap_intervals(
        lambda indices: given[:, indices].mean(axis=-1), examples, held=examples, confidence=0.95, seed=1
    )
    assert varied is not None
    assert constant is None


def test_the_exact_interval_of_no_event_is_the_rule_of_three() -> None:
    """If nothing happens n times, its rate is below 3 / n with 95 % confidence, one-sided."""
    assert exact_interval(0, 1000, 0.90) == pytest.approx((0, 3), abs=0.01)


def test_macro_scores_of_cats_fish_and_hens() -> None:
    """B. Shmueli, "Multi-Class Metrics Made Simple": macro precision 0.547, recall 0.511 and F1 0.465."""
    labels = [0] * 6 + [1] * 10 + [2] * 9
    predicted = [0, 0, 0, 0, 1, 2] + [0] * 6 + [1, 1, 2, 2] + [0, 0, 0] + [2] * 6
    assert macro(labels, predicted, 3) == pytest.approx((0.547, 0.511, 0.465), abs=0.0005)


def test_macro_scores_of_scikit_learns_own_example() -> None:
    """scikit-learn, `precision_score`, `recall_score` and `f1_score`: 0.22, 0.33 and 0.27."""
    assert macro([0, 1, 2, 0, 1, 2], [0, 2, 1, 0, 0, 1], 3) == pytest.approx((0.22, 0.33, 0.27), abs=0.005)


def test_macro_f1_is_the_mean_of_f1_not_the_f1_of_means() -> None:
    """Opitz and Burst 2019 (arXiv:1911.03347): the F1 of means is never the smaller; skewed errors part the two."""
    precision, recall, f1 = macro([0] * 90 + [1] * 10, [0] * 45 + [1] * 45 + [1] * 10, 2)
    assert f1 < 2 * precision * recall / (precision + recall) - 0.1


def test_macro_scores_are_scikit_learns_whatever_occurs_and_is_predicted() -> None:
    rng = np.random.default_rng(0)
    for n in (1, 3, 10, 40):
        for _ in range(25):
            labels, predicted = rng.integers(5, size=n), rng.integers(6, size=n)
            expected = precision_recall_fscore_support(labels, predicted, average="macro", zero_division=0)[:3]
            assert macro(labels.tolist(), predicted.tolist(), 6) == pytest.approx(expected)


def test_many_sets_of_predictions_are_scored_at_once() -> None:
    cells = np.random.default_rng(0).integers(9, size=(2, 5, 30))
    together = macro_scores(confusion(cells, 3))
    assert together.shape == (3, 2, 5)
    for index in np.ndindex(2, 5):
        np.testing.assert_array_equal(together[:, *index], macro_scores(confusion(cells[index], 3)))
