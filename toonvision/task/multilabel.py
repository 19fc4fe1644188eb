"""Any number of labels for each example."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from toonvision.task.binary import check_probabilities
from toonvision.verdict import Kind
from toonvision.verdict.judge import Indices
from toonvision.verdict.measure import Floats, binary_cross_entropies
from toonvision.verdict.predictions import LABEL_THRESHOLD


class Multilabel:
    """Labels are 0 or 1 for each name; the output layer gives the probability of each, and names it from 0.5 on."""

    name = "multilabel"
    kinds = (
        Kind("hamming_loss", "share of wrong labels"),
        Kind("wrong", "examples with a wrong label", is_count=True),
        Kind("exact_match", "exact match", "max", share_of="wrong"),
        Kind("macro_f1", "macro F1", "max"),
        Kind("micro_f1", "micro F1", "max", is_detail=True),
        Kind("loss", "binary cross-entropy"),
    )

    def expected(self) -> str:
        """Return what the labels must be."""
        return "0 or 1 for each example and label, as integers"

    def fits(self, labels: NDArray[Any], class_names: tuple[str, ...]) -> bool:
        """Whether the labels are 0 or 1 for each name."""
        is_table = labels.ndim == 2 and labels.shape[1] == len(class_names) and np.issubdtype(labels.dtype, np.integer)
        return is_table and set(np.unique(labels)) <= {0, 1}

    def units(self, names: int) -> int:
        """Return one unit for each label."""
        return names

    def answers(self, labels: NDArray[Any], predictions: NDArray[np.floating], threshold: float | None) -> LabelAnswers:
        """Return the predictions beside the labels.

        Args:
            labels: shape `(n, labels)`.
            predictions: probabilities, shape `(seeds, n, labels)`.
            threshold: not used.

        Raises:
            ConfigError: if the predictions are not probabilities.
        """
        check_probabilities(predictions)
        return LabelAnswers(labels == 1, predictions.astype(np.float64))

    def trivial(self, labels: NDArray[Any]) -> float:
        """Return the share of wrong labels of always naming those that more than half of the examples have."""
        share = labels.mean(axis=0)
        return float(np.minimum(share, 1 - share).mean())


@dataclass(frozen=True)
class LabelAnswers:
    """The probabilities that several models give.

    Attributes:
        labels: whether an example has a label, shape `(n, labels)`.
        probabilities: shape `(seeds, n, labels)`.
    """

    labels: NDArray[np.bool_]
    probabilities: Floats

    @functools.cached_property
    def _named(self) -> NDArray[np.bool_]:
        return self.probabilities >= LABEL_THRESHOLD

    @functools.cached_property
    def by_example(self) -> Mapping[str, Floats]:
        """The share of wrong labels, whether any is wrong, and the mean loss of the labels."""
        wrong = self._named != self.labels
        losses = binary_cross_entropies(self.labels.astype(np.int64), self.probabilities)
        return {
            "hamming_loss": wrong.mean(axis=-1),
            "wrong": wrong.any(axis=-1).astype(np.float64),
            "loss": losses.mean(axis=-1),
        }

    def means(self, indices: Indices) -> Mapping[str, Floats]:
        """Return the measures on samples of the examples; F1 over the labels that occur or are named."""
        labels, named = self.labels[indices], self._named[:, indices]
        hits = (named & labels).sum(axis=-2)  # (seeds, ..., labels)
        total = named.sum(axis=-2) + labels.sum(axis=-2)
        scores = 2 * hits / np.maximum(total, 1)
        macro = scores.sum(axis=-1) / np.maximum((total > 0).sum(axis=-1), 1)
        micro = 2 * hits.sum(axis=-1) / np.maximum(total.sum(axis=-1), 1)
        values = {name: by_example.mean(axis=0)[indices] for name, by_example in self.by_example.items()}
        return {
            "hamming_loss": values["hamming_loss"].mean(axis=-1),
            "wrong": values["wrong"].sum(axis=-1),
            "macro_f1": macro.mean(axis=0),
            "micro_f1": micro.mean(axis=0),
            "loss": values["loss"].mean(axis=-1),
        }

    def confusion(self, model: int) -> None:
        """Return None: an example can have several labels."""
