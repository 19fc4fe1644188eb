"""One or several numbers for each example."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from toonvision.errors import ConfigError, Problem
from toonvision.verdict import Kind
from toonvision.verdict.judge import Indices
from toonvision.verdict.measure import Floats


class Regression:
    """Labels are numbers, one for each target; the model gives them in the unit of the target.

    The output layer learns standardized targets: what it gives is multiplied by the deviation of the train labels, and
    their mean is added. The saved model has this step.
    """

    name = "regression"
    kinds = (
        Kind("mae", "mean absolute error"),
        Kind("rmse", "root mean squared error"),
        Kind("r2", "R²", "max"),
    )

    def expected(self) -> str:
        """Return what the labels must be."""
        return "a number for each example and target"

    def fits(self, labels: NDArray[Any], class_names: tuple[str, ...]) -> bool:
        """Whether the labels are floats, one for each name."""
        return labels.ndim == 2 and labels.shape[1] == len(class_names) and np.issubdtype(labels.dtype, np.floating)

    def units(self, names: int) -> int:
        """Return one unit for each target."""
        return names

    def scale(self, labels: NDArray[Any]) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """Return the deviation of each target, and its mean."""
        exact = labels.astype(np.float64)
        deviation = exact.std(axis=0)
        scale = np.where(deviation > 0, deviation, 1.0)  # a target can be constant
        return tuple(scale.tolist()), tuple(exact.mean(axis=0).tolist())

    def answers(self, labels: NDArray[Any], predictions: NDArray[np.floating], threshold: float | None) -> ValueAnswers:
        """Return the predictions beside the labels.

        Args:
            labels: shape `(n, targets)`.
            predictions: shape `(seeds, n, targets)`.
            threshold: not used.

        Raises:
            ConfigError: if a prediction is not finite.
        """
        if not np.isfinite(predictions).all():
            raise ConfigError(Problem("model.output", "finite numbers", "a value that is not finite"))
        return ValueAnswers(labels.astype(np.float64), predictions.astype(np.float64))

    def trivial(self, labels: NDArray[Any]) -> float:
        """Return the mean absolute error of always answering the median."""
        return float(np.abs(labels - np.median(labels, axis=0)).mean())


@dataclass(frozen=True)
class ValueAnswers:
    """The values that several models give.

    Attributes:
        labels: shape `(n, targets)`.
        values: shape `(seeds, n, targets)`.
    """

    labels: Floats
    values: Floats

    @functools.cached_property
    def _errors(self) -> Floats:
        return self.values - self.labels

    @functools.cached_property
    def by_example(self) -> Mapping[str, Floats]:
        """The absolute error of each answer, a mean over the targets."""
        return {"mae": np.abs(self._errors).mean(axis=-1)}

    def means(self, indices: Indices) -> Mapping[str, Floats]:
        """Return the three measures on samples of the examples; each is a mean over the targets."""
        labels = self.labels[indices]  # (..., n, targets)
        squares = np.square(self._errors)[:, indices].mean(axis=-2)  # (seeds, ..., targets)
        variance = labels.var(axis=-2)
        explained = 1 - np.divide(squares, variance, out=np.ones_like(squares), where=variance > 0)
        return {
            "mae": self.by_example["mae"].mean(axis=0)[indices].mean(axis=-1),
            "rmse": np.sqrt(squares).mean(axis=(0, -1)),
            "r2": explained.mean(axis=(0, -1)),
        }

    def confusion(self, model: int) -> None:
        """Return None: there are no classes."""
