"""What is written of each trial as it ends, so that a view that is open shows it."""

from __future__ import annotations

from pathlib import Path

from toonvision.config.compose import Config, instantiate
from toonvision.record.observer import Observer
from toonvision.trial.trial import Trial


class LiveReports(Observer):
    """Writes every trial that ends by each configured `write_trial(trial, *, config, directory)`.

    Args:
        config: valid.
        directory: of the run.
    """

    def __init__(self, config: Config, directory: Path) -> None:
        self._writers = [
            instantiate({**node, "_partial_": True}, f"report.live.{name}", config=config, directory=directory)
            for name, node in config["report"]["live"].items()
            if node is not None
        ]

    def end(self, trial: Trial) -> None:
        """Write the trial."""
        for write in self._writers:
            write(trial)
