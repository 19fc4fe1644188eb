"""Cells of LaTeX tables: rounded numbers, and escaped text."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any

import pandas as pd

MISSING = "--"
SCORE_DECIMALS = 4  # as on the terminal
_SHORT = 4  # decimals of the numbers that people choose, such as 0.0001, at most
_SMALL = 0.001  # columns with smaller numbers use powers of ten
_SPECIAL = str.maketrans(
    {character: rf"\{character}" for character in "&%$#_{}"}
    | {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
)
_MARKUP = re.compile(r"\\[a-z]+|[\\{}$^]")


def cells(values: Sequence[Any], decimals: int | None = None) -> list[str]:
    """Return the values of one row or column as cells of a table.

    Args:
        values: strings, numbers and booleans; a missing value is None, or NaN or NA of pandas.
        decimals: of floats; None for as many as the values need.
    """
    known = [value for value in values if not pd.isna(value)]
    if any(isinstance(value, float) for value in known) and all(isinstance(value, int | float) for value in known):
        return _floats([math.nan if pd.isna(value) else float(value) for value in values], decimals)
    return [MISSING if pd.isna(value) else _cell(value) for value in values]


def escaped(text: str) -> str:
    """Return a text in one line, escaped for LaTeX."""
    printable = "".join(character if character.isprintable() else " " for character in text)
    return " ".join(printable.split()).translate(_SPECIAL)


def visible(cell: str) -> int:
    """Return approximately how many characters of a cell are printed."""
    return len(_MARKUP.sub("", cell))


def _floats(values: list[float], decimals: int | None) -> list[str]:
    finite = [value for value in values if math.isfinite(value)]
    enough = [d for d in range(_SHORT + 1) if all(math.isclose(v, round(v, d), rel_tol=1e-9) for v in finite)]
    if decimals is not None:
        form = f".{decimals}f"
    elif enough:
        form = f".{enough[0]}f" if enough[0] <= 2 else "g"  # trailing zeros would suggest precision
    else:
        form = ".2e" if any(0 < abs(value) < _SMALL for value in finite) else ".3g"
    return [MISSING if math.isnan(value) else _number(format(value, form)) for value in values]


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return _number(f"{value:,}") if isinstance(value, int) else escaped(str(value))


def _number(text: str) -> str:
    mantissa, _, exponent = text.partition("e")
    return rf"${mantissa}\cdot10^{{{int(exponent)}}}$" if exponent else text.replace("-", "$-$")
