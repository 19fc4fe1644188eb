"""`trials.csv`: one line a trial."""

from __future__ import annotations

from pathlib import Path

from toonvision.results import Results


def write(results: Results, directory: Path) -> Path:
    """Write the table of all trials; a value that a trial does not have is an empty cell."""
    path = directory / "trials.csv"
    results.to_frame().to_csv(path, index=False)
    return path
