"""Makes the directory of a run from given trials, without training: its configuration and its record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from omegaconf import OmegaConf

import toonvision
from toonvision.config.resolve import plain
from toonvision.record.record import Record
from toonvision.record.results import Results
from toonvision.trial.trial import Trial
from toonvision.validation.validate import validate


def recorded_run(directory: Path, trials: Sequence[Trial], overrides: Sequence[str] = ()) -> Results:
    """Write the run that the main job would have recorded for these trials, and read it back.

    The trials are numbered in the given order.
    """
    cfg = toonvision.compose(["tuner=random_search", *overrides])
    folder = directory / ".hydra"
    folder.mkdir(parents=True)
    OmegaConf.save(OmegaConf.create(plain(cfg)), folder / "config.yaml")
    OmegaConf.save(OmegaConf.create(list(overrides)), folder / "overrides.yaml")
    config = validate(cfg)
    record = Record.create(config.storage, directory, space=config.search_space, objective=config.objective)
    for trial in trials:
        started = record.begin(trial.values, trial.promotion, slot=0, round=trial.round)
        if trial.has_ended:
            record.finish(replace(started, outcome=trial.outcome), trial.outcome, elapsed=1.0)
    record.close()
    return Results.load(directory)
