"""One plot of the page, as plain data."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from typing import Any

import plotly.graph_objects as go
import plotly.io

from toonvision.report.page.theme import STATUS_SYMBOLS
from toonvision.trial.trial import Trial, TrialStatus

# The hover text of a trial with its id as `customdata`.
HOVER = "trial %{customdata}<br>%{xaxis.title.text}: %{x}<br>%{yaxis.title.text}: %{y}<extra></extra>"


@dataclass(frozen=True, slots=True)
class Figure:
    """One plot.

    Attributes:
        name: unique on the page.
        title: for one of several plots, such as the name of a hyperparameter; else empty.
        summary: a description for people who cannot see the plot.
        data: the traces of Plotly; those with trial ids as `customdata` are linked to the other views.
        layout: the layout of Plotly.
        missing: why there is no plot; None if there is one.
    """

    name: str
    title: str = ""
    summary: str = ""
    data: list[dict[str, Any]] = field(default_factory=list)
    layout: dict[str, Any] = field(default_factory=dict)
    missing: str | None = None


def drawn(name: str, figure: go.Figure, *, title: str = "", summary: str = "") -> Figure:
    """Return a figure of Plotly as plain data, without title, size and template, which the page sets."""
    plain = json.loads(plotly.io.to_json(figure, validate=False, engine="json"))
    layout = {
        key: value for key, value in plain["layout"].items() if key not in ("template", "title", "width", "height")
    }
    return Figure(name, title, summary, plain["data"], layout)


def pruned_score(trial: Trial) -> float | None:
    """Return the best score of a pruned trial until it was stopped; None for others, and where JSON has no number."""
    score = trial.outcome.score
    return score if trial.status is TrialStatus.PRUNED and score is not None and math.isfinite(score) else None


def pruned_marker(size: int = 7) -> dict[str, Any]:
    """Return the symbol of a pruned trial: open, and lighter than that of a completed one."""
    return {"symbol": f"{STATUS_SYMBOLS[TrialStatus.PRUNED]}-open", "size": size, "opacity": 0.55}


def literal(text: str) -> str:
    """Return a text escaped for Plotly, which reads `<b>`, `<a href>` and `&amp;` as markup."""
    return text.replace("&", "&amp;").replace("<", "&lt;")
