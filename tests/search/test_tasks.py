"""The tasks of a trial: what each fold is trained with, and what comes of all of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

import toonvision
from tests import simulation
from tests.configuration import composed, configured
from tests.simulation import SPACE
from toonvision.dataset import load_dataset
from toonvision.dataset.resampling import resampled
from toonvision.search.running import STOPPED
from toonvision.search.tasks import TrialTasks, folds_of, joined
from toonvision.trial.history import HistoryReader
from toonvision.trial.trial import HISTORY, Outcome, Promotion, Reason, Trial, TrialStatus

TABLE, PARALLEL = ("dataset=breast_cancer", "model=mlp"), "training.resampling.parallel=true"
FOLDS = ("resampling=kfold", "training.resampling.folds=2", "training.resampling.repeats=2")
COMPLETED = Outcome(TrialStatus.COMPLETED, 0.3, (0.3,), {"val_loss": 0.3}, 3, 3, 10, 1.0)
FAILED = Outcome(TrialStatus.FAILED, epochs=1, last_epoch=1, error="on purpose", reason=Reason.RAISED)


def test_a_fold_has_the_seed_and_the_examples_that_it_has_in_turn() -> None:
    config = configured(*TABLE, *FOLDS, PARALLEL, "training.executions_per_trial=2").default_trial
    dataset, how = load_dataset(config.dataset), config.training.resampling
    found = folds_of(config)
    assert [one.seed for one in found] == [config.seed + number for number in range(8)]
    assert {one.training.trainings_per_trial for one in found} == {1}
    for number, one in enumerate(found):
        alone = resampled(dataset, one.training.resampling, seed=one.seed, number=number, training=0)
        in_turn = resampled(dataset, how, seed=config.seed, number=0, training=number)
        assert alone.validation.names == in_turn.validation.names


def test_the_outcome_of_a_trial_is_that_of_its_folds_in_turn() -> None:
    first, second = (
        replace(COMPLETED, score=score, scores=(score,), metrics={"val_loss": score}, epochs=epochs, last_epoch=epochs)
        for score, epochs in ((0.25, 3), (0.75, 5))
    )
    found = joined([first, second])
    assert found == Outcome(TrialStatus.COMPLETED, 0.5, (0.25, 0.75), {"val_loss": 0.5}, 8, 5, 10, 2.0)


def test_a_failure_comes_before_an_interruption_and_that_before_a_score() -> None:
    failed = joined([COMPLETED, STOPPED, FAILED])
    assert (failed.status, failed.error, failed.score, failed.epochs) == (TrialStatus.FAILED, "on purpose", None, 4)
    stopped = joined([COMPLETED, STOPPED])
    assert (stopped.status, stopped.scores, stopped.epochs) == (TrialStatus.INTERRUPTED, (0.3,), 3)
    assert joined([STOPPED, STOPPED]) is STOPPED


@pytest.mark.parametrize(
    ("overrides", "promotion"),
    [((), None), ((*FOLDS, PARALLEL), Promotion(4, 2, parent=0)), (FOLDS, None)],
    ids=["holdout", "promotion", "in turn"],
)
def test_other_trials_are_one_task(overrides: tuple[str, ...], promotion: Promotion | None, tmp_path: Path) -> None:
    trial, config = Trial(0, {}, Outcome(TrialStatus.RUNNING), promotion), configured(*TABLE, *overrides).default_trial
    (task,) = TrialTasks(trial, config, tmp_path).tasks
    assert (task.config, task.directory, task.number) == (config, tmp_path, 0)


@pytest.mark.engine
@pytest.mark.training
def test_folds_that_two_workers_train_are_those_in_turn(tmp_path: Path) -> None:
    found = []
    for name, how in (("turn", ()), ("parallel", (PARALLEL, "executor=processes", "executor.workers=2"))):
        settings = (*SPACE, *FOLDS, "training.resampling.repeats=1", "tuner.max_trials=1", "training.epochs=2", *how)
        results = toonvision.run(composed(*settings), tmp_path / name, trainer=simulation.real_trials())
        found.append(results.trials[0].outcome)
        rows = list(HistoryReader(results.directory / "trials" / "0000" / HISTORY).new_epochs())
        assert [(row["execution"], row["epoch"]) for row in rows] == [(0, 0), (0, 1), (1, 0), (1, 1)]
        curves = results.directory.glob("tensorboard/0000/execution_*/*.tfevents")
        assert sorted(path.parent.name for path in curves) == ["execution_0", "execution_1"]
        assert sorted(path.name for path in (results.directory / "trials" / "0000").iterdir()) == [HISTORY]
    turn, parallel = found
    assert parallel.scores == pytest.approx(turn.scores)  # another number of threads
    assert parallel.metrics == pytest.approx(turn.metrics)
    assert parallel.epochs == turn.epochs
