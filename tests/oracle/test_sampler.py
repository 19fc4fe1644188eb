"""Optuna's samplers as an oracle: values inside the declared space, none twice, and the same ones again on a replay."""

from __future__ import annotations

from collections import Counter

import pytest
from optuna.trial import TrialState

from tests.oracle.driven import SMALL, SPACE, oracle_of, search
from toonvision.oracle import propose, tell
from toonvision.search_space.space import is_active, possible_values
from toonvision.trial.trial import Outcome, TrialStatus

SAMPLERS = ["tpe", "cmaes", "nsga2", "qmc"]


@pytest.mark.parametrize("tuner", SAMPLERS)
def test_values_are_plain_objects_inside_the_space(tuner: str) -> None:
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
def test_no_values_are_proposed_twice_until_the_space_is_exhausted(tuner: str, slots: int) -> None:
    trials = search(oracle_of(tuner, SMALL), slots)
    assert len({str(sorted(trial.values.items())) for trial in trials}) == len(trials) == 6


def test_tpe_is_asked_once_a_trial() -> None:
    oracle = oracle_of("tpe", SMALL)
    trials = search(oracle, 1)
    refused = [trial for trial in oracle.study.get_trials() if trial.state is TrialState.FAIL]
    assert len(trials) == 6
    assert 0 < len(refused) <= len(trials) + 1  # one for each proposal of tried values, and for the end


def test_what_cannot_be_built_violates_a_constraint_of_tpe() -> None:
    oracle = oracle_of("tpe")
    trials = search(oracle, 1, stop=12)
    violating = [trial for trial in oracle.study.get_trials() if trial.constraints]
    kernels = [trial.values["kernel"] for trial in trials if trial.status is TrialStatus.INFEASIBLE]
    assert len(violating) == len(kernels) > 0
    assert {(trial.state, trial.constraints["infeasible"]) for trial in violating} == {(TrialState.PRUNED, 1.0)}
    states = Counter(trial.state for trial in oracle.study.get_trials())
    assert states[TrialState.COMPLETE] == sum(trial.status is TrialStatus.COMPLETED for trial in trials)


def test_what_cannot_be_built_counts_as_the_worst_so_far_with_other_samplers() -> None:
    oracle = oracle_of("cmaes")
    trials = search(oracle, 1, stop=12)
    scores = {t.number: t.values and t.values[0] for t in oracle.study.get_trials()}
    last = max(trial.number for trial in trials if trial.status is TrialStatus.INFEASIBLE)
    assert scores[last] == max(t.outcome.score for t in trials[:last] if t.outcome.score is not None)


@pytest.mark.parametrize(("tuner", "expected"), [("tpe", [0.7]), ("cmaes", None)])
def test_to_tpe_a_pruned_trial_has_its_best_score_so_far(tuner: str, expected: list[float] | None) -> None:
    oracle = oracle_of(tuner)
    proposal = propose(oracle, 0)
    outcome = Outcome(TrialStatus.PRUNED, score=0.7, scores=(0.7,), epochs=3, last_epoch=3)
    tell(oracle, proposal.trial_id, outcome, {0: 0.9, 1: 0.7, 2: 0.8})
    (pruned,) = oracle.study.get_trials()
    assert pruned.values == expected
    assert pruned.state is (TrialState.COMPLETE if expected else TrialState.FAIL)


def test_a_sampler_without_conditions_receives_a_value_for_every_hyperparameter() -> None:
    for tuner, asked in (("tpe", 11), ("cmaes", 13)):
        oracle = oracle_of(tuner, max_trials=40)
        off = next(trial for trial in search(oracle, 1) if not trial.values["bias"])
        assert len(off.values) == 11
        sizes = {len(trial.params) for trial in oracle.study.get_trials()}
        assert min(sizes) == asked
