"""Whether the pruner stops almost every trial at its first chance."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.health.made_results import ended, made_results
from toonvision.health import Status
from toonvision.health.pruned_trials import pruned_trials
from toonvision.trial.trial import Reason, TrialStatus

PRUNED, COMPLETED = TrialStatus.PRUNED, TrialStatus.COMPLETED


def test_two_thirds_pass_because_successive_halving_stops_as_many() -> None:
    card = pruned_trials(made_results(ended(*[PRUNED] * 8, *[COMPLETED] * 4)))
    assert card
    assert card.status is Status.PASSED
    assert card.finding == "8 of 12 trials were pruned at the first chance, after epoch 1."


@pytest.mark.parametrize(
    ("pruner", "action"),
    [
        ("successive_halving", "Raise pruner.min_resource: "),
        ("median", "Raise pruner.n_warmup_steps or pruner.n_startup_trials: "),
    ],
)
def test_almost_all_at_the_first_chance_are_a_warning(pruner: str, action: str) -> None:
    card = pruned_trials(made_results(ended(*[PRUNED] * 10, COMPLETED, epochs=3), f"pruner={pruner}"))
    assert card
    assert card.status is Status.WARNING
    assert card.finding == "10 of 11 trials were pruned at the first chance, after epoch 3."
    assert card.action.startswith(action)


def test_trials_that_are_pruned_later_pass() -> None:
    trials = ended(*[PRUNED] * 10, epochs=3) + ended(*[PRUNED] * 5)
    card = pruned_trials(made_results(trials))
    assert card
    assert card.status is Status.PASSED


@pytest.mark.parametrize("statuses", [[PRUNED] * 9, [COMPLETED] * 12])
def test_few_trials_and_none_pruned_have_no_card(statuses: list[TrialStatus]) -> None:
    assert pruned_trials(made_results(ended(*statuses))) is None


def test_trials_that_the_user_has_stopped_are_left_out() -> None:
    trials = ended(*[PRUNED] * 10, *[COMPLETED] * 10)
    stopped = [
        replace(trial, outcome=replace(trial.outcome, reason=Reason.STOPPED_BY_USER)) if trial.number < 9 else trial
        for trial in trials
    ]
    card = pruned_trials(made_results(stopped))
    assert card
    assert card.finding.startswith("1 of 11 trials were pruned at the first chance")
