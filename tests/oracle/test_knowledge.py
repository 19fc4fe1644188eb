"""Results of an earlier search: no oracle asks for them again, those that can learn from them, and a replay agrees."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from toonvision.config.compose import compose
from toonvision.oracle import create_oracle, learn, propose, replay, tell
from toonvision.search_space.space import Space
from toonvision.trial.objective import Objective
from toonvision.trial.trial import Outcome, PriorResult, Trial, TrialStatus
from toonvision.validation.validate import validate

SPACE: Space = {
    "a": {"hp": "Int", "min_value": 0, "max_value": 5},
    "b": {"hp": "Choice", "values": ["x", "y"]},
    "c": {"hp": "Float", "min_value": 0.0, "max_value": 0.35, "step": 0.1, "when": {"b": ["y"]}},
}
OBJECTIVE = Objective(name="val_loss", direction="min")
# As a space in which `a` was a Float and the steps were others would have written them.
KNOWN = [
    *(PriorResult({"a": float(a), "b": "x", "c": None}, (float((a - 4) ** 2),)) for a in range(6)),
    PriorResult({"a": 4.0, "b": "y", "c": 0.3}, (0.5,)),
    PriorResult({"a": 4.0, "b": "y", "c": 0.30000000000000004}, (0.5,)),
]
TUNERS = ["random_search", "grid_search", "hyperband", "bayesian", "tpe", "cmaes", "nsga2", "qmc"]


def oracle_of(tuner: str, *overrides: str, space: Space = SPACE) -> Any:
    oracle = create_oracle(validate(compose([f"tuner={tuner}", *overrides])).tuner, space, OBJECTIVE)
    oracle.max_consecutive_failed_trials = None  # as the search, which counts them itself
    return oracle


def score_of(values: dict[str, Any]) -> float:
    return float((values["a"] - 4) ** 2 + (values["b"] == "y"))


def search(oracle: Any, most: int = 50) -> list[Trial]:
    trials: list[Trial] = []
    while len(trials) < most and (proposal := propose(oracle, 0)).status == "RUNNING":
        outcome = Outcome(TrialStatus.COMPLETED, score_of(proposal.values))
        number = len(trials)
        trials.append(Trial(number, proposal.values, outcome, asked=2 * number, reported_at=2 * number + 1))
        tell(oracle, proposal.trial_id, outcome)
    return trials


@pytest.mark.parametrize("tuner", TUNERS)
def test_known_values_are_not_proposed_and_do_not_count(tuner: str) -> None:
    oracle = oracle_of(tuner, *([] if tuner == "hyperband" else ["tuner.max_trials=9"]))
    learn(oracle, KNOWN)
    values = [trial.values for trial in search(oracle)]
    fresh = values if tuner != "hyperband" else values[:5]  # which asks again for what it promotes
    assert not [v for v in fresh if v["b"] == "x" or (v["a"] == 4 and v["c"] == pytest.approx(0.3))]
    assert len(fresh) == (5 if tuner == "hyperband" else 9)


@pytest.mark.parametrize("tuner", TUNERS)
def test_a_replay_with_the_same_known_results_continues_as_before(tuner: str) -> None:
    oracle = oracle_of(tuner)
    learn(oracle, KNOWN)
    whole = search(oracle, 5)
    again = oracle_of(tuner)
    learn(again, KNOWN)
    replay(again, [*whole[:3], replace(whole[3], reported_at=None)])
    assert again.trials.keys() >= {trial_id for trial_id in oracle.trials if int(trial_id) < 4}
    if tuner == "bayesian":  # of which only the values of the record are the same
        return
    tell(again, list(again.trials)[-1], whole[3].outcome)
    assert propose(again, 0).values == whole[4].values


@pytest.mark.parametrize("tuner", ["bayesian", "tpe"])
def test_the_oracle_learns_from_known_results(tuner: str) -> None:
    space = {name: {"hp": "Float", "min_value": 0, "max_value": 1} for name in "ab"}
    points = [(a / 4, b / 4) for a in range(5) for b in range(5)]
    oracle = oracle_of(tuner, space=space)
    learn(oracle, [PriorResult({"a": a, "b": b}, ((a - 0.7) ** 2 + (b - 0.3) ** 2,)) for a, b in points])
    first = propose(oracle, 0).values  # at random, if nothing were known
    assert (first["a"], first["b"]) == (pytest.approx(0.7, abs=0.3), pytest.approx(0.3, abs=0.3))
