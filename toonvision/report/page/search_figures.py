"""How the search went: its scores in order, when each trial ran, and the front of several objectives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import plotly.graph_objects as go
from optuna.trial import FrozenTrial, TrialState

from toonvision.record.results import Results
from toonvision.report.page.figure import HOVER, Figure, drawn, literal, pruned_marker, pruned_score
from toonvision.report.page.theme import STATUS_PATTERNS
from toonvision.trial.objective import Objective
from toonvision.trial.trial import Trial, TrialStatus, trial_id

_SHORTEST_BAR = timedelta(seconds=1)  # of a running trial
_FEW_TRIALS = 10
_FRONT_OBJECTIVES = (2, 3)  # that a plot has axes for


class History(NamedTuple):
    """The scores in the order of the trials.

    Attributes:
        numbers: of the completed trials.
        scores: one for each of these numbers.
        best: the best score so far, for every trial; None before the first completed one.
        pruned: by the number of a pruned trial, its best score until it was stopped.
    """

    numbers: list[int]
    scores: list[float]
    best: list[float | None]
    pruned: dict[int, float]


class Bar(NamedTuple):
    """When a trial ran."""

    number: int
    status: TrialStatus
    begun: datetime
    duration: timedelta


class ParetoFront(NamedTuple):
    """The completed trials by all objectives.

    Attributes:
        names: of the objectives.
        values: of every objective, by trial id.
        optimal: ids of the trials on the front.
    """

    names: list[str]
    values: dict[str, list[float]]
    optimal: set[str]


def history_data(trials: Sequence[Trial], objective: Objective) -> History:
    """Return the scores, and the best one so far.

    Args:
        trials: all of the search.
        objective: of the search.
    """
    numbers, scores, best = [], [], list[float | None]()
    for trial in trials:
        if trial.status is TrialStatus.COMPLETED:
            numbers.append(trial.number)
            scores.append(trial.outcome.score or 0.0)
        best.append(objective.best(scores) if scores else None)
    pruned = {trial.number: score for trial in trials if (score := pruned_score(trial)) is not None}
    return History(numbers, scores, best, pruned)


def history_figure(data: History, objective: str) -> Figure:
    """Draw a point for each trial with a score, pruned ones apart, and a line at the best score so far."""
    if not data.numbers and not data.pruned:
        return Figure("history", missing="No trial has completed.")
    figure = go.Figure()
    figure.add_scatter(
        x=data.numbers,
        y=data.scores,
        name="completed",
        mode="markers",
        customdata=[trial_id(number) for number in data.numbers],
        hovertemplate=HOVER,
        marker={"size": 7, "opacity": 0.75},
    )
    if data.pruned:
        figure.add_scatter(
            x=list(data.pruned),
            y=list(data.pruned.values()),
            name="pruned",
            mode="markers",
            customdata=[trial_id(number) for number in data.pruned],
            hovertemplate=HOVER,
            marker=pruned_marker(),
        )
    add_best(figure, data)
    figure.update_layout(xaxis={"title": "trial", **number_ticks(len(data.best))}, yaxis_title=literal(objective))
    return drawn("history", figure, summary=f"{objective} of the completed and the pruned trials, and the best so far.")


def add_best(figure: go.Figure, data: History) -> None:
    """Add the line of the best score so far."""
    figure.add_scatter(
        x=list(range(len(data.best))),
        y=data.best,
        name="the best so far",
        mode="lines",
        line={"shape": "hv", "width": 2},
        hoverinfo="skip",
    )


def number_ticks(trials: int) -> dict[str, object]:
    """Return an axis of trial ids; with few trials Plotly would mark halves, and round them to ids."""
    return {"tickformat": "04d", **({"dtick": 1} if trials <= _FEW_TRIALS else {})}


def timeline_data(trials: Sequence[FrozenTrial], statuses: Mapping[int, TrialStatus]) -> list[Bar]:
    """Return when each trial ran.

    A running trial ends now; if all running trials have taken five times longer than any other, the search is taken
    for dead, and they end with the last trial that has ended.

    Args:
        trials: of the record, which may have begun more trials since the results were read.
        statuses: of the results, by the number of a trial.
    """
    trials = [trial for trial in trials if trial.number in statuses]
    now, longest = datetime.now(), max((trial.duration for trial in trials if trial.duration), default=None)
    running = [trial.datetime_start for trial in trials if trial.state is TrialState.RUNNING and trial.datetime_start]
    is_alive = any(longest is None or now - start < 5 * longest for start in running)
    ended = [trial.datetime_complete for trial in trials if trial.datetime_complete]
    end = now if is_alive or not ended else max(ended)
    bars = []
    for trial in trials:
        begun = trial.datetime_start or end
        duration = trial.duration or max(end - begun, _SHORTEST_BAR)
        bars.append(Bar(trial.number, statuses[trial.number], begun, duration))
    return bars


def timeline_figure(bars: Sequence[Bar]) -> Figure:
    """Draw a bar for each trial, with a pattern for each status."""
    if not bars:
        return Figure("timeline", missing="No trial has begun.")
    figure = go.Figure(layout={"barmode": "overlay", "showlegend": True})
    for status, pattern in STATUS_PATTERNS.items():
        shown = [bar for bar in bars if bar.status is status]
        if shown:
            figure.add_bar(
                y=[bar.number for bar in shown],
                base=[bar.begun.isoformat() for bar in shown],
                x=[bar.duration / timedelta(milliseconds=1) for bar in shown],
                width=0.8,
                orientation="h",
                name=status.value.lower(),
                customdata=[trial_id(bar.number) for bar in shown],
                hovertemplate="trial %{customdata}<extra></extra>",
                marker={"pattern": {"shape": pattern, "fillmode": "overlay", "size": 6}, "line": {"width": 0}},
            )
    figure.update_xaxes(type="date")
    figure.update_yaxes(title="trial", **number_ticks(len(bars)), autorange="reversed")
    return drawn("timeline", figure, summary="When each trial began and ended, by status.")


def pareto_data(results: Results) -> ParetoFront:
    """Return the completed trials that have a value for every objective."""
    objective = results.config.objective
    names = list(objective.directions)
    values = {trial.id: objective.reached(trial.outcome) for trial in results.completed}
    optimal = {trial.id for trial in results.pareto_front()}
    return ParetoFront(names, {key: scores for key, scores in values.items() if scores is not None}, optimal)


def pareto_figure(data: ParetoFront) -> Figure:
    """Draw a point for each trial, those on the front larger."""
    if not data.values:
        return Figure("pareto", missing="No trial has completed.")
    if len(data.names) not in _FRONT_OBJECTIVES:
        return Figure("pareto", missing=f"A front has two or three objectives; this search has {len(data.names)}.")
    is_flat = len(data.names) == min(_FRONT_OBJECTIVES)
    scatter = go.Scatter if is_flat else go.Scatter3d
    figure = go.Figure()
    for name, is_optimal, symbol, size in (
        ("not on the front", False, "circle", 6),
        ("on the front", True, "diamond", 9),
    ):
        ids = [key for key in data.values if (key in data.optimal) == is_optimal]
        if ids:
            trace = scatter(
                dict(zip("xyz", zip(*(data.values[key] for key in ids), strict=True), strict=False)),
                name=name,
                mode="markers",
                customdata=ids,
                hovertemplate=HOVER if is_flat else "trial %{customdata}",
                marker={"symbol": symbol, "size": size, "opacity": 0.8},
                showlegend=True,
            )
            figure.add_trace(trace)
    axes = {f"{axis}axis": {"title": literal(name)} for axis, name in zip("xyz", data.names, strict=False)}
    figure.update_layout(axes if is_flat else {"scene": axes})
    return drawn("pareto", figure, summary=f"Trials by {' and '.join(data.names)}; those on the Pareto front marked.")
