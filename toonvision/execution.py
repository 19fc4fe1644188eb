"""`run_trial`: builds, trains and scores one trial. The only thing that crosses a process border."""

from __future__ import annotations

import math
import shutil
import time
import traceback
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import keras
import numpy as np

from toonvision.config import Config
from toonvision.dataset import Dataset, load_dataset
from toonvision.errors import ToonvisionError
from toonvision.model import InfeasibleError, build_model
from toonvision.training import CHECKPOINT, HISTORY, STOP, Checkpoint, Fit, Watch, fit, restore, start_afresh
from toonvision.trial import Outcome, Promotion, TrialStatus, trial_id

History = dict[str, list[float]]


def run_trial(resolved: Config, directory: str, number: int, promotion: Promotion | None) -> Outcome:
    """Build, train and score one trial; its failure is returned, not raised.

    Args:
        resolved: as `toonvision.config.resolve` returns it.
        directory: the run's; the trial writes below `trials/` and `tensorboard/` there.
        number: the trial's.
        promotion: the budget and the checkpoint to go on from, if the oracle sets them.

    Raises:
        ToonvisionError: if the data or the configuration are wrong, so that no other trial would fare better.
    """
    started = time.monotonic()
    folder = trial_directory(Path(directory), number)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / HISTORY).unlink(missing_ok=True)  # of an interrupted run of the same trial, as the scalars
    shutil.rmtree(Path(directory, "tensorboard", trial_id(number)), ignore_errors=True)
    try:
        outcome = _execute(resolved, Path(directory), number, promotion)
    except ToonvisionError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever a training raises is the outcome of its trial
        (folder / "worker.log").write_text(traceback.format_exc(), encoding="utf-8")
        outcome = _failure(error)
    return replace(outcome, seconds=time.monotonic() - started)


def trial_directory(run: Path, number: int) -> Path:
    """Return the folder in which a trial writes its history, its checkpoint and its log."""
    return run / "trials" / trial_id(number)


def checkpoint(run: Path, number: int, execution: int) -> Path:
    """Return the file of one execution's weights and optimizer state."""
    return trial_directory(run, number) / (CHECKPOINT if not execution else f"execution_{execution}.{CHECKPOINT}")


def _execute(resolved: Config, run: Path, number: int, promotion: Promotion | None) -> Outcome:
    dataset = load_dataset(resolved["dataset"])
    histories: list[History] = []
    parameters = 0
    for execution in range(resolved["training"]["executions_per_trial"]):
        start_afresh(resolved["seed"] + execution, resolved["training"]["precision"])
        try:
            model = build_model(resolved, input_shape=dataset.input_shape, n_classes=len(dataset.class_names))
        except InfeasibleError as error:
            return Outcome(TrialStatus.INFEASIBLE, error=str(error), reason="cannot be built")
        parameters = model.count_params()
        history, watch = _train(model, resolved, dataset, _Place(run, number, execution, promotion))
        histories.append(history)
        if (trial_directory(run, number) / STOP).exists():
            return Outcome(TrialStatus.INTERRUPTED, parameters=parameters, error="stopped", reason="stopped")
        if watch.diverged:
            break
    first = promotion.initial_epoch if promotion else 0
    epochs = [len(history["loss"]) for history in histories]
    outcome = _score(histories, resolved["objective"])
    return replace(outcome, parameters=parameters, epochs=sum(epochs), last_epoch=first + max(epochs))


@dataclass(frozen=True, slots=True)
class _Place:
    """Which execution of which trial this is, and from where it continues."""

    run: Path
    number: int
    execution: int
    promotion: Promotion | None


def _train(model: keras.Model, resolved: Config, dataset: Dataset, place: _Place) -> tuple[History, Watch]:
    training, promotion = resolved["training"], place.promotion
    scalars = place.run / "tensorboard" / trial_id(place.number)
    scalars = scalars / f"execution_{place.execution}" if training["executions_per_trial"] > 1 else scalars
    watch = Watch(trial_directory(place.run, place.number), execution=place.execution, scalars=scalars)
    callbacks: list[Any] = [watch]
    how = Fit(training["epochs"], training["batch_size"], training["callbacks"], "training", training["class_weight"])
    if promotion:
        how = replace(how, epochs=promotion.epochs, initial_epoch=promotion.initial_epoch)
        callbacks.append(Checkpoint(checkpoint(place.run, place.number, place.execution)))
        if promotion.parent is not None:
            restore(model, checkpoint(place.run, promotion.parent, place.execution))
    with watch:
        return fit(model, how, train=dataset.train, validation=dataset.validation, watch=callbacks), watch


def _score(histories: list[History], objective: dict[str, str]) -> Outcome:
    """Score each execution by its best epoch's objective, as KerasTuner does; the other metrics are of that epoch."""
    best = np.argmin if objective["direction"] == "min" else np.argmax
    if not all(math.isfinite(value) for history in histories for value in history["loss"]):
        return Outcome(TrialStatus.FAILED, error="the loss is no longer a finite number", reason="diverged")
    at_best = []
    for history in histories:
        if not all(math.isfinite(value) for value in history[objective["name"]]):
            message = f"{objective['name']} is no longer a finite number"
            return Outcome(TrialStatus.FAILED, error=message, reason="diverged")
        epoch = int(best(history[objective["name"]]))
        at_best.append({name: values[epoch] for name, values in history.items()})
    scores = tuple(metrics[objective["name"]] for metrics in at_best)
    means = {name: float(np.mean([metrics[name] for metrics in at_best])) for name in at_best[0]}
    return Outcome(TrialStatus.COMPLETED, score=means[objective["name"]], scores=scores, metrics=means)


def _failure(error: Exception) -> Outcome:
    exhausted = isinstance(error, MemoryError) or type(error).__name__ == "ResourceExhaustedError"
    message = f"{type(error).__name__}: {str(error).strip() or 'no message'}".splitlines()[0]
    return Outcome(TrialStatus.FAILED, error=message, reason="out of memory" if exhausted else "raised")
