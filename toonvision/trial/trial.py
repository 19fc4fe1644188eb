"""One trial as data: its values, its budget, its outcome and its files. `toonvision.training.worker` runs it."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from toonvision.search_space.space import Values

ONLY_ROUND = "search"  # of `strategy=single`

# In the trial's folder, which is all that a trial and the search share.
HISTORY = "history.csv"
STOP = "stop"  # the trial ends as soon as it sees this file
LOG = "worker.log"
OUTCOME = "outcome.json"  # of a trial whose process ended itself
MODEL = "model.keras"  # of a final training
OUTPUTS = "outputs.npy"  # of that model, for each test example
MAPS = "activation_maps.npy"  # where that model looks, for each test example that is an image
_PROGRESS = "progress.npz"
_CHECKPOINT = "checkpoint.weights.h5"
TENSORBOARD = "tensorboard"  # in the run's


class TrialStatus(enum.StrEnum):
    """How a trial stands."""

    RUNNING = "RUNNING"
    COMPLETED = "COMPLETED"
    PRUNED = "PRUNED"
    FAILED = "FAILED"
    INFEASIBLE = "INFEASIBLE"
    INTERRUPTED = "INTERRUPTED"


class Reason(enum.StrEnum):
    """Why a trial did not complete; the reasons before STOPPED are failures, and may be retried."""

    DIVERGED = "diverged"
    OUT_OF_MEMORY = "out of memory"
    TIMED_OUT = "timed out"
    RAISED = "raised"
    WORKER_DIED = "worker died"
    STOPPED = "stopped"
    PRUNED = "pruned"
    INFEASIBLE = "cannot be built"
    STOPPED_BY_USER = "stopped by the user"

    @property
    def key(self) -> str:
        """The name of a failure in the configuration's `retries`."""
        return self.name.lower()


FAILURES = tuple(Reason)[: list(Reason).index(Reason.STOPPED)]


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
class FinalFindings:
    """What a training after the search finds beside its metrics.

    Attributes:
        best_epoch: by the objective on the validation examples, counted from 1; None for a model that is saved.
        threshold: at that epoch, of a task that names the second of two classes from a probability on.
        batch_seconds: median time in which a saved model predicts a batch.
    """

    best_epoch: int | None = None
    threshold: float | None = None
    batch_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a trial.

    Attributes:
        status: COMPLETED, PRUNED, FAILED, INFEASIBLE or INTERRUPTED.
        score: the objective at its best epoch, mean over executions; None unless COMPLETED or PRUNED. One that the
            user has stopped in its first epoch has none.
        scores: the same of every single execution.
        metrics: every metric at the objective's best epoch, mean over executions.
        epochs: trained by this trial, over all executions.
        last_epoch: the epoch at which the training stands, counted from the beginning of its model's life.
        parameters: of the model, which may be too many of them; None where it could not be built.
        seconds: wall time.
        error: why a trial failed, was pruned or stopped, or could not be built, in words.
        reason: the kind of that.
        curves: of a cross-validated trial, the objective by epoch of each fold, as far as the pruner has judged it.
        final: of a training after the search; its metrics are those of its best epoch, or on the test examples.
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
    reason: Reason | None = None
    curves: tuple[tuple[float, ...], ...] = ()
    final: FinalFindings | None = None


@dataclass(frozen=True, slots=True)
class Trial:
    """A trial as the record knows it.

    Attributes:
        number: in the order asked, from 0.
        values: of the active hyperparameters.
        outcome: what came of it; its status is RUNNING while nothing has.
        promotion: the oracle's budget, if it gave one.
        slot: in which it runs; the oracle knows it by that.
        asked: position at which the oracle proposed it, counting every ask and tell of the search from 0.
        reported_at: position at which the oracle received its outcome, on the same count; None if it did not.
        elapsed: seconds of the search at which it ended, over all its sessions; None if it did not.
        ended: the same as seconds since 1970.
        retried: the failures after which it ran again.
        round: of the search, by its name in `strategy.rounds`.
        source: where the values come from, if they are a known point (`first`); None if the oracle proposed them.
        intermediate_values: the objective by epoch, of its first execution; with folds, the mean over those so far.
    """

    number: int
    values: Values
    outcome: Outcome
    promotion: Promotion | None = None
    slot: int = 0
    asked: int = 0
    reported_at: int | None = None
    elapsed: float | None = None
    ended: float | None = None
    retried: tuple[Reason, ...] = ()
    round: str = ONLY_ROUND
    source: str | None = None
    intermediate_values: Mapping[int, float] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """Four digits, the same in every file and view."""
        return trial_id(self.number)

    @property
    def status(self) -> TrialStatus:
        """Short for `outcome.status`."""
        return self.outcome.status

    @property
    def is_pruned(self) -> bool:
        """Whether the pruner has stopped it; PRUNED is also one that the user has stopped, for any reason."""
        return self.status is TrialStatus.PRUNED and self.outcome.reason is not Reason.STOPPED_BY_USER

    @property
    def ending(self) -> str:
        """How it ended, in words: its status, or `stopped by the user`, whose status is PRUNED."""
        reason = self.outcome.reason
        return reason.value if reason is Reason.STOPPED_BY_USER else self.status.value.lower()

    @property
    def has_ended(self) -> bool:
        """Whether it need not run again: it did not break off with the search, nor with the process."""
        return self.status not in (TrialStatus.RUNNING, TrialStatus.INTERRUPTED)

    def is_proposed_in(self, round: str) -> bool:
        """Whether the oracle of this round proposed it; a known point belongs to the first round only by its name."""
        return self.source is None and self.round == round


@dataclass(frozen=True, slots=True)
class KnownPoint:
    """Values that are tried before the oracle is asked.

    Attributes:
        source: where they come from: `baseline`, a path, or `first[0]` for values of the configuration itself.
        values: of the active hyperparameters; outside of the space also what differs from its fixed values.
        outside: the names whose values the space does not have.
    """

    source: str
    values: Values
    outside: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PriorResult:
    """The result of one trial of an earlier search.

    Attributes:
        values: for every name of its search space; they lie within the space of the new search.
        scores: of every objective of the new search, the first one first; empty unless the trial has completed.
        status: COMPLETED, PRUNED or INFEASIBLE.
        intermediate_values: of a pruned trial, the objective by epoch.
    """

    values: Values
    scores: tuple[float, ...] = ()
    status: TrialStatus = TrialStatus.COMPLETED
    intermediate_values: Mapping[int, float] = field(default_factory=dict)


def trial_id(number: int) -> str:
    """Return the id of the trial with this number: four digits from 0000."""
    return f"{number:04d}"


def trial_directory(run: Path, number: int) -> Path:
    """Return the folder in which a trial writes its history, its checkpoints and its log."""
    return run / "trials" / trial_id(number)


def folds_directory(run: Path, number: int) -> Path:
    """Return the folder in which the folds of a trial have theirs, while several workers train them."""
    return trial_directory(run, number) / "folds"


def tensorboard_directory(run: Path, number: int) -> Path:
    """Return the folder from which TensorBoard reads a trial."""
    return run / TENSORBOARD / trial_id(number)


def checkpoints(run: Path, number: int) -> list[Path]:
    """Return the checkpoints that a trial has left, one an execution."""
    return sorted(trial_directory(run, number).glob(f"*{_CHECKPOINT}"))


def checkpoint(run: Path, number: int, execution: int) -> Path:
    """Return the file of one execution's weights and optimizer state."""
    return trial_directory(run, number) / (_CHECKPOINT if not execution else f"execution_{execution}.{_CHECKPOINT}")


def progress_file(run: Path, number: int) -> Path:
    """Return the file that says how far an interrupted trial has come."""
    return trial_directory(run, number) / _PROGRESS
