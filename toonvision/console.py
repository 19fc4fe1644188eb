"""What a person reads in a terminal: results on the standard output, errors on the other one."""

from __future__ import annotations

import os
import sys

from rich.console import Console

from toonvision.errors import printable

console = Console()
if not console.is_terminal:
    console = Console(width=max(console.width, 120))  # a file has no edge
errors = Console(stderr=True)


def print_lines(*lines: str) -> None:
    """Print lines as they are: without markup, and wrapped by the terminal alone."""
    for line in lines:
        console.print(printable(line), soft_wrap=True, highlight=False, markup=False)


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
