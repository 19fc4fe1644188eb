"""What is written while a run goes on: each trial as it ends, and the narrowed space of each later round."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from toonvision.config.node import Node, instantiate
from toonvision.config.schema import RunConfig
from toonvision.narrowing.evidence import Narrowing
from toonvision.record.observer import Observer
from toonvision.record.results import Results
from toonvision.report import narrowed_space
from toonvision.trial.trial import Trial


class LiveReports(Observer):
    """Writes every trial that ends by each configured `write_trial(trial, *, config, directory)`.

    Args:
        config: valid.
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

    def round(
        self, name: str, narrowed: Sequence[str], *, known: int, of: int, narrowing: Narrowing | None = None
    ) -> None:
        """Write `search_space/narrowed.yaml` with the evidence for every cut."""
        if narrowing:
            narrowed_space.write(narrowing, Results.load(self._directory), self._directory / "search_space")

    def end(self, trial: Trial) -> None:
        """Write the trial."""
        for write in self._writers:
            write(trial)
