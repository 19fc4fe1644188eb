"""The interface of all tasks."""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from toonvision.config.node import Node, instantiate
from toonvision.dataset import Dataset, Split
from toonvision.dataset.batches import Batches
from toonvision.verdict import Judge


@dataclass(frozen=True, slots=True)
class Output:
    """What a dataset asks of the output layer.

    Attributes:
        units: of the layer.
        scale: by which the output is multiplied, one number for each unit; None for no change.
        offset: added after that.
    """

    units: int
    scale: tuple[float, ...] | None = None
    offset: tuple[float, ...] | None = None


class Task(Judge, Protocol):
    """A task: what its labels are, and how predictions are judged."""

    def expected(self) -> str:
        """Return what the labels of a dataset must be, in words."""
        ...

    def fits(self, labels: NDArray[Any], class_names: tuple[str, ...]) -> bool:
        """Whether labels, shape `(n,)` or `(n, k)`, are those of this task."""
        ...


@runtime_checkable
class NamesByThreshold(Protocol):
    """What a task has in addition that names the second of two classes from a probability on."""

    def threshold(self, labels: NDArray[Any], predictions: NDArray[np.floating]) -> float:
        """Return this probability.

        Args:
            labels: of the validation examples.
            predictions: of a model that has not learned them, shape `(n, units)`.
        """
        ...


@runtime_checkable
class LearnsScaled(Protocol):
    """What a task has in addition whose output layer does not learn the labels in their own unit."""

    def scale(self, labels: NDArray[Any]) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """Return by what the output is multiplied, and what is added then, for each unit.

        Args:
            labels: of the train examples.
        """
        ...


@runtime_checkable
class LearnsEncoded(Protocol):
    """What a task has in addition whose models may learn other numbers than the labels."""

    def encoded(self, labels: NDArray[Any], names: int) -> NDArray[Any]:
        """Return what a model learns.

        Args:
            labels: of some examples.
            names: number of the dataset's classes.
        """
        ...


def as_learned(task: Task, split: Split, dataset: Dataset) -> Split:
    """Return examples with what a model learns in place of the labels."""
    if not isinstance(task, LearnsEncoded):
        return split
    encode = functools.partial(task.encoded, names=len(dataset.class_names))
    x = replace(split.x, encode=encode) if isinstance(split.x, Batches) else split.x
    return replace(split, x=x, y=encode(split.y))


def output_of(task: Task, dataset: Dataset) -> Output:
    """Return what a dataset that fits asks of the output layer."""
    units = task.units(len(dataset.class_names))
    return Output(units, *task.scale(dataset.train.y)) if isinstance(task, LearnsScaled) else Output(units)


def load_task(node: Node) -> Task:
    """Return the task that a configuration names.

    Raises:
        ConfigError: if a setting is invalid.
    """
    task: Task = instantiate(node, "task")
    return task
