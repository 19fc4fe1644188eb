"""Attempts: trials at work on an executor. They are started, followed by what they write, and asked to stop.

What a trial is for, and what its outcome means, is left to whoever starts it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Future, wait
from dataclasses import dataclass, replace
from pathlib import Path

from toonvision.config.schema import Retries, TrialConfig
from toonvision.executor import TrialExecutor
from toonvision.record.observer import Observer
from toonvision.training.trainer import Trainer
from toonvision.training.worker import death, process_name
from toonvision.trial.history import HistoryReader
from toonvision.trial.trial import HISTORY, STOP, Outcome, Reason, Trial, TrialStatus, trial_directory

STOPPED = Outcome(TrialStatus.INTERRUPTED, error="the search was stopped", reason=Reason.STOPPED)

OnEpoch = Callable[[Trial, dict[str, float]], None]
OnEnd = Callable[[Trial, Outcome], None]


@dataclass(frozen=True, slots=True)
class Runner:
    """What runs the trials of a run, and who watches them.

    Attributes:
        executor: one of `toonvision.executor`; the caller owns it and shuts it down.
        observer: receives every trial and epoch.
        trainer: the functions that train.
    """

    executor: TrialExecutor
    observer: Observer
    trainer: Trainer


@dataclass(frozen=True, slots=True)
class _Attempt:
    """A trial at work, its history, and when it began."""

    trial: Trial
    history: HistoryReader
    began: float


class Attempts:
    """The trials at work on one executor, in one thread of the parent process.

    Args:
        runner: what runs them.
        directory: in which each trial has its folder: the run's, say.
        on_epoch: called with a trial and the metrics of an epoch that it has ended, with `execution` and `epoch`.
        on_end: called with a trial that has ended, and its outcome; INTERRUPTED if it was asked to stop.
    """

    def __init__(self, runner: Runner, directory: Path, *, on_epoch: OnEpoch, on_end: OnEnd) -> None:
        self.executor, self.trainer, self.directory = runner.executor, runner.trainer, directory
        self.on_epoch, self.on_end = on_epoch, on_end
        self.slots = runner.executor.workers
        self._running: dict[Future[Outcome], _Attempt] = {}

    @property
    def trials(self) -> list[Trial]:
        """Those at work."""
        return [attempt.trial for attempt in self._running.values()]

    def start(self, trial: Trial, config: TrialConfig) -> None:
        """Give a trial to the executor.

        Args:
            trial: its number is that of no other at work.
            config: of the trial.
        """
        folder = trial_directory(self.directory, trial.number)
        for name in (STOP, HISTORY):  # of an earlier attempt, which is not to be read as this one's
            (folder / name).unlink(missing_ok=True)
        # The same seed would only diverge again.
        moved = trial.retried.count(Reason.DIVERGED) * config.training.executions_per_trial
        task = (
            config.model_copy(update={"seed": config.seed + moved}),
            str(self.directory),
            trial.number,
            trial.promotion,
        )
        attempt = _Attempt(trial, HistoryReader(folder / HISTORY), time.monotonic())
        self._running[self.executor.submit(self.trainer.run_trial, *task, process_name())] = attempt

    def run(self, fill: Callable[[], bool]) -> None:
        """Start trials and follow them until there are no more; whatever happens, none is left at work.

        Args:
            fill: starts trials in the free slots, and returns whether to go on.

        Raises:
            ToonvisionError: as of `poll`, and whatever `fill` raises.
            KeyboardInterrupt: after those at work have been stopped, as of `stop`.
        """
        try:
            while fill():
                self.poll()
        finally:
            self.stop()

    def poll(self) -> None:
        """Wait a moment for a trial to end; pass on what all have written, and how some have ended.

        Raises:
            ToonvisionError: of a trial, if no other would fare better (see `toonvision.training.worker.run_trial`).
        """
        done, _ = wait(self._running, timeout=self.trainer.poll_seconds, return_when=FIRST_COMPLETED)
        for attempt in self._running.values():
            self._follow(attempt)
        for future in done:
            outcome = self._outcome(future)
            self._end(self._running.pop(future), outcome)

    def ask_to_stop(self, number: int) -> None:
        """Let a trial stop as soon as it looks; its outcome is INTERRUPTED unless it has ended by then."""
        folder = trial_directory(self.directory, number)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / STOP).touch()

    def stop(self) -> None:
        """Ask all to stop, wait for them, and pass on how they have ended: INTERRUPTED, or all the same with a score.

        Raises:
            KeyboardInterrupt: a second one: they are not waited for, but all are passed on.
        """
        for future, attempt in self._running.items():
            if not future.cancel():
                self.ask_to_stop(attempt.trial.number)
        try:
            wait(self._running)
        except KeyboardInterrupt:
            self.executor.shutdown(wait=False, cancel_futures=True)
            raise
        finally:
            running, self._running = self._running, {}
            for future, attempt in running.items():
                whole = future.done() and not future.cancelled() and future.exception() is None
                self._end(attempt, future.result() if whole else STOPPED)

    def _follow(self, attempt: _Attempt) -> None:
        for metrics in attempt.history.new_epochs():
            self.on_epoch(attempt.trial, metrics)

    def _end(self, attempt: _Attempt, outcome: Outcome) -> None:
        if outcome is not STOPPED:
            self._follow(attempt)
        self.on_end(attempt.trial, outcome)

    def _outcome(self, future: Future[Outcome]) -> Outcome:
        attempt = self._running[future]
        try:
            return future.result()
        except BrokenExecutor as error:
            outcome = death(self.directory, attempt.trial.number, error)
            return replace(outcome, seconds=time.monotonic() - attempt.began)


def retried(trial: Trial, outcome: Outcome, retries: Retries) -> Trial | None:
    """Return the trial as it runs again after this outcome, or None if it does not.

    Args:
        trial: that has ended.
        outcome: of this attempt.
        retries: how often a trial may run again, by the kind of failure.
    """
    reason = outcome.reason
    if reason is None or trial.retried.count(reason) >= int(getattr(retries, reason.key, 0)):
        return None
    return replace(trial, retried=(*trial.retried, reason))
