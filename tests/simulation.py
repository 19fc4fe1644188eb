"""Simulated trials and a simulated comparison, which make a whole search take a second. They work in every executor.

A simulated trial follows a learning curve: a function of its values, its seed and the epoch. Otherwise it behaves like
a real trial: it writes its history after each epoch, stops on request, and returns a failure as an outcome.
"""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import fmean
from typing import IO

from rich.console import Console

import toonvision
from tests.configuration import composed
from tests.made_verdict import made_verdict
from toonvision.config.schema import RunConfig, TrialConfig
from toonvision.record.observer import FinalEpochEnded
from toonvision.record.results import Results
from toonvision.record.run_state import Finalist
from toonvision.search.runner import Runner, Trainer
from toonvision.search_space.space import Values, complete
from toonvision.training.worker import run_trial
from toonvision.trial.objective import Objective
from toonvision.trial.trial import (
    HISTORY,
    STOP,
    Outcome,
    Promotion,
    Reason,
    Trial,
    TrialStatus,
    checkpoint,
    folds_directory,
    tensorboard_directory,
    trial_directory,
)
from toonvision.verdict.comparison import Comparison, ModelScores

# The best trials have a low first dropout and a learning rate near 0.02. A journal opens faster than SQLite, by a fifth
# of a second; tests/record/ tests both.
SPACE = (
    *("dataset=breast_cancer", "model=mlp", "pruner=none", "training.epochs=1", "storage=journal", "first=[]"),
    "finalists.count=0",
    *("search_space.n_layers=1", "search_space.activation=relu", "report.live.tensorboard=null"),
    *(f"report.formats.{name}=null" for name in ("page", "parquet", "tensorboard")),
)
INFEASIBLE = Outcome(TrialStatus.INFEASIBLE, error="pooled away. Received: 1", reason=Reason.INFEASIBLE)
FAILED = Outcome(TrialStatus.FAILED, error="on purpose", reason=Reason.RAISED)
Metrics = dict[str, float]
Curve = Callable[[Values, int, int], float]
SEED = 42  # of a run; that of a training is larger by its number


def smooth(values: Values, seed: int, epoch: int = 0) -> float:
    """Return a validation loss that is smooth in two values, falls with the epoch, and has a little noise by seed."""
    noise = random.Random(f"{seed} {sorted(values.items(), key=str)}").gauss(0.0, 0.01)
    dropout, rate = (float(values.get(name) or 0.0) for name in ("dropout_1_rate", "learning_rate"))
    return 0.1 + 0.5 * dropout + 8.0 * abs(rate - 0.02) + noise + 0.1 * (0.5**epoch - 1)


def hopeless_below(values: Values, seed: int, epoch: int) -> float:
    """Return a validation loss that falls with the epoch, unless the learning rate is below 1e-6."""
    rate = float(values["learning_rate"])
    return 0.7 - rate if rate < 1e-6 else 0.6 * 0.8**epoch - rate


def unlucky_or_hopeless(values: Values, seed: int, epoch: int) -> float:
    """Return a validation loss that falls with the epoch.

    With a learning rate below 1e-6, it falls to 0.7 in each fold. With one above 0.04, it falls to 0.7 in the first
    fold, and further than any other in the others.
    """
    rate, fold = float(values["learning_rate"]), seed - SEED
    if rate < 1e-6 or (rate > 0.04 and fold == 0):
        return 0.7 + 0.2 * 0.8**epoch
    return (0.1 if rate > 0.04 else 0.5) * (1 + 0.8**epoch) - rate


@dataclass(frozen=True, slots=True)
class Call:
    """The arguments of one trial; `folder` is the name of its directory: `finalists`, `path` or that of the run.

    For one training of several that workers share, `fold` is its number, and the others are those of its trial.
    """

    folder: str
    number: int
    seed: int
    promotion: Promotion | None = None
    fold: int | None = None

    @classmethod
    def of(cls, directory: Path, number: int, seed: int, promotion: Promotion | None) -> Call:
        trial = directory.parent
        if trial.name.isdecimal() and directory == folds_directory(trial.parents[1], int(trial.name)):
            return cls(trial.parents[1].name, int(trial.name), seed, promotion, number)
        return cls(directory.name, number, seed, promotion)


@dataclass
class Failing:
    """Returns a failed outcome for some trials.

    Attributes:
        outcome: outcome of these trials.
        numbers: numbers of the trials; all trials if None.
        folder: name of the directory of the trials; any directory if None.
        times: maximum number of failures.
    """

    outcome: Outcome = field(
        default_factory=lambda: Outcome(TrialStatus.FAILED, error="on purpose", reason=Reason.RAISED)
    )
    numbers: Collection[int] | None = None
    folder: str | None = None
    times: int = 10**9

    def __call__(self, call: Call) -> Outcome | None:
        is_selected = self.folder in (None, call.folder) and (self.numbers is None or call.number in self.numbers)
        if not is_selected or not self.times:
            return None
        self.times -= 1
        return self.outcome


@dataclass
class SimulatedTrials:
    """Replaces `toonvision.training.worker.run_trial`. In the process of the search, it records its calls.

    Attributes:
        curve: function from values, seed and epoch to the validation loss.
        instead: returns an outcome for a trial that must not train, or None.
        epoch_seconds: duration of an epoch in seconds.
        power: number of calls after which this process ends; None for no limit.
        calls: the calls so far, one per trial, or per training where workers share them.
    """

    curve: Curve = smooth
    instead: Callable[[Call], Outcome | None] | None = None
    epoch_seconds: float = 0.0
    power: int | None = None
    calls: list[Call] = field(default_factory=list)

    def __call__(
        self, config: TrialConfig, directory: str, number: int, promotion: Promotion | None, searcher: str
    ) -> Outcome:
        if self.power is not None and len(self.calls) >= self.power:
            raise SystemExit("the power is cut")
        call = Call.of(Path(directory), number, config.seed, promotion)
        self.calls.append(call)
        if self.instead and (outcome := self.instead(call)):
            return outcome
        return self._train(config, Path(directory), number, call)

    def numbers(self, folder: str) -> list[int]:
        """Return the numbers of the trials that ran in the directory with this name, in order."""
        return [call.number for call in self.calls if call.folder == folder and not call.fold]

    def _train(self, config: TrialConfig, run: Path, number: int, call: Call) -> Outcome:
        training, promotion = config.training, call.promotion
        folder = trial_directory(run, number)
        folder.mkdir(parents=True, exist_ok=True)
        tensorboard_directory(run, number).mkdir(parents=True, exist_ok=True)
        first, last = (promotion.initial_epoch, promotion.epochs) if promotion else (0, training.epochs)
        histories: list[list[Metrics]] = []
        stopped = False
        with (folder / HISTORY).open("w", encoding="utf-8") as file:
            for execution in range(training.trainings_per_trial):
                if promotion and promotion.parent is not None:
                    assert checkpoint(run, promotion.parent, execution).exists()
                history: list[Metrics] = []
                for epoch in range(first, last):
                    time.sleep(self.epoch_seconds)
                    if stopped := (folder / STOP).exists():
                        break
                    metrics = metrics_at(self.curve(config.values, call.seed + execution, epoch))
                    _write(file, execution, epoch, metrics)
                    history.append(metrics)
                if promotion:
                    checkpoint(run, number, execution).touch()
                histories += [history] if history else []
                if stopped:
                    break
        outcome = scored(histories, config.objective, size_of(config.values), first)
        if not stopped:
            return outcome
        return replace(outcome, status=TrialStatus.INTERRUPTED, error="the search was stopped", reason=Reason.STOPPED)


def chosen(results: Results) -> Trial:
    """Return the chosen trial."""
    trial = results.chosen()
    assert trial is not None
    return trial


def compared(results: Results) -> Comparison:
    """Return the comparison with the baseline."""
    assert results.comparison is not None
    return results.comparison


def promoted(trial: Trial) -> Promotion:
    """Return the budget of a trial."""
    assert trial.promotion is not None
    return trial.promotion


def score(trial: Trial | Finalist) -> float:
    """Return the score of a completed trial."""
    assert trial.outcome.score is not None
    return trial.outcome.score


def size(trial: Trial) -> int:
    """Return the number of parameters of a trial's model."""
    assert trial.outcome.parameters is not None
    return trial.outcome.parameters


def metrics_at(loss: float) -> Metrics:
    """Return every metric of an epoch with this validation loss."""
    accuracy = math.exp(-max(loss, 0.0))
    return {"accuracy": accuracy, "loss": 0.9 * loss, "val_accuracy": accuracy, "val_loss": loss}


def scored(histories: list[list[Metrics]], objective: Objective, parameters: int, first: int) -> Outcome:
    """Return the outcome of a trial, scored by the best epoch of each execution, as in a real trial."""
    if not histories:
        return Outcome(TrialStatus.COMPLETED, parameters=parameters, last_epoch=first)
    name = objective.name
    at_best = [min(history, key=lambda metrics: objective.cost(metrics[name])) for history in histories]
    epochs = [len(history) for history in histories]
    return Outcome(
        TrialStatus.COMPLETED,
        score=fmean(metrics[name] for metrics in at_best),
        scores=tuple(metrics[name] for metrics in at_best),
        metrics={metric: fmean(metrics[metric] for metrics in at_best) for metric in at_best[0]},
        epochs=sum(epochs),
        last_epoch=first + max(epochs),
        parameters=parameters,
        seconds=0.01,
    )


def size_of(values: Values) -> int:
    """Return a number of parameters that grows with the units and the filters."""
    sizes = (value for name, value in values.items() if name.startswith("units") or name.endswith("filters"))
    return 10 * sum(int(size) for size in sizes if size)


def compare(config: RunConfig, best: Values, directory: Path, *, trial: str | None, runner: Runner) -> Comparison:
    """Replace `toonvision.search.comparing.compare`: both models have one error, independent of their values."""
    scores = []
    for role, values in (("baseline", complete(config.search_space, config.baseline)), ("tuned", best)):
        runner.notify(FinalEpochEnded(role, config.seed, 1, {"epoch": 0, "loss": 0.1}))
        scores.append(
            ModelScores(values, {"wrong": 1, "accuracy": 0.9}, 0.1, {}, size_of(values), 1, 0.1, {"loss": [0.1]})
        )
    return Comparison(10, scores[0], scores[1], made_verdict(10, baseline_wrong=1, tuned_wrong=1))


def trainer(trials: SimulatedTrials | None = None, *, poll_seconds: float = 0.01) -> Trainer:
    """Return the trainer of a simulated run."""
    return Trainer(trials or SimulatedTrials(), compare, poll_seconds)


def real_trials() -> Trainer:
    """Return the trainer of a run of which only the comparison is simulated."""
    return Trainer(run_trial, compare)


def run(
    directory: Path, *overrides: str, trials: SimulatedTrials | None = None, console: Console | None = None
) -> Results:
    """Run the main job with simulated trials and the overrides `SPACE`, which further overrides can change."""
    cfg = composed(*SPACE, *overrides)
    return toonvision.run(cfg, directory, console=console, trainer=trainer(trials))


def resume(directory: Path | str, *overrides: str, trials: SimulatedTrials | None = None) -> Results:
    """Resume a simulated run."""
    return toonvision.resume(directory, overrides, trainer=trainer(trials))


def cut_off(directory: Path, *overrides: str, after: int) -> Results:
    """Run the main job until the process ends before call number `after` + 1, and return the recorded results."""
    try:
        run(directory, *overrides, trials=SimulatedTrials(power=after))
    except SystemExit:
        return Results.load(directory)
    raise AssertionError(f"the run ended with fewer than {after} trials")


def _write(file: IO[str], execution: int, epoch: int, metrics: Metrics) -> None:
    if file.tell() == 0:
        file.write(",".join(["execution", "epoch", *metrics]) + "\n")
    file.write(",".join(str(value) for value in (execution, epoch, *metrics.values())) + "\n")
    file.flush()
