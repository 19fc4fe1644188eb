"""The gains of several changes, from pooled t tests."""

from __future__ import annotations

import math

import pytest
from scipy.stats import ttest_ind

from toonvision.verdict.gain import gains, holm

FIRST, SECOND, THIRD = [1.0, 1.2, 1.1], [0.8, 0.7, 0.9], [0.85, 0.65, 0.75]


def test_of_two_groups_it_is_students_test() -> None:
    (found,) = gains([FIRST, SECOND], [(1, 0)], is_loss=False)
    expected = ttest_ind(SECOND, FIRST)
    assert found.value == pytest.approx(-0.3)
    assert found.p_value == pytest.approx(expected.pvalue)
    assert found.interval == pytest.approx(tuple(expected.confidence_interval(0.95)))


def test_positive_losses_are_compared_as_ratios() -> None:
    (found,) = gains([FIRST, SECOND], [(1, 0)], is_loss=True)
    expected = ttest_ind([math.log(loss) for loss in SECOND], [math.log(loss) for loss in FIRST])
    assert found.is_relative
    assert found.value == pytest.approx((math.prod(SECOND) / math.prod(FIRST)) ** (1 / 3) - 1)
    assert found.p_value == pytest.approx(expected.pvalue)
    assert found.interval == pytest.approx(tuple(math.expm1(end) for end in expected.confidence_interval(0.95)))


def test_a_loss_that_is_zero_is_compared_as_it_is() -> None:
    (found,) = gains([FIRST, [0.0, 0.1, 0.2]], [(1, 0)], is_loss=True)
    assert not found.is_relative
    assert found.value == pytest.approx(-1.0)


def test_the_variance_is_pooled_over_all_groups() -> None:
    alone, with_third = (
        gains(groups, [(1, 0)], is_loss=False)[0] for groups in ([FIRST, SECOND], [FIRST, SECOND, THIRD])
    )
    assert with_third.value == alone.value
    assert (with_third.p_value or 1) < (alone.p_value or 0)  # the same spread with more degrees of freedom


@pytest.mark.parametrize("groups", [[[1.0], [2.0]], [[1.0, 1.0], [2.0, 2.0]]])
def test_without_a_spread_there_is_no_interval(groups: list[list[float]]) -> None:
    (found,) = gains(groups, [(1, 0)], is_loss=False)
    assert (found.value, found.interval, found.p_value, found.is_significant) == (1.0, None, None, False)


def test_holms_p_values_keep_the_order_of_the_tests() -> None:
    assert holm([0.04, 0.01, 0.03]) == pytest.approx([0.06, 0.03, 0.06])
    assert holm([0.9, 0.6]) == [1.0, 1.0]
    assert holm([]) == []
