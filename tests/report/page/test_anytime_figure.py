"""The anytime curves."""

from __future__ import annotations

from toonvision.report.anytime import Curve
from toonvision.report.page.anytime_figure import anytime_figure

ONE = Curve([1.0, 2.0], [0.5, 0.4], [0.5, 0.4], [0.5, 0.4])
SEVERAL = Curve([1.0, 2.0, 4.0], [0.5, 0.4, 0.3], [0.4, 0.3, 0.3], [0.6, 0.5, 0.3])
EMPTY = Curve([], [], [], [])


def test_a_group_of_several_runs_has_a_band_of_stairs_in_its_colour() -> None:
    figure = anytime_figure("it", {"<b>one</b>": ONE, "several": SEVERAL, "none": EMPTY}, spent="epochs", objective="o")
    one, band, mean = figure.data
    assert one["name"] == "&lt;b>one&lt;/b>"
    assert one["line"]["shape"] == "hv"
    assert band["meta"] == mean["meta"] == {"series": 1}
    assert band["x"] == [1, 2, 2, 4, 4, 4, 4, 2, 2, 1]
    assert band["y"] == [0.6, 0.6, 0.5, 0.5, 0.3, 0.3, 0.3, 0.3, 0.4, 0.4]
    assert figure.layout["showlegend"] is True


def test_without_a_curve_it_says_so() -> None:
    assert anytime_figure("it", {"none": EMPTY}, spent="epochs", objective="o").missing
