"""Whether a final model was still learning when its epochs were over."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.health.made_results import compared, made_results
from tests.made_verdict import made_verdict
from toonvision.health import Card, Status
from toonvision.health.final_epochs import NAME, final_epochs

FALLING: list[float | None] = [1.0 / (epoch + 1) for epoch in range(20)]
SETTLED: list[float | None] = [*FALLING[:10], *[0.1] * 10]


def card_of(*, baseline: list[float | None], tuned: list[float | None], epochs: int = 20) -> Card | None:
    verdict = made_verdict(20, baseline_wrong=2, tuned_wrong=1)
    results = compared(verdict, f"training.retrain.epochs={epochs}")
    comparison = results.state.comparison
    assert comparison
    comparison = replace(
        comparison,
        baseline=replace(comparison.baseline, epochs=len(baseline), history={"loss": baseline}),
        tuned=replace(comparison.tuned, epochs=len(tuned), history={"loss": tuned}),
    )
    return final_epochs(replace(results, state=replace(results.state, comparison=comparison)))


def test_losses_that_have_settled_pass() -> None:
    finding = (
        "Neither loss was still falling when training ended: the baseline after 20 and the tuned model after 20 epochs."
    )
    assert card_of(baseline=SETTLED, tuned=SETTLED) == Card(NAME, Status.PASS, finding)


def test_a_training_that_ended_before_the_limit_passes() -> None:
    card = card_of(baseline=FALLING, tuned=FALLING, epochs=21)
    assert card
    assert card.status is Status.PASS


@pytest.mark.parametrize("role", ["baseline", "tuned model"])
def test_a_loss_that_falls_at_the_limit_is_a_warning(role: str) -> None:
    losses = (FALLING, SETTLED) if role == "baseline" else (SETTLED, FALLING)
    finding = f"The {role} used all 20 epochs, and its loss fell by 25 % between epochs 15 and 20."
    action = f"The comparison is unfair to the {role}: raise training.retrain.epochs."
    assert card_of(baseline=losses[0], tuned=losses[1]) == Card(NAME, Status.WARNING, finding, action)


def test_both_can_be_cut_off() -> None:
    card = card_of(baseline=FALLING, tuned=FALLING)
    assert card
    assert card.action == "Either could gain: raise training.retrain.epochs."


@pytest.mark.parametrize("losses", [[0.5], [None] * 20, [0.0] * 20])
def test_losses_that_cannot_be_judged_pass(losses: list[float | None]) -> None:
    card = card_of(baseline=losses, tuned=losses, epochs=len(losses))
    assert card
    assert card.status is Status.PASS


def test_a_run_without_a_comparison_has_no_card() -> None:
    assert final_epochs(made_results([])) is None
