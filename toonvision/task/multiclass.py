"""One of several classes for each example."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from toonvision.console import readable
from toonvision.errors import ConfigError, Problem
from toonvision.verdict import Kind
from toonvision.verdict.judge import Indices
from toonvision.verdict.measure import Floats, confusion, cross_entropies, macro_scores


class Multiclass:
    """Labels are class indices; the output layer gives a probability for each class.

    Args:
        one_hot: whether a model learns a number for each class, 1 or 0, as labels can be smoothed or mixed.
    """

    name = "multiclass"
    kinds = (
        Kind("wrong", "errors", is_count=True),
        Kind("loss", "cross-entropy"),
        Kind("accuracy", "accuracy", "max", share_of="wrong"),
        Kind("precision", "macro precision", "max", is_detail=True),
        Kind("recall", "macro recall", "max", is_detail=True),
        Kind("f1", "macro F1", "max", is_detail=True),
    )

    def __init__(self, *, one_hot: bool = False) -> None:
        self.one_hot = one_hot

    def expected(self) -> str:
        """Return what the labels must be."""
        return "the index of a class for each example, and the name of each class"

    def fits(self, labels: NDArray[Any], class_names: tuple[str, ...]) -> bool:
        """Whether the labels are indices of the class names."""
        is_index = labels.ndim == 1 and np.issubdtype(labels.dtype, np.integer)
        return bool(is_index and len(class_names) >= 2 and labels.min() >= 0 and labels.max() < len(class_names))

    def units(self, names: int) -> int:
        """Return one unit for each class."""
        return names

    def encoded(self, labels: NDArray[Any], names: int) -> NDArray[Any]:
        """Return the labels, or a number for each class, shape `(n, names)`, float32."""
        return np.eye(names, dtype=np.float32)[labels] if self.one_hot else labels

    def answers(self, labels: NDArray[Any], predictions: NDArray[np.floating], threshold: float | None) -> ClassAnswers:
        """Return the predictions beside the labels.

        Args:
            labels: class indices, shape `(n,)`.
            predictions: probabilities, shape `(seeds, n, n_classes)`.
            threshold: not used.

        Raises:
            ConfigError: if the predictions are not probabilities.
        """
        if not (np.isfinite(predictions).all() and (predictions >= 0).all()):
            raise ConfigError(
                Problem(
                    "model.output",
                    "probabilities, as activation=softmax gives them",
                    f"values between {readable(predictions.min())} and {readable(predictions.max())}",
                )
            )
        return ClassAnswers(
            labels, predictions.argmax(axis=-1), cross_entropies(labels, predictions), predictions.shape[-1]
        )

    def trivial(self, labels: NDArray[Any]) -> float:
        """Return the errors of always naming the most frequent class."""
        return float(len(labels) - np.bincount(labels).max())


@dataclass(frozen=True)
class ClassAnswers:
    """The classes that several models name.

    Attributes:
        labels: shape `(n,)`.
        predicted: class indices, shape `(seeds, n)`.
        losses: cross-entropies, of the same shape.
        n_classes: number of classes.
    """

    labels: NDArray[Any]
    predicted: NDArray[np.int64]
    losses: Floats
    n_classes: int

    @functools.cached_property
    def by_example(self) -> Mapping[str, Floats]:
        """Whether each answer is wrong, and its loss."""
        return {"wrong": (self.predicted != self.labels).astype(np.float64), "loss": self.losses}

    @functools.cached_property
    def _cells(self) -> NDArray[np.int64]:
        return np.asarray(self.labels * self.n_classes + self.predicted)

    def means(self, indices: Indices) -> Mapping[str, Floats]:
        """Return the errors, the loss and the macro scores on samples of the examples."""
        wrong, losses = (values.mean(axis=0)[indices] for values in self.by_example.values())
        macro = macro_scores(confusion(self._cells[:, indices], self.n_classes)).mean(axis=1)
        return {
            "wrong": wrong.sum(axis=-1),
            "loss": losses.mean(axis=-1),
            **dict(zip(("precision", "recall", "f1"), macro, strict=True)),
        }

    def confusion(self, model: int) -> NDArray[np.int64]:
        """Return the confusion matrix of one model."""
        return confusion(self._cells[model], self.n_classes)
