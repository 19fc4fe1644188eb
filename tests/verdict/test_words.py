"""The verdict in one sentence."""

from __future__ import annotations

from typing import Any

import pytest

from tests.verdict.made_models import predictions, verdict
from toonvision.verdict import in_words


@pytest.mark.parametrize(
    ("baseline", "tuned", "parameters", "expected"),
    [
        (
            (range(12),),
            (range(1),),
            60_812,
            "The tuned model makes fewer errors than the baseline, 1 against 12 of 197, p < 0.001, with 4.2 times the "
            "parameters.",
        ),
        (
            (range(12),),
            (range(10, 14),),
            7_000,
            "The tuned model makes fewer errors than the baseline, 4 against 12 of 197, p = 0.039, with 52 % fewer "
            "parameters.",
        ),
        (
            (range(12),),
            (range(11),),
            29_240,
            "The tuned model makes fewer errors than the baseline, 11 against 12 of 197, with 2 times the parameters; "
            "but chance alone can make such a difference, p = 1.",
        ),
        (
            (range(3),),
            (range(5),),
            14_620,
            "The tuned model makes more errors than the baseline, 5 against 3 of 197, with as many parameters; but "
            "chance alone can make such a difference, p = 0.5.",
        ),
        (
            (range(1),),
            (range(12),),
            20_000,
            "The tuned model makes more errors than the baseline, 12 against 1 of 197, p < 0.001, with 37 % more "
            "parameters: the search did not help.",
        ),
        (
            (range(5),),
            (range(5, 10),),
            14_619,
            "The tuned model makes as many errors as the baseline, 5 of 197, with 0.0068 % fewer parameters.",
        ),
        (
            (range(12), range(14), range(10)),
            (range(1), range(3), range(2)),
            60_812,
            "The tuned model makes fewer errors than the baseline, 2 against 12 of 197, p = 0.002, with 4.2 times the "
            "parameters (medians over the seeds; the means are 2 against 12).",
        ),
        (
            (range(5), range(5), range(6)),
            (range(4), range(4), range(40)),
            14_620,
            "The tuned model makes fewer errors than the baseline, 4 against 5 of 197, with as many parameters; but "
            "chance alone can make such a difference, p = 1 (medians over the seeds; the means are 16 against 5.3).",
        ),
    ],
)
def test_the_sentence_claims_no_more_than_the_test_shows(
    baseline: tuple[Any, ...], tuned: tuple[Any, ...], parameters: int, expected: str
) -> None:
    assert in_words(verdict(predictions(*baseline), predictions(*tuned, parameters=parameters))) == expected
