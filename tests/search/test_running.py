"""Running trials on an executor: their epochs and ends are passed on, and none runs on."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Executor, Future
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests import simulation
from tests.configuration import configured
from tests.executor.waiting import SECONDS
from tests.simulation import SPACE, Call, SimulatedTrials
from toonvision.config.schema import Retries, TrialConfig
from toonvision.errors import DatasetError
from toonvision.executor import TrialExecutor
from toonvision.executor.inline import InlineExecutor
from toonvision.record.results import Results
from toonvision.search import running
from toonvision.search.runner import Runner
from toonvision.search.running import STOPPED, RunningTrials, retried
from toonvision.trial.trial import (
    HISTORY,
    LOG,
    STOP,
    Outcome,
    Reason,
    Trial,
    TrialStatus,
    folds_directory,
    trial_directory,
)

COMPLETED = Outcome(TrialStatus.COMPLETED, 0.3, (0.3,), {"val_loss": 0.3}, 3, 3, 10, 1.0)


@pytest.fixture(scope="module")
def config() -> TrialConfig:
    return configured(*SPACE, "training.epochs=5000", "training.executions_per_trial=3").default_trial


@pytest.fixture(scope="module")
def folds() -> TrialConfig:
    parallel = ("resampling=kfold", "training.resampling.folds=3", "training.resampling.parallel=true")
    return configured(*SPACE, *parallel).default_trial


class HeldExecutor(Executor):
    """Trains nothing: a test says how a trial ends, and when."""

    workers = 3

    def __init__(self) -> None:
        self.futures: list[Future[Any]] = []
        self.configs: list[TrialConfig] = []

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        future.set_running_or_notify_cancel()
        self.futures.append(future)
        self.configs.append(args[0])
        return future


class TwoThreads(InlineExecutor):
    """Runs two trials at once."""

    workers = 2


class Followed:
    """Running trials, and in their order the epochs and the outcomes that they pass on."""

    def __init__(self, executor: TrialExecutor, directory: Path, trials: SimulatedTrials | None = None) -> None:
        self.passed_on: list[tuple[int, float | Outcome]] = []
        runner = Runner(executor, (), simulation.trainer(trials))
        self.trials = RunningTrials(runner, directory, on_epoch=self._epoch, on_end=self._end)

    @property
    def outcomes(self) -> dict[int, Outcome]:
        return {number: what for number, what in self.passed_on if isinstance(what, Outcome)}

    def _epoch(self, trial: Trial, metrics: dict[str, float]) -> None:
        self.passed_on.append((trial.number, metrics["epoch"]))

    def _end(self, trial: Trial, outcome: Outcome) -> None:
        self.passed_on.append((trial.number, outcome))


def trial(number: int, *failures: Reason) -> Trial:
    return Trial(number, {}, Outcome(TrialStatus.RUNNING), retried=failures)


def test_epochs_are_passed_on_while_a_trial_runs_and_before_its_end(config: TrialConfig, tmp_path: Path) -> None:
    executor = HeldExecutor()
    followed = Followed(executor, tmp_path)
    followed.trials.start(trial(0), config)
    history = trial_directory(tmp_path, 0) / HISTORY
    history.parent.mkdir(parents=True)
    history.write_text("execution,epoch,val_loss\n0,0,0.5\n")
    followed.trials.poll()
    assert followed.passed_on == [(0, 0)]
    history.write_text(history.read_text() + "0,1,0.4\n0,2,0.3\n")
    executor.futures[0].set_result(COMPLETED)
    followed.trials.poll()
    assert followed.passed_on == [(0, 0), (0, 1), (0, 2), (0, COMPLETED)]
    assert followed.trials.trials == []


def test_a_trial_whose_process_died_has_failed_and_the_others_run_on(config: TrialConfig, tmp_path: Path) -> None:
    executor = HeldExecutor()
    followed = Followed(executor, tmp_path)
    for number in (0, 1):
        followed.trials.start(trial(number), config)
    executor.futures[0].set_exception(BrokenExecutor("killed by signal 9"))
    followed.trials.poll()
    ((number, outcome),) = followed.outcomes.items()
    assert (number, outcome.status, outcome.reason) == (0, TrialStatus.FAILED, Reason.WORKER_DIED)
    assert outcome.error == "its process has died: killed by signal 9"
    assert outcome.seconds > 0
    assert [other.number for other in followed.trials.trials] == [1]


def test_a_running_trial_stops_at_its_file_and_a_waiting_one_does_not_start(
    config: TrialConfig, tmp_path: Path
) -> None:
    trials = SimulatedTrials(epoch_seconds=0.1)
    with InlineExecutor() as executor:
        followed = Followed(executor, tmp_path, trials)
        for number in (0, 1):
            followed.trials.start(trial(number), config)
        followed.trials.run(lambda: not followed.passed_on)
    assert [call.number for call in trials.calls] == [0]
    assert [(trial_directory(tmp_path, number) / STOP).exists() for number in (0, 1)] == [True, False]
    stopped = followed.outcomes[0]
    assert (stopped.status, stopped.reason) == (TrialStatus.INTERRUPTED, Reason.STOPPED)
    assert [what for _, what in followed.passed_on] == [*range(stopped.epochs), stopped, STOPPED]


def test_an_error_that_every_trial_would_have_is_raised_and_no_trial_runs_on(
    config: TrialConfig, tmp_path: Path
) -> None:
    began = threading.Event()

    def raise_beside_another(call: Call) -> None:
        if call.number == 1:
            began.set()
        else:
            assert began.wait(SECONDS)
            raise DatasetError("the data are gone")

    with TwoThreads() as executor:
        trials = SimulatedTrials(instead=raise_beside_another, epoch_seconds=0.001)
        followed = Followed(executor, tmp_path, trials)
        for number in (0, 1):
            followed.trials.start(trial(number), config)
        with pytest.raises(DatasetError, match="the data are gone"):
            followed.trials.run(lambda: True)
        assert followed.trials.trials == []
    assert followed.outcomes[0] == STOPPED  # it may run again when the data are back
    assert followed.outcomes[1].status is TrialStatus.INTERRUPTED
    assert followed.outcomes[1].parameters is not None  # it was waited for, and this is its own outcome


def test_a_trial_that_diverged_runs_again_with_seeds_that_it_has_not_had(config: TrialConfig, tmp_path: Path) -> None:
    executor = HeldExecutor()
    followed = Followed(executor, tmp_path)
    followed.trials.start(trial(0), config)
    followed.trials.start(trial(1, Reason.DIVERGED), config)
    followed.trials.start(trial(2, Reason.DIVERGED, Reason.RAISED, Reason.DIVERGED, Reason.TIMED_OUT), config)
    assert [given.seed for given in executor.configs] == [42, 45, 48]  # three executions count up from each


def write(run: Path, fold: int, *losses: float) -> None:
    history = trial_directory(folds_directory(run, 0), fold) / HISTORY
    history.parent.mkdir(parents=True, exist_ok=True)
    lines = (f"0,{epoch},{loss}\n" for epoch, loss in enumerate(losses))
    history.write_text("execution,epoch,val_loss\n" + "".join(lines))


def fold_ended(score: float) -> Outcome:
    return Outcome(TrialStatus.COMPLETED, score, (score,), {"val_loss": score}, 2, 2, 10, 1.0)


def test_folds_are_tasks_whose_epochs_are_passed_on_in_their_order(folds: TrialConfig, tmp_path: Path) -> None:
    executor = HeldExecutor()
    followed = Followed(executor, tmp_path)
    followed.trials.start(trial(0), folds)
    assert [(config.seed, config.training.resampling.fold) for config in executor.configs] == [
        (42, 0),
        (43, 1),
        (44, 2),
    ]
    assert not followed.trials.has_free_slot
    write(tmp_path, 2, 0.3)
    write(tmp_path, 0, 0.5, 0.2)
    executor.futures[2].set_result(fold_ended(0.3))
    followed.trials.poll()
    assert followed.trials.has_free_slot
    assert followed.passed_on == [(0, 0), (0, 1)]
    for fold, score in ((0, 0.2), (1, 0.1)):
        executor.futures[fold].set_result(fold_ended(score))
    write(tmp_path, 1, 0.4, 0.1)
    followed.trials.poll()
    outcome = followed.outcomes[0]
    assert (outcome.status, outcome.scores, outcome.epochs) == (TrialStatus.COMPLETED, (0.2, 0.1, 0.3), 6)
    assert outcome.score == outcome.metrics["val_loss"] == pytest.approx(0.2)
    history = (trial_directory(tmp_path, 0) / HISTORY).read_text().splitlines()
    assert history == ["execution,epoch,val_loss", "0,0,0.5", "0,1,0.2", "1,0,0.4", "1,1,0.1", "2,0,0.3"]
    assert not folds_directory(tmp_path, 0).exists()
    assert followed.trials.trials == []


def test_a_fold_that_fails_ends_the_trial_and_its_log_is_the_trials(folds: TrialConfig, tmp_path: Path) -> None:
    executor = HeldExecutor()
    followed = Followed(executor, tmp_path)
    followed.trials.start(trial(0), folds)
    write(tmp_path, 1)
    (trial_directory(folds_directory(tmp_path, 0), 1) / LOG).write_text("Traceback")
    executor.futures[1].set_exception(BrokenExecutor("killed by signal 9"))
    followed.trials.poll()
    assert followed.outcomes == {}
    assert [(trial_directory(folds_directory(tmp_path, 0), n) / STOP).exists() for n in range(3)] == [True, False, True]
    for fold in (0, 2):
        executor.futures[fold].set_result(replace(STOPPED, epochs=1))
    followed.trials.poll()
    outcome = followed.outcomes[0]
    assert (outcome.status, outcome.reason, outcome.score) == (TrialStatus.FAILED, Reason.WORKER_DIED, None)
    assert outcome.epochs == 2
    assert (trial_directory(tmp_path, 0) / LOG).read_text() == "Traceback"


def test_a_fold_that_has_ended_is_not_trained_again_after_an_interruption(folds: TrialConfig, tmp_path: Path) -> None:
    first = HeldExecutor()
    followed = Followed(first, tmp_path)
    followed.trials.start(trial(0), folds)
    write(tmp_path, 1, 0.4, 0.1)
    first.futures[1].set_result(fold_ended(0.1))
    followed.trials.poll()
    for fold in (0, 2):
        first.futures[fold].set_result(STOPPED)
    followed.trials.stop()
    assert followed.outcomes[0].status is TrialStatus.INTERRUPTED
    again = HeldExecutor()
    resumed = Followed(again, tmp_path)
    resumed.trials.start(trial(0), folds)
    assert [config.training.resampling.fold for config in again.configs] == [0, 2]
    for future, score in zip(again.futures, (0.2, 0.3), strict=True):
        future.set_result(fold_ended(score))
    resumed.trials.poll()
    assert resumed.outcomes[0].scores == (0.2, 0.1, 0.3)
    other = HeldExecutor()
    Followed(other, tmp_path).trials.start(trial(0), folds)
    assert len(other.configs) == 3  # the trial has ended: nothing is kept


def test_each_kind_of_failure_has_retries_of_its_own() -> None:
    retries = Retries(raised=1, diverged=2)
    before = trial(0, Reason.DIVERGED, Reason.RAISED)
    again = {reason: retried(before, Outcome(TrialStatus.FAILED, reason=reason), retries) for reason in Reason}
    assert again.pop(Reason.DIVERGED) == trial(0, Reason.DIVERGED, Reason.RAISED, Reason.DIVERGED)
    assert set(again.values()) == {None}
    assert retried(before, COMPLETED, retries) is None


def test_a_second_interrupt_does_not_wait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[int] = []

    def interrupted(futures: object, **_: object) -> None:
        waits.append(1)
        raise KeyboardInterrupt

    monkeypatch.setattr(running, "wait", interrupted)
    slow = simulation.SimulatedTrials(epoch_seconds=0.5)  # still running when it is not waited for
    with pytest.raises(KeyboardInterrupt):
        simulation.run(tmp_path / "run", "tuner.max_trials=3", trials=slow)
    assert len(waits) == 2
    assert [trial.status for trial in Results.load(tmp_path / "run").trials] == [TrialStatus.INTERRUPTED]
