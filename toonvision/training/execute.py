"""Building, training and scoring one trial, within a process."""

from __future__ import annotations

import functools
import json
import math
from collections.abc import Iterable
from dataclasses import asdict, replace
from pathlib import Path

import keras
import numpy as np

from toonvision.config.schema import TrialConfig
from toonvision.config.training_schema import Training
from toonvision.dataset import load_dataset
from toonvision.dataset.resampling import resampled
from toonvision.task import as_learned, load_task
from toonvision.training.final_training import train_final
from toonvision.training.fit import Checkpoint, Fit, Watch, fit, restore, start_afresh
from toonvision.training.model import InfeasibleError, build_model, check_constraints, interface
from toonvision.training.progress import KeepProgress, Progress
from toonvision.training.watchdog import StoppedError, Watchdog
from toonvision.trial.history import POSITION, Row
from toonvision.trial.objective import Objective
from toonvision.trial.trial import (
    Outcome,
    Promotion,
    Reason,
    TrialStatus,
    checkpoint,
    progress_file,
    tensorboard_directory,
    trial_directory,
)

History = dict[str, list[float]]


def execute(config: TrialConfig, run: Path, number: int, promotion: Promotion | None, watchdog: Watchdog) -> Outcome:
    """Train a trial as often as `training.trainings_per_trial` says, and score it.

    Args:
        config: of the trial.
        run: the run's directory.
        number: the trial's.
        promotion: the budget, and the trial whose checkpoint to continue from, if the oracle sets them.
        watchdog: interrupts the training where a limit is exceeded or the search asks for it.

    Returns:
        COMPLETED, FAILED (diverged, or a limit was exceeded), INFEASIBLE or INTERRUPTED (it was asked to stop), with
        the score so far. Its `seconds` are those before an interruption. Of a final training, see `train_final`.
    """
    if config.final:
        return train_final(config, config.final, run, number, watchdog)
    dataset, settings = load_dataset(config.dataset), _settings(config.training, promotion)
    task, trainings = load_task(config.task), config.training.trainings_per_trial
    resampling = config.training.resampling
    progress = Progress(progress_file(run, number), _identity(config, promotion), every=config.training.checkpoint)
    reached, rows = progress.reached, list(progress.reached.rows if progress.reached else ())
    histories: list[History] = []
    parameters: int | None = None
    stopped: StoppedError | None = None
    for execution in range(trainings):
        start_afresh(config.seed + execution, config.training.precision)
        try:
            data = resampled(dataset, resampling, seed=config.seed, number=number, training=execution)
            model = build_model(config, interface(config, data))
            parameters = model.count_params()
            check_constraints(model, config.constraints)
        except InfeasibleError as error:
            return Outcome(TrialStatus.INFEASIBLE, parameters=parameters, error=str(error), reason=Reason.INFEASIBLE)
        scalars = tensorboard_directory(run, number)
        if trainings > 1:
            scalars /= f"execution_{execution}"
        watch = Watch(
            trial_directory(run, number),
            execution=execution,
            scalars=scalars,
            watchdog=watchdog,
            objective=config.objective.name,
            rows=rows,
        )
        callbacks: list[keras.callbacks.Callback] = [watch]
        if promotion:
            callbacks.append(Checkpoint(checkpoint(run, number, execution)))
            if promotion.parent is not None:
                parent = checkpoint(run, promotion.parent, execution)
                restore(model, config.training, parent, epoch=promotion.initial_epoch)
        with watch:
            if not reached or execution >= reached.execution:
                behind = sum(row["execution"] == execution for row in rows)
                how = replace(settings, initial_epoch=settings.initial_epoch + behind)
                train, validation = (as_learned(task, split, data) for split in (data.train, data.validation))
                keep = functools.partial(KeepProgress, progress, execution, rows)
                fit(model, how, train=train, validation=validation, watch=callbacks, keep=keep)
        if history := _columns(rows, execution):
            histories.append(history)
        stopped = watch.stopped
        if stopped or watch.diverged:
            break
    epochs = [len(history["loss"]) for history in histories]
    outcome = _score(histories, config.objective) if histories else Outcome(TrialStatus.COMPLETED)
    last = settings.initial_epoch + max(epochs, default=0)
    outcome = replace(
        outcome, parameters=parameters, epochs=sum(epochs), last_epoch=last, seconds=reached.seconds if reached else 0.0
    )
    if stopped:
        status = TrialStatus.INTERRUPTED if stopped.reason is Reason.STOPPED else TrialStatus.FAILED
        return replace(outcome, status=status, error=str(stopped), reason=stopped.reason)
    return outcome


def _settings(training: Training, promotion: Promotion | None) -> Fit:
    settings = Fit(training, training.epochs, training.callbacks, "training.callbacks")
    if promotion is None:
        return settings
    return replace(settings, epochs=promotion.epochs, initial_epoch=promotion.initial_epoch)


def _identity(config: TrialConfig, promotion: Promotion | None) -> str:
    """Return what tells this training from others in the same folder: a retried trial may have another seed."""
    return json.dumps([config.seed, config.values, promotion and asdict(promotion)])


def _columns(rows: Iterable[Row], execution: int) -> History:
    """Return the metrics of one execution by epoch."""
    chosen = [row for row in rows if row["execution"] == execution]
    return {name: [row[name] for row in chosen] for name in (chosen[0] if chosen else ()) if name not in POSITION}


def _score(histories: list[History], objective: Objective) -> Outcome:
    """Score each execution by its best epoch's objective, as KerasTuner does; the other metrics are of that epoch."""
    if not all(math.isfinite(value) for history in histories for value in history["loss"]):
        return Outcome(TrialStatus.FAILED, error="the loss is no longer a finite number", reason=Reason.DIVERGED)
    at_best = []
    for history in histories:
        if not all(math.isfinite(value) for value in history[objective.name]):
            message = f"{objective.name} is no longer a finite number"
            return Outcome(TrialStatus.FAILED, error=message, reason=Reason.DIVERGED)
        epoch = int(np.argmin([objective.cost(value) for value in history[objective.name]]))
        at_best.append({name: values[epoch] for name, values in history.items()})
    scores = tuple(metrics[objective.name] for metrics in at_best)
    means = {name: float(np.mean([metrics[name] for metrics in at_best])) for name in at_best[0]}
    return Outcome(TrialStatus.COMPLETED, score=means[objective.name], scores=scores, metrics=means)
