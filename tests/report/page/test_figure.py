"""One plot as plain data."""

from __future__ import annotations

import json

import plotly.graph_objects as go

from toonvision.report.page.figure import drawn, literal


def test_a_figure_is_plain_data_without_what_the_page_sets() -> None:
    figure = go.Figure(go.Scatter(x=[1, 2], y=[0.5, None], customdata=["0001", "0002"]))
    figure.update_layout(title="T", width=100, height=100, template="plotly_dark", xaxis_title="epoch")
    plain = drawn("curves", figure, title="title", summary="summary")
    assert plain.layout == {"xaxis": {"title": {"text": "epoch"}}}
    assert plain.data == [{"type": "scatter", "x": [1, 2], "y": [0.5, None], "customdata": ["0001", "0002"]}]
    assert json.loads(json.dumps(plain.data)) == plain.data
    assert plain.missing is None


def test_markup_in_a_text_is_escaped_for_plotly() -> None:
    assert literal("<b>1 & 2</b>") == "&lt;b>1 &amp; 2&lt;/b>"
