"""Whether a final model was still improving at the limit of its epochs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.health.made_results import compared, made_results
from tests.made_verdict import made_verdict
from toonvision.health import Card, Status
from toonvision.health.final_epochs import NAME, final_epochs
from toonvision.verdict.comparison import Duration

SETTLED, IMPROVING = Duration(9, 20, (9, 10, 11)), Duration(20, 20, (19, 20, 20), at_limit=True)


def card_of(*, baseline: Duration | None, tuned: Duration | None) -> Card | None:
    results = compared(made_verdict(20, baseline_wrong=2, tuned_wrong=1))
    comparison = results.state.comparison
    assert comparison
    comparison = replace(
        comparison,
        baseline=replace(comparison.baseline, epochs=12, duration=baseline),
        tuned=replace(comparison.tuned, epochs=9, duration=tuned),
    )
    return final_epochs(replace(results, state=replace(results.state, comparison=comparison)))


def test_models_that_have_settled_pass() -> None:
    finding = "Neither model was still improving at its limit: the baseline model 12 and the tuned model 9 epochs."
    assert card_of(baseline=SETTLED, tuned=SETTLED) == Card(NAME, Status.PASSED, finding)


@pytest.mark.parametrize("role", ["baseline", "tuned"])
def test_a_model_that_improves_at_its_limit_is_a_warning(role: str) -> None:
    durations = (IMPROVING, SETTLED) if role == "baseline" else (SETTLED, IMPROVING)
    finding = f"The {role} model was still improving at the limit of 20 epochs: raise training.retrain.max_epochs."
    action = "Until then, the comparison is unfair to it."
    assert card_of(baseline=durations[0], tuned=durations[1]) == Card(NAME, Status.WARNING, finding, action)


def test_both_can_be_cut_off() -> None:
    card = card_of(baseline=IMPROVING, tuned=IMPROVING)
    assert card
    assert card.action == "Either could gain."


def test_a_run_without_a_comparison_or_of_an_earlier_version_has_no_card() -> None:
    assert final_epochs(made_results([])) is None
    assert card_of(baseline=None, tuned=None) is None
