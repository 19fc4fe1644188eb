"""Trials that pause at a rung: which go on, what the sampler learns of them, and how many there are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests import simulation
from tests.configuration import configured
from tests.conftest import Train
from tests.simulation import SimulatedTrials, promoted, resume
from toonvision.oracle import Proposal, create_oracle, planned_epochs, planned_trials, propose, tell
from toonvision.trial.history import HistoryReader
from toonvision.trial.objective import Objective
from toonvision.trial.trial import HISTORY, Outcome, TrialStatus

ASHA = ("tuner=asha", "training.epochs=9", "tuner.min_epochs=1")
SPACE = {"rate": {"hp": "Float", "min_value": 0.0, "max_value": 1.0}}


def oracle_of(*overrides: str, direction: str = "min") -> Any:
    config = configured("dataset=breast_cancer", "model=mlp", *ASHA, *overrides)
    return create_oracle(config.tuner, SPACE, Objective.model_validate({"name": "score", "direction": direction}))


def end(oracle: Any, proposal: Proposal, score: float) -> None:
    tell(oracle, proposal.trial_id, Outcome(TrialStatus.COMPLETED, score=score))


@pytest.mark.parametrize(
    ("epochs", "first", "rungs"),
    [(15, "null", [3, 9, 15]), (9, "1", [1, 3, 9]), (4, "null", [1, 3, 4]), (2, "5", [2]), (1, "null", [1])],
)
def test_rungs_multiply_up_to_a_whole_training(epochs: int, first: str, rungs: list[int]) -> None:
    assert oracle_of(f"tuner.max_epochs={epochs}", f"tuner.min_epochs={first}").rungs == rungs


@pytest.mark.parametrize(("direction", "best"), [("min", 0), ("max", 2)])
def test_the_best_of_three_goes_on_before_new_values_are_asked_for(direction: str, best: int) -> None:
    oracle = oracle_of(direction=direction)
    proposals = [propose(oracle, 0)]
    for score in (0.1, 0.2, 0.3):
        end(oracle, proposals[-1], score)
        proposals.append(propose(oracle, 0))
    *paused, promotion = proposals
    assert [proposal.epochs for proposal in proposals] == [1, 1, 1, 3]
    assert (promotion.parent, promotion.values) == (paused[best].trial_id, paused[best].values)
    other = propose(oracle, 1)  # while it runs, no other one of the three goes on
    assert (other.parent, other.epochs) == (None, 1)
    assert other.values != promotion.values


def test_the_highest_rung_comes_first_and_one_reaches_the_end() -> None:
    oracle = oracle_of("tuner.max_trials=9")
    epochs: list[int] = []
    while (proposal := propose(oracle, 0)).status == "RUNNING":
        epochs.append(proposal.epochs or 0)
        end(oracle, proposal, len(epochs) / epochs[-1])
    assert epochs == [1, 1, 1, 3, 1, 1, 1, 3, 1, 1, 1, 3, 9]


def test_of_few_values_one_is_trained_to_the_end() -> None:
    oracle = oracle_of("tuner.max_trials=2")
    first, second = propose(oracle, 0), propose(oracle, 1)
    assert propose(oracle, 2).status == "STOPPED"
    end(oracle, first, 0.2)
    assert propose(oracle, 0).status == "STOPPED"  # the other one may be better yet
    end(oracle, second, 0.1)
    for epochs in (3, 9):
        proposal = propose(oracle, 0)
        assert (proposal.values, proposal.epochs) == (second.values, epochs)
        end(oracle, proposal, 0.1)
    assert propose(oracle, 0).status == "STOPPED"


@pytest.mark.parametrize("most", [1, 4, 30])
def test_the_plan_is_that_of_the_proposals(most: int) -> None:
    oracle = oracle_of(f"tuner.max_trials={most}")
    trials, epochs = planned_trials(oracle), planned_epochs(oracle, planned_trials(oracle) or 0)
    last_epoch: dict[str | None, int] = {None: 0}
    trained = []
    while (proposal := propose(oracle, 0)).status == "RUNNING":
        assert proposal.epochs is not None
        trained.append(proposal.epochs - last_epoch[proposal.parent])
        last_epoch[proposal.trial_id] = proposal.epochs
        end(oracle, proposal, float(len(trained)))  # the first ones are the best
    assert (len(trained), sum(trained)) == (trials, epochs)


def test_the_sampler_has_the_best_score_of_each_values_and_what_runs() -> None:
    oracle = oracle_of()
    for score in (0.5, 0.4, 0.6):
        end(oracle, propose(oracle, 0), score)
    promotion, new = propose(oracle, 0), propose(oracle, 1)
    assert promotion.parent is not None
    end(oracle, promotion, 0.3)
    assert [trial.values for trial in oracle.study.get_trials()] == [[0.5], [0.3], [0.6], None]
    end(oracle, new, 0.2)
    later = oracle.study.get_trials()
    assert [trial.value for trial in later] == [0.5, 0.3, 0.6, 0.2]
    assert later[1].params == {"rate": promotion.values["rate"]}


@pytest.mark.parametrize("status", [TrialStatus.RUNNING, TrialStatus.FAILED, TrialStatus.INFEASIBLE])
def test_a_promoted_trial_that_runs_or_has_failed_does_not_go_on(status: TrialStatus) -> None:
    oracle = oracle_of("tuner.factor=2")
    scores = iter([0.5, 0.4, 0.3, 0.2])
    slot = 0
    running: list[Proposal] = []
    while len(running) < 2:
        proposal = propose(oracle, slot)
        if proposal.parent is None:
            end(oracle, proposal, next(scores))
        else:
            running.append(proposal)
            slot += 1  # the trial keeps its slot
    if status is not TrialStatus.RUNNING:
        for proposal in running:
            tell(oracle, proposal.trial_id, Outcome(status, error="on purpose"))
    assert propose(oracle, slot).parent is None
    assert not {proposal.trial_id for proposal in running} & set(oracle.waiting)


def test_what_fails_or_cannot_be_built_does_not_go_on_and_only_the_former_counts() -> None:
    oracle = oracle_of("tuner.max_trials=2")
    tell(oracle, propose(oracle, 0).trial_id, Outcome(TrialStatus.INFEASIBLE, error="too large"))
    tell(oracle, propose(oracle, 0).trial_id, Outcome(TrialStatus.FAILED, error="on purpose"))
    last = propose(oracle, 0)
    end(oracle, last, 0.5)
    assert propose(oracle, 0).values == last.values
    assert oracle.max_trials == 4  # with the one that could not be built, and the promotion


def worse_and_worse(start: int) -> SimulatedTrials:
    """Return trials of which new values are worse than all before."""
    seen: dict[str, int] = {}
    return SimulatedTrials(lambda values, seed, epoch: 1.0 + seen.setdefault(str(values), start + len(seen)))


def test_a_whole_search_is_resumed_with_more_values_from_the_weights_that_wait(tmp_path: Path) -> None:
    results = simulation.run(tmp_path / "run", *ASHA, "tuner.max_trials=4", trials=worse_and_worse(0))
    before = len(results.trials)
    assert max(promoted(trial).epochs for trial in results.trials) == 9
    kept = {int(path.parent.name) for path in results.directory.glob("trials/*/*.weights.h5")}
    parents = {promoted(trial).parent for trial in results.trials}
    assert kept == {trial.number for trial in results.trials if promoted(trial).epochs < 9} - parents != set()
    more = resume(tmp_path / "run", "tuner.max_trials=12", trials=worse_and_worse(10))
    assert more.trials[:before] == results.trials
    new = [trial for trial in more.trials if promoted(trial).parent is None]
    assert len(new) == 12
    assert len({str(trial.values) for trial in new}) == 12
    assert any(promoted(trial).parent in kept for trial in more.trials[before:])
    for trial in more.trials:
        if (parent := promoted(trial).parent) is not None:
            assert trial.values == more.trials[parent].values


@pytest.mark.training
def test_a_training_goes_on_where_it_paused(train: Train) -> None:
    quick = ("dataset=breast_cancer", "model=mlp", "training.callbacks=null", "first=[]", "tuner.max_trials=3")
    results = train(*ASHA, "training.epochs=3", "finalists.count=0", quick=quick)
    paused, last = results.trials[:3], results.trials[-1]
    assert [promoted(trial).epochs for trial in results.trials] == [1, 1, 1, 3]
    parent = next(trial for trial in paused if trial.number == promoted(last).parent)
    assert parent.outcome.score == min(trial.outcome.score or 9.0 for trial in paused)
    assert (last.outcome.epochs, last.outcome.last_epoch, list(last.intermediate_values)) == (2, 3, [1, 2])
    before, after = (
        next(HistoryReader(results.directory / "trials" / trial.id / HISTORY).new_epochs()) for trial in (parent, last)
    )
    assert after["loss"] < before["loss"]  # it had learned for one epoch already
