"""What a task says of the predictions of one role, for the statistics of the verdict."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from toonvision.verdict.measure import Floats
from toonvision.verdict.verdict import Cost, Kind

Indices = NDArray[np.int64]


class Answers(Protocol):
    """The predictions of several models of one role, beside the labels."""

    @property
    def by_example(self) -> Mapping[str, Floats]:
        """What each example adds to a measure, shape `(seeds, n)`: its sum is a count, its mean any other measure."""
        ...

    def means(self, indices: Indices) -> Mapping[str, Floats]:
        """Return measures on samples of the examples, each a mean over the seeds.

        Args:
            indices: of examples, shape `(..., n)`.

        Returns:
            Shape `(...)` for each.
        """
        ...

    def confusion(self, model: int) -> NDArray[np.int64] | None:
        """Return the confusion matrix of one model; None if no example has one class."""
        ...


class Judge(Protocol):
    """The part of a task that judges predictions."""

    @property
    def name(self) -> str:
        """The name of the task."""
        ...

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """The measures; the first one is decisive."""
        ...

    def units(self, names: int) -> int:
        """Return the units of the output layer for so many classes, labels or targets."""
        ...

    def answers(self, labels: NDArray[Any], predictions: NDArray[np.floating], threshold: float | None) -> Answers:
        """Return the predictions beside the labels.

        Args:
            labels: of the task's shape, `n` examples.
            predictions: what the models' output layer gives, shape `(seeds, n, units)`.
            threshold: from which probability on the second of two classes is named; None where none was chosen.

        Raises:
            ConfigError: if no model of this task predicts such values.
        """
        ...

    def trivial(self, labels: NDArray[Any]) -> float:
        """Return the decisive measure of the best constant answer."""
        ...


@dataclass(frozen=True, slots=True)
class Role:
    """The predictions of one role's models on the test examples.

    Attributes:
        predictions: what the output layer gives, shape `(seeds, n, units)`.
        cost: what each of these models costs.
        threshold: of these models; None where none was chosen (see `Scores.threshold`).
    """

    predictions: NDArray[np.floating]
    cost: Cost
    threshold: float | None = None
