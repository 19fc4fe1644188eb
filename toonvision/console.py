"""What a person reads in a terminal: results on the standard output, errors on the other one, and numbers."""

from __future__ import annotations

import math
import os
import sys

from rich.console import Console

from toonvision.errors import printable

console = Console()
if not console.is_terminal:
    console = Console(width=max(console.width, 120))  # a file has no edge
errors = Console(stderr=True)
_SMALLEST, _LARGEST = 1e-4, 1e6  # beyond these, a number has an exponent


def print_lines(*lines: str) -> None:
    """Print lines as they are: without markup, and wrapped by the terminal alone."""
    for line in lines:
        console.print(printable(line), soft_wrap=True, highlight=False, markup=False)


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


def explained(message: str, code: int) -> int:
    """Print why a command ends with this exit code, and return the code."""
    errors.print(f"toonvision: {printable(message)}", style="red", markup=False, highlight=False, soft_wrap=True)
    return code


def flush() -> None:
    """Write what is still to be printed. A reader that has seen enough, such as `head`, is no error."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # Python flushes once more at its exit
