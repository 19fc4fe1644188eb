"""Replay searches from the tables of learning curves: the real loop, oracle, pruner and record, without a training.

A search runs in simulated time, with one worker or more: an epoch takes the seconds that the task says, and a trial
some seconds more to start. It ends when its epochs are spent.

The regret of a search is the loss of the configuration that it would choose, less that of the best configuration of the
table, both as means of all tabulated seeds. So luck with one training counts for nothing.
"""

from __future__ import annotations

import contextlib
import csv
import functools
import math
import random
import statistics
import tempfile
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import optuna
from optuna.study import StudyDirection

from benchmarks.strategies.tasks import SEEDS, Task
from toonvision.config.compose import compose
from toonvision.config.schema import RunConfig, TrialConfig
from toonvision.config.trust import trust
from toonvision.record.reading import STUDY
from toonvision.record.record import Record
from toonvision.search.rounds import search_rounds
from toonvision.search.runner import Runner, Trainer
from toonvision.search_space.space import Values
from toonvision.trial.trial import (
    HISTORY,
    STOP,
    Outcome,
    Promotion,
    Reason,
    Trial,
    TrialStatus,
    checkpoint,
    trial_directory,
)
from toonvision.validation.validate import validate

Steps = list[tuple[int, float, float]]  # epochs and seconds that were spent, and the regret from there on
PATIENCE = 3  # of the early stopping, as in conf/training/default.yaml


@dataclass(frozen=True)
class Curves:
    """The table of a task.

    Attributes:
        losses: by epoch, of each configuration with each seed.
        parameters: of each configuration.
        names: of the hyperparameters.
        quality: the mean over the seeds of the best loss of each configuration.
    """

    losses: Mapping[tuple[tuple[str, ...], int], tuple[float, ...]]
    parameters: Mapping[tuple[str, ...], int]
    names: tuple[str, ...]
    quality: Mapping[tuple[str, ...], float]

    @classmethod
    @functools.cache
    def read(cls, path: Path) -> Curves:
        """Read a table."""
        with path.open(newline="") as file:
            header, *lines = csv.reader(file)
        at = header.index("seed")
        losses, parameters = {}, {}
        for line in lines:
            key, curve = tuple(line[:at]), line[header.index("epoch_1") :]
            losses[key, int(line[at])] = tuple(map(float, curve))
            parameters[key] = int(line[header.index("parameters")])
        quality = {
            key: statistics.fmean(min(stopped(losses[key, seed])) for seed in SEEDS)
            for key in parameters
            if all((key, seed) in losses for seed in SEEDS)
        }
        return cls(losses, parameters, tuple(header[:at]), quality)

    @property
    def epochs(self) -> int:
        """Epochs of a whole training."""
        return max(len(losses) for losses in self.losses.values())

    def smallest(self, share: float) -> float:
        """Return the most parameters of a share of the configurations, the smallest ones."""
        return statistics.quantiles(self.parameters.values(), n=100)[round(100 * share) - 1] if share < 1 else math.inf

    def middle(self, most_parameters: float) -> float:
        """Return the regret of the middle one of the configurations with at most so many parameters."""
        feasible = [q for key, q in self.quality.items() if self.parameters[key] <= most_parameters]
        return statistics.median(feasible) - min(feasible)

    def key(self, values: Values) -> tuple[str, ...]:
        """Return the values as the table has them."""
        return tuple("" if values.get(name) is None else str(values[name]) for name in self.names)


def stopped(losses: Sequence[float]) -> Sequence[float]:
    """Return the losses until early stopping ends the training."""
    best = 0
    for epoch, loss in enumerate(losses):
        if loss < losses[best]:
            best = epoch
        elif epoch - best >= PATIENCE:
            return losses[: epoch + 1]
    return losses


@dataclass
class _Training:
    """A trial that runs in simulated time."""

    number: int
    first: int
    losses: Sequence[float]
    folder: Path
    future: Future[Outcome]
    next_at: float  # simulated seconds at which its next epoch ends
    parameters: int
    done: int = 0


@dataclass
class Simulated(Executor):
    """The executor and the trainer of a replayed search: trials follow tabulated curves in simulated time.

    The clock moves whenever the search waits for its trials, to the end of the next epoch of any of them.

    Attributes:
        task: of the curves.
        curves: of the task.
        workers: trials that run at once.
        most_parameters: of a model; a larger one is INFEASIBLE.
        limit: of the epochs of all trials.
        spent: epochs so far.
        now: simulated seconds so far.
        ended: by trial, the simulated seconds and the epochs of all trials at which it has ended.
    """

    task: Task
    curves: Curves
    workers: int
    most_parameters: float
    limit: int
    spent: int = 0
    now: float = 0.0
    ended: dict[int, tuple[float, int]] = field(default_factory=dict)
    _running: list[_Training] = field(default_factory=list)

    def run_trial(self, *_: object) -> Outcome:
        """Stand for the training, which `submit` simulates."""
        raise NotImplementedError

    compare = run_trial

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Begin a trial."""
        config, directory, number, promotion, _ = args
        assert isinstance(config, TrialConfig)
        future: Future[Outcome] = Future()
        future.set_running_or_notify_cancel()  # the search may not cancel it
        key = self.curves.key(config.values)
        parameters = self.curves.parameters[key]
        if parameters > self.most_parameters:
            future.set_result(Outcome(TrialStatus.INFEASIBLE, error="too large", reason=Reason.INFEASIBLE))
            return future
        losses = self.curves.losses[key, random.Random(f"{config.seed} {key}").choice(SEEDS)]
        first = promotion.initial_epoch if isinstance(promotion, Promotion) else 0
        last = promotion.epochs if isinstance(promotion, Promotion) else len(losses)
        folder = trial_directory(Path(directory), number)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / HISTORY).write_text("execution,epoch,val_loss\n")
        if promotion:
            checkpoint(Path(directory), number, 0).touch()
        begins = self.now + self.task.start_seconds + self.task.epoch_seconds
        self._running.append(_Training(number, first, stopped(losses[first:last]), folder, future, begins, parameters))
        if first >= last:
            self._end(self._running[-1])
        return future

    @property
    def poll_seconds(self) -> float:
        """How long the search waits: not at all, after the clock has moved."""
        if self._running:
            training = min(self._running, key=lambda running: running.next_at)
            if (training.folder / STOP).exists():
                self._end(training)
            else:
                self.now, self.spent = training.next_at, self.spent + 1
                with (training.folder / HISTORY).open("a") as file:
                    file.write(f"0,{training.first + training.done},{training.losses[training.done]}\n")
                training.done += 1
                training.next_at += self.task.epoch_seconds
                if training.done == len(training.losses):
                    self._end(training)
        return 0.0

    def _end(self, training: _Training) -> None:
        self._running.remove(training)
        self.ended[training.number] = self.now, self.spent
        score = min(training.losses[: training.done], default=math.inf)
        training.future.set_result(
            Outcome(
                TrialStatus.COMPLETED,
                score=score,
                scores=(score,),
                metrics={"val_loss": score},
                epochs=training.done,
                last_epoch=training.first + training.done,
                parameters=training.parameters,
            )
        )
        if self.spent >= self.limit:
            for other in self._running:
                other.future.set_result(Outcome(TrialStatus.INTERRUPTED))
            raise SpentError

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End: nothing runs but in simulated time."""


class SpentError(Exception):
    """The epochs of a search are spent."""


def replay(
    task: Task,
    overrides: Sequence[str],
    seed: int,
    *,
    epochs: int,
    workers: int = 1,
    most_parameters: float = math.inf,
) -> Steps:
    """Replay one search.

    Args:
        task: whose table is complete.
        overrides: that choose the tuner, the pruner and the strategy.
        seed: of the search, and of which tabulated training a trial gets.
        epochs: that it may spend.
        workers: trials that run at once.
        most_parameters: of a model that can be built.

    Returns:
        A step for each improvement of the best score.
    """
    trust("benchmarks.strategies")
    curves = Curves.read(task.table)
    extra = [f"{task.needs}=."] if task.needs else []
    config: RunConfig = validate(compose([*task.overrides, *extra, "first=[]", *overrides, f"seed={seed}"]))
    simulated = Simulated(task, curves, workers, most_parameters, epochs)
    with tempfile.TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as name:
        storage = optuna.storages.InMemoryStorage()  # a record that is not resumed needs no file
        storage.create_new_study([StudyDirection.MINIMIZE], STUDY)
        record = Record(storage, Path(name), space=config.search_space, objective=config.objective)
        with contextlib.suppress(SpentError):
            search_rounds(config, record=record, runner=Runner(simulated, [], cast(Trainer, simulated)))
        return _improvements(record.trials, simulated)


def _improvements(trials: Sequence[Trial], simulated: Simulated) -> Steps:
    """Return the epochs, the seconds and the regret whenever a search has found a better score."""
    curves = simulated.curves
    feasible = [q for key, q in curves.quality.items() if curves.parameters[key] <= simulated.most_parameters]
    best, lines = math.inf, []
    completed = [trial for trial in trials if trial.status is TrialStatus.COMPLETED]
    for trial in sorted(completed, key=lambda trial: trial.reported_at or 0):
        score = trial.outcome.score
        if score is not None and score < best:
            best = score
            seconds, epochs = simulated.ended[trial.number]
            lines.append((epochs, seconds, curves.quality[curves.key(trial.values)] - min(feasible)))
    return lines
