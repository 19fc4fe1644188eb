"""The best validation score so far, by what a search has spent: epochs or seconds."""

from __future__ import annotations

import bisect
import statistics
from collections.abc import Callable, Sequence
from typing import NamedTuple

from toonvision.record.results import Results
from toonvision.trial.trial import Trial, TrialStatus


class Steps(NamedTuple):
    """The best score so far of one run, which holds until the next position."""

    positions: list[float]
    best: list[float]


class Curve(NamedTuple):
    """The mean over runs of their best score so far, where all have one, with the least and the greatest of them."""

    positions: list[float]
    mean: list[float]
    low: list[float]
    high: list[float]


def by_epochs(run: Results) -> Steps:
    """Return the best score by the epochs that all trials have trained until then, whatever came of them."""
    spent = 0.0

    def position(trial: Trial) -> float:
        nonlocal spent
        spent += trial.outcome.epochs
        return spent

    return _steps(run, position)


def by_seconds(run: Results) -> Steps:
    """Return the best score by the seconds of the search."""
    return _steps(run, lambda trial: trial.elapsed or 0.0)


def curve(runs: Sequence[Steps]) -> Curve:
    """Return the curve of runs; it is empty if one of them has no score."""
    if not runs or not all(run.positions for run in runs):
        return Curve([], [], [], [])
    first = max(run.positions[0] for run in runs)
    positions = sorted({position for run in runs for position in run.positions if position >= first})
    reached = [[_at(run, position) for run in runs] for position in positions]
    return Curve(
        positions,
        [statistics.fmean(now) for now in reached],
        [min(now) for now in reached],
        [max(now) for now in reached],
    )


def _steps(run: Results, position: Callable[[Trial], float]) -> Steps:
    """Return the steps of a run; the last one is where its last trial ended."""
    ended = sorted((trial for trial in run.trials if trial.has_ended), key=lambda trial: trial.elapsed or 0.0)
    objective, steps = run.config.objective, Steps([], [])
    for trial in ended:
        place = position(trial)
        known = [trial.outcome.score] if trial.status is TrialStatus.COMPLETED else []
        scores = [*steps.best[-1:], *(score for score in known if score is not None)]
        if scores:
            steps.positions.append(place)
            steps.best.append(objective.best(scores))
    return steps


def _at(run: Steps, position: float) -> float:
    return run.best[bisect.bisect_right(run.positions, position) - 1]
