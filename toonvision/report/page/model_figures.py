"""Learning curves of trials and final models, and the confidence of the final models."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from toonvision.console import readable
from toonvision.record.results import Results
from toonvision.report.page.figure import Figure, drawn, literal
from toonvision.report.page.theme import DASHES, SYMBOLS
from toonvision.verdict.comparison import Comparison
from toonvision.verdict.predictions import ROLES, Predictions

_MARKED = 12  # epochs of a curve, at most, with a symbol
_BINS = 20


def trial_curves(results: Results) -> Figure:
    """Draw the objective by epoch of the best trials, as many as there are dash patterns."""
    objective = results.config.objective.name
    best = [trial for trial in results.best() if trial.intermediate_values][: len(DASHES)]
    if not best:
        return Figure("curves", missing="No completed trial has reported an epoch.")
    figure = go.Figure()
    for trial, dash, symbol in zip(best, DASHES, SYMBOLS, strict=False):
        epochs = [epoch + 1 for epoch in trial.intermediate_values]
        _add_curve(
            figure,
            f"{trial.id} ({readable(trial.outcome.score or 0.0)})",
            epochs,
            list(trial.intermediate_values.values()),
        )
        figure.data[-1].update(line={"dash": dash}, marker={"symbol": symbol}, meta={"trial": trial.id})
    figure.update_layout(xaxis_title="epoch", yaxis_title=literal(objective), showlegend=True)
    ids = ", ".join(trial.id for trial in best)
    return drawn("curves", figure, summary=f"{objective} by epoch of the best trials {ids}.")


def final_curves(comparison: Comparison) -> Figure:
    """Draw the training loss by epoch of the baseline and the tuned model."""
    figure = go.Figure()
    for role, dash, symbol in zip(ROLES, DASHES, SYMBOLS, strict=False):
        losses = {"baseline": comparison.baseline, "tuned": comparison.tuned}[role].history.get("loss", [])
        _add_curve(figure, role, list(range(1, len(losses) + 1)), losses)
        figure.data[-1].update(line={"dash": dash}, marker={"symbol": symbol})
    figure.update_layout(xaxis_title="epoch", yaxis_title="loss on train + validation", showlegend=True)
    return drawn("final-curves", figure, summary="Training loss by epoch of the baseline and of the tuned model.")


def confidence(predictions: Predictions, role: str) -> Figure:
    """Draw a histogram of the confidence of right and wrong predictions."""
    edges = np.linspace(0, 1, _BINS + 1)
    right = predictions.is_right(role)
    figure = go.Figure(layout={"barmode": "stack", "bargap": 0.08, "showlegend": True})
    for name, chosen, pattern in (("right", right, ""), ("wrong", ~right, "/")):
        counts, _ = np.histogram(predictions.confidence(role)[chosen], edges)
        figure.add_bar(x=((edges[1:] + edges[:-1]) / 2).tolist(), y=counts.tolist(), name=name, width=1 / _BINS)
        figure.data[-1].update(
            marker={"pattern": {"shape": pattern, "fillmode": "overlay"}},
            hovertemplate=f"%{{y}} {name} at about %{{x:.3f}}<extra></extra>",
        )
    figure.update_layout(xaxis={"title": "confidence", "range": [0, 1]}, yaxis_title="test examples")
    mean = f"{np.mean(predictions.confidence(role)):.2f}" if len(predictions.examples) else "unknown"
    return drawn(f"confidence-{role}", figure, title=role, summary=f"Mean confidence of the {role} model: {mean}.")


def _add_curve(figure: go.Figure, name: str, epochs: list[int], values: list[float] | list[float | None]) -> None:
    figure.add_scatter(
        x=epochs,
        y=values,
        name=name,
        mode="lines+markers",
        line={"width": 2},
        marker={"size": 7, "maxdisplayed": _MARKED},
        hovertemplate=f"{name}, epoch %{{x}}: %{{y:,.4~r}}<extra></extra>",
    )
