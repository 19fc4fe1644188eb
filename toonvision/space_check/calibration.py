"""The time of a trial, extrapolated from a few steps of its model."""

from __future__ import annotations

import math
import statistics
import time
from itertools import pairwise
from typing import Any

import keras

from toonvision.config.schema import TrialConfig
from toonvision.dataset import Dataset, Split
from toonvision.space_check.finding import Timing
from toonvision.space_check.memory import training_memory
from toonvision.task import as_learned, load_task
from toonvision.training.fit import Fit, fit, start_afresh
from toonvision.training.model import build_model, interface

STEPS = 10  # per epoch; a shorter epoch is trained in full
EPOCHS = 4  # the first does not count
SECONDS = 2.0  # after which no further epoch starts, once two count


def calibrate(resolved: TrialConfig, dataset: Dataset) -> Timing:
    """Train a model for a few steps on the first examples, and return the times and the memory.

    The configured callbacks, which could stop the training, and the files of a trial (milliseconds per epoch) are left
    out.

    Args:
        resolved: as `toonvision.config.compose.resolve` returns it, with values that can be built.
        dataset: the dataset of this configuration.
    """
    training = resolved.training
    batch_size = training.batch_size
    task, splits = load_task(resolved.task), (dataset.train, dataset.validation)
    train, validation = (as_learned(task, split.beginning(STEPS * batch_size), dataset) for split in splits)
    clock = _Clock()
    began = time.monotonic()
    start_afresh(resolved.seed, training.precision)
    model = build_model(resolved, interface(resolved, dataset))
    fit(model, Fit(training, EPOCHS, {}, "training"), train=train, validation=validation, watch=[clock])
    took = time.monotonic() - began
    epoch = statistics.median_low(clock.epochs[1:])  # the lower median: an epoch sometimes takes twice as long
    start = max(0.0, took - sum(clock.epochs[1:]) - min(clock.epochs[1:]))
    step, test_step = _mean(clock.steps), _mean(clock.test_steps)
    more = _steps(dataset.train, batch_size) - _steps(train, batch_size)
    more_tests = _steps(dataset.validation, batch_size) - _steps(validation, batch_size)
    return Timing(
        parameters=model.count_params(),
        memory=training_memory(model, min(batch_size, len(train))),
        start=start,
        step=step,
        epoch=epoch + more * step + more_tests * test_step,
        epochs=training.epochs,
    )


class _Clock(keras.callbacks.Callback):
    """Measures the seconds of epochs, and the seconds between the ends of steps after the first epoch."""

    def __init__(self) -> None:
        super().__init__()
        self.epochs: list[float] = []
        self.steps: list[float] = []
        self.test_steps: list[float] = []
        self._began = self._epoch_began = 0.0
        self._ends: list[float] = []
        self._test_ends: list[float] = []

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        self._began = time.monotonic()

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self._epoch_began = time.monotonic()
        self._ends, self._test_ends = [], []

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        self._ends.append(time.monotonic())

    def on_test_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        self._test_ends.append(time.monotonic())

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        now = time.monotonic()
        self.epochs.append(now - self._epoch_began)
        if epoch > 0:
            self.steps += [after - before for before, after in pairwise(self._ends)]
            self.test_steps += [after - before for before, after in pairwise(self._test_ends)]
            self.model.stop_training = epoch > 1 and now - self._began > SECONDS


def _steps(split: Split, batch_size: int) -> int:
    return math.ceil(len(split) / batch_size)


def _mean(seconds: list[float]) -> float:
    return statistics.fmean(seconds) if seconds else 0.0
