"""The scores along the path from the baseline to the chosen values."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from toonvision.console import readable
from toonvision.report.page.figure import Figure, drawn, literal
from toonvision.report.path import Earned

_SEEDS = 2  # with fewer, the mean is the only score


def path_figure(rows: Sequence[Earned], objective: str) -> Figure:
    """Draw the mean of each step, from top to bottom, and a point for each seed.

    Args:
        rows: the steps; those without a score have no point.
        objective: its name.
    """
    scored = [row for row in rows if row.score is not None]
    if not scored:
        return Figure("path", missing="No step of the path has a score.")
    labels = {row.step.number: _label(row) for row in rows}
    each = [
        (row, score) for row in scored for score in row.step.outcome.scores if len(row.step.outcome.scores) >= _SEEDS
    ]
    figure = go.Figure()
    figure.add_scatter(
        x=[row.score for row in scored],
        y=[labels[row.step.number] for row in scored],
        name="mean",
        mode="lines+markers",
        line={"width": 2},
        marker={"size": 9},
        text=["<br>".join(map(literal, row.changes)) for row in scored],
        hovertemplate="%{text}<br>mean %{x:,.4~r}<extra></extra>",
    )
    figure.add_scatter(
        x=[score for _, score in each],
        y=[labels[row.step.number] for row, _ in each],
        name="a seed",
        mode="markers",
        marker={"symbol": "line-ns-open", "size": 12, "line": {"width": 2}},
        hovertemplate="a seed: %{x:,.4~r}<extra></extra>",
    )
    figure.update_layout(xaxis_title=literal(objective), showlegend=True)
    figure.update_yaxes(type="category", categoryarray=list(labels.values()), autorange="reversed", zeroline=False)
    listed = ", ".join(f"{', '.join(row.changes)} {readable(row.score or 0.0)}" for row in scored)
    return drawn("path", figure, summary=f"{objective} by step of the path: {listed}.")


def _label(row: Earned) -> str:
    first, *others = row.step.changes or ("baseline",)
    return literal(f"{row.step.number}. {first}" + (f" +{len(others)}" if others else ""))
