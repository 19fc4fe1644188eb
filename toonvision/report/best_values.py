"""`search_space/best.yaml`: the best values in the format of a search space, so that they are a config option."""

from __future__ import annotations

from pathlib import Path

from omegaconf import OmegaConf

from toonvision.results import Results


def write(results: Results, directory: Path) -> Path:
    """Write a fixed value for every name of the search space.

    Raises:
        IndexError: if no trial has completed.
    """
    best = results.best(1)[0]
    comment = (
        f"# The best values of {results.directory}: trial {best.id}, {results.config['objective']['name']} "
        f"{best.outcome.score:.6g}.\n"
        f"# Command: toonvision train 'hydra.searchpath=[file://{results.directory}]' search_space=best\n"
    )
    path = directory / "best.yaml"
    path.write_text(comment + OmegaConf.to_yaml(OmegaConf.create(results.best_values())), encoding="utf-8")
    return path
