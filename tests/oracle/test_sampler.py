"""Optuna's samplers as an oracle: values inside the declared space, none twice, and the same ones again on a replay."""

from __future__ import annotations

import math
import random
from dataclasses import replace
from typing import Any

import pytest

from toonvision.config.compose import compose
from toonvision.oracle import Proposal, create_oracle, propose, replay, tell
from toonvision.search_space.space import Space, Values, is_active, possible_values
from toonvision.trial.objective import Objective
from toonvision.trial.trial import Outcome, Trial, TrialStatus
from toonvision.validation import targets
from toonvision.validation.validate import validate

OBJECTIVE = Objective(name="val_loss", direction="min")
SPACE: Space = {
    "filters": {"hp": "Int", "min_value": 4, "max_value": 30, "step": 4},
    "units": {"hp": "Int", "min_value": 1, "max_value": 300, "sampling": "log"},
    "batch": {"hp": "Int", "min_value": 2, "max_value": 40, "step": 2, "sampling": "log"},
    "rate": {"hp": "Float", "min_value": 1e-5, "max_value": 1e-1, "sampling": "log"},
    "decay": {"hp": "Float", "min_value": 0.1, "max_value": 0.9, "sampling": "reverse_log"},
    "dropout": {"hp": "Float", "min_value": 0.0, "max_value": 0.9, "step": 0.1},
    "kernel": {"hp": "Choice", "values": [5, 3, 7]},
    "activation": {"hp": "Choice", "values": ["relu", "tanh", "elu"]},
    "level": {"hp": "Choice", "values": [1, 2], "ordered": False},
    "bias": {"hp": "Boolean"},
    "constant": {"hp": "Fixed", "value": 3},
    "hidden": {"hp": "Int", "min_value": 1, "max_value": 8, "when": {"bias": [True]}},
    "scale": {"hp": "Float", "min_value": 0.5, "max_value": 2.0, "when": {"hidden": [5, 6, 7, 8]}},
}
SMALL: Space = {"a": {"hp": "Int", "min_value": 0, "max_value": 2}, "b": {"hp": "Boolean"}}
SAMPLERS = ["tpe", "cmaes", "nsga2", "qmc"]


def oracle_of(tuner: str, space: Space = SPACE, *, max_trials: int = 25, seed: int = 42) -> Any:
    config = validate(compose([f"tuner={tuner}", f"tuner.max_trials={max_trials}", f"seed={seed}"]))
    oracle = create_oracle(config.tuner, space, OBJECTIVE)
    oracle.max_consecutive_failed_trials = None  # as the search, which counts them itself
    return oracle


def outcome_of(values: Values) -> Outcome:
    """What comes of a trial: some cannot be built, some fail, the others have a score."""
    if values.get("kernel") == 7:
        return Outcome(TrialStatus.INFEASIBLE, error="cannot be built")
    if values.get("activation") == "tanh":
        return Outcome(TrialStatus.FAILED, error="diverged")
    numbers = [float(value) for value in values.values() if not isinstance(value, str)]
    return Outcome(TrialStatus.COMPLETED, score=math.sqrt(sum(numbers)), parameters=100)


def search(oracle: Any, slots: int, known: list[Trial] | None = None, stop: int | None = None) -> list[Trial]:
    """Drive an oracle as the search does, results in any order, until it stops or `stop` trials have ended.

    Args:
        oracle: a fresh one.
        slots: how many trials run at once.
        known: the trials of a search that stopped.
        stop: after so many ended trials.
    """
    trials = {trial.number: trial for trial in known or []}
    proposals: dict[int, Proposal] = replay(oracle, known or [])
    events = 1 + max((max(t.asked, t.reported_at or 0) for t in trials.values()), default=-1)
    while stop is None or sum(t.has_ended for t in trials.values()) < stop:
        running = [trial for trial in trials.values() if not trial.has_ended]
        while len(running) < slots:
            slot = min(set(range(slots)) - {trial.slot for trial in running})
            proposal = propose(oracle, slot)
            if proposal.status != "RUNNING":
                break
            begun = Trial(len(trials), proposal.values, Outcome(TrialStatus.RUNNING), slot=slot, asked=events)
            events += 1
            running.append(begun)
            trials[begun.number], proposals[begun.number] = begun, proposal
        if not running:
            break
        # Which ends first depends on nothing but which are running.
        ended = random.Random(str([trial.number for trial in running])).choice(running)
        outcome = outcome_of(ended.values)
        tell(oracle, proposals[ended.number].trial_id, outcome)
        trials[ended.number] = replace(ended, outcome=outcome, reported_at=events)
        events += 1
    return list(trials.values())


@pytest.mark.parametrize("tuner", SAMPLERS)
def test_values_are_plain_and_inside_the_declared_space(tuner: str) -> None:
    for trial in search(oracle_of(tuner), 1):
        active = [name for name, entry in SPACE.items() if is_active(entry.get("when"), trial.values)]
        assert list(trial.values) == active
        for name, value in trial.values.items():
            possible = possible_values(SPACE[name])
            assert type(value) in (bool, int, float, str)
            if possible is None:
                assert SPACE[name]["min_value"] <= value <= SPACE[name]["max_value"]
            else:
                assert any(value == p and type(value) is type(p) for p in possible), (name, value)


@pytest.mark.parametrize("slots", [1, 3])
@pytest.mark.parametrize("tuner", SAMPLERS)
def test_a_replayed_oracle_goes_on_as_the_one_that_was_not_interrupted(tuner: str, slots: int) -> None:
    whole = search(oracle_of(tuner), slots)
    assert {TrialStatus.COMPLETED, TrialStatus.INFEASIBLE, TrialStatus.FAILED} == {trial.status for trial in whole}
    for stop in (3, 12, 22):
        stopped = search(oracle_of(tuner), slots, stop=stop)
        assert search(oracle_of(tuner), slots, known=stopped) == whole


@pytest.mark.parametrize("slots", [1, 3])
@pytest.mark.parametrize("tuner", SAMPLERS)
def test_nothing_is_proposed_twice_and_an_exhausted_space_ends_the_search(tuner: str, slots: int) -> None:
    trials = search(oracle_of(tuner, SMALL), slots)
    assert len({str(sorted(trial.values.items())) for trial in trials}) == len(trials) == 6


def test_a_replay_of_gp_recalls_its_proposals_rather_than_fitting_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(targets, "NEEDED", {})  # only a fit needs torch
    known = search(oracle_of("qmc"), 3, stop=20)  # values that gp would not propose
    oracle = oracle_of("gp")
    monkeypatch.setattr(oracle.sampler, "sample_relative", None)
    proposals = replay(oracle, known)
    assert [proposals[trial.number].values for trial in known] == [trial.values for trial in known]
    assert len(oracle.study.get_trials()) == len(known)


def test_gp_goes_on_without_repeating_what_was_recalled() -> None:
    pytest.importorskip("torch", reason="tuner=gp needs torch: pip install 'toonvision[gp]'")
    whole = search(oracle_of("gp", max_trials=10), 2)
    for stop in (3, 8):
        resumed = search(oracle_of("gp", max_trials=10), 2, known=whole[:stop])
        values = [str(sorted(trial.values.items())) for trial in resumed]
        assert len(set(values)) == len(values)
        assert sum(trial.status is not TrialStatus.INFEASIBLE for trial in resumed) == 10
        assert [trial.values for trial in resumed[:stop]] == [trial.values for trial in whole[:stop]]


def test_what_could_not_be_built_counts_as_the_worst() -> None:
    oracle = oracle_of("tpe")
    trials = search(oracle, 1, stop=12)
    worst = max(trial.outcome.score for trial in trials if trial.outcome.score is not None)
    told = {t.number: t.values and t.values[0] for t in oracle.study.get_trials()}
    last = max(trial.number for trial in trials if trial.status is TrialStatus.INFEASIBLE)
    assert told[last] == max(t.outcome.score for t in trials[:last] if t.outcome.score is not None) <= worst


def test_a_sampler_without_conditions_learns_of_every_hyperparameter() -> None:
    for tuner, asked in (("tpe", 11), ("cmaes", 13)):
        oracle = oracle_of(tuner, max_trials=40)
        off = next(trial for trial in search(oracle, 1) if not trial.values["bias"])
        assert len(off.values) == 11
        sizes = {len(trial.params) for trial in oracle.study.get_trials()}
        assert min(sizes) == asked
