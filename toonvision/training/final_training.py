"""The training of a final model on train + validation, and for how many epochs it goes on.

Early stopping on the training loss, all that is left without validation examples, keeps training what has long
overfitted. So the number of epochs is chosen before, on the validation examples, with the same seeds.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, replace

import keras
import numpy as np
from numpy.typing import NDArray

from toonvision.config.schema import TrialConfig
from toonvision.dataset import Dataset, Split
from toonvision.errors import SearchError
from toonvision.task import NamesByThreshold, as_learned, load_task
from toonvision.training.fit import Fit, fit, predict, start_afresh
from toonvision.training.model import InfeasibleError, build_model, interface
from toonvision.training.trainer import OnEpoch
from toonvision.trial.objective import Objective
from toonvision.verdict.comparison import Duration

History = dict[str, list[float]]
_CLOSE = 3  # epochs: a best epoch so close to the limit does not show that further ones would be worse


@dataclass(frozen=True, slots=True)
class FinalModel:
    """A model of the comparison, to be trained from scratch.

    Attributes:
        role: baseline, tuned or trained; for messages and events.
        config: of the trial whose values it has, with the seed of the training.
        dataset: whose train and validation examples it learns.
        on_epoch: called after every epoch.
    """

    role: str
    config: TrialConfig
    dataset: Dataset
    on_epoch: OnEpoch

    def with_seed(self, seed: int) -> FinalModel:
        """Return the same model with another seed."""
        return replace(self, config=self.config.model_copy(update={"seed": seed}))


def choose_duration(final: FinalModel, seeds: Sequence[int]) -> Duration:
    """Return for how many epochs to train on train + validation; the test examples are not read.

    With `training.retrain.epochs=validated`, the model is trained on the train examples with each seed. The median of
    the best epochs, by the objective on the validation examples, is the number; it is scaled to as many steps of the
    optimizer on train + validation, whose epochs have more of them.

    Raises:
        SearchError: if the model cannot be built, or the objective is never finite.
    """
    config, dataset = final.config.training, final.dataset
    settings = config.retrain
    if settings.epochs != "validated":
        return Duration(settings.epochs, settings.epochs)
    found = [_best_epoch(final.with_seed(seed)) for seed in seeds]
    best = tuple(epoch for epoch, _ in found)
    median, thresholds = statistics.median(best), [threshold for _, threshold in found if threshold is not None]
    sizes = (len(dataset.train), len(dataset.train) + len(dataset.validation))
    epochs = with_equal_steps(median, sizes, config.batch_size)
    at_limit = settings.max_epochs - median < _CLOSE
    threshold = statistics.median(thresholds) if thresholds else None
    return Duration(epochs, settings.max_epochs, best, at_limit=at_limit, threshold=threshold)


def with_equal_steps(epochs: float, sizes: tuple[int, int], batch_size: int) -> int:
    """Return how many epochs of the second number of examples have as many steps as `epochs` of the first; 1 or more.

    A half is rounded to the even number.
    """
    before, after = (math.ceil(size / batch_size) for size in sizes)
    return max(1, round(epochs * before / after))


def train_final(final: FinalModel, duration: Duration) -> tuple[keras.Model, History, Duration]:
    """Train on train + validation.

    Returns:
        The model; its metrics by epoch; and the duration, which now tells whether a model of a fixed number of epochs
        was still improving at its last one.

    Raises:
        SearchError: if the model cannot be built.
    """
    training, dataset = final.config.training, final.dataset
    sizes = (len(dataset.train), len(dataset.train) + len(dataset.validation))
    if (tuned := training.fine_tuning) and duration.best_epochs:  # the number of epochs was scaled, too
        tuned = tuned.model_copy(update={"after": with_equal_steps(tuned.after, sizes, training.batch_size)})
        training = training.model_copy(update={"fine_tuning": tuned})
    how = Fit(training, duration.epochs, training.retrain.callbacks, "training.retrain.callbacks")
    model, history = _fit(final, how, train=dataset.train.joined(dataset.validation), validation=None)
    losses = history["loss"]
    if not duration.best_epochs and len(losses) == duration.limit:
        duration = replace(duration, at_limit=duration.limit - (1 + int(np.argmin(losses))) < _CLOSE)
    return model, history, duration


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


def _best_epoch(final: FinalModel) -> tuple[int, float | None]:
    """Train against the validation examples.

    Returns:
        The epoch with the best objective, counted from 1, and the task's threshold at that epoch.
    """
    training, dataset, objective = final.config.training, final.dataset, final.config.objective
    settings, path = training.retrain, "training.retrain.validation_callbacks"
    how = Fit(training, settings.max_epochs, settings.validation_callbacks, path)
    task = load_task(final.config.task)
    best = _BestPredictions(objective, dataset.validation, training.batch_size)
    watch = [best] if isinstance(task, NamesByThreshold) else []
    _, history = _fit(final, how, train=dataset.train, validation=dataset.validation, watch=watch)
    costs = [objective.cost(value) if math.isfinite(value) else math.inf for value in history[objective.name]]
    if min(costs) == math.inf:
        raise SearchError(f"The {final.role} model has diverged: its {objective.name} is never a finite number.")
    epoch = 1 + int(np.argmin(costs))
    if not isinstance(task, NamesByThreshold) or best.predictions is None:
        return epoch, None
    return epoch, task.threshold(dataset.validation.y, best.predictions)


def _fit(
    final: FinalModel,
    how: Fit,
    *,
    train: Split,
    validation: Split | None,
    watch: Sequence[keras.callbacks.Callback] = (),
) -> tuple[keras.Model, History]:
    role, config, dataset = final.role, final.config, final.dataset
    start_afresh(config.seed, config.training.precision)
    try:
        model = build_model(config, interface(config, dataset))
    except InfeasibleError as error:
        raise SearchError(f"The {role} model cannot be built on {dataset.name}: {error}") from error
    examples = "train" if validation else "train + validation"
    reported = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: final.on_epoch(role, examples, how.epochs, {"epoch": epoch, **(logs or {})})
    )
    task = load_task(config.task)
    validated = as_learned(task, validation, dataset) if validation else None
    history = fit(model, how, train=as_learned(task, train, dataset), validation=validated, watch=[reported, *watch])
    return model, history
