"""What is written when a run has ended: one file a format, each a `write(results, directory) -> Path`.

What is live is written before, of each trial as it ends, by a `write_trial(trial, *, config, directory)`.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from toonvision.config import Config, instantiate
from toonvision.report import best_values, summary
from toonvision.results import Results
from toonvision.trial import Trial

__all__ = ["live_reports", "write_reports"]


def live_reports(config: Config, directory: Path) -> list[Callable[[Trial], None]]:
    """Return every configured report that is to be told of each trial that has ended.

    Args:
        config: valid.
        directory: of the run.
    """
    return [
        instantiate({**node, "_partial_": True}, f"report.live.{name}", config=config, directory=directory)
        for name, node in config["report"]["live"].items()
        if node is not None
    ]


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
