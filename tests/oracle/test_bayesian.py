"""KerasTuner's Bayesian optimization with our repairs: nothing twice, and nothing outside the declared space."""

from __future__ import annotations

from typing import Any

import numpy as np

from toonvision.config.node import Node
from toonvision.oracle import create_oracle, propose, tell
from toonvision.search_space.space import Space
from toonvision.trial.objective import Objective
from toonvision.trial.trial import Outcome, TrialStatus

SPACE: Space = {"a": {"hp": "Int", "min_value": 0, "max_value": 2}, "b": {"hp": "Boolean"}}


def oracle_on(space: Space) -> Any:
    tuner = Node.from_mapping(
        {
            "_target_": "toonvision.oracle.bayesian.BayesianOptimizationOracle",
            "max_trials": 20,
            "num_initial_points": 3,
            "seed": 1,
        }
    )
    return create_oracle(tuner, space, Objective(name="val_loss", direction="min"))


def test_no_values_are_proposed_twice_until_the_space_is_exhausted() -> None:
    oracle, values = oracle_on(SPACE), []
    while (proposal := propose(oracle, 0)).status == "RUNNING":
        values.append(proposal.values)
        score = proposal.values["a"] + 0.5 * proposal.values["b"]
        tell(oracle, proposal.trial_id, Outcome(TrialStatus.COMPLETED, score=score))
    assert proposal.status == "STOPPED"
    assert len({str(v) for v in values}) == len(values) == 6


def test_proposals_do_not_exceed_the_upper_end_of_a_range() -> None:
    oracle = oracle_on({"n": {"hp": "Int", "min_value": 1, "max_value": 300, "sampling": "log"}})
    assert oracle._vector_to_values(np.array([1.0])) == {"n": 300}
