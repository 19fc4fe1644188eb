"""McNemar's test against worked examples from the literature, each with the place of its numbers."""

from __future__ import annotations

from math import comb

import numpy as np
import pytest

from toonvision.verdict.mcnemar import McNemar, mcnemar


def paired(both: int, only_baseline: int, only_tuned: int, neither: int) -> McNemar:
    """Test the pairs of a published fourfold table."""
    counts = (both, only_baseline, only_tuned, neither)
    return mcnemar(np.repeat([True, True, False, False], counts), np.repeat([True, False, True, False], counts))


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
