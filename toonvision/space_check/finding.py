"""What a check of the search space finds, as data: what cannot be built, and what the rest takes of memory and time."""

from __future__ import annotations

import operator
import statistics
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from toonvision.search_space.space import Values

_COMPARED = {"=": operator.eq, ">=": operator.ge, "<=": operator.le}


@dataclass(frozen=True, slots=True)
class Tried:
    """One combination of values, and whether its model could be built.

    Attributes:
        values: of the active hyperparameters.
        error: why it could not be built, after the layer's path and a colon; None if it could.
        parameters: of the model; 0 if there is none.
        memory: MiB that its training takes, as estimated by `toonvision.space_check.memory`; 0 if there is none.
        work: numbers that its layers put out in a whole training, forwards; tells cheap trials from costly ones.
    """

    values: Values
    error: str | None = None
    parameters: int = 0
    memory: float = 0.0
    work: float = 0.0


@dataclass(frozen=True, slots=True)
class Count:
    """How many of some combinations cannot be built."""

    infeasible: int
    total: int

    @property
    def share(self) -> float:
        """Between 0 and 1; 0 of none."""
        return self.infeasible / self.total if self.total else 0.0

    @classmethod
    def of(cls, tried: Iterable[Tried]) -> Count:
        """Count them."""
        failed = [t.error is not None for t in tried]
        return cls(sum(failed), len(failed))


@dataclass(frozen=True, slots=True)
class Condition:
    """A bound on one hyperparameter: `name = value`, `name >= value` or `name <= value`."""

    name: str
    relation: str
    value: Any

    def holds(self, values: Mapping[str, Any]) -> bool:
        """Whether the hyperparameter is active and within the bound."""
        value = values.get(self.name)
        return value is not None and bool(_COMPARED[self.relation](value, self.value))


@dataclass(frozen=True, slots=True)
class Blame:
    """Values that cannot be built, or seldom.

    Attributes:
        conditions: that hold together.
        present: the combinations in which they do.
        absent: the others.
    """

    conditions: tuple[Condition, ...]
    present: Count
    absent: Count

    @classmethod
    def of(cls, conditions: tuple[Condition, ...], tried: Iterable[Tried]) -> Blame:
        """Count what the conditions hold for."""
        present: list[Tried] = []
        absent: list[Tried] = []
        for t in tried:
            (present if all(c.holds(t.values) for c in conditions) else absent).append(t)
        return cls(conditions, Count.of(present), Count.of(absent))


@dataclass(frozen=True, slots=True)
class Reason:
    """Where models could not be built: the path of the layer, its error for one of them, and of how many."""

    where: str
    example: str
    count: int


@dataclass(frozen=True, slots=True)
class Range:
    """Smallest, middle and largest."""

    minimum: float
    median: float
    maximum: float

    @classmethod
    def of(cls, numbers: Iterable[float]) -> Range:
        """Of at least one number; the median of an even count is the lower of the two in the middle."""
        ordered = sorted(numbers)
        return cls(ordered[0], statistics.median_low(ordered), ordered[-1])


@dataclass(frozen=True, slots=True)
class Timing:
    """What one model took when it was trained for a few steps, and what a trial of it would.

    Attributes:
        parameters: of the model.
        memory: MiB, estimated.
        start: seconds that a trial takes before its first whole epoch: building, and tracing the first steps.
        step: seconds of one training step; 0 if one step is a whole epoch.
        epoch: seconds of a whole epoch with its validation.
        epochs: at most, of this trial.
    """

    parameters: int
    memory: float
    start: float
    step: float
    epoch: float
    epochs: int

    @property
    def trial(self) -> float:
        """Seconds of a trial that trains for all of its epochs."""
        return self.start + self.epochs * self.epoch


@dataclass(frozen=True, slots=True)
class Plan:
    """What the tuner, or those of all rounds, and the executor would do.

    Attributes:
        trials: at most; None if nobody knows.
        epochs: of all trials together whose tuner fixes them (Hyperband); None where each trial has its own.
        executions: trainings of each trial.
        workers: trials that run at once.
        minutes: the budget's; None for no limit.
        free: trials beside those of `epochs`, in rounds in which each has its own.
        finalists: trainings of finalists, after the search.
        path: trainings of the path from the baseline to the chosen values, at most.
    """

    trials: int | None
    epochs: int | None
    executions: int
    workers: int
    minutes: float | None
    free: int = 0
    finalists: int = 0
    path: int = 0


@dataclass(frozen=True, slots=True)
class SpaceCheck:
    """What was found.

    Attributes:
        tried: every combination that was built, or could not be.
        is_all: whether the space has no others.
        reasons: where models could not be built, the most frequent first.
        values: single values to blame, the one with most to it first.
        combinations: the fewest values that together cannot be built, those that explain most first.
        unexplained: combinations that could not be built and for which none of `combinations` accounts.
        timings: of a few models, from the cheapest to the dearest.
        plan: of the search.
    """

    tried: tuple[Tried, ...]
    is_all: bool
    reasons: tuple[Reason, ...]
    values: tuple[Blame, ...]
    combinations: tuple[Blame, ...]
    unexplained: int
    timings: tuple[Timing, ...]
    plan: Plan

    @property
    def count(self) -> Count:
        """How many cannot be built."""
        return Count.of(self.tried)

    @property
    def parameters(self) -> Range | None:
        """Of the models that can be built."""
        built = [t.parameters for t in self.tried if t.error is None]
        return Range.of(built) if built else None

    @property
    def memory(self) -> Range | None:
        """MiB that training takes, of the models that can be built; estimated."""
        built = [t.memory for t in self.tried if t.error is None]
        return Range.of(built) if built else None

    @property
    def seconds(self) -> float | None:
        """Wall time of the search if no trial ends early; None if the number of trials is not known.

        The timed models stand for equal parts of the space, so their mean is the space's.
        """
        if self.plan.trials is None or not self.timings:
            return None
        one = statistics.fmean(t.trial for t in self.timings)
        everything = self.plan.trials * one
        if self.plan.epochs is not None:
            everything = self.plan.free * one
            everything += (self.plan.trials - self.plan.free) * statistics.fmean(t.start for t in self.timings)
            everything += self.plan.epochs * statistics.fmean(t.epoch for t in self.timings)
        # Fewer trials than workers leave some idle.
        return everything * self.plan.executions / max(1, min(self.plan.workers, self.plan.trials))
