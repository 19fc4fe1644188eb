"""Plots of the predictions: curves over thresholds and calibration of probabilities, residuals of values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray
from sklearn.metrics import auc, precision_recall_curve, roc_curve

from toonvision.console import readable
from toonvision.report.page.figure import Figure, drawn, literal
from toonvision.report.page.model_figures import confidence
from toonvision.report.page.theme import DASHES, SYMBOLS
from toonvision.verdict.predictions import ROLES, Predictions

_BINS = 10
_ANY = "Each class or label against the others, all together (micro average)."


@dataclass(frozen=True, slots=True)
class Section:
    """Plots under one title; `lead` says what they show."""

    title: str
    lead: str
    figures: list[Figure]


def prediction_figures(predictions: Predictions) -> list[Section]:
    """Draw what the predictions of both models show, by the kind of the labels."""
    if predictions.has_values:
        return [
            Section(
                "Predicted and true values",
                "A perfect model has all points on the line.",
                [_predicted(predictions, role) for role in ROLES],
            ),
            Section(
                "Residuals",
                "True value less the predicted one. A pattern shows what a model has not learned.",
                [_residuals(predictions, role) for role in ROLES],
            ),
        ]
    curves = [_roc(predictions), _precision_recall(predictions)]
    lead = f"Of {predictions.class_names[1]}." if _is_binary(predictions) else _ANY
    sections = [
        Section("ROC and precision-recall curves", lead, curves),
        Section(
            "Calibration",
            "A calibrated model has all points on the line: of the answers with a probability of 0.7, 70 % are right.",
            [_calibration(predictions, role) for role in ROLES],
        ),
    ]
    if not predictions.has_classes:
        return sections
    lead = "The probability that a model gives to the class it names."
    return [Section("Confidence", lead, [confidence(predictions, role) for role in ROLES]), *sections]


def _is_binary(predictions: Predictions) -> bool:
    return predictions.has_classes and len(predictions.class_names) == 2


def _answers(predictions: Predictions, role: str) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Return whether each answer is right, and its probability: for the second of two classes, or for all names."""
    outputs = predictions.outputs[role].astype(np.float64)
    if _is_binary(predictions):
        return predictions.labels == 1, outputs[:, 1]
    names = np.arange(len(predictions.class_names))
    present = predictions.labels[:, None] == names if predictions.has_classes else predictions.labels == 1
    return present.ravel(), outputs.ravel()


def _roc(predictions: Predictions) -> Figure:
    figure, areas = go.Figure(), []
    for role, dash in zip(ROLES, DASHES, strict=False):
        false, true, _ = roc_curve(*_answers(predictions, role))
        areas.append(f"{role} {auc(false, true):.3f}")
        _add_line(figure, f"{areas[-1]}", false, true, dash)
    figure.update_layout(xaxis_title="false positive rate", yaxis_title="true positive rate", showlegend=True)
    return drawn("roc", figure, title="ROC", summary=f"Area under the ROC curve: {', '.join(areas)}.")


def _precision_recall(predictions: Predictions) -> Figure:
    figure = go.Figure()
    for role, dash in zip(ROLES, DASHES, strict=False):
        precision, recall, _ = precision_recall_curve(*_answers(predictions, role), drop_intermediate=True)
        _add_line(figure, role, recall, precision, dash)
    figure.update_layout(xaxis_title="recall", yaxis_title="precision", showlegend=True)
    return drawn("precision-recall", figure, title="Precision and recall", summary="Precision by recall of both.")


def _calibration(predictions: Predictions, role: str) -> Figure:
    right, given = _answers(predictions, role)
    bins = np.minimum((given * _BINS).astype(int), _BINS - 1)
    counts = np.bincount(bins, minlength=_BINS)
    filled = np.flatnonzero(counts)
    mean, share = (np.bincount(bins, weights=w, minlength=_BINS)[filled] / counts[filled] for w in (given, right))
    figure = _with_diagonal(0.0, 1.0)
    figure.add_scatter(
        x=mean.tolist(),
        y=share.tolist(),
        customdata=counts[filled].tolist(),
        mode="lines+markers",
        marker={"size": 8, "symbol": SYMBOLS[0]},
        hovertemplate="probability %{x:.3f}, right %{y:.3f}, %{customdata} answers<extra></extra>",
    )
    figure.update_layout(xaxis_title="mean probability", yaxis_title="share that is right")
    error = float(np.sum(counts[filled] * np.abs(mean - share)) / counts.sum())
    return drawn(
        f"calibration-{role}", figure, title=role, summary=f"Calibration error of the {role} model {error:.3f}."
    )


def _predicted(predictions: Predictions, role: str) -> Figure:
    labels, values = predictions.labels, predictions.outputs[role]
    figure = _with_diagonal(*(float(end) for end in (labels.min(), labels.max())))
    for index, name in enumerate(predictions.class_names):
        _add_points(figure, predictions, name, labels[:, index], values[:, index], SYMBOLS[index % len(SYMBOLS)])
    figure.update_layout(
        xaxis_title="true value", yaxis_title="predicted value", showlegend=len(predictions.class_names) > 1
    )
    return drawn(f"predicted-{role}", figure, title=role, summary=f"Predicted by true value of the {role} model.")


def _residuals(predictions: Predictions, role: str) -> Figure:
    labels, values = predictions.labels, predictions.outputs[role]
    figure = go.Figure()
    for index, name in enumerate(predictions.class_names):
        residuals = labels[:, index] - values[:, index]
        _add_points(figure, predictions, name, values[:, index], residuals, SYMBOLS[index % len(SYMBOLS)])
    figure.update_layout(
        xaxis_title="predicted value", yaxis_title="residual", showlegend=len(predictions.class_names) > 1
    )
    figure.update_yaxes(zeroline=True)
    mean = float(np.mean(labels - values))
    return drawn(
        f"residuals-{role}", figure, title=role, summary=f"Mean residual of the {role} model: {readable(mean, 3)}."
    )


def _with_diagonal(low: float, high: float) -> go.Figure:
    figure = go.Figure(layout={"showlegend": False})
    figure.add_scatter(
        x=[low, high], y=[low, high], mode="lines", line={"width": 1, "dash": "dot"}, hoverinfo="skip", showlegend=False
    )
    return figure


def _add_line(figure: go.Figure, name: str, x: NDArray[np.float64], y: NDArray[np.float64], dash: str) -> None:
    figure.add_scatter(
        x=x.tolist(),
        y=y.tolist(),
        name=name,
        mode="lines",
        line={"width": 2, "dash": dash},
        hovertemplate=f"{name}: %{{x:.3f}}, %{{y:.3f}}<extra></extra>",
    )


def _add_points(
    figure: go.Figure,
    predictions: Predictions,
    name: str,
    x: NDArray[Any],
    y: NDArray[Any],
    symbol: str,
) -> None:
    figure.add_scatter(
        x=x.tolist(),
        y=y.tolist(),
        name=literal(name),
        text=[literal(example) for example in predictions.examples],
        mode="markers",
        marker={"size": 6, "symbol": symbol},
        hovertemplate="%{text}: %{x:,.4~r}, %{y:,.4~r}<extra></extra>",
    )
