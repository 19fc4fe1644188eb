"""The interface of all tasks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from toonvision.config.node import Node, instantiate
from toonvision.dataset import Dataset
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

    @property
    def has_classes(self) -> bool:
        """Whether each example has one class, so that classes can have weights in the loss."""
        ...

    def expected(self) -> str:
        """Return what the labels of a dataset must be, in words."""
        ...

    def fits(self, labels: NDArray[Any], class_names: tuple[str, ...]) -> bool:
        """Whether labels, shape `(n,)` or `(n, k)`, are those of this task."""
        ...

    def output(self, dataset: Dataset) -> Output:
        """Return what a dataset that fits asks of the output layer."""
        ...

    @property
    def has_threshold(self) -> bool:
        """Whether a class is named from a probability on that is chosen on the validation examples."""
        ...

    def columns(self, predictions: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return a number for each class, label or target, from what the output layer gives, shape `(n, units)`."""
        ...

    def threshold(self, labels: NDArray[Any], predictions: NDArray[np.floating]) -> float | None:
        """Return from which probability on the second of two classes is named; None for a task without one.

        Args:
            labels: of the validation examples.
            predictions: of a model that has not learned them, shape `(n, units)`.
        """
        ...


def load_task(node: Node) -> Task:
    """Return the task that a configuration names.

    Raises:
        ConfigError: if a setting is invalid.
    """
    task: Task = instantiate(node, "task.kind")
    return task
