"""Texts that may be a stranger's steer neither a terminal nor a spreadsheet."""

from __future__ import annotations

import pandas as pd

from toonvision.errors import printable
from toonvision.report.cell import shown, without_formulas


def test_control_characters_become_escapes_and_lines_stay() -> None:
    assert printable("a\x1b[31mb\r\x07\n\x9b統ü\udcff\u202e") == "a\\x1b[31mb\\r\\x07\n\\x9b統ü\\udcff\\u202e"


def test_markup_is_not_read() -> None:
    assert shown("[red]a[/]\x1b[0m") == "\\[red]a\\[/]\\x1b[0m"


def test_a_text_that_begins_like_a_formula_gets_an_apostrophe() -> None:
    frame = pd.DataFrame({"=a": ["=1+1", "+x", "-x", "@x", "a=b", None], "number": [-1.5, 2, 3, 4, 5, None]})
    safe = without_formulas(frame)
    assert list(safe.columns) == ["'=a", "number"]
    assert safe["'=a"].tolist()[:5] == ["'=1+1", "'+x", "'-x", "'@x", "a=b"]
    assert safe["number"].tolist()[:2] == [-1.5, 2]
