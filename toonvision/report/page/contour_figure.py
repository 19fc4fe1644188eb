"""The scores over two hyperparameters, interpolated between the trials."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import plotly.graph_objects as go

from toonvision.report.page.figure import Figure, drawn, literal
from toonvision.report.page.hyperparameter_figures import ticks
from toonvision.trial.objective import Objective
from toonvision.trial.trial import Trial

CONTOUR_TRIALS = 150  # at most: a contour has a row and a column for every different value
_CONTOUR_NAMES = 4  # the most important hyperparameters, and thus six pairs
_PADDING = 0.05  # share of an axis beyond its lowest and its highest value


class ContourAxis(NamedTuple):
    """One axis of a contour.

    Attributes:
        name: of the hyperparameter.
        kind: linear, log or category, as in Plotly.
        positions: the different values in ascending order; those of a number lie between the ends.
        ends: of the axis; of a category, as indices.
        ticks: positions of the ticks; None for Plotly's.
    """

    name: str
    kind: str
    positions: list[Any]
    ends: tuple[float, float]
    ticks: list[int] | None


class Contour(NamedTuple):
    """The scores over two hyperparameters.

    Attributes:
        x: axis of the first.
        y: axis of the second.
        points: the pairs of values of the trials in which both are active.
        ids: of these trials.
        point_scores: of these trials.
        scores: the best score at each position, one row for each position of `y`; None where no trial is.
        objective: of the search.
    """

    x: ContourAxis
    y: ContourAxis
    points: list[tuple[Any, Any]]
    ids: list[str]
    point_scores: list[float]
    scores: list[list[float | None]]
    objective: Objective


def contour_pairs(trials: Sequence[Trial], names: Sequence[str]) -> list[tuple[str, str]]:
    """Return the pairs of the most important hyperparameters with different values that any trial has together.

    Args:
        trials: the completed ones.
        names: of the hyperparameters, the most important one first.
    """
    varied = [name for name in names if len({trial.values.get(name) for trial in trials} - {None}) > 1]
    pairs = (sorted(pair) for pair in itertools.combinations(varied[:_CONTOUR_NAMES], 2))
    return [(x, y) for x, y in pairs if any(x in trial.values and y in trial.values for trial in trials)]


def thinned(trials: Sequence[Trial]) -> list[Trial]:
    """Return `CONTOUR_TRIALS` trials at even distances where there are more."""
    step = max(1.0, len(trials) / CONTOUR_TRIALS)
    return [trials[int(index * step)] for index in range(min(len(trials), CONTOUR_TRIALS))]


def contour_data(
    trials: Sequence[Trial], pair: tuple[str, str], space: Mapping[str, Any], *, objective: Objective
) -> Contour:
    """Return the scores over two hyperparameters.

    Args:
        trials: completed ones.
        pair: names of the hyperparameters.
        space: the search space.
        objective: of the search.
    """
    x, y = (_axis(trials, name, space[name]) for name in pair)
    both = [trial for trial in trials if x.name in trial.values and y.name in trial.values]
    points = [(_position(trial.values[x.name]), _position(trial.values[y.name])) for trial in both]
    scores: dict[tuple[Any, Any], list[float]] = {}
    for point, trial in zip(points, both, strict=True):
        scores.setdefault(point, []).append(trial.outcome.score or 0.0)
    best = {point: objective.best(values) for point, values in scores.items()}
    rows = [[best.get((column, row)) for column in x.positions] for row in y.positions]
    return Contour(x, y, points, [t.id for t in both], [t.outcome.score or 0.0 for t in both], rows, objective)


def contour_figure(data: Contour) -> Figure:
    """Draw the scores as colours, and a point for each trial; the page draws them anew from the highlighted trials."""
    x, y = data.x, data.y
    figure = go.Figure()
    figure.add_contour(
        x=x.positions,
        y=y.positions,
        z=data.scores,
        zmin=min(data.point_scores),
        zmax=max(data.point_scores),
        meta={"scores": data.point_scores, "direction": data.objective.direction},
        connectgaps=True,
        contours_coloring="heatmap",
        line_smoothing=1.3,
        reversescale=data.objective.direction == "max",
        colorbar={"thickness": 8, "outlinewidth": 0},
        hoverinfo="none",
    )
    figure.add_scatter(
        x=[point[0] for point in data.points],
        y=[point[1] for point in data.points],
        mode="markers",
        marker={"size": 4, "color": "rgba(128,128,128,0.35)", "line": {"width": 1, "color": "gray"}},
        customdata=data.ids,
        hoverinfo="skip",
        showlegend=False,
    )
    for axis, update in ((x, figure.update_xaxes), (y, figure.update_yaxes)):
        ends = [math.log10(end) for end in axis.ends] if axis.kind == "log" else list(axis.ends)
        update(title=axis.name, type=axis.kind, range=ends, tickvals=axis.ticks, showgrid=False, zeroline=False)
    summary = f"{data.objective.name} by {x.name} and {y.name}, interpolated."
    return drawn(f"contour-{x.name}-{y.name}", figure, title=f"{x.name} and {y.name}", summary=summary)


def _axis(trials: Sequence[Trial], name: str, entry: Mapping[str, Any]) -> ContourAxis:
    values = {_position(trial.values[name]) for trial in trials if name in trial.values}
    positions = sorted(values)
    if isinstance(positions[0], str):
        last = len(positions) - 1
        return ContourAxis(name, "category", positions, (-_PADDING * last, (1 + _PADDING) * last), None)
    low, high = float(positions[0]), float(positions[-1])
    if entry.get("sampling") == "log":
        factor = (high / low) ** _PADDING
        kind, ends = "log", (low / factor, high * factor)
    else:
        padding = (high - low) * _PADDING
        kind, ends = "linear", (low - padding, high + padding)
    return ContourAxis(name, kind, [ends[0], *positions, ends[1]], ends, ticks(positions))


def _position(value: Any) -> Any:
    """Return where a value stands on its axis: a number at itself, any other value as text."""
    return literal(str(value)) if isinstance(value, str | bool) else value
