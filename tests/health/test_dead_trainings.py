"""Whether final trainings learned nothing."""

from __future__ import annotations

import pytest

from tests.health.made_results import compared, made_results
from tests.made_verdict import made_verdict
from toonvision.health import Card, Status
from toonvision.health.dead_trainings import NAME, dead_trainings


def test_models_that_learned_pass() -> None:
    results = compared(made_verdict(20, baseline_wrong=9, tuned_wrong=1))
    assert dead_trainings(results) == Card(NAME, Status.PASSED, "0 of 2 final trainings learned nothing.")


@pytest.mark.parametrize(
    ("baseline", "tuned", "listed"),
    [
        (10, 1, "1 of 1 of the baseline"),
        (1, 10, "1 of 1 of the tuned values"),
        (10, 11, "1 of 1 of the baseline and 1 of 1 of the tuned values"),
    ],
)
def test_a_model_at_the_level_of_chance_is_a_warning(baseline: int, tuned: int, listed: str) -> None:
    card = dead_trainings(compared(made_verdict(20, baseline_wrong=baseline, tuned_wrong=tuned)))
    assert card
    assert card.status is Status.WARNING
    assert card.finding.startswith(f"Of the final trainings, {listed} learned nothing: ")
    assert "training.retrain.epochs" in card.action


def test_a_run_without_a_comparison_has_no_card() -> None:
    assert dead_trainings(made_results([])) is None
