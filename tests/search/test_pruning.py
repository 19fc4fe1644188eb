"""Pruners on whole searches: what is hopeless is stopped, and the record says when and why."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

import toonvision
from tests import simulation
from tests.configuration import composed
from tests.simulation import SPACE, SimulatedTrials, hopeless_below, unlucky_or_hopeless
from toonvision.config.node import Node
from toonvision.search.folds import Point
from toonvision.search.pruning import Pruning
from toonvision.trial.objective import Objective
from toonvision.trial.trial import Outcome, Reason, Trial, TrialStatus

LEARNING = [0.05, 0.04, 0.03, 0.02, 0.01, 1e-7, 2e-7]  # the last two learn nothing
GRID = (
    *("search_space.dropout_1_rate=0", "search_space.units_1=8", "~search_space.learning_rate"),
    f"+search_space.learning_rate={{hp: Choice, values: {LEARNING}}}",
    *("tuner=grid_search", "training.epochs=12"),
)
TWO = "executor.workers=2"
PAIRS = [  # each pruner; benchmarks/pruners.py tries all of them on every executor
    pytest.param("wilcoxon", "inline", ()),
    pytest.param("median", "processes", (TWO,), marks=pytest.mark.engine),
    # Fewer brackets, so that none has but a hopeless trial.
    pytest.param("hyperband", "dask", ("pruner.max_resource=6", TWO), marks=pytest.mark.engine),
    pytest.param("successive_halving", "ray", (TWO,), marks=pytest.mark.engine),
]


@pytest.mark.parametrize(("pruner", "executor", "overrides"), PAIRS)
def test_a_pruner_stops_hopeless_trials(pruner: str, executor: str, overrides: tuple[str, ...], tmp_path: Path) -> None:
    trials = SimulatedTrials(hopeless_below, epoch_seconds=0.02)
    chosen = (f"pruner={pruner}", f"executor={executor}", *overrides)
    results = simulation.run(tmp_path / "run", *GRID, *chosen, trials=trials)
    hopeless = [trial for trial in results.trials if trial.values["learning_rate"] < 1e-6]
    assert len(hopeless) == 2
    for trial in hopeless:
        assert (trial.status, trial.outcome.reason) == (TrialStatus.PRUNED, Reason.PRUNED)
        assert trial.outcome.error is not None
        assert re.search(r": val_loss 0\.7\d* after epoch \d+$", trial.outcome.error)
        assert 1 <= trial.outcome.epochs < 12
        assert trial.outcome.score == min(trial.intermediate_values.values())
    assert results.best(1)[0].values["learning_rate"] > 1e-6


def test_how_soon_the_search_looks_decides_on_nothing(tmp_path: Path) -> None:
    ends = []
    fewer = f"search_space.learning_rate.values={LEARNING[::3]}"
    for seconds in (0.01, 1.0):
        trials = SimulatedTrials(hopeless_below, epoch_seconds=0.02)
        cfg = composed(*SPACE, *GRID, fewer, "pruner=successive_halving")
        trainer = simulation.trainer(trials, poll_seconds=seconds)
        results = toonvision.run(cfg, tmp_path / f"{seconds}", trainer=trainer)
        ends.append([(t.status, t.outcome.score, t.outcome.metrics, t.outcome.last_epoch) for t in results.trials])
    assert ends[0] == ends[1]
    assert {status for status, *_ in ends[0]} == {TrialStatus.COMPLETED, TrialStatus.PRUNED}


FOLDS = (
    *GRID,
    "search_space.learning_rate.values=[0.01,0.02,0.05,1e-7,0.03]",
    *("resampling=kfold", "training.resampling.folds=3", "training.epochs=6"),
)


@pytest.mark.parametrize("pruner", ["successive_halving", "wilcoxon"])
def test_folds_are_judged_by_their_mean_and_never_by_the_first_alone(pruner: str, tmp_path: Path) -> None:
    trials = SimulatedTrials(unlucky_or_hopeless, epoch_seconds=0.01)
    results = simulation.run(tmp_path / "run", *FOLDS, f"pruner={pruner}", trials=trials)
    unlucky, hopeless = results.trials[2:4]
    assert unlucky.status is TrialStatus.COMPLETED
    assert unlucky.outcome.scores[0] > 0.7 > 0.3 > unlucky.outcome.scores[1] > unlucky.outcome.scores[2] - 1e-9
    assert unlucky.outcome.epochs == 18
    assert (hopeless.status, hopeless.outcome.reason) == (TrialStatus.PRUNED, Reason.PRUNED)
    assert re.search(r": mean val_loss of [23] folds 0\.[789]\d* after epoch \d$", str(hopeless.outcome.error))
    assert 6 < hopeless.outcome.epochs < 18
    assert len(hopeless.outcome.curves[0]) == 6
    assert sum(map(len, hopeless.outcome.curves)) == hopeless.outcome.epochs
    assert hopeless.outcome.scores == tuple(map(min, hopeless.outcome.curves))
    assert hopeless.outcome.score == pytest.approx(sum(hopeless.outcome.scores) / len(hopeless.outcome.scores))


def test_a_resumed_search_prunes_folds_as_the_one_that_was_not_interrupted(tmp_path: Path) -> None:
    overrides = (*FOLDS, "pruner=median", "pruner.n_startup_trials=2")
    trials = SimulatedTrials(unlucky_or_hopeless, epoch_seconds=0.01)
    whole = simulation.run(tmp_path / "whole", *overrides, trials=trials)
    with pytest.raises(SystemExit):
        simulation.run(tmp_path / "run", *overrides, trials=replace(trials, power=3, calls=[]))
    resumed = simulation.resume(tmp_path / "run", trials=replace(trials, calls=[]))
    assert [trial.outcome.error for trial in resumed.trials[3:]] == [trial.outcome.error for trial in whole.trials[3:]]
    assert resumed.trials[3].status is TrialStatus.PRUNED


@pytest.mark.training
def test_a_pruner_stops_the_training_of_a_model_that_does_not_learn(tmp_path: Path) -> None:
    table = ("dataset=breast_cancer", "model=mlp", "report.formats.page=null", "training.retrain={epochs:1,seeds:1}")
    rest = ("finalists.count=0", "search_space.n_layers=1", "search_space.activation=relu", "training.callbacks=null")
    fewer = f"search_space.learning_rate.values={LEARNING[2::2]}"
    cfg = composed(*table, *rest, *GRID, fewer, "pruner=wilcoxon")
    results = toonvision.run(cfg, tmp_path / "run", trainer=simulation.real_trials())
    assert [t.status for t in results.trials if t.values["learning_rate"] < 1e-6] == [TrialStatus.PRUNED]


def pruning(pruner: Node, *trials: Trial) -> Pruning:
    return Pruning(pruner, LOSS, epochs=15, trials=trials)


LOSS = Objective(name="val_loss", direction="min")
MEDIAN = Node("optuna.pruners.MedianPruner", {"n_startup_trials": 1, "n_warmup_steps": 2})


def completed(number: int, *values: float) -> Trial:
    outcome = Outcome(TrialStatus.COMPLETED, min(values), last_epoch=len(values))
    return Trial(number, {}, outcome, intermediate_values=dict(enumerate(values)))


def test_a_verdict_says_which_pruner_what_value_and_after_which_epoch() -> None:
    judge = pruning(MEDIAN, completed(0, 0.5, 0.4, 0.3))
    judge.begin(1)
    assert judge.verdict(1, Point(1, 0, 0.9)) is None  # warming up
    assert judge.verdict(1, Point(1, 1, 0.8)) == "MedianPruner: val_loss 0.8 after epoch 2"


def test_folds_are_compared_with_as_many_of_other_trials() -> None:
    outcome = Outcome(TrialStatus.COMPLETED, 0.4, curves=((0.2, 0.2, 0.2), (0.4, 0.4, 0.4), (0.6, 0.6, 0.6)))
    judge = Pruning(MEDIAN, LOSS, epochs=15, folds=3, trials=[Trial(0, {}, outcome)])
    for number in (1, 2):
        judge.begin(number)
    assert judge.verdict(1, Point(1, 2, 9.9)) is None
    assert judge.verdict(1, Point(2, 1, 0.29)) is None
    assert judge.verdict(2, Point(2, 1, 0.31)) == "MedianPruner: mean val_loss of 2 folds 0.31 after epoch 2"
    assert judge.verdict(1, Point(3, 1, 0.39)) is None
    assert judge.verdict(1, Point(3, 2, 0.41)) is None  # a median pruner judges by the best so far


def test_a_pruner_that_is_made_anew_knows_the_trials_of_the_record() -> None:
    halving = Node("optuna.pruners.SuccessiveHalvingPruner", {"min_resource": 1, "reduction_factor": 3})
    live = pruning(halving)
    verdicts = []
    for number, value in enumerate([0.5, 0.4, 0.6, 0.3]):
        live.begin(number)
        verdicts.append(live.verdict(number, Point(1, 0, value)) is not None)
        live.end(number, Outcome(TrialStatus.COMPLETED, value))
    assert verdicts == [False, False, True, False]
    resumed = pruning(halving, *(completed(number, value) for number, value in enumerate([0.5, 0.4, 0.6])))
    resumed.begin(3)
    assert resumed.verdict(3, Point(1, 0, 0.3)) is None
    resumed.begin(4)
    assert resumed.verdict(4, Point(1, 0, 0.45)) is not None


@pytest.mark.parametrize(("min_resource", "first"), [(None, 3), (2, 2)])
def test_the_first_rung_is_a_fifth_of_a_training_unless_it_is_given(min_resource: int | None, first: int) -> None:
    halving = Node("optuna.pruners.SuccessiveHalvingPruner", {"min_resource": min_resource, "reduction_factor": 3})
    judge = pruning(halving, *(completed(number, *[0.1] * 15) for number in range(3)))
    judge.begin(3)
    verdicts = [judge.verdict(3, Point(1, epoch, 0.9)) is not None for epoch in range(5)]
    assert verdicts.index(True) == first - 1


def test_a_value_that_is_not_finite_is_left_to_the_trial(tmp_path: Path) -> None:
    judge = pruning(MEDIAN, completed(0, 0.5, 0.4))
    judge.begin(1)
    assert judge.verdict(1, Point(1, 1, float("nan"))) is None


def test_a_trial_that_runs_again_begins_anew() -> None:
    judge = pruning(MEDIAN, completed(0, 0.5, 0.4, 0.3))
    judge.begin(1)
    judge.verdict(1, Point(1, 0, 0.9))
    judge.end(1, Outcome(TrialStatus.FAILED))
    judge.begin(1)
    assert judge.verdict(1, Point(1, 0, 0.9)) is None
