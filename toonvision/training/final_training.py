"""One training after the search, within a process: of a model that is compared, or to choose how long it is trained.

Early stopping on the training loss, all that is left without validation examples, keeps training what has long
overfitted. So the number of epochs is chosen before, on the validation examples, with the same seeds.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from toonvision.config.schema import TrialConfig
from toonvision.config.training_schema import FinalTraining
from toonvision.dataset import Split, load_dataset
from toonvision.errors import SearchError
from toonvision.task import NamesByThreshold, as_learned, load_task
from toonvision.training.activation_maps import activation_maps
from toonvision.training.backend import import_tensorflow
from toonvision.training.cost import batch_seconds
from toonvision.training.feed import in_order
from toonvision.training.fit import Fit, Watch, fit, predict, start_afresh
from toonvision.training.model import InfeasibleError, build_model, interface
from toonvision.training.progress import KeepProgress, Progress
from toonvision.training.watchdog import Watchdog
from toonvision.trial.history import POSITION
from toonvision.trial.objective import Objective
from toonvision.trial.trial import (
    MAPS,
    MODEL,
    OUTPUTS,
    FinalFindings,
    Outcome,
    TrialStatus,
    progress_file,
    trial_directory,
)


def train_final(config: TrialConfig, final: FinalTraining, run: Path, number: int, watchdog: Watchdog) -> Outcome:
    """Train a model as `final` says.

    Args:
        config: of the training; its `training.callbacks` are those of this training.
        final: what the training is for.
        run: directory in which it has its folder by its number; the folder receives the model that is saved, and its
            outputs for each test example, shape `(n, units)`, and its activation maps.
        number: of the training.
        watchdog: interrupts it where the search asks for it.

    Returns:
        COMPLETED or INTERRUPTED.

    Raises:
        SearchError: if the model cannot be built or saved, or its loss or objective is not finite.
    """
    training, dataset, task = config.training, load_dataset(config.dataset), load_task(config.task)
    start_afresh(config.seed, training.precision)
    try:
        model = build_model(config, interface(config, dataset))
    except InfeasibleError as error:
        raise SearchError(f"The {final.role} model cannot be built on {dataset.name}: {error}") from error
    train, validation, name = dataset.train, dataset.validation, config.objective.name
    best = None
    if not final.saved and isinstance(task, NamesByThreshold):
        best = _BestPredictions(config.objective, validation, training.batch_size)
    # An interrupted training goes on from its file; but the best predictions are not in it.
    every = None if best else training.checkpoint
    progress = Progress(progress_file(run, number), config.model_dump_json(), every=every)
    rows = list(progress.reached.rows if progress.reached else ())
    watch = Watch(
        trial_directory(run, number),
        execution=0,
        scalars=None,
        watchdog=watchdog,
        objective="loss" if final.saved else name,
        rows=rows,
    )
    which = "callbacks" if final.saved else "validation_callbacks"
    how = Fit(training, training.epochs, training.callbacks, f"training.retrain.{which}", initial_epoch=len(rows))
    with watch:
        fit(
            model,
            how,
            train=as_learned(task, train.joined(validation) if final.saved else train, dataset),
            validation=None if final.saved else as_learned(task, validation, dataset),
            watch=[watch, *([best] if best else [])],
            keep=functools.partial(KeepProgress, progress, 0, rows),
        )
    outcome = Outcome(
        TrialStatus.COMPLETED,
        epochs=len(rows),
        last_epoch=len(rows),
        parameters=model.count_params(),
        seconds=progress.reached.seconds if progress.reached else 0.0,
    )
    if watch.stopped:
        return replace(outcome, status=TrialStatus.INTERRUPTED, error=str(watch.stopped), reason=watch.stopped.reason)
    if final.saved:
        test = dataset.test if final.examples is None else dataset.test.named(final.examples)
        folder, batch_size = trial_directory(run, number), training.batch_size
        _save(model, folder / MODEL, final.role)
        metrics = _tested(model, as_learned(task, test, dataset), batch_size, final.role)
        np.save(folder / OUTPUTS, predict(model, test, batch_size))
        if (maps := activation_maps(model, test, batch_size)) is not None:
            np.save(folder / MAPS, maps)
        findings = FinalFindings(batch_seconds=batch_seconds(model, test, batch_size))
        return replace(outcome, metrics=metrics, final=findings)
    costs = [config.objective.cost(row[name]) if math.isfinite(row[name]) else math.inf for row in rows]
    if min(costs) == math.inf:
        raise SearchError(f"The {final.role} model has diverged: its {name} is never a finite number.")
    epoch = int(np.argmin(costs))
    metrics = {key: value for key, value in rows[epoch].items() if key not in POSITION}
    threshold = None
    if best and isinstance(task, NamesByThreshold) and best.predictions is not None:
        threshold = task.threshold(validation.y, best.predictions)
    return replace(outcome, score=metrics[name], metrics=metrics, final=FinalFindings(epoch + 1, threshold))


class _BestPredictions(keras.callbacks.Callback):
    """Keeps what the model predicts at the epoch with the best objective so far."""

    def __init__(self, objective: Objective, validation: Split, batch_size: int) -> None:
        super().__init__()
        self.objective, self.validation, self.batch_size = objective, validation, batch_size
        self.predictions: NDArray[np.float32] | None = None
        self._best = math.inf

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Predict if this epoch is the best one."""
        cost = self.objective.cost(float((logs or {})[self.objective.name]))
        if cost < self._best:
            self._best, self.predictions = cost, predict(self.model, self.validation, self.batch_size)


def _save(model: keras.Model, path: Path, role: str) -> None:
    import_tensorflow()  # as Keras does to save on every backend, but with noise
    try:
        model.save(path)
    except NotImplementedError as error:  # a class of the user's own without get_config
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
        raise SearchError(f"The {role} model cannot be saved: {' '.join(lines[:4])}") from error


def _tested(model: keras.Model, test: Split, batch_size: int, role: str) -> dict[str, float]:
    """Return the loss and the metrics on the test examples."""
    scores: Mapping[str, Any] = model.evaluate(
        *in_order(test, batch_size), batch_size=batch_size, verbose=0, return_dict=True
    )
    metrics = {name: float(value) for name, value in scores.items()}
    if not math.isfinite(metrics["loss"]):
        raise SearchError(f"The {role} model has diverged: its loss on the test set is {metrics['loss']}.")
    return metrics
