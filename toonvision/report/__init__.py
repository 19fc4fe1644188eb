"""Reports of a run: one module for each format, with a function `write(results, directory) -> Path`.

Live reports (`toonvision.report.live`) are written while the run goes on.
"""

from __future__ import annotations

import functools
import tempfile
from collections.abc import Callable
from pathlib import Path

from toonvision.config.node import instantiate
from toonvision.errors import ConfigError
from toonvision.record.results import Results
from toonvision.report import best_values, summary
from toonvision.report.live import LiveReports
from toonvision.validation.targets import node_problems

__all__ = ["LiveReports", "write_reports"]


def write_reports(results: Results) -> list[Path]:
    """Write every configured format into `report/`, the summary, and the best values if a trial has completed.

    A complete file replaces the earlier one, so that no reader sees half a file.

    Raises:
        ConfigError: if a configured format is no valid target.
    """
    run, nodes = results.directory, results.config.report.formats
    named = {name: node.to_mapping() for name, node in nodes.items() if node is not None}
    if problems := list(node_problems({"report": {"formats": named}})):  # a run may come from a stranger
        raise ConfigError(*problems)
    formats: list[tuple[Callable[..., Path], Path]] = [
        (functools.partial(instantiate, node, f"report.formats.{name}"), run / "report")
        for name, node in nodes.items()
        if node is not None
    ]
    formats.append((summary.write, run))
    if results.best(1):
        formats.append((best_values.write, run / "search_space"))
    return [_write(write, results, directory) for write, directory in formats]


def _write(write: Callable[..., Path], results: Results, directory: Path) -> Path:
    """Write the files of a format elsewhere on the same disk, then move them to `directory`."""
    directory.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".report-", dir=results.directory) as folder:
        path = write(results=results, directory=Path(folder))
        for file in Path(folder).iterdir():
            file.replace(directory / file.name)
    return directory / path.name if path.parent == Path(folder) else path
