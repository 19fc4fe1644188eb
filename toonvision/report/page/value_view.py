"""The predictions of numbers: measures of each target, and the examples with the largest errors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from sklearn.metrics import mean_absolute_error, r2_score, root_mean_squared_error

from toonvision.verdict.predictions import ROLES, Predictions

SHOWN = 20


@dataclass(frozen=True, slots=True)
class TargetMeasure:
    """The scores of one model for one target."""

    name: str
    mean_absolute_error: float
    root_mean_squared_error: float
    r2: float


@dataclass(frozen=True, slots=True)
class WorstExample:
    """An example with the true value and that of each role, for the target with the largest error."""

    name: str
    target: str
    label: float
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class ValueView:
    """What the page shows of predicted numbers.

    Attributes:
        measures: by role, one for each target.
        worst: the examples with the largest error of the tuned model, in units of the target's deviation.
    """

    template = "values.html.jinja"

    measures: Mapping[str, list[TargetMeasure]]
    worst: list[WorstExample]


def value_view(predictions: Predictions) -> ValueView:
    """Return the view of predicted numbers."""
    labels = predictions.labels.astype(np.float64)
    deviation = labels.std(axis=0)
    errors = np.abs(labels - predictions.outputs["tuned"]) / np.where(deviation > 0, deviation, 1.0)
    order = np.argsort(-errors.max(axis=1), kind="stable")[:SHOWN]
    return ValueView(
        {role: _measures(predictions, role) for role in ROLES},
        [
            WorstExample(
                predictions.examples[index],
                predictions.class_names[target := int(errors[index].argmax())],
                float(labels[index, target]),
                tuple(float(predictions.outputs[role][index, target]) for role in ROLES),
            )
            for index in order
        ],
    )


def _measures(predictions: Predictions, role: str) -> list[TargetMeasure]:
    columns = zip(predictions.class_names, predictions.labels.T, predictions.outputs[role].T, strict=True)
    return [
        TargetMeasure(
            name,
            float(mean_absolute_error(labels, values)),
            float(root_mean_squared_error(labels, values)),
            float(r2_score(labels, values)) if len(labels) > 1 else float("nan"),
        )
        for name, labels, values in columns
    ]
