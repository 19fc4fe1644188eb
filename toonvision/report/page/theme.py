"""The colours of the plots as templates of Plotly, for a light and a dark page.

Scales differ in lightness only, so that they work for colour-blind readers and in print.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from toonvision.trial.trial import TrialStatus

FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
SYMBOLS = ("circle", "diamond", "triangle-up", "cross", "square", "star")
STATUS_SYMBOLS = dict(
    zip(
        (
            TrialStatus.COMPLETED,
            TrialStatus.PRUNED,
            TrialStatus.FAILED,
            TrialStatus.INFEASIBLE,
            TrialStatus.INTERRUPTED,
            TrialStatus.RUNNING,
        ),
        SYMBOLS,
        strict=True,
    )
)
STATUS_PATTERNS = dict(zip(STATUS_SYMBOLS, ("", "/", "x", ".", "-", "|"), strict=True))
# Positions on the colour scale of the trials; Plotly draws higher ones in front.
WITHOUT_SCORE, WORST, BEST = 0.0, 0.1, 1.0


@dataclass(frozen=True, slots=True)
class Scheme:
    """One set of colours.

    Attributes:
        ink: of text.
        line: of grids and axes.
        faint: of trials that are not highlighted.
        page: behind the plots, as in `page.css`.
        scale: from the best to the worst.
        series: of the series of a plot.
    """

    ink: str
    line: str
    faint: str
    page: str
    scale: tuple[str, ...]
    series: tuple[str, ...]


SCHEMES = {
    "light": Scheme(
        ink="#3d4650",
        line="#e3e7eb",
        faint="#c9d0d6",
        page="#f7f8f9",
        scale=("#0a3a66", "#2473b0", "#6fabd3", "#b9d2e3"),
        series=("#1f6fb2", "#c8590a", "#4b8b6f", "#8a5fb0", "#8c6d1f", "#5d6771"),
    ),
    "dark": Scheme(
        ink="#b6c0ca",
        line="#2a323a",
        faint="#46505a",
        page="#101418",
        scale=("#d6ecff", "#7fbdf0", "#3f82bb", "#29527a"),
        series=("#6cb2f0", "#f0a060", "#7cc4a2", "#bd9be0", "#d2b45a", "#98a3ad"),
    ),
}


def templates() -> dict[str, dict[str, Any]]:
    """Return a template of Plotly for each colour scheme of the browser."""
    return {name: _template(scheme) for name, scheme in SCHEMES.items()}


def _template(scheme: Scheme) -> dict[str, Any]:
    axis = {
        "gridcolor": scheme.line,
        "zerolinecolor": scheme.line,
        "linecolor": scheme.line,
        "ticks": "",
        "automargin": True,
        "title": {"standoff": 8},
    }
    last = len(scheme.scale) - 1
    ranked = [(WITHOUT_SCORE, scheme.faint), (WORST - 0.01, scheme.faint)]
    ranked += [(WORST + (BEST - WORST) * index / last, color) for index, color in enumerate(reversed(scheme.scale))]
    contour = [[index / last, color] for index, color in enumerate(scheme.scale)]
    return {
        "layout": {
            "paper_bgcolor": scheme.page,
            "plot_bgcolor": "rgba(0,0,0,0)",
            "font": {"family": FONT, "size": 12, "color": scheme.ink},
            "colorway": list(scheme.series),
            "colorscale": {"sequential": ranked},
            "xaxis": axis,
            "yaxis": axis,
            "margin": {"l": 56, "r": 16, "t": 16, "b": 44},
            "hoverlabel": {"bgcolor": scheme.page, "bordercolor": scheme.line, "font": {"color": scheme.ink}},
            "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
            "modebar": {"bgcolor": "rgba(0,0,0,0)", "color": scheme.faint, "activecolor": scheme.ink},
            "newselection": {"line": {"color": scheme.series[1]}},
        },
        "data": {
            "contour": [{"colorscale": contour, "line": {"color": scheme.page, "width": 0.5}}],
            "parcoords": [{"unselected": {"line": {"color": scheme.faint, "opacity": 0.25}}}],
            "scatter": [{"unselected": {"marker": {"color": scheme.faint, "opacity": 0.4}}}],
            "splom": [{"unselected": {"marker": {"color": scheme.faint, "opacity": 0.4}}}],
        },
    }
