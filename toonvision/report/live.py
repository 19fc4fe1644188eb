"""Reports that are written while a run goes on: of each trial that ends, and of each narrowed search space."""

from __future__ import annotations

from pathlib import Path

from toonvision.config.node import Node, instantiate
from toonvision.config.schema import RunConfig
from toonvision.record.observer import Event, RoundStarted, TrialEnded
from toonvision.record.results import Results
from toonvision.report import narrowed_space


class LiveReports:
    """Calls each configured `write_trial(trial, *, config, directory)` when a trial ends.

    Args:
        config: valid configuration.
        directory: of the run.
    """

    def __init__(self, config: RunConfig, directory: Path) -> None:
        self._directory = directory
        self._writers = [
            instantiate(
                Node(node.target, {**node.arguments, "_partial_": True}),
                f"report.live.{name}",
                config=config,
                directory=directory,
            )
            for name, node in config.report.live.items()
            if node is not None
        ]

    def notify(self, event: Event) -> None:
        """Write a trial that has ended, or `search_space/narrowed.yaml` of a round with the evidence for each cut."""
        match event:
            case TrialEnded(trial):
                for write in self._writers:
                    write(trial)
            case RoundStarted(narrowing=narrowing) if narrowing is not None:
                narrowed_space.write(narrowing, Results.load(self._directory), self._directory / "search_space")
