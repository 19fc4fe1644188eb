"""What is written when a run has ended: one file a format, each a `write(results, directory) -> Path`."""

from __future__ import annotations

from pathlib import Path

from toonvision.config import instantiate
from toonvision.report import best_values, summary
from toonvision.results import Results

__all__ = ["write_reports"]


def write_reports(results: Results) -> list[Path]:
    """Write every configured format below `report/`, the summary and, once a trial has completed, the best values."""
    directory = results.directory / "report"
    directory.mkdir(exist_ok=True)
    paths: list[Path] = [
        instantiate(node, f"report.formats.{name}", results=results, directory=directory)
        for name, node in results.config["report"]["formats"].items()
        if node is not None
    ]
    paths.append(summary.write(results, results.directory))
    if results.best(1):
        paths.append(best_values.write(results, results.directory / "search_space"))
    return paths
