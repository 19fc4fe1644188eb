"""`search_space/best.yaml`: the best values as an option of the config group `search_space`."""

from __future__ import annotations

import shlex
from pathlib import Path

from omegaconf import OmegaConf

from toonvision.console import readable
from toonvision.record.results import Results


def write(results: Results, directory: Path) -> Path:
    """Write a fixed value for every name of the search space.

    Raises:
        ValueError: if no trial has completed.
    """
    values, chosen = results.best_values(), results.chosen()
    assert chosen is not None  # there are values
    comment = (
        f"# The best values of {results.directory}: trial {chosen.id}, {results.config.objective.name} "
        f"{readable(chosen.outcome.score or 0.0, 6)}.\n"
        f"# Command: toonvision train {shlex.quote(str(results.directory))} search_space=best\n"
    )
    path = directory / "best.yaml"
    path.write_text(comment + OmegaConf.to_yaml(OmegaConf.create(values)), encoding="utf-8")
    return path
