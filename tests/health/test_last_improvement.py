"""When the best score was last improved."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.health.made_results import completed, made_results
from toonvision.health import Card, Status
from toonvision.health.last_improvement import NAME, last_improvement, resume_command
from toonvision.record.results import Results
from toonvision.record.run_state import RunStatus


def best_at(number: int, *overrides: str, trials: int = 20) -> Results:
    return made_results([completed(n, 0.1 if n == number else 0.5) for n in range(trials)], *overrides)


@pytest.mark.parametrize("number", [4, 10, 17])
def test_an_improvement_in_between_passes(number: int) -> None:
    finding = f"No improvement since trial {number:04d}: {19 - number} of 20 trials came after it."
    assert last_improvement(best_at(number)) == Card(NAME, Status.PASSED, finding)


@pytest.mark.parametrize("number", [0, 3])
def test_no_improvement_after_the_first_fifth_is_a_warning(number: int) -> None:
    card = last_improvement(best_at(number))
    assert card
    assert card.status is Status.WARNING
    assert "budget.patience" in card.action


@pytest.mark.parametrize("number", [18, 19])
def test_an_improvement_in_the_last_tenth_is_a_warning(number: int) -> None:
    card = last_improvement(best_at(number, "tuner.max_trials=20"))
    assert card
    assert (card.status, card.action) == (
        Status.WARNING,
        "More trials may help: toonvision resume run tuner.max_trials=60",
    )


def test_a_search_that_cannot_have_more_trials_is_followed_by_another() -> None:
    results = best_at(19, "tuner=hyperband")
    assert resume_command(results) is None
    card = last_improvement(results)
    assert card
    assert card.action == "A longer search may help: start it with warm_start=run"


def test_few_trials_a_running_search_and_several_objectives_have_no_card() -> None:
    results = best_at(19)
    assert last_improvement(best_at(8, trials=9)) is None
    assert last_improvement(replace(results, state=replace(results.state, status=RunStatus.RUNNING))) is None
    assert last_improvement(best_at(19, "objective=val_loss_and_parameters")) is None
