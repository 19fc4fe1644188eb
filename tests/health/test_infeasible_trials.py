"""How many trials have a model that cannot be built."""

from __future__ import annotations

from tests.health.made_results import ended, made_results
from toonvision.health import Card, Status
from toonvision.health.infeasible_trials import NAME, infeasible_trials
from toonvision.trial.trial import TrialStatus

INFEASIBLE, COMPLETED, RUNNING = TrialStatus.INFEASIBLE, TrialStatus.COMPLETED, TrialStatus.RUNNING


def test_half_of_the_trials_pass() -> None:
    results = made_results(ended(INFEASIBLE, COMPLETED, RUNNING))
    assert infeasible_trials(results) == Card(NAME, Status.PASSED, "1 of 2 trials are infeasible.")


def test_most_of_the_trials_are_a_warning() -> None:
    card = infeasible_trials(made_results(ended(INFEASIBLE, INFEASIBLE, COMPLETED)))
    assert card
    assert (card.status, card.finding) == (Status.WARNING, "2 of 3 trials are infeasible.")
    assert "`toonvision check`" in card.action
    assert card.action.endswith("narrow search_space or raise dataset.image_size.")


def test_the_action_names_only_keys_of_the_run() -> None:
    table = ("dataset=breast_cancer", "model=mlp", "constraints.max_parameters=100")
    card = infeasible_trials(made_results(ended(INFEASIBLE), *table))
    assert card
    assert card.action.endswith("narrow search_space or raise constraints.max_parameters.")


def test_a_run_without_ended_trials_has_no_card() -> None:
    assert infeasible_trials(made_results(ended(RUNNING))) is None
