"""A model that is trained after the search: the configurations of its trainings, and for how many epochs."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from toonvision.config.node import Node
from toonvision.config.schema import TrialConfig
from toonvision.config.training_schema import FinalTraining, Resampling
from toonvision.dataset import Dataset
from toonvision.trial.trial import FinalFindings
from toonvision.verdict.comparison import Duration

_CLOSE = 3  # epochs


@dataclass(frozen=True, slots=True)
class FinalModel:
    """A model to train from scratch.

    Attributes:
        role: baseline, tuned or trained.
        config: of the trial whose values it has.
        dataset: of that trial.
    """

    role: str
    config: TrialConfig
    dataset: Dataset

    @property
    def sizes(self) -> tuple[int, int]:
        """The number of the train examples, and of the train and validation examples."""
        return len(self.dataset.train), len(self.dataset.train) + len(self.dataset.validation)

    def to_choose(self) -> TrialConfig:
        """Return the configuration of a training on the train examples, whose best epoch is looked for."""
        retrain = self.config.training.retrain
        final = FinalTraining(role=self.role, saved=False)
        return self._prepared(final, retrain.max_epochs, retrain.validation_callbacks)

    def to_save(self, duration: Duration, examples: tuple[str, ...] | None) -> TrialConfig:
        """Return the configuration of a training on the train and validation examples.

        Args:
            duration: its number of epochs.
            examples: names of the test examples to predict; None for all.
        """
        training = self.config.training
        final = FinalTraining(role=self.role, saved=True, examples=examples)
        config = self._prepared(final, duration.epochs, training.retrain.callbacks)
        if (tuned := training.fine_tuning) and duration.best_epochs:  # the number of epochs was scaled, too
            after = with_equal_steps(tuned.after, self.sizes, training.batch_size)
            changed = config.training.model_copy(update={"fine_tuning": tuned.model_copy(update={"after": after})})
            config = config.model_copy(update={"training": changed})
        return config

    def duration(self, found: Sequence[FinalFindings]) -> Duration:
        """Return for how many epochs to train on train + validation.

        Args:
            found: by the trainings that `to_choose` describes; none where `training.retrain.epochs` is a number.
        """
        training = self.config.training
        settings = training.retrain
        if settings.epochs != "validated":
            return Duration(settings.epochs, settings.epochs)
        best = tuple(one.best_epoch for one in found if one.best_epoch is not None)
        median = statistics.median(best)
        thresholds = [one.threshold for one in found if one.threshold is not None]
        return Duration(
            with_equal_steps(median, self.sizes, training.batch_size),
            settings.max_epochs,
            best,
            at_limit=is_close(median, settings.max_epochs),
            threshold=statistics.median(thresholds) if thresholds else None,
        )

    def _prepared(self, final: FinalTraining, epochs: int, callbacks: Mapping[str, Node | None] | None) -> TrialConfig:
        """Return the configuration of a training, which is one execution without the limits of a trial."""
        changed = {
            "epochs": epochs,
            "callbacks": callbacks,
            "executions_per_trial": 1,
            "resampling": Resampling(),
            "timeout": None,
            "memory_limit": None,
        }
        training = self.config.training.model_copy(update=changed)
        return self.config.model_copy(update={"training": training, "final": final})


def is_close(epoch: float, limit: int) -> bool:
    """Whether a best epoch is so close to the limit that it does not show that further ones would be worse."""
    return limit - epoch < _CLOSE


def with_equal_steps(epochs: float, sizes: tuple[int, int], batch_size: int) -> int:
    """Return how many epochs of the second number of examples have as many steps as `epochs` of the first; 1 or more.

    A half is rounded to the even number.
    """
    before, after = (math.ceil(size / batch_size) for size in sizes)
    return max(1, round(epochs * before / after))
