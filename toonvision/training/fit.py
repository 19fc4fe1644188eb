"""Fitting and evaluating one model: seeds, callbacks, one line of history an epoch, checkpoints."""

from __future__ import annotations

import contextlib
import csv
import gc
import importlib
import random
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any

import keras
import numpy as np
from numpy.typing import NDArray
from tensorboard.plugins.scalar.summary_v2 import scalar_pb

from toonvision.config.node import Node, instantiate
from toonvision.config.training_schema import Training
from toonvision.dataset import Split
from toonvision.dataset.batches import Batches
from toonvision.errors import ConfigError, DatasetError, Problem, did_you_mean
from toonvision.training.adopted import fit_of, has_own_fit
from toonvision.training.event_file import EventFile
from toonvision.training.feed import Feed, in_order
from toonvision.training.fine_tuning import begin_fine_tuning
from toonvision.training.progress import Callbacks
from toonvision.training.watchdog import StoppedError, Watchdog
from toonvision.trial.history import POSITION, Row
from toonvision.trial.trial import HISTORY

_MEASURES = ("compute_loss", "compute_metrics")  # of a model, which may have its own
_CURVES = "curves.tfevents"  # TensorBoard finds it by the ending


@dataclass(frozen=True, slots=True)
class Fit:
    """How one model is to be fitted.

    Attributes:
        training: of the trial.
        epochs: the epoch to stop at, counted from the beginning of the model's life.
        callbacks: nodes of the configuration, by name.
        where: path of the callbacks in the configuration.
        initial_epoch: epochs that a restored model has behind it.
    """

    training: Training
    epochs: int
    callbacks: Mapping[str, Node | None] | None
    where: str
    initial_epoch: int = 0


def start_afresh(seed: int, precision: str) -> None:
    """Forget the models of this process, seed Python, NumPy and the backend, and set the layers' precision."""
    keras.backend.clear_session(free_memory=False)  # which would collect garbage, as we do
    gc.collect()
    # What TensorFlow has kept of the models so far will be kept; walking it at every collection takes seconds a trial
    # after some hundred of them (40 short trials: 58 s, and 44 s with this, in the same memory).
    gc.freeze()
    _seed(seed)
    keras.config.set_dtype_policy(precision)


def _seed(seed: int) -> None:
    if "tensorflow" in sys.modules:  # Keras's function imports it wherever it is installed, which takes seconds
        keras.utils.set_random_seed(seed)
        return
    random.seed(seed)
    np.random.seed(seed)
    if keras.backend.backend() == "torch":
        importlib.import_module("torch").manual_seed(seed)


def fit(
    model: keras.Model,
    how: Fit,
    *,
    train: Split,
    validation: Split | None,
    watch: list[keras.callbacks.Callback],
    keep: Callable[[Callbacks], keras.callbacks.Callback] | None = None,
) -> dict[str, list[float]]:
    """Fit `model`, and return its metrics by epoch, as far as it came.

    Args:
        model: compiled.
        how: epochs and callbacks.
        train: the examples to learn, without augmentation.
        validation: the examples for the `val_` metrics, or None for none.
        watch: the callbacks of this package, called before the configured ones.
        keep: given the configured ones by name, returns one more, which is called after them.
    """
    training = how.training
    configured = {
        name: instantiate(node, f"{how.where}.{name}") for name, node in (how.callbacks or {}).items() if node
    }
    history, last = keras.callbacks.History(), [keep(configured)] if keep else []
    feed, settings = Feed.of(training, train, arrays=has_own_fit(model)), training.fine_tuning
    after = settings.after if settings else 0
    phases = [(how.initial_epoch, min(after, how.epochs), ()), (max(how.initial_epoch, after), how.epochs, configured)]
    with contextlib.suppress(StoppedError):  # the watch has kept it
        for begin, end, called in phases:
            if begin >= end or model.stop_training:
                continue
            if settings and begin >= after:
                begin_fine_tuning(model, training, settings)
            _build_ahead(model, feed.train if feed else train)
            examples, order = feed.from_epoch(begin) if feed else ((train.x, train.y), {})
            fit_of(model)(
                *examples,
                **order,
                batch_size=training.batch_size,
                epochs=end,
                initial_epoch=begin,
                validation_data=_validated(validation, training.batch_size, feed) if validation else None,
                class_weight=_balanced(train) if training.class_weight == "balanced" else None,
                callbacks=[*([feed] if feed else []), *watch, *(configured[name] for name in called), history, *last],
                verbose=0,
            )
    return {name: [float(v) for v in values] for name, values in history.history.items()}


def predict(model: keras.Model, split: Split, batch_size: int) -> NDArray[np.float32]:
    """Return what the output layer gives for each example, shape `(n, units)`.

    Raises:
        DatasetError: if batches come in another order than they did.
    """
    if not isinstance(split.x, Batches):
        return np.asarray(model.predict(split.x, batch_size=batch_size, verbose=0), dtype=np.float32)
    found = [(np.asarray(model.predict_on_batch(x), dtype=np.float32), y) for x, y in split.x.once()]
    if not np.array_equal(np.concatenate([y for _, y in found]), split.y):
        raise DatasetError(Problem("dataset", "batches in the same order each time", "another order of the labels"))
    return np.concatenate([outputs for outputs, _ in found])


def restore(model: keras.Model, training: Training, checkpoint: Path, *, epoch: int) -> None:
    """Load weights and optimizer state of the end of an epoch.

    Args:
        model: compiled.
        training: of the trial.
        checkpoint: the file.
        epoch: the number of epochs that the weights have behind them.
    """
    if training.fine_tuning and epoch > training.fine_tuning.after:
        begin_fine_tuning(model, training, training.fine_tuning)
    # without `build` Keras drops the optimizer's variables silently
    model.optimizer.build(model.trainable_variables)
    model.load_weights(checkpoint)


class Watch(keras.callbacks.Callback):
    """Appends one line an epoch to `history.csv`, writes TensorBoard's scalars, and breaks off when it is time.

    To be entered before the training. Only the run's directory is shared between a trial and the search, so that this
    works on every executor.

    Attributes:
        objective: name of the metric that each epoch must have.
        rows: of the trial's history. Those of this execution are written when the training begins; each epoch adds one.
        diverged: whether the loss was not finite.
        stopped: why the training broke off in the middle of an epoch, if it did.
    """

    def __init__(
        self,
        directory: Path,
        *,
        execution: int,
        scalars: Path | None,
        watchdog: Watchdog,
        objective: str,
        rows: list[Row] | None = None,
    ) -> None:
        super().__init__()
        self.directory = directory
        self.objective = objective
        self.rows = [] if rows is None else rows
        self.execution = execution
        self.scalars = scalars
        self.watchdog = watchdog
        self.diverged = False
        self.stopped: StoppedError | None = None

    def __enter__(self) -> Watch:
        """Open what is written to."""
        self._file: IO[str] = (self.directory / HISTORY).open("a", newline="", encoding="utf-8")
        self._curves = EventFile(self.scalars / _CURVES, wall_time=time.time()) if self.scalars else None
        for row in self.rows:
            if row["execution"] == self.execution:
                self._write(row)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Close it, also when the training has raised."""
        self._file.close()
        if self._curves:
            self._curves.close()

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        """Break off here if the watchdog says so; the epoch does not count, and is not validated."""
        try:
            self.watchdog.check()
        except StoppedError as error:
            self.stopped = error
            raise

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Write the epoch's metrics; a loss that is not finite ends the training.

        Raises:
            ConfigError: if the model that a function has compiled does not measure the objective.
        """
        metrics = {name: float(value) for name, value in (logs or {}).items()}
        if self.objective not in metrics:
            known, expected = list(metrics), f"one of {', '.join(metrics)}, which the model measures"
            raise ConfigError(
                Problem("objective.name", expected, repr(self.objective), did_you_mean(self.objective, known))
            )
        self.rows.append({"execution": self.execution, "epoch": epoch, **metrics})
        self._write(self.rows[-1])
        if not np.isfinite(metrics["loss"]):
            self.diverged = True
            self.model.stop_training = True

    def _write(self, row: Row) -> None:
        lines = csv.DictWriter(self._file, fieldnames=list(row))
        if self._file.tell() == 0:
            lines.writeheader()
        lines.writerow(row)
        self._file.flush()
        if self._curves:
            for name, value in row.items():
                if name not in POSITION:
                    self._curves.add(scalar_pb(_tag(name), value), step=int(row["epoch"]), wall_time=time.time())


class Checkpoint(keras.callbacks.Callback):
    """Keeps the last epoch's weights and optimizer state, from which a promoted trial continues."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Save before any callback restores the best weights at the end of the training."""
        self.model.save_weights(self.path)


def _build_ahead(model: keras.Model, train: Split) -> None:
    """Make the variables of the optimizer and the metrics; made within the first step, TensorFlow traces it twice.

    Args:
        model: compiled; one that is not built, has several outputs or its own way to measure is left as it is.
        train: with the labels that the training sees.
    """
    shape = getattr(model, "output_shape", None) if model.built else None  # a subclass of Model may not know it
    overridden = any(getattr(type(model), name) is not getattr(keras.Model, name) for name in _MEASURES)
    if keras.backend.backend() != "tensorflow" or not model.optimizer or overridden or not isinstance(shape, tuple):
        return
    model.optimizer.build(model.trainable_variables)
    one = train.beginning(1)
    output = np.zeros((1, *shape[1:]), np.float32)
    model.compute_loss(None, one.y, output)
    model.compute_metrics(None, one.y, output)
    model.reset_metrics()


def _validated(validation: Split, batch_size: int, feed: Feed | None) -> Any:
    """Return `validation_data`: a pair of arrays, or batches of such pairs."""
    data = in_order(validation, batch_size, feed)
    return data if len(data) > 1 else data[0]


def _balanced(train: Split) -> dict[int, float]:
    """Weights that give every class the same say: the inverse of its share, 1 where all are alike."""
    labels = train.y if train.y.ndim == 1 else train.y.argmax(axis=-1)  # one-hot
    classes, counts = np.unique(labels, return_counts=True)
    return {int(c): len(train) / (len(classes) * int(n)) for c, n in zip(classes, counts, strict=True)}


def _tag(name: str) -> str:
    """TensorBoard's name of a metric: `loss/validation` for `val_loss`, `loss/train` for `loss`, so side by side."""
    return f"{name.removeprefix('val_')}/validation" if name.startswith("val_") else f"{name}/train"
