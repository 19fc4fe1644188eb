"""A plot of the page as data, or why there is none."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import plotly.graph_objects as go
import plotly.io

# Of a point that is a trial, with the trial's id as `customdata`.
HOVER = "trial %{customdata}<br>%{xaxis.title.text}: %{x}<br>%{yaxis.title.text}: %{y}<extra></extra>"


@dataclass(frozen=True, slots=True)
class Figure:
    """One plot.

    Attributes:
        name: unique on the page.
        title: of a group's member, say the hyperparameter; empty where the heading says it.
        summary: what it shows, for who cannot see it.
        data: Plotly's traces; those with `customdata`, the trials' ids, are linked with the other views.
        layout: Plotly's.
        missing: why there is no plot; None if there is one.
    """

    name: str
    title: str = ""
    summary: str = ""
    data: list[dict[str, Any]] = field(default_factory=list)
    layout: dict[str, Any] = field(default_factory=dict)
    missing: str | None = None


def drawn(name: str, figure: go.Figure, *, title: str = "", summary: str = "") -> Figure:
    """Return a figure of Plotly's as plain data, without what the page decides: title, size and template."""
    plain = json.loads(plotly.io.to_json(figure, validate=False, engine="json"))
    layout = {
        key: value for key, value in plain["layout"].items() if key not in ("template", "title", "width", "height")
    }
    return Figure(name, title, summary, plain["data"], layout)


def literal(text: str) -> str:
    """Return a text for Plotly, which takes `<b>`, `<a href>` and `&amp;` in texts for markup."""
    return text.replace("&", "&amp;").replace("<", "&lt;")
