"""The colours of the plots."""

from __future__ import annotations

from pathlib import Path

import plotly.graph_objects as go
import pytest

from toonvision.report import page
from toonvision.report.page.theme import BEST, DASHES, SCHEMES, STATUS_PATTERNS, STATUS_SYMBOLS, SYMBOLS, templates
from toonvision.trial.trial import TrialStatus


def lightness(color: str) -> float:
    """Return the relative luminance of a colour such as #3d4650, from 0 to 1 (WCAG 2.2)."""
    channels = [int(color[index : index + 2], 16) / 255 for index in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(share * c for share, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(first: str, second: str) -> float:
    low, high = sorted((lightness(first), lightness(second)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("name", SCHEMES)
def test_plotly_accepts_the_template_of_each_scheme(name: str) -> None:
    template = go.layout.Template(templates()[name])
    assert template.layout.font.color == SCHEMES[name].ink
    assert template.layout.colorscale.sequential[-1] == (BEST, SCHEMES[name].scale[0])


@pytest.mark.parametrize("name", SCHEMES)
def test_text_and_series_stand_out_from_the_page(name: str) -> None:
    scheme = SCHEMES[name]
    assert contrast(scheme.ink, scheme.page) >= 4.5  # of text, WCAG 2.2, 1.4.3
    assert all(contrast(color, scheme.page) >= 3 for color in scheme.series)  # of graphics, 1.4.11


@pytest.mark.parametrize("name", SCHEMES)
def test_a_scale_differs_in_lightness_from_end_to_end(name: str) -> None:
    steps = [contrast(color, SCHEMES[name].page) for color in SCHEMES[name].scale]
    assert steps == sorted(steps, reverse=True)


def test_the_plots_have_the_colour_of_the_page() -> None:
    (css,) = Path(page.__file__).parent.glob("page.css")
    assert all(scheme.page in css.read_text() for scheme in SCHEMES.values())


def test_every_status_has_a_symbol_and_a_pattern_of_its_own() -> None:
    assert set(STATUS_SYMBOLS) == set(STATUS_PATTERNS) == set(TrialStatus)
    for marks in (STATUS_SYMBOLS, STATUS_PATTERNS):
        assert len(set(marks.values())) == len(TrialStatus)
    assert len(set(DASHES)) == len(DASHES) == len(SYMBOLS)
