"""What a search is for: one objective, by which trials are ranked, and any number of others beside it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from toonvision.trial.trial import Outcome

DIRECTIONS = ("min", "max")
PARAMETERS = "parameters"  # an objective that is no metric: the model's number of parameters


def directions(objective: Mapping[str, Any]) -> dict[str, str]:
    """Return the direction (min or max) of every objective by its name, the first one first.

    Args:
        objective: the config group.
    """
    return {objective["name"]: objective["direction"], **objective["also"]}


def reached(outcome: Outcome, also: Iterable[str]) -> list[float] | None:
    """Return what a trial has reached: its score, then the values of further objectives at the score's epoch.

    Args:
        outcome: the trial's.
        also: the names of the further objectives.

    Returns:
        None if the trial has no score, or one of the others is missing or not a finite number.
    """
    values = [
        outcome.score,
        *(outcome.parameters if name == PARAMETERS else outcome.metrics.get(name) for name in also),
    ]
    finite = [float(value) for value in values if value is not None and math.isfinite(value)]
    return finite if len(finite) == len(values) else None


def non_dominated(points: Sequence[Sequence[float]], directions: Sequence[str]) -> list[int]:
    """Return the indices of the points to which no other is better in one objective and as good in all."""
    costs = [[v if d == "min" else -v for v, d in zip(point, directions, strict=True)] for point in points]
    return [
        index
        for index, cost in enumerate(costs)
        if not any(other != cost and all(o <= c for o, c in zip(other, cost, strict=True)) for other in costs)
    ]
