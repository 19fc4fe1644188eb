"""The test behind a cut: its p-value, against SciPy's and against what chance does."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import mannwhitneyu, rankdata

from toonvision.narrowing.rank_statistic import Count, Ranked, better_end, worst_part


def ranked(levels: list[int], costs: list[float], good: int) -> Ranked:
    order = np.argsort(costs, kind="stable")  # the best trial is the first one
    return Ranked(np.array(levels)[order], rankdata(costs)[order], np.arange(len(costs)) < good)


def test_two_levels_give_the_test_of_wilcoxon() -> None:
    # SciPy's own example: the ages at which diabetes was diagnosed, of men and of women.
    males, females = [19, 22, 16, 29, 24], [20, 11, 17, 12]
    end = better_end(ranked([0] * 5 + [1] * 4, [*males, *females], good=3))
    assert end is not None
    assert end.levels == range(1, 2)
    assert end.p == pytest.approx(mannwhitneyu(males, females, method="exact").pvalue, abs=0.02)


def test_the_worst_part_is_the_end_with_the_worst_ranks() -> None:
    levels, draw = [trial % 8 for trial in range(80)], np.random.default_rng(3)
    part = worst_part(ranked(levels, [(of > 4) + draw.normal(0, 0.1) for of in levels], good=20), ordered=True)
    assert part is not None
    assert part.levels == range(5, 8)
    assert part.p < 0.001


def test_the_worst_part_of_unordered_values_is_a_single_value() -> None:
    levels, draw = [trial % 3 for trial in range(60)], np.random.default_rng(3)
    part = worst_part(ranked(levels, [(of == 1) + draw.normal(0, 0.1) for of in levels], good=20), ordered=False)
    assert part is not None
    assert part.levels == range(1, 2)


@pytest.mark.parametrize(("good_there", "may_go"), [(2, True), (3, False)])
def test_a_part_with_more_than_a_tenth_of_the_good_trials_stays(good_there: int, may_go: bool) -> None:
    good, levels = (
        [True] * (20 - good_there) + [False] * 20 + [True] * good_there + [False] * 40,
        [0] * (40 - good_there) + [1] * (40 + good_there),
    )
    costs = [float(trial) if is_good else 100.0 for trial, is_good in enumerate(good)]
    assert (worst_part(ranked(levels, costs, good=20), ordered=True) is not None) is may_go


def test_fewer_than_five_good_trials_give_no_part() -> None:
    levels, costs = [0] * 20 + [1] * 20, [float(trial) for trial in range(40)]
    assert worst_part(ranked(levels, costs, good=4), ordered=True) is None
    assert worst_part(ranked(levels, costs, good=5), ordered=True) is not None


def test_random_scores_are_rarely_significant() -> None:
    draw = np.random.default_rng(1)
    parts = [
        worst_part(ranked(draw.integers(0, 6, 60).tolist(), draw.random(60).tolist(), good=15), ordered=True)
        for _ in range(200)
    ]
    assert sum(part is not None and part.p <= 0.05 for part in parts) <= 0.05 * 200
    assert any(part is not None for part in parts)


@pytest.mark.parametrize(
    ("good_of_ten", "at_the_end"),
    [([9, 7, 4, 1, 0, 0], True), ([2, 7, 9, 1, 0, 0], False), ([5, 5, 5, 5, 5, 0], False)],
    ids=["rising to the end", "falling at the end", "flat but for the other end"],
)
def test_an_end_is_where_good_trials_gather(good_of_ten: list[int], at_the_end: bool) -> None:
    levels = [of for of in range(6) for _ in range(10)]
    costs = [0.0 if trial < good else 1.0 for good in good_of_ten for trial in range(10)]
    end = better_end(Ranked(np.array(levels), rankdata(costs), np.array(costs) == 0.0))
    assert (end is not None) is at_the_end


def test_counts_are_of_the_trials_in_a_part() -> None:
    counted = ranked([0, 0, 1, 2], [1.0, 4.0, 2.0, 3.0], good=2)
    assert counted.count(range(1)) == Count(1, 2)
    assert counted.count(range(1, 3)) == Count(1, 2)
    assert Count(1, 4).share == 0.25
