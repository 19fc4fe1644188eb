"""Texts of a run that may be a stranger's, in cells: of tables on the terminal, and of files for spreadsheets."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rich.markup import escape

from toonvision.errors import printable

if TYPE_CHECKING:
    import pandas as pd

_FORMULA = r"^(?=[=+\-@])"


def shown(text: str) -> str:
    """Return a text as rich shows it: no markup in it is read, and no control character reaches the terminal."""
    return escape(printable(text))


def without_formulas(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table in whose texts no spreadsheet reads a formula: those that begin like one get an apostrophe."""
    return frame.replace(_FORMULA, "'", regex=True).rename(columns=lambda name: re.sub(_FORMULA, "'", name))
