"""The anytime curves of a leaderboard: a line for each group of runs, with a band from its worst to its best seed."""

from __future__ import annotations

from collections.abc import Mapping

import plotly.graph_objects as go

from toonvision.report.anytime import Curve
from toonvision.report.page.figure import Figure, drawn, literal
from toonvision.report.page.theme import DASHES, SCHEMES

_COLORS = len(SCHEMES["light"].series)


def anytime_figure(name: str, curves: Mapping[str, Curve], *, spent: str, objective: str) -> Figure:
    """Draw the best score so far by what was spent.

    Args:
        name: of the figure, unique on the page.
        curves: by the name of their group.
        spent: name of the horizontal axis.
        objective: whose score it is.
    """
    shown = {group: curve for group, curve in curves.items() if curve.positions}
    if not shown:
        return Figure(name, missing="No run has a completed trial.")
    figure = go.Figure()
    for index, (group, curve) in enumerate(shown.items()):
        meta = {"series": index % _COLORS}  # its place in the colours of the page's scheme, light or dark
        if curve.low != curve.high:
            x, low, high = _stairs(curve.positions), _stairs(curve.low, late=True), _stairs(curve.high, late=True)
            figure.add_scatter(
                x=[*x, *reversed(x)],
                y=[*high, *reversed(low)],
                fill="toself",
                mode="lines",
                line={"width": 0},
                hoverinfo="skip",
                showlegend=False,
                legendgroup=group,
                meta=meta,
            )
        figure.add_scatter(
            x=curve.positions,
            y=curve.mean,
            name=literal(group),
            legendgroup=group,
            mode="lines",
            line={"shape": "hv", "width": 2, "dash": DASHES[index // _COLORS % len(DASHES)]},
            hovertemplate=f"{literal(group)}<br>%{{x:.4g}} {spent}: %{{y:.4g}}<extra></extra>",
            meta=meta,
        )
    figure.update_layout(
        xaxis={"title": spent, "rangemode": "tozero"}, yaxis_title=literal(objective), showlegend=len(shown) > 1
    )
    return drawn(name, figure, title=f"By {spent}", summary=f"The best {objective} so far by {spent}, for each group.")


def _stairs(values: list[float], *, late: bool = False) -> list[float]:
    """Return each value twice, so that lines between points are stairs: positions end late, and values hold until."""
    doubled = [value for value in values for _ in range(2)]
    return doubled[:-1] if late else doubled[1:]
