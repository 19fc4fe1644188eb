"""The pictures at the head of the page: the decisive measure of both roles seed by seed, and the best score so far."""

from __future__ import annotations

from typing import NamedTuple

import plotly.graph_objects as go

from toonvision.console import readable
from toonvision.report.page.figure import HOVER, Figure, drawn, literal
from toonvision.report.page.search_figures import History, add_best, number_ticks
from toonvision.trial.trial import trial_id
from toonvision.verdict.interval import Interval
from toonvision.verdict.verdict import Kind, Scores, Verdict

_ROLES = {"tuned": 0.0, "baseline": 1.0}  # the height of each row; the baseline is at the top
_APART = 0.17  # half the distance between the seeds of a role and their mean
_SEEDS = 2  # with fewer, the mean is the only value


class RoleScores(NamedTuple):
    """The decisive measure of a role on the test examples.

    Attributes:
        role: baseline or tuned.
        seeds: the value of each seed's model.
        mean: mean over the seeds.
        interval: of the mean, over the test examples; None if there is none.
    """

    role: str
    seeds: tuple[int | float, ...]
    mean: float
    interval: Interval | None


class RolesFigureData(NamedTuple):
    """Both roles, and how to read their numbers."""

    roles: list[RoleScores]
    kind: Kind
    examples: int
    confidence: float


def roles_data(verdict: Verdict) -> RolesFigureData:
    """Return the decisive measure of both roles, seed by seed."""
    roles = [
        _role(verdict, role, scores) for role, scores in (("baseline", verdict.baseline), ("tuned", verdict.tuned))
    ]
    return RolesFigureData(roles, verdict.decisive, verdict.examples, verdict.confidence)


def roles_figure(data: RolesFigureData) -> Figure:
    """Draw a point for each seed, and the mean with its interval below them."""
    kind, several = data.kind, [role for role in data.roles if len(role.seeds) >= _SEEDS]
    figure = go.Figure()
    if several:
        figure.add_scatter(
            x=[value for role in several for value in role.seeds],
            y=[_ROLES[role.role] + _APART for role in several for _ in role.seeds],
            name="a seed",
            mode="markers",
            marker={"size": 9, "opacity": 0.6},
            text=[role.role for role in several for _ in role.seeds],
            hovertemplate="%{text}, a seed: %{x:,.4~r}<extra></extra>",
        )
    figure.add_scatter(
        x=[role.mean for role in data.roles],
        y=[_ROLES[role.role] - (_APART if several else 0) for role in data.roles],
        name=f"{'mean' if several else 'one training'} with its {data.confidence:.0%} interval over the examples",
        mode="markers",
        marker={"size": 10, "symbol": "diamond"},
        error_x={
            "type": "data",
            "symmetric": False,
            "array": [role.interval[1] - role.mean if role.interval else 0 for role in data.roles],
            "arrayminus": [role.mean - role.interval[0] if role.interval else 0 for role in data.roles],
            "thickness": 2,
            "width": 5,
        },
        text=[role.role for role in data.roles],
        hovertemplate="%{text}: %{x:,.4~r}<extra></extra>",
    )
    better = ("fewer" if kind.is_count else "lower") if kind.better == "min" else "higher"
    title = f"{kind.noun} on {data.examples:,} test examples, {better} is better"
    figure.update_layout(showlegend=True, xaxis={"title": literal(kind.noun), "zeroline": False})
    figure.update_yaxes(
        tickvals=list(_ROLES.values()), ticktext=list(_ROLES), range=[-0.6, 1.6], showgrid=False, zeroline=False
    )
    listed = "; ".join(_in_words(role) for role in data.roles)
    return drawn("roles", figure, title=title[0].upper() + title[1:], summary=f"{title}: {listed}.")


def best_figure(data: History, objective: str) -> Figure | None:
    """Draw the best score so far by trial, with a faint point for each completed trial; None without one."""
    if not data.numbers:
        return None
    figure = go.Figure()
    add_best(figure, data)
    figure.add_scatter(
        x=data.numbers,
        y=data.scores,
        name="a completed trial",
        mode="markers",
        customdata=[trial_id(number) for number in data.numbers],
        hovertemplate=HOVER,
        marker={"size": 6, "opacity": 0.5},
    )
    figure.update_layout(
        showlegend=True, xaxis={"title": "trial", **number_ticks(len(data.best))}, yaxis_title=literal(objective)
    )
    summary = f"The best {objective} so far, by trial: {readable(data.best[-1] or 0.0)} after {len(data.best)} trials."
    return drawn("best", figure, title=f"The best {objective} so far", summary=summary)


def _role(verdict: Verdict, role: str, scores: Scores) -> RoleScores:
    measure = verdict.of(scores)
    return RoleScores(role, measure.seeds, measure.mean, measure.interval)


def _in_words(role: RoleScores) -> str:
    ends = f" ({readable(role.interval[0])} to {readable(role.interval[1])})" if role.interval else ""
    return f"{role.role} {readable(role.mean)}{ends}"
