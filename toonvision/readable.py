"""Numbers as people read them: significant digits and thousands separators. Files for programs keep all digits."""

from __future__ import annotations

import math

_SMALLEST, _LARGEST = 1e-4, 1e6  # beyond these, a number has an exponent


def readable(value: float, digits: int = 4) -> str:
    """Return a number for people, such as `1,960` or `0.00052`; without an exponent from 0.0001 to 999,999.

    Args:
        value: the number; an integer keeps all its digits.
        digits: significant ones, of which trailing zeros after the point are left out.
    """
    if isinstance(value, int):
        return f"{value:,}"
    rounded = float(f"{value:.{digits}g}") or 0.0  # not -0
    if not (rounded == 0 or _SMALLEST <= abs(rounded) < _LARGEST):  # so are infinity and NaN
        return f"{value:.{digits}g}"
    decimals = digits - 1 - math.floor(math.log10(abs(rounded))) if rounded else 0
    text = f"{rounded:,.{max(0, decimals)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
