"""Executing one trial: how its trainings are scored, and why it is not scored."""

from __future__ import annotations

import csv
import math
from pathlib import Path

import keras
import numpy as np
import pytest

from tests.configuration import configured
from tests.conftest import SEARCH, Train
from tests.dataset.made_table import made
from tests.simulation import score
from toonvision.dataset import Split
from toonvision.record.results import Results
from toonvision.training import execute
from toonvision.training.fit import Fit, Watch
from toonvision.training.watchdog import StoppedError, Watchdog
from toonvision.trial.trial import HISTORY, Outcome, Promotion, Reason, Trial, TrialStatus, trial_directory

TABLE = ("dataset=breast_cancer", "model=mlp", *SEARCH, "training.retrain={epochs:1,seeds:1}")
History = dict[str, list[float]]


class Fits:
    """Stands for `toonvision.training.fit.fit`: trains nothing, and returns one history after the other.

    Attributes:
        left: histories that are still to be returned.
        stopped: why the watch breaks off each training.
        settings: of every training.
    """

    def __init__(self, *histories: History, stopped: StoppedError | None = None) -> None:
        self.left, self.stopped = list(histories), stopped
        self.settings: list[Fit] = []
        self.validations: list[Split] = []
        self.inputs: list[tuple[int | None, ...]] = []

    def __call__(self, model: keras.Model, how: Fit, *, watch: list[Watch], validation: Split, **_: object) -> History:
        self.settings.append(how)
        self.validations.append(validation)
        self.inputs.append(model.input_shape)
        watch[0].stopped = self.stopped
        history = self.left.pop(0)
        for epoch, metrics in enumerate(zip(*history.values(), strict=True)):
            row = dict(zip(history, metrics, strict=True))
            watch[0].rows.append({"execution": watch[0].execution, "epoch": how.initial_epoch + epoch, **row})
        return history


def run(directory: Path, *overrides: str, promotion: Promotion | None = None) -> Outcome:
    config = configured(*TABLE, *overrides).default_trial
    folder = trial_directory(directory, 0)
    folder.mkdir(parents=True)
    (folder / HISTORY).touch()
    with Watchdog(folder, timeout=None, memory_limit=None, may_exit=False) as watchdog:
        return execute.execute(config, directory, 0, promotion, watchdog)


def history(results: Results, trial: Trial) -> list[dict[str, str]]:
    text = (results.directory / "trials" / trial.id / HISTORY).read_text()
    return list(csv.DictReader(text.splitlines()))


def losses(*values: float) -> History:
    return {"loss": [0.5] * len(values), "val_loss": list(values)}


def test_the_score_is_the_mean_of_the_best_epoch_of_each_execution(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = {"loss": [0.9, 0.8, 0.7], "val_loss": [0.6, 0.3, 0.1], "val_accuracy": [0.25, 0.75, 0.5]}
    second = {"loss": [0.5, 0.4], "val_loss": [0.1, 0.2], "val_accuracy": [1.0, 0.5]}
    monkeypatch.setattr(execute, "fit", Fits(first, second))
    outcome = run(tmp_path, "objective=val_accuracy", "training.executions_per_trial=2")
    assert outcome.status is TrialStatus.COMPLETED
    assert (outcome.score, outcome.scores) == (0.875, (0.75, 1.0))
    assert outcome.metrics == pytest.approx({"loss": 0.65, "val_loss": 0.2, "val_accuracy": 0.875})
    assert (outcome.epochs, outcome.last_epoch) == (5, 3)


def test_each_fold_is_a_training_with_a_score(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fits = Fits(*(losses(0.1 * fold) for fold in range(1, 7)))
    monkeypatch.setattr(execute, "fit", fits)
    folds = ("resampling=kfold", "training.resampling.folds=3", "training.executions_per_trial=2")
    outcome = run(tmp_path, *folds)
    assert outcome.scores == pytest.approx((0.1, 0.2, 0.3, 0.4, 0.5, 0.6))
    assert outcome.score == pytest.approx(0.35)
    learned = [frozenset(split.names) for split in fits.validations]
    assert len(set(learned)) == 3
    assert learned[:3] == learned[3:]
    assert len(frozenset.union(*learned)) == sum(map(len, learned[:3])) == 456  # without the 113 test rows


def test_a_model_takes_the_inputs_of_its_fold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    frame = made()[["count", "color", "kind"]]
    frame.assign(color=np.where(np.arange(len(frame)) == 0, "rare", "usual")).to_csv(tmp_path / "t.csv", index=False)
    fits = Fits(*(losses(0.1) for _ in range(3)))
    monkeypatch.setattr(execute, "fit", fits)
    table = ("dataset=table", f"dataset.path={tmp_path / 't.csv'}", "dataset.target=kind")
    run(tmp_path, *table, "resampling=kfold", "training.resampling.folds=3")
    assert fits.inputs == [(None, *split.x.shape[1:]) for split in fits.validations]
    assert set(fits.inputs) == {(None, 2), (None, 3)}  # the train rows of one fold lack a category


@pytest.mark.parametrize(
    ("broken", "error"),
    [
        ({"loss": [0.5, math.nan], "val_loss": [0.4, 0.3]}, "the loss is no longer a finite number"),
        ({"loss": [0.5, 0.4], "val_loss": [0.4, math.inf]}, "val_loss is no longer a finite number"),
    ],
)
def test_a_number_that_is_not_finite_in_any_execution_is_a_failure(
    broken: History, error: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(execute, "fit", Fits(losses(0.4, 0.3), broken))
    outcome = run(tmp_path, "training.executions_per_trial=2")
    assert (outcome.status, outcome.reason, outcome.error) == (TrialStatus.FAILED, Reason.DIVERGED, error)
    assert (outcome.score, outcome.epochs) == (None, 4)


@pytest.mark.parametrize(
    ("reason", "status"), [(Reason.STOPPED, TrialStatus.INTERRUPTED), (Reason.TIMED_OUT, TrialStatus.FAILED)]
)
def test_a_training_that_broke_off_has_its_score_so_far_and_is_the_last(
    reason: Reason, status: TrialStatus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(execute, "fit", Fits(losses(0.4, 0.3), stopped=StoppedError(reason, "why")))
    outcome = run(tmp_path, "training.executions_per_trial=2")
    assert (outcome.status, outcome.reason, outcome.error) == (status, reason, "why")
    assert (outcome.scores, outcome.epochs) == ((0.3,), 2)


def test_a_model_that_may_not_be_trained_has_its_number_of_parameters(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fits = Fits()
    monkeypatch.setattr(execute, "fit", fits)
    outcome = run(tmp_path, "constraints.max_parameters=5", "search_space.n_layers=1", "search_space.units_1=8")
    parameters = 30 * 8 + 8 + 8 * 2 + 2
    error = f"constraints.max_parameters: expected at most 5. Received: {parameters}."
    infeasible = Outcome(TrialStatus.INFEASIBLE, parameters=parameters, error=error, reason=Reason.INFEASIBLE)
    assert outcome == infeasible
    assert fits.settings == []


def test_the_epochs_of_a_promotion_count_from_the_beginning_of_the_models_life(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fits = Fits(losses(0.4, 0.3))
    monkeypatch.setattr(execute, "fit", fits)
    outcome = run(tmp_path, promotion=Promotion(epochs=9, initial_epoch=7))
    assert [(how.initial_epoch, how.epochs) for how in fits.settings] == [(7, 9)]
    assert (outcome.epochs, outcome.last_epoch) == (2, 9)


@pytest.mark.training
def test_every_execution_keeps_its_score(train: Train) -> None:
    results = train("training.executions_per_trial=3", "tuner.max_trials=2", "training.epochs=1", quick=TABLE)
    for trial in results.best():
        assert len(set(trial.outcome.scores)) == 3
        assert trial.outcome.score == pytest.approx(sum(trial.outcome.scores) / 3)
        assert [row["execution"] for row in history(results, trial)] == ["0", "1", "2"]
        assert len(list((results.directory / "tensorboard" / trial.id).glob("execution_*/*.tfevents"))) == 3


@pytest.mark.training
def test_the_score_is_the_best_epochs_and_the_metrics_are_of_that_epoch(train: Train) -> None:
    results = train("objective=val_accuracy", "training.epochs=4", "tuner.max_trials=3", quick=TABLE)
    for trial in results.best():
        rows = history(results, trial)
        best = max(rows, key=lambda row: float(row["val_accuracy"]))
        assert trial.outcome.score == float(best["val_accuracy"])
        assert trial.outcome.metrics["val_loss"] == float(best["val_loss"])
    scores = [score(trial) for trial in results.best()]
    assert scores == sorted(scores, reverse=True)
