"""The objective of a search: one score by which trials are ranked, and any number of further objectives beside it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Literal

from pydantic import BaseModel

from toonvision.trial.trial import Outcome

Direction = Literal["min", "max"]
PARAMETERS = "parameters"  # an objective that is not a metric: the model's number of parameters


class Objective(BaseModel, frozen=True, extra="forbid", strict=True):
    """What is minimized or maximized; also the schema of the config group `objective`.

    Attributes:
        name: of the metric whose value at the best epoch is the score of a trial.
        direction: of the score, min or max.
        also: the direction of every further objective, by its name.
    """

    name: str
    direction: Direction
    also: dict[str, Direction] = {}

    @property
    def directions(self) -> dict[str, Direction]:
        """The direction of every objective by its name, the score first."""
        return {self.name: self.direction, **self.also}

    def cost(self, score: float) -> float:
        """Return the score as a value of which less is better; applied to a cost, it returns the score."""
        return score if self.direction == "min" else -score

    def is_better(self, score: float, other: float) -> bool:
        """Whether one score is better than another."""
        return self.cost(score) < self.cost(other)

    def best(self, scores: Iterable[float]) -> float:
        """Return the best of some scores.

        Raises:
            ValueError: if there are none.
        """
        return min(scores, key=self.cost)

    def costs(self, values: Sequence[float]) -> tuple[float, ...]:
        """Return the values of all objectives, in the order of `directions`, so that less is better in each."""
        return tuple(
            value if direction == "min" else -value
            for value, direction in zip(values, self.directions.values(), strict=True)
        )

    def reached(self, outcome: Outcome) -> list[float] | None:
        """Return the value of every objective that a trial has reached: its score, the others at the score's epoch.

        Returns:
            None if the trial has no score, or one of the others is missing or not a finite number.
        """
        values = [
            outcome.score,
            *(outcome.parameters if name == PARAMETERS else outcome.metrics.get(name) for name in self.also),
        ]
        finite = [float(value) for value in values if value is not None and math.isfinite(value)]
        return finite if len(finite) == len(values) else None

    def non_dominated(self, points: Sequence[Sequence[float]]) -> list[int]:
        """Return the indices of the points to which no other is better in one objective and as good in all."""
        costs = [self.costs(point) for point in points]
        return [
            index
            for index, cost in enumerate(costs)
            if not any(other != cost and all(o <= c for o, c in zip(other, cost, strict=True)) for other in costs)
        ]
