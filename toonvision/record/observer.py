"""What happens in a run, as events, and the interface of what receives them: the terminal, a tracker, live reports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from toonvision.narrowing.evidence import Narrowing
from toonvision.record.results import Results
from toonvision.record.run_state import Step
from toonvision.trial.trial import KnownPoint, Outcome, Trial


@dataclass(frozen=True, slots=True)
class WarmStarted:
    """The search begins with results of an earlier run.

    Attributes:
        known: trials of the earlier run that lie in the search space.
        total: trials of the earlier run.
    """

    known: int
    total: int


@dataclass(frozen=True, slots=True)
class KnownPointsGiven:
    """The search begins with known points, which run before the oracle is asked."""

    points: Sequence[KnownPoint]


@dataclass(frozen=True, slots=True)
class RunOpened:
    """The record exists, and the search is about to begin or to go on.

    Attributes:
        results: the run so far; its trials that have ended do not run again.
    """

    results: Results


@dataclass(frozen=True, slots=True)
class RoundStarted:
    """A later round of the search begins on a narrowed space. The record does not hold the round yet.

    Attributes:
        name: of the round.
        narrowed: the entries of the space that differ from those of the round before.
        known: results so far that lie in the space.
        total: results so far.
        narrowing: the evidence for the cuts; None if the record has the space already, because the run is resumed.
    """

    name: str
    narrowed: Sequence[str]
    known: int
    total: int
    narrowing: Narrowing | None = None


@dataclass(frozen=True, slots=True)
class TrialStarted:
    """A trial is in the record and is about to run.

    Attributes:
        trial: with the status RUNNING.
        planned: trials of the whole search that can be built, or None if it is unknown.
    """

    trial: Trial
    planned: int | None


@dataclass(frozen=True, slots=True)
class EpochEnded:
    """A running trial, finalist or step of the path has completed an epoch.

    Attributes:
        trial: a step of the path is a trial with the step's number.
        metrics: by name, with `epoch` and `execution`, both from 0.
        epochs: the most that a training of it may have.
        trainings: of the trial, one after the other or of several folds at once.
    """

    trial: Trial
    metrics: Mapping[str, float]
    epochs: int
    trainings: int


@dataclass(frozen=True, slots=True)
class TrialRetried:
    """A trial, a finalist or a step of the path has failed and will run again.

    Attributes:
        trial: as it will run.
        outcome: of the failed training.
    """

    trial: Trial
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class TrialEnded:
    """A trial has ended, with its outcome."""

    trial: Trial


@dataclass(frozen=True, slots=True)
class FreshTrainingsStarted:
    """The finalists, or the steps of the path, are about to be trained with fresh seeds.

    Attributes:
        kind: what is trained; until the next such event, a trial of another event is one of these.
        count: finalists or steps to train.
        seeds: trainings of each.
    """

    kind: Literal["finalist", "step"]
    count: int
    seeds: int


@dataclass(frozen=True, slots=True)
class FinalistTrained:
    """The fresh trainings of a finalist have ended.

    Attributes:
        trial: with its outcome in the search.
        outcome: of the fresh trainings.
    """

    trial: Trial
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class StepTrained:
    """The trainings of a step of the path have ended."""

    step: Step


@dataclass(frozen=True, slots=True)
class FinalTrainingsStarted:
    """The models that are compared are about to be trained.

    Attributes:
        examples: what they learn: train, to choose the number of epochs, or train + validation.
        count: of the trainings.
    """

    examples: str
    count: int


@dataclass(frozen=True, slots=True)
class FinalEpochEnded:
    """One of these trainings has completed an epoch.

    Attributes:
        role: of the model: baseline, tuned or trained.
        seed: of the training.
        epochs: the most that it may have.
        metrics: by name, with `epoch` from 0.
    """

    role: str
    seed: int
    epochs: int
    metrics: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class FinalTrainingEnded:
    """One of these trainings has ended; its role and seed are those of `FinalEpochEnded`."""

    role: str
    seed: int
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class RunConcluded:
    """The run has ended, successfully or not, and its reports are written."""

    results: Results


Event = (
    WarmStarted
    | KnownPointsGiven
    | RunOpened
    | RoundStarted
    | TrialStarted
    | EpochEnded
    | TrialRetried
    | TrialEnded
    | FreshTrainingsStarted
    | FinalistTrained
    | StepTrained
    | FinalTrainingsStarted
    | FinalEpochEnded
    | FinalTrainingEnded
    | RunConcluded
)


class Observer(Protocol):
    """Receives every event of a run, in the thread and the order in which they happen."""

    def notify(self, event: Event) -> None:
        """Receive an event; ignore those of no interest."""
        ...
