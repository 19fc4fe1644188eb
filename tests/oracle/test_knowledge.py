"""Results of an earlier search: no oracle asks for them again, those that can learn from them, and a replay agrees."""

from __future__ import annotations

import functools
from dataclasses import replace
from typing import Any

import pytest
from optuna.trial import TrialState

from tests.configuration import configured
from toonvision.oracle import create_oracle, learn, propose, replay, tell
from toonvision.search_space.space import Space
from toonvision.trial.objective import Objective
from toonvision.trial.trial import Outcome, PriorResult, Trial, TrialStatus

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
    PriorResult({"a": 3, "b": "y", "c": 0.1}, status=TrialStatus.INFEASIBLE),
    PriorResult({"a": 3, "b": "y", "c": 0.0}, status=TrialStatus.PRUNED, intermediate_values={0: 0.9, 1: 0.7}),
]
TUNERS = ["asha", "random_search", "grid_search", "hyperband", "bayesian", "tpe", "cmaes", "nsga2", "qmc"]


def oracle_of(tuner: str, *overrides: str, space: Space = SPACE) -> Any:
    oracle = create_oracle(configured(f"tuner={tuner}", *overrides).tuner, space, OBJECTIVE)
    oracle.max_consecutive_failed_trials = None  # as the search, which counts them itself
    return oracle


def score_of(values: dict[str, Any]) -> float:
    return float((values["a"] - 4) ** 2 + (values["b"] == "y"))


def informed(tuner: str) -> Any:
    """Return an oracle that knows the results; each of Bayesian optimization's proposals takes a second."""
    trials = {"hyperband": [], "bayesian": ["tuner.max_trials=2"]}
    oracle = oracle_of(tuner, *trials.get(tuner, ["tuner.max_trials=9"]))
    learn(oracle, KNOWN)
    return oracle


@functools.cache
def searched(tuner: str) -> list[Trial]:
    """Return the trials of such an oracle, at most 50."""
    return search(informed(tuner), 50)


def search(oracle: Any, most: int) -> list[Trial]:
    trials: list[Trial] = []
    while len(trials) < most and (proposal := propose(oracle, 0)).status == "RUNNING":
        outcome = Outcome(TrialStatus.COMPLETED, score_of(proposal.values))
        number = len(trials)
        trials.append(Trial(number, proposal.values, outcome, asked=2 * number, reported_at=2 * number + 1))
        tell(oracle, proposal.trial_id, outcome)
    return trials


@pytest.mark.parametrize("tuner", TUNERS)
def test_known_values_are_not_proposed_and_do_not_count(tuner: str) -> None:
    values = [trial.values for trial in searched(tuner)]
    fresh = [v for number, v in enumerate(values) if v not in values[:number]]  # some ask again for what goes on
    fresh = fresh if tuner != "hyperband" else fresh[:5]
    assert not [v for v in fresh if v["b"] == "x" or (v["a"] == 4 and v["c"] == pytest.approx(0.3))]
    assert not [v for v in fresh if v["a"] == 3 and v["c"] < 0.15]
    assert len(fresh) == {"hyperband": 5, "bayesian": 2}.get(tuner, 9)  # of eight known ones, none counts


@pytest.mark.parametrize("tuner", TUNERS)
def test_a_replay_with_the_same_known_results_continues_as_before(tuner: str) -> None:
    whole, again = searched(tuner), informed(tuner)
    ended = 1 if tuner == "bayesian" else 3
    proposals = replay(again, [*whole[:ended], replace(whole[ended], reported_at=None)])
    assert [proposals[trial.number].values for trial in whole[: ended + 1]] == [t.values for t in whole[: ended + 1]]
    if tuner == "bayesian":  # of which only the values of the record are the same
        return
    tell(again, proposals[ended].trial_id, whole[ended].outcome)
    assert propose(again, 0).values == whole[ended + 1].values


@pytest.mark.parametrize("tuner", ["bayesian", "tpe"])
def test_the_oracle_learns_from_known_results(tuner: str) -> None:
    space = {name: {"hp": "Float", "min_value": 0, "max_value": 1} for name in "ab"}
    points = [(a / 4, b / 4) for a in range(5) for b in range(5)]
    oracle = oracle_of(tuner, space=space)
    learn(oracle, [PriorResult({"a": a, "b": b}, ((a - 0.7) ** 2 + (b - 0.3) ** 2,)) for a, b in points])
    first = propose(oracle, 0).values  # at random, if nothing were known
    assert (first["a"], first["b"]) == (pytest.approx(0.7, abs=0.3), pytest.approx(0.3, abs=0.3))


def test_a_sampler_learns_from_known_trials_as_what_they_are() -> None:
    oracle = oracle_of("tpe")
    learn(oracle, [*KNOWN[-2:], *KNOWN[:6]])  # whatever their order
    *completed, infeasible, pruned = oracle.study.get_trials()
    assert [trial.state for trial in completed] == [TrialState.COMPLETE] * 6
    assert (infeasible.state, infeasible.constraints) == (TrialState.PRUNED, {"infeasible": 1.0})
    assert (pruned.state, pruned.values) == (TrialState.COMPLETE, [0.7])  # the best so far


def test_bayesian_optimization_learns_no_score_of_a_pruned_trial() -> None:
    oracle = oracle_of("bayesian")
    learn(oracle, [*KNOWN[-2:], *KNOWN[:6]])
    assert [trial.score for trial in oracle.known.values()] == [16.0, 9.0, 4.0, 1.0, 0.0, 1.0, 16.0]


def test_without_a_completed_trial_bayesian_optimization_learns_no_infeasible_values() -> None:
    oracle = oracle_of("bayesian")
    learn(oracle, KNOWN[-2:-1])
    assert not oracle.known
    assert len(oracle._tried_so_far) == 1


def test_with_several_objectives_a_pruned_trial_is_only_tried() -> None:
    oracle = oracle_of("tpe")
    oracle.also = {"parameters": "min"}
    learn(oracle, KNOWN[-1:])
    assert oracle.study.get_trials() == []
    assert len(oracle._tried_so_far) == 1
