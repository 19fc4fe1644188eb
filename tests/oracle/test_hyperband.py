"""Hyperband: the plan that follows from its brackets."""

from __future__ import annotations

import pytest

from tests.configuration import configured
from toonvision.oracle import create_oracle, planned_epochs, propose, tell
from toonvision.trial.trial import Outcome, TrialStatus


@pytest.mark.parametrize(("epochs", "factor", "iterations"), [(9, 3, 1), (10, 2, 2), (1, 3, 1)])
def test_the_planned_epochs_are_those_of_the_proposals(epochs: int, factor: int, iterations: int) -> None:
    tuner = [f"training.epochs={epochs}", f"tuner.factor={factor}", f"tuner.hyperband_iterations={iterations}"]
    config = configured("dataset=breast_cancer", "model=mlp", "tuner=hyperband", *tuner)
    oracle = create_oracle(config.tuner, config.search_space, config.objective)
    last_epoch: dict[str, int] = {}
    trained = []
    while (proposal := propose(oracle, 0)).status == "RUNNING":
        assert proposal.epochs is not None
        trained.append(proposal.epochs - (last_epoch[proposal.parent] if proposal.parent else 0))
        last_epoch[proposal.trial_id] = proposal.epochs
        tell(oracle, proposal.trial_id, Outcome(TrialStatus.COMPLETED, score=1.0 / len(trained)))
    fresh = create_oracle(config.tuner, config.search_space, config.objective)
    assert planned_epochs(fresh, len(trained)) == sum(trained)
