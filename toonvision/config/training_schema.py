"""The schema of the group `training`; see `toonvision.config.schema`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from toonvision.config.node import NodeField, Nodes, OptionalNodes
from toonvision.trial.bounds import Count, CountOrZero, OptionalAmount, OptionalCount, OptionalCountOrZero, expecting


class Retrain(BaseModel, frozen=True, extra="forbid", strict=True):
    """The training of chosen values on train + validation.

    Attributes:
        epochs: the most epochs; or validated, for as many as are best on the validation examples.
        max_epochs: the most epochs of the trainings against the validation examples.
        seeds: number of trainings.
        validation_callbacks: of the trainings against the validation examples.
        callbacks: of the trainings on train + validation, which have no metrics of validation.
    """

    epochs: Annotated[Literal["validated"] | Count, expecting("a whole number of at least 1, or validated")]
    max_epochs: Count = 100
    seeds: Count
    validation_callbacks: OptionalNodes | None = None
    callbacks: OptionalNodes | None = None


class FinalTraining(BaseModel, frozen=True, extra="forbid", strict=True):
    """What a training after the search is for.

    Attributes:
        role: baseline, tuned or trained.
        saved: whether the model learns the train and validation examples, is saved, and predicts the test examples; if
            not, it learns the train examples, and what counts is its best epoch on the validation examples.
        examples: names of the test examples to evaluate; None for all.
    """

    role: str
    saved: bool
    examples: tuple[str, ...] | None = None


class Resampling(BaseModel, frozen=True, extra="forbid", strict=True):
    """The examples on which a trial is scored: see `conf/resampling/`; `fold` is of a task of the search alone."""

    method: Literal["holdout", "reshuffled", "kfold"] = "holdout"
    folds: Annotated[Annotated[int, Field(ge=2)], expecting("a whole number of at least 2")] = 5
    repeats: Count = 1
    seed: CountOrZero = 7
    parallel: bool = False
    fold: OptionalCountOrZero = None

    @property
    def trainings(self) -> int:
        """How many trainings a score needs."""
        return self.folds * self.repeats if self.method == "kfold" and self.fold is None else 1


class FineTuning(BaseModel, frozen=True, extra="forbid", strict=True):
    """A second phase of each training, in which layers of a backbone learn that stood still before.

    Attributes:
        after: epochs of the first phase; callbacks of the configuration are called in the second one only.
        layer: name of the Keras model, within the whole one, whose layers are meant.
        trainable_layers: how many of its last layers learn, but for its batch normalizations; None for all.
        optimizer: of the second phase.
    """

    after: Count
    layer: str = "backbone"
    trainable_layers: OptionalCount = None
    optimizer: NodeField


class Training(BaseModel, frozen=True, extra="forbid", strict=True):
    """The training of a trial; `checkpoint` and `timeout` in seconds, `memory_limit` in GiB.

    `augmentation` holds layers that change the train examples before the model sees them, a batch at a time.

    `optimizer` is null where the function that builds the model compiles it. With a `loss`, the model is compiled again
    with its own optimizer; without one, it stays as it is.
    """

    epochs: Count
    batch_size: Count
    executions_per_trial: Count
    resampling: Resampling = Resampling()
    optimizer: NodeField | None
    loss: NodeField | None
    metrics: Nodes
    augmentation: OptionalNodes | None = None
    fine_tuning: FineTuning | None = None
    callbacks: OptionalNodes | None = None
    class_weight: Literal["balanced", None] = None
    precision: Literal["float32", "mixed_float16", "mixed_bfloat16"] = "float32"
    checkpoint: OptionalAmount = None
    timeout: OptionalAmount = None
    memory_limit: OptionalAmount = None
    retrain: Retrain

    @property
    def trainings_per_trial(self) -> int:
        """How many trainings a trial has, with different seeds or on different examples."""
        return self.executions_per_trial * self.resampling.trainings
