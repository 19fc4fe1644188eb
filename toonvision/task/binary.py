"""One of two classes for each example, of which the second is the one looked for."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from toonvision.console import readable
from toonvision.errors import ConfigError, Problem
from toonvision.task.ranking import area_under_roc, average_precision, roc_values
from toonvision.verdict import Kind
from toonvision.verdict.judge import Indices
from toonvision.verdict.measure import Floats, binary_cross_entropies

Best = Literal["accuracy", "balanced_accuracy", "f1"]
_DEFAULT = 0.5  # the threshold where none was chosen


@dataclass(frozen=True, slots=True)
class Binary:
    """Labels are 0 and 1; the output layer gives the probability of 1.

    Attributes:
        threshold_by: which measure is best on the validation examples at the threshold.
    """

    threshold_by: Best = "f1"

    name = "binary"
    kinds = (
        Kind("auc", "area under the ROC curve", "max"),
        Kind("average_precision", "average precision", "max"),
        Kind("wrong", "errors", is_count=True),
        Kind("accuracy", "accuracy", "max", share_of="wrong"),
        Kind("brier", "Brier score"),
        Kind("loss", "cross-entropy"),
        Kind("precision", "precision", "max", is_detail=True),
        Kind("recall", "recall", "max", is_detail=True),
        Kind("f1", "F1", "max", is_detail=True),
    )

    def expected(self) -> str:
        """Return what the labels must be."""
        return "the index of one of two classes for each example, and their two names"

    def fits(self, labels: NDArray[Any], class_names: tuple[str, ...]) -> bool:
        """Whether the labels are indices of two class names."""
        is_index = labels.ndim == 1 and np.issubdtype(labels.dtype, np.integer)
        return is_index and len(class_names) == 2 and set(np.unique(labels)) <= {0, 1}

    def units(self, names: int) -> int:
        """Return one unit."""
        return 1

    def threshold(self, labels: NDArray[Any], predictions: NDArray[np.floating]) -> float:
        """Return the threshold at which the chosen measure is best, of several the one nearest to 0.5.

        Args:
            labels: shape `(n,)`.
            predictions: shape `(n, 1)`.
        """
        given = predictions[:, 0].astype(np.float64)
        values = np.unique(given)
        candidates = np.concatenate([[_DEFAULT], (values[1:] + values[:-1]) / 2])
        named = given >= candidates[:, None]
        hits, false = (named & (labels == 1)).sum(axis=1), (named & (labels == 0)).sum(axis=1)
        positive, negative = int((labels == 1).sum()), int((labels == 0).sum())
        score = {
            "accuracy": (hits + negative - false) / len(labels),
            "balanced_accuracy": hits / max(positive, 1) + (negative - false) / max(negative, 1),
            "f1": 2 * hits / np.maximum(hits + false + positive, 1),
        }[self.threshold_by]
        best = candidates[score >= score.max() - 1e-12]
        return float(best[np.argmin(np.abs(best - _DEFAULT))])

    def answers(
        self, labels: NDArray[Any], predictions: NDArray[np.floating], threshold: float | None
    ) -> BinaryAnswers:
        """Return the predictions beside the labels.

        Args:
            labels: shape `(n,)`.
            predictions: probabilities, shape `(seeds, n, 1)`.
            threshold: from which on class 1 is named; 0.5 if None.

        Raises:
            ConfigError: if the predictions are not probabilities.
        """
        check_probabilities(predictions)
        cut = _DEFAULT if threshold is None else threshold
        return BinaryAnswers(labels, predictions[..., 0].astype(np.float64), cut)

    def trivial(self, labels: NDArray[Any]) -> float:
        """Return the area of a constant answer."""
        return 0.5


def check_probabilities(predictions: NDArray[np.floating]) -> None:
    """Raise ConfigError unless all are between 0 and 1."""
    if not (np.isfinite(predictions).all() and (predictions >= 0).all() and (predictions <= 1).all()):
        expected = "probabilities, as activation=sigmoid gives them"
        received = f"values between {readable(predictions.min())} and {readable(predictions.max())}"
        raise ConfigError(Problem("model.output", expected, received))


@dataclass(frozen=True)
class BinaryAnswers:
    """The probabilities that several models give.

    Attributes:
        labels: shape `(n,)`.
        probabilities: of class 1, shape `(seeds, n)`.
        threshold: from which on class 1 is named.
    """

    labels: NDArray[Any]
    probabilities: Floats
    threshold: float

    @functools.cached_property
    def _named(self) -> NDArray[np.bool_]:
        return self.probabilities >= self.threshold

    @functools.cached_property
    def by_example(self) -> Mapping[str, Floats]:
        """The pseudo-values of the area under the ROC curve, the errors, the squared errors and the losses."""
        return {
            "auc": roc_values(self.labels, self.probabilities),
            "wrong": (self._named != (self.labels == 1)).astype(np.float64),
            "brier": np.square(self.probabilities - self.labels),
            "loss": binary_cross_entropies(self.labels, self.probabilities),
        }

    def means(self, indices: Indices) -> Mapping[str, Floats]:
        """Return the measures on samples of the examples."""
        labels, given = self.labels[indices], self.probabilities[:, indices]
        positive, named = labels == 1, self._named[:, indices]
        hits = (named & positive).sum(axis=-1)
        predicted, actual = named.sum(axis=-1), positive.sum(axis=-1)
        values = {name: self.by_example[name].mean(axis=0)[indices] for name in ("wrong", "brier", "loss")}
        return {
            "auc": area_under_roc(positive, given).mean(axis=0),
            "average_precision": average_precision(positive, given).mean(axis=0),
            "wrong": values["wrong"].sum(axis=-1),
            "brier": values["brier"].mean(axis=-1),
            "loss": values["loss"].mean(axis=-1),
            "precision": (hits / np.maximum(predicted, 1)).mean(axis=0),
            "recall": (hits / np.maximum(actual, 1)).mean(axis=0),
            "f1": (2 * hits / np.maximum(predicted + actual, 1)).mean(axis=0),
        }

    def confusion(self, model: int) -> NDArray[np.int64]:
        """Return the confusion matrix of one model."""
        matrix = np.zeros((2, 2), dtype=np.int64)
        np.add.at(matrix, (self.labels.astype(np.int64), self._named[model].astype(np.int64)), 1)
        return matrix
