"""Makes the directory of a run from given trials, without training: its configuration and its record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from tests.synthetic_run import begin_run
from toonvision.record.results import Results
from toonvision.trial.trial import Trial


def recorded_run(directory: Path, trials: Sequence[Trial], overrides: Sequence[str] = ()) -> Results:
    """Write the run that the main job would have recorded for these trials, and read it back.

    The trials are numbered in the given order.
    """
    _, record = begin_run(directory, overrides, defaults=["tuner=random_search"])
    for trial in trials:
        started = record.begin(trial.values, trial.promotion, slot=0, round=trial.round)
        if trial.has_ended:
            record.finish(replace(started, outcome=trial.outcome), trial.outcome, elapsed=1.0)
    record.close()
    return Results.load(directory)
