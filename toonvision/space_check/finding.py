"""What a check of the search space finds, as data: which models cannot be built, and what the others cost."""

from __future__ import annotations

import statistics
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from toonvision.search_space.space import Values


@dataclass(frozen=True, slots=True)
class BuildResult:
    """One combination of values, and whether its model can be built.

    Attributes:
        values: of the active hyperparameters.
        path: of the layer or the constraint at which building fails; empty if the model can be built.
        error: why it fails there; None if the model can be built.
        parameters: number of parameters of the model; 0 if there is no model.
        memory: estimated memory of the training in MiB (see `toonvision.space_check.memory`); 0 if there is no model.
        work: bytes of all layers' outputs in a whole training, which ranks trials by cost; 0 if there is no model.
    """

    values: Values
    path: str = ""
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
        """The infeasible share, between 0 and 1; 0 if there are no combinations."""
        return self.infeasible / self.total if self.total else 0.0

    @classmethod
    def of(cls, results: Iterable[BuildResult]) -> Count:
        """Count the results with an error."""
        failed = [result.error is not None for result in results]
        return cls(sum(failed), len(failed))


@dataclass(frozen=True, slots=True)
class InfeasibleValue:
    """A value with which models cannot be built more often than without it.

    Attributes:
        name: of the hyperparameter.
        value: of the hyperparameter.
        with_value: the combinations with this value.
        with_others: the combinations with another value of the same hyperparameter.
    """

    name: str
    value: Any
    with_value: Count
    with_others: Count

    @property
    def excess(self) -> float:
        """Difference of the infeasible shares with and without the value."""
        return self.with_value.share - self.with_others.share


@dataclass(frozen=True, slots=True)
class Reason:
    """Why models cannot be built.

    Attributes:
        where: path of the layer or of the constraint.
        example: the error of one of the models.
        count: number of models that fail there.
    """

    where: str
    example: str
    count: int


@dataclass(frozen=True, slots=True)
class Range:
    """The smallest, the median and the largest of some numbers."""

    minimum: float
    median: float
    maximum: float

    @classmethod
    def of(cls, numbers: Iterable[float]) -> Range:
        """Return the range of at least one number; the median of an even count is the lower middle number."""
        ordered = sorted(numbers)
        return cls(ordered[0], statistics.median_low(ordered), ordered[-1])


@dataclass(frozen=True, slots=True)
class Timing:
    """How long one model trains for a few steps, and the cost of a trial that follows from it.

    Attributes:
        parameters: number of parameters of the model.
        memory: estimated memory of the training in MiB.
        start: seconds of a trial before its first whole epoch: building the model and tracing the first steps.
        step: seconds of one training step; 0 if an epoch is a single step.
        epoch: seconds of a whole epoch with its validation.
        epochs: the most epochs of this trial.
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
    """What the search would run.

    Attributes:
        trials: the most trials of all rounds; None if that is not known.
        epochs: epochs of all trials whose number of epochs the tuner sets (Hyperband); None if no tuner sets it.
        executions: trainings of each trial.
        workers: number of trials that run at once.
        minutes: time limit of the budget; None for no limit.
        free: number of trials whose epochs the configuration sets, where other rounds set `epochs`.
        finalists: trainings of finalists, after the search.
        path: the most trainings of the path from the baseline to the chosen values.
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
    """The result of a check.

    Attributes:
        results: one for each combination that was tried.
        is_all: whether the space has no other combinations.
        reasons: why models cannot be built, the most frequent first.
        values: single values that fail more often than others, the worst first.
        timings: of a few models, in order of cost.
        plan: what the search would run.
    """

    results: tuple[BuildResult, ...]
    is_all: bool
    reasons: tuple[Reason, ...]
    values: tuple[InfeasibleValue, ...]
    timings: tuple[Timing, ...]
    plan: Plan

    @property
    def count(self) -> Count:
        """How many combinations cannot be built."""
        return Count.of(self.results)

    @property
    def parameters(self) -> Range | None:
        """Range of the number of parameters of the models that can be built."""
        built = [result.parameters for result in self.results if result.error is None]
        return Range.of(built) if built else None

    @property
    def memory(self) -> Range | None:
        """Range of the estimated memory in MiB of the models that can be built."""
        built = [result.memory for result in self.results if result.error is None]
        return Range.of(built) if built else None

    @property
    def seconds(self) -> float | None:
        """Wall time of the search if no trial stops early; None if the number of trials is not known.

        The timed models represent equal parts of the space, so their mean estimates the mean of the space.
        """
        if self.plan.trials is None or not self.timings:
            return None
        trial = statistics.fmean(timing.trial for timing in self.timings)
        total = self.plan.trials * trial
        if self.plan.epochs is not None:
            total = self.plan.free * trial
            total += (self.plan.trials - self.plan.free) * statistics.fmean(timing.start for timing in self.timings)
            total += self.plan.epochs * statistics.fmean(timing.epoch for timing in self.timings)
        # With fewer trials than workers, some workers stay idle.
        return total * self.plan.executions / max(1, min(self.plan.workers, self.plan.trials))
