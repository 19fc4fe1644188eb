"""The verdict in sentences."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pytest

from tests.verdict.made_models import COST, LABELS, N, predictions, verdict
from toonvision.task.regression import Regression
from toonvision.verdict import Role, Verdict, in_words, reach_verdict, sentences
from toonvision.verdict.comparison import Comparison, Duration, ModelScores
from toonvision.verdict.words import still_improving

PAIR = "This is a comparison of two saved models (p {}, McNemar's test), not of all trainings."
ALONE = "Other seeds or other examples alone can make such a difference."
THREE = (range(27), range(35), range(25))
MODEL = ModelScores({}, {"wrong": 1, "accuracy": 0.9}, 0.2, {}, 100, 5, 1.5, {})


def compared(found: Verdict, baseline: Duration | None = None) -> Comparison:
    return Comparison(N, replace(MODEL, duration=baseline), replace(MODEL, duration=Duration(6, 100, (5, 7))), found)


@pytest.mark.parametrize(
    ("baseline", "tuned", "parameters", "expected"),
    [
        (
            (range(12),),
            (range(1),),
            60_812,
            "The tuned model makes fewer errors than the baseline, 1 against 12 of 197, with 4.2 times the parameters. "
            + PAIR.format("< 0.001"),
        ),
        (
            (range(3),),
            (range(5),),
            14_620,
            "The tuned model makes more errors than the baseline, 5 against 3 of 197, with as many parameters. "
            + PAIR.format("= 0.5"),
        ),
        (
            (range(5),),
            (range(5, 10),),
            14_619,
            "The tuned model makes as many errors as the baseline, 5 of 197, with 0.0068 % fewer parameters. "
            + PAIR.format("= 1"),
        ),
        (
            THREE,
            (range(9), range(1), range(3)),
            20_000,
            "The tuned models make fewer errors than the baseline, 4.3 against 29 of 197 on average: 24.7 fewer (95 % "
            "interval 12.6 to 36.7, p < 0.001), with 37 % more parameters. By seed: 9, 1, 3 against 27, 35, 25; a "
            "tuned model makes fewer errors in 100 % of the pairs.",
        ),
        (
            (range(5), range(5), range(6)),
            (range(4), range(4), range(40)),
            14_620,
            "The tuned models make more errors than the baseline, 16 against 5.3 of 197 on average: 10.7 more (95 % "
            f"interval -39.2 to 60.5, p = 0.47), with as many parameters. {ALONE} By seed: 4, 4, 40 against 5, 5, 6; a "
            "tuned model makes fewer errors in 67 % of the pairs.",
        ),
        (
            (range(9), range(1), range(3)),
            THREE,
            7_000,
            "The tuned models make more errors than the baseline, 29 against 4.3 of 197 on average: 24.7 more (95 % "
            "interval 12.6 to 36.7, p < 0.001), with 52 % fewer parameters. The search did not help. By seed: 27, 35, "
            "25 against 9, 1, 3; a tuned model makes fewer errors in 0 % of the pairs.",
        ),
        (
            (range(7), range(9)),
            (range(9), range(7)),
            14_620,
            "The tuned models make as many errors as the baseline, 8 of 197 on average, with as many parameters. "
            "By seed: 9, 7 against 7, 9; a tuned model makes fewer errors in 50 % of the pairs.",
        ),
    ],
)
def test_the_sentences_claim_no_more_than_the_tests_show(
    baseline: tuple[Iterable[int], ...], tuned: tuple[Iterable[int], ...], parameters: int, expected: str
) -> None:
    assert in_words(compared(verdict(predictions(*baseline), predictions(*tuned, parameters=parameters)))) == expected


def test_a_training_that_learned_nothing_is_named() -> None:
    dead = N - max(np.count_nonzero(label == LABELS) for label in range(4))
    found = verdict(predictions(range(5), range(dead)), predictions(range(3), range(4)))
    assert sentences(compared(found))[-1] == (
        "Of the trainings of the baseline, 1 of 2 learned nothing: no fewer errors than always the most frequent class."
    )


def test_a_verdict_of_an_earlier_version_claims_nothing_of_other_seeds() -> None:
    found = verdict(predictions(*THREE), predictions(range(1), range(2)))
    found = replace(found, pairs=None, differences={"wrong": replace(found.difference, p_value=None)})
    assert sentences(compared(found))[1:] == [PAIR.format("< 0.001"), "By seed: 1, 2 against 27, 35, 25."]


@pytest.mark.parametrize(
    ("duration", "key"),
    [
        (Duration(80, 100, (98, 100), at_limit=True), "max_epochs"),
        (Duration(100, 100, at_limit=True), "epochs"),
    ],
)
def test_a_role_that_still_improves_at_its_limit_is_named(duration: Duration, key: str) -> None:
    found = verdict(predictions(*THREE), predictions(range(1), range(2)))
    comparison = compared(found, duration)
    assert sentences(comparison)[-1] == (
        "The comparison is unfair to the baseline model, which was still improving at its last epochs."
    )
    assert still_improving("baseline", comparison.baseline) == (
        f"The baseline model was still improving at the limit of 100 epochs: raise training.retrain.{key}."
    )
    assert "still improving" not in in_words(compared(found, replace(duration, at_limit=False)))


NUMBERS = np.random.default_rng(1).normal(100, 30, size=(N, 1))


def of_numbers(*deviations: float) -> Role:
    """Return one model for each deviation of its errors."""
    errors = np.random.default_rng(2).normal(size=(len(deviations), N, 1))
    return Role(NUMBERS + errors * np.array(deviations)[:, None, None], COST)


def on_numbers(baseline: Role, tuned: Role) -> Verdict:
    return reach_verdict(Regression(), NUMBERS, ("y",), baseline=baseline, tuned=tuned, seed=1)


def test_a_measure_that_is_no_count_is_lower_or_higher() -> None:
    first, chance, by_seed, dead = sentences(compared(on_numbers(of_numbers(9, 10, 80), of_numbers(8, 9, 10))))
    assert first.startswith("The tuned models have a lower mean absolute error than the baseline, ")
    assert "lower (95 % interval -" in first
    assert chance == ALONE
    assert by_seed.endswith("; a tuned model is better in 78 % of the pairs.")
    learned = "1 of 3 learned nothing: no better mean absolute error than the best constant answer."
    assert dead == f"Of the trainings of the baseline, {learned}"


def test_one_model_of_each_role_without_a_test_is_said_to_be_two_models() -> None:
    found = sentences(compared(on_numbers(of_numbers(9), of_numbers(12))))
    assert found[0].startswith("The tuned model has a higher mean absolute error than the baseline, ")
    assert found[1] == "This is a comparison of two saved models, not of all trainings."
    same = sentences(compared(on_numbers(of_numbers(9), of_numbers(9))))
    assert same[0].startswith("The tuned model has the same mean absolute error as the baseline, ")
