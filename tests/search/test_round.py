"""The state of a round is restored from the record alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.configuration import configured
from toonvision.config.schema import RunConfig
from toonvision.oracle import create_oracle, propose
from toonvision.search.round import Round, RoundState, restore
from toonvision.trial.trial import Outcome, Reason, Trial, TrialStatus

COMPLETED = Outcome(TrialStatus.COMPLETED, 0.5, (0.5,), {"val_loss": 0.5}, 1, 1, 10, 1.0)
INFEASIBLE = Outcome(TrialStatus.INFEASIBLE, error="too small", reason=Reason.INFEASIBLE)
INTERRUPTED = Outcome(TrialStatus.INTERRUPTED, error="stopped", reason=Reason.STOPPED)


@pytest.fixture(scope="module")
def config() -> RunConfig:
    space = ("dataset=breast_cancer", "model=mlp", "search_space.n_layers=1")
    return configured(*space, "pruner=none", "tuner=random_search", "tuner.max_trials=7")


def restored(config: RunConfig, trials: list[Trial]) -> RoundState:
    return restore(config, Round("search", config.tuner, config.search_space), trials)


def asked(config: RunConfig, *outcomes: Outcome) -> list[Trial]:
    """Return the trials of a round that ran one after the other, with these outcomes."""
    oracle = create_oracle(config.tuner, config.search_space, config.objective)
    trials = []
    for number, outcome in enumerate(outcomes):
        trial = Trial(number, propose(oracle, number).values, outcome, slot=number, asked=number, elapsed=1.0 + number)
        trials.append(replace(trial, reported_at=100 - number) if trial.has_ended else trial)
    return trials


def test_a_round_without_trials_begins(config: RunConfig) -> None:
    state = restored(config, [])
    assert (state.trials, state.pending, state.ended, state.planned, state.seconds) == ({}, [], [], 7, 0.0)


def test_trials_that_broke_off_are_pending_and_the_others_have_ended(config: RunConfig) -> None:
    trials = asked(config, COMPLETED, INTERRUPTED, COMPLETED, Outcome(TrialStatus.RUNNING))
    state = restored(config, trials)
    assert [trial.number for trial in state.pending] == [1, 3]
    assert [trial.number for trial in state.ended] == [2, 0]  # in the order in which they ended
    assert {number: entry.trial for number, entry in state.trials.items()} == dict(enumerate(trials))
    assert state.seconds == 4.0


def test_the_parent_of_a_promoted_trial_is_found_by_the_name_that_the_oracle_uses(config: RunConfig) -> None:
    state = restored(config, asked(config, COMPLETED, COMPLETED))
    assert state.parent(state.trials[1].oracle_id) == state.trials[1].trial
    assert state.parent(None) is None


def test_the_trials_of_other_rounds_are_planned_too_unless_they_could_not_be_built(config: RunConfig) -> None:
    earlier = [replace(trial, round="explore") for trial in asked(config, COMPLETED, INFEASIBLE, COMPLETED)]
    state = restored(config, earlier)
    assert (state.planned, state.trials, len(state.ended)) == (2 + 7, {}, 3)
