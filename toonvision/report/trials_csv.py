"""`trials.csv`: one line a trial."""

from __future__ import annotations

from pathlib import Path

from toonvision.record.results import Results


def write(results: Results, directory: Path) -> Path:
    """Write the table of all trials; a value that a trial does not have is an empty cell.

    A carriage return within a text is written as a newline: Python's csv module does not quote it before 3.12.3, and
    a reader would take it for the end of the line.
    """
    path = directory / "trials.csv"
    results.to_frame().replace(r"\r\n?", "\n", regex=True).to_csv(path, index=False)
    return path
