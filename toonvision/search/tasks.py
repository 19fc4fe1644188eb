"""The tasks that a trial is for the executor: one, or one for each training, so that several workers share them.

A training on a fold, or with a seed of its own, is called a fold here. It is a trial of its own, in a folder below the
trial's: `trials/0007/folds/trials/0002/`. Its seed, its examples and so its score are those that it has where the folds
are trained in turn. When the trial ends, its history and TensorBoard's curves lie where they lie in turn, and the
folder of the folds is removed.
"""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import fmean

from toonvision.config.schema import TrialConfig
from toonvision.search.kept import KeptOutcome
from toonvision.trial.history import HistoryReader, Row
from toonvision.trial.trial import (
    HISTORY,
    LOG,
    STOP,
    Outcome,
    Trial,
    TrialStatus,
    folds_directory,
    tensorboard_directory,
    trial_directory,
)

_FAILED = (TrialStatus.FAILED, TrialStatus.INFEASIBLE)
_RANK = {TrialStatus.INFEASIBLE: 0, TrialStatus.FAILED: 1, TrialStatus.INTERRUPTED: 2}


@dataclass(slots=True)
class Task:
    """A call of `run_trial`.

    Attributes:
        config: of the trial, or of one fold of it.
        directory: in which it has its folder by its number.
        number: of the trial, or of the fold.
        outcome: None until it has ended.
    """

    config: TrialConfig
    directory: Path
    number: int
    outcome: Outcome | None = None
    history: HistoryReader = field(init=False)

    def __post_init__(self) -> None:
        self.history = HistoryReader(self.folder / HISTORY)

    @property
    def folder(self) -> Path:
        """The folder that it writes to."""
        return trial_directory(self.directory, self.number)

    @property
    def kept(self) -> KeptOutcome:
        """The file of its outcome, of this seed and these values."""
        return KeptOutcome(self.directory / f"{self.number}.json", json.dumps([self.config.seed, self.config.values]))

    def prepare(self) -> None:
        """Remove what an earlier call has left, unless it had ended."""
        for name in (STOP, HISTORY) if self.outcome is None else ():
            (self.folder / name).unlink(missing_ok=True)

    def ask_to_stop(self) -> None:
        """Let it end at its next batch, unless it has ended by then."""
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / STOP).touch()


class TrialTasks:
    """The tasks of one running trial.

    Args:
        trial: that runs.
        config: of the trial.
        directory: of the run, or of the finalists.

    Attributes:
        tasks: of the trial.
        training: of the trial, with all its folds.
    """

    def __init__(self, trial: Trial, config: TrialConfig, directory: Path) -> None:
        self.trial, self.training, self._directory = trial, config.training, directory
        self._folds = folds_directory(directory, trial.number)
        # A promoted trial goes on from checkpoints that lie in the folder of its parent.
        how = config.training.resampling
        self.has_folds = how.parallel and config.training.trainings_per_trial > 1 and trial.promotion is None
        if self.has_folds:
            self.tasks = [Task(one, self._folds, number) for number, one in enumerate(folds_of(config))]
            for task in self.tasks:
                task.outcome = task.kept.read()
            (trial_directory(directory, trial.number) / HISTORY).unlink(missing_ok=True)
        else:
            self.tasks = [Task(config, directory, trial.number)]
        for task in self.tasks:
            task.prepare()

    @property
    def outcome(self) -> Outcome | None:
        """The outcome of the trial; None until all tasks have ended."""
        outcomes = [task.outcome for task in self.tasks if task.outcome is not None]
        if len(outcomes) < len(self.tasks):
            return None
        return joined(outcomes) if self.has_folds else outcomes[0]

    @property
    def has_failed(self) -> bool:
        """Whether a task has failed, and so the trial."""
        return any(task.outcome is not None and task.outcome.status in _FAILED for task in self.tasks)

    def end(self, task: Task, outcome: Outcome) -> None:
        """Set the outcome of a task; a fold that is complete is kept."""
        task.outcome = outcome
        if self.has_folds and outcome.status is TrialStatus.COMPLETED:
            task.kept.write(outcome)

    def new_epochs(self) -> Iterator[Row]:
        """Yield the epochs that have ended since the last look; those of a fold come after all of the one before it."""
        for execution, task in enumerate(self.tasks):
            for row in task.history.new_epochs():
                if self.has_folds:
                    row["execution"] = execution
                    self._write(row)
                yield row
            if task.outcome is None:
                return

    def clear(self, outcome: Outcome) -> None:
        """Move what the folds have written to where it lies where they are trained in turn.

        Args:
            outcome: of the trial; if it is INTERRUPTED, the folder of the folds stays for a resumed search.
        """
        if not self.has_folds:
            return
        scalars = tensorboard_directory(self._directory, self.trial.number)
        scalars.mkdir(parents=True, exist_ok=True)
        for task in self.tasks:
            written, place = tensorboard_directory(self._folds, task.number), scalars / f"execution_{task.number}"
            if written.exists():
                shutil.rmtree(place, ignore_errors=True)
                written.replace(place)
            if (task.folder / LOG).exists():
                shutil.copy(task.folder / LOG, trial_directory(self._directory, self.trial.number) / LOG)
        if outcome.status is not TrialStatus.INTERRUPTED:
            shutil.rmtree(self._folds, ignore_errors=True)

    def _write(self, row: Row) -> None:
        folder = trial_directory(self._directory, self.trial.number)
        with (folder / HISTORY).open("a", newline="", encoding="utf-8") as file:
            lines = csv.DictWriter(file, fieldnames=list(row))
            if file.tell() == 0:
                lines.writeheader()
            lines.writerow({**row, "execution": int(row["execution"]), "epoch": int(row["epoch"])})


def folds_of(config: TrialConfig) -> list[TrialConfig]:
    """Return the configuration of each training of a trial, with the seed and the fold that it has in turn."""
    training, how = config.training, config.training.resampling
    found = []
    for number in range(training.trainings_per_trial):
        one = how.model_copy(update={"fold": number % how.trainings})
        changed = training.model_copy(update={"executions_per_trial": 1, "resampling": one})
        found.append(config.model_copy(update={"seed": config.seed + number, "training": changed}))
    return found


def joined(outcomes: Sequence[Outcome]) -> Outcome:
    """Return the outcome of a trial from those of its folds, as where they are trained in turn.

    The first failure is that of the trial; else it was interrupted, if a fold was. The seconds are those of all folds.
    """
    if all(outcome is outcomes[0] for outcome in outcomes):
        return outcomes[0]
    decisive = min(outcomes, key=lambda outcome: _RANK.get(outcome.status, len(_RANK)))
    whole = replace(
        decisive,
        parameters=next((outcome.parameters for outcome in outcomes if outcome.parameters is not None), None),
        epochs=sum(outcome.epochs for outcome in outcomes),
        last_epoch=max(outcome.last_epoch for outcome in outcomes),
        seconds=sum(outcome.seconds for outcome in outcomes),
    )
    scored = [outcome for outcome in outcomes if outcome.score is not None]
    if decisive.status in _FAILED or not scored:
        return replace(whole, score=None, scores=(), metrics={})
    metrics = {name: fmean(outcome.metrics[name] for outcome in scored) for name in scored[0].metrics}
    scores = tuple(score for outcome in scored for score in outcome.scores)
    return replace(whole, score=fmean(scores), scores=scores, metrics=metrics)
