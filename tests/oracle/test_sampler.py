"""Optuna's samplers as an oracle: values inside the declared space, none twice, and the same ones again on a replay."""

from __future__ import annotations

import pytest

from tests.oracle.driven import SMALL, SPACE, oracle_of, search
from toonvision.search_space.space import is_active, possible_values
from toonvision.trial.trial import TrialStatus

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


def test_an_infeasible_trial_counts_as_the_worst_so_far() -> None:
    oracle = oracle_of("tpe")
    trials = search(oracle, 1, stop=12)
    worst = max(trial.outcome.score for trial in trials if trial.outcome.score is not None)
    scores = {t.number: t.values and t.values[0] for t in oracle.study.get_trials()}
    last = max(trial.number for trial in trials if trial.status is TrialStatus.INFEASIBLE)
    assert scores[last] == max(t.outcome.score for t in trials[:last] if t.outcome.score is not None) <= worst


def test_a_sampler_without_conditions_receives_a_value_for_every_hyperparameter() -> None:
    for tuner, asked in (("tpe", 11), ("cmaes", 13)):
        oracle = oracle_of(tuner, max_trials=40)
        off = next(trial for trial in search(oracle, 1) if not trial.values["bias"])
        assert len(off.values) == 11
        sizes = {len(trial.params) for trial in oracle.study.get_trials()}
        assert min(sizes) == asked
