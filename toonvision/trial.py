"""One trial as data: its values, its budget and its outcome. `toonvision.execution` runs it."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field

from toonvision.search_space import Values


class TrialStatus(enum.StrEnum):
    """How a trial stands."""

    RUNNING = "RUNNING"
    COMPLETED = "COMPLETED"
    PRUNED = "PRUNED"
    FAILED = "FAILED"
    INFEASIBLE = "INFEASIBLE"
    INTERRUPTED = "INTERRUPTED"


@dataclass(frozen=True, slots=True)
class Promotion:
    """A budget given by the oracle (Hyperband's), and the trial from which this one continues.

    Attributes:
        epochs: the epoch to stop at, counted from the beginning of the first trial's training.
        initial_epoch: the epoch at which the parent's training stands.
        parent: the number of the trial to continue, or None for a fresh start.
    """

    epochs: int
    initial_epoch: int = 0
    parent: int | None = None

    @property
    def parent_id(self) -> str | None:
        """The id of the trial to continue."""
        return None if self.parent is None else trial_id(self.parent)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a trial.

    Attributes:
        status: COMPLETED, FAILED, INFEASIBLE or INTERRUPTED.
        score: the objective at its best epoch, mean over executions; None unless COMPLETED.
        scores: the same of every single execution.
        metrics: every metric at the objective's best epoch, mean over executions.
        epochs: trained by this trial, over all executions.
        last_epoch: the epoch at which the training stands, counted from the beginning of its model's life.
        parameters: of the model, or None where it could not be built.
        seconds: wall time.
        error: why a trial failed or could not be built.
        reason: the kind of failure: diverged, out of memory, raised.
    """

    status: TrialStatus
    score: float | None = None
    scores: tuple[float, ...] = ()
    metrics: dict[str, float] = field(default_factory=dict)
    epochs: int = 0
    last_epoch: int = 0
    parameters: int | None = None
    seconds: float = 0.0
    error: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Trial:
    """A trial as the record knows it.

    Attributes:
        number: in the order asked, from 0.
        values: of the active hyperparameters.
        outcome: what came of it; its status is RUNNING while nothing has.
        promotion: the oracle's budget, if it gave one.
        slot: in which it runs; the oracle knows it by that.
        asked: when it was asked of the oracle, counting every ask and tell of the search from 0.
        told: when its outcome was told to the oracle, counted alike; None if it was not.
    """

    number: int
    values: Values
    outcome: Outcome
    promotion: Promotion | None = None
    slot: int = 0
    asked: int = 0
    told: int | None = None

    @property
    def id(self) -> str:
        """Four digits, the same in every file and view."""
        return trial_id(self.number)

    @property
    def status(self) -> TrialStatus:
        """Short for `outcome.status`."""
        return self.outcome.status

    @property
    def has_ended(self) -> bool:
        """Whether it need not run again: it did not break off with the search, nor with the process."""
        return self.status not in (TrialStatus.RUNNING, TrialStatus.INTERRUPTED)


def trial_id(number: int) -> str:
    """Return the id of the trial with this number: four digits from 0000."""
    return f"{number:04d}"
