"""Running trials on an executor: they are started, followed by what they write, and asked to stop.

What a trial is for, and what its outcome means, is left to the caller.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, CancelledError, Future, wait
from dataclasses import dataclass, replace
from pathlib import Path

from toonvision.config.schema import Retries, TrialConfig
from toonvision.config.training_schema import Training
from toonvision.search.runner import Runner
from toonvision.search.tasks import Task, TrialTasks
from toonvision.training.worker import death, process_name
from toonvision.trial.trial import Outcome, Reason, Trial, TrialStatus

STOPPED = Outcome(TrialStatus.INTERRUPTED, error="the search was stopped", reason=Reason.STOPPED)

OnEpoch = Callable[[Trial, dict[str, float]], None]
OnEnd = Callable[[Trial, Outcome], None]


@dataclass(frozen=True, slots=True)
class _Running:
    """A task of a running trial, and the monotonic time at which it was started."""

    of: TrialTasks
    task: Task
    started: float


class RunningTrials:
    """The trials that run on one executor, in one thread of the parent process.

    Args:
        runner: what runs them.
        directory: in which each trial has its folder, for example the run's.
        on_epoch: called with a trial and the metrics of an epoch that it has completed, with `execution` and `epoch`.
        on_end: called with a trial that has ended and its outcome, which is INTERRUPTED if it was asked to stop.
    """

    def __init__(self, runner: Runner, directory: Path, *, on_epoch: OnEpoch, on_end: OnEnd) -> None:
        self.executor, self.trainer, self.directory = runner.executor, runner.trainer, directory
        self.on_epoch, self.on_end = on_epoch, on_end
        self._running: dict[Future[Outcome], _Running] = {}
        self._trials: dict[int, TrialTasks] = {}

    @property
    def trials(self) -> list[Trial]:
        """The trials that run now."""
        return [tasks.trial for tasks in self._trials.values()]

    @property
    def has_free_slot(self) -> bool:
        """Whether a worker is free for another trial beside these."""
        return len(self._running) < self.executor.workers

    def training(self, number: int) -> Training:
        """Return how a running trial is trained."""
        return self._trials[number].training

    def start(self, trial: Trial, config: TrialConfig) -> None:
        """Give a trial to the executor.

        Args:
            trial: no other running trial has its number.
            config: of the trial.
        """
        # With the same seed the training would diverge again.
        shift = trial.retried.count(Reason.DIVERGED) * config.training.trainings_per_trial
        config = config.model_copy(update={"seed": config.seed + shift})
        tasks = self._trials[trial.number] = TrialTasks(trial, config, self.directory)
        for task in tasks.tasks:
            if task.outcome is None:  # kept by an interrupted search
                arguments = (task.config, str(task.directory), task.number, trial.promotion, process_name())
                future = self.executor.submit(self.trainer.run_trial, *arguments)
                self._running[future] = _Running(tasks, task, time.monotonic())

    def run(self, fill: Callable[[], bool]) -> None:
        """Start trials and follow them until there are no more; whatever happens, none still runs at the end.

        Args:
            fill: starts trials in the free slots, and returns whether to go on.

        Raises:
            ToonvisionError: as `poll` raises it, and whatever `fill` raises.
            KeyboardInterrupt: after the running trials have stopped, as `stop` raises it.
        """
        try:
            while fill():
                self.poll()
        finally:
            self.stop()

    def poll(self) -> None:
        """Wait for a trial to end, at most `Trainer.poll_seconds`; pass on new epochs and outcomes.

        Raises:
            ToonvisionError: of a trial, if no other would fare better (see `toonvision.training.worker.run_trial`).
        """
        done, _ = wait(self._running, timeout=self.trainer.poll_seconds, return_when=FIRST_COMPLETED)
        for tasks in self._trials.values():
            self._follow(tasks)
        for future in done:
            outcome = self._outcome(future)
            running = self._running.pop(future)
            running.of.end(running.task, outcome)
            if running.of.has_failed:
                self.ask_to_stop(running.of.trial.number)
        self._end_trials()

    def ask_to_stop(self, number: int) -> None:
        """Ask a trial to stop at its next batch; its outcome is INTERRUPTED unless it has ended by then."""
        for future, running in self._running.items():
            if running.of.trial.number == number and not (running.of.has_folds and future.cancel()):
                running.task.ask_to_stop()

    def stop(self) -> None:
        """Ask all trials to stop, wait for them, and pass on their outcomes: INTERRUPTED, unless they have ended.

        Raises:
            KeyboardInterrupt: a second one: the trials are not waited for, but their outcomes are passed on.
        """
        for future, running in self._running.items():
            if not future.cancel():
                running.task.ask_to_stop()
        try:
            wait(self._running)
        except KeyboardInterrupt:
            self.executor.shutdown(wait=False, cancel_futures=True)
            raise
        finally:
            stopped, self._running = self._running, {}
            for future, running in stopped.items():
                has_outcome = future.done() and not future.cancelled() and future.exception() is None
                running.of.end(running.task, future.result() if has_outcome else STOPPED)
            self._end_trials()

    def _follow(self, tasks: TrialTasks) -> None:
        for metrics in tasks.new_epochs():
            self.on_epoch(tasks.trial, metrics)

    def _end_trials(self) -> None:
        """Pass on the outcomes of the trials of which all tasks have ended."""
        for number, tasks in list(self._trials.items()):
            outcome = tasks.outcome
            if outcome is not None:
                if outcome is not STOPPED:
                    self._follow(tasks)
                tasks.clear(outcome)
                del self._trials[number]
                self.on_end(tasks.trial, outcome)

    def _outcome(self, future: Future[Outcome]) -> Outcome:
        running = self._running[future]
        try:
            return future.result()
        except CancelledError:
            return STOPPED
        except BrokenExecutor as error:
            outcome = death(running.task.directory, running.task.number, error)
            return replace(outcome, seconds=time.monotonic() - running.started)


def retried(trial: Trial, outcome: Outcome, retries: Retries) -> Trial | None:
    """Return the trial as it runs again after this outcome, or None if it does not.

    Args:
        trial: that has ended.
        outcome: of this training.
        retries: how often a trial may run again, by the kind of failure.
    """
    reason = outcome.reason
    if reason is None or trial.retried.count(reason) >= int(getattr(retries, reason.key, 0)):
        return None
    return replace(trial, retried=(*trial.retried, reason))
