"""The verdict: whether the search has helped, in one sentence."""

from __future__ import annotations

import pytest
from synthetic_run import completed

from toonvision.report.verdict import sentence


@pytest.mark.parametrize(
    ("baseline", "tuned", "expected"),
    [
        (5, 2, "The tuned model makes 3 fewer wrong predictions with 0.47 times the parameters."),
        (2, 2, "Both make as many wrong predictions, the tuned model with 0.47 times the parameters."),
        (2, 3, "The tuned model makes 1 more wrong predictions than the baseline: the search did not help."),
    ],
)
def test_the_sentence_says_who_is_wrong_more_often(baseline: int, tuned: int, expected: str) -> None:
    comparison = completed({}, baseline_wrong=baseline, tuned_wrong=tuned).comparison
    assert comparison is not None
    assert sentence(comparison) == expected
