"""Creating an oracle, asking it for values and telling it the outcomes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.oracle.driven import SMALL, SPACE, oracle_of, search
from toonvision.config.node import Node
from toonvision.oracle import create_oracle, planned_epochs, planned_trials, propose, tell
from toonvision.search_space.space import Space
from toonvision.trial.objective import Objective
from toonvision.trial.trial import Outcome, TrialStatus

RANDOM = Node.from_mapping({"_target_": "keras_tuner.oracles.RandomSearchOracle", "max_trials": 2, "seed": 1})


def random_oracle(objective: Objective | None = None) -> Any:
    return create_oracle(RANDOM, SMALL, objective or Objective(name="val_loss", direction="min"))


@pytest.mark.parametrize(("direction", "best"), [("min", 0.1), ("max", 0.9)])
def test_the_oracle_has_the_direction_of_the_objective(direction: Any, best: float) -> None:
    oracle = random_oracle(Objective(name="gain", direction=direction))  # KerasTuner cannot guess it by this name
    for slot, score in enumerate((0.1, 0.9)):
        tell(oracle, propose(oracle, slot).trial_id, Outcome(TrialStatus.COMPLETED, score=score))
    assert oracle.get_best_trials(1)[0].score == best


@pytest.mark.parametrize(
    ("outcome", "status"),
    [
        (Outcome(TrialStatus.COMPLETED, score=0.5), "COMPLETED"),
        (Outcome(TrialStatus.PRUNED, score=0.5), "FAILED"),
        (Outcome(TrialStatus.COMPLETED), "FAILED"),
        (Outcome(TrialStatus.INFEASIBLE, error="cannot be built"), "FAILED"),
        (Outcome(TrialStatus.FAILED, error="diverged"), "FAILED"),
    ],
    ids=lambda value: value.status if isinstance(value, Outcome) else value,
)
def test_an_outcome_has_a_status_of_kerastuner(outcome: Outcome, status: str) -> None:
    oracle = random_oracle()
    proposal = propose(oracle, 0)
    tell(oracle, proposal.trial_id, outcome)
    assert oracle.get_trial(proposal.trial_id).status == status


def test_an_infeasible_trial_does_not_count() -> None:
    oracle = random_oracle()
    for outcome in (Outcome(TrialStatus.INFEASIBLE), *[Outcome(TrialStatus.COMPLETED, score=0.5)] * 2):
        proposal = propose(oracle, 0)
        assert proposal.status == "RUNNING"
        tell(oracle, proposal.trial_id, outcome)
    assert propose(oracle, 0).status == "STOPPED"


def test_kerastuner_writes_no_files(tmp_path: Path) -> None:
    oracle = random_oracle()
    tell(oracle, propose(oracle, 0).trial_id, Outcome(TrialStatus.COMPLETED, score=0.5))
    assert list(tmp_path.iterdir()) == []


def test_the_budget_of_hyperband_is_no_hyperparameter() -> None:
    hyperband = Node.from_mapping(
        {"_target_": "toonvision.oracle.hyperband.HyperbandOracle", "max_epochs": 9, "factor": 3, "seed": 1}
    )
    proposal = propose(create_oracle(hyperband, SPACE, Objective(name="val_loss", direction="min")), 0)
    assert proposal.epochs == 1
    assert proposal.values.keys() <= SPACE.keys()


@pytest.mark.parametrize(
    ("tuner", "space", "max_trials", "planned"),
    [
        ("random_search", SMALL, 25, 25),  # although the space has six combinations
        ("grid_search", SMALL, "null", 6),
        ("grid_search", SMALL, 4, 4),
        ("grid_search", {"a": SMALL["a"], "c": {"hp": "Boolean", "when": {"a": [0]}}}, "null", None),
    ],
)
def test_the_number_of_planned_trials(tuner: str, space: Space, max_trials: int | str, planned: int | None) -> None:
    oracle = oracle_of(tuner, space, max_trials=max_trials)
    assert planned_trials(oracle) == planned
    assert planned_epochs(oracle, 4) is None


def test_a_grid_with_conditions_ends_by_itself() -> None:
    space: Space = {"a": SMALL["a"], "c": {"hp": "Boolean", "when": {"a": [0]}}}
    trials = search(oracle_of("grid_search", space, max_trials="null"), 1)
    assert len({str(trial.values) for trial in trials}) == len(trials) == 4
