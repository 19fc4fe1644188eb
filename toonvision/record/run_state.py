"""The state of a run as a whole, as data: its status, its finalists, the path, and both models on the test set."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Any

from toonvision.console import readable
from toonvision.search_space.space import Values
from toonvision.trial.trial import Outcome
from toonvision.verdict.comparison import Comparison


class RunStatus(enum.StrEnum):
    """The status of a run."""

    RUNNING = "RUNNING"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"
    INTERRUPTED = "INTERRUPTED"


@dataclass(frozen=True, slots=True)
class Finalist:
    """A trial that was trained again: from scratch, for all its epochs, with seeds that the search has not used.

    Attributes:
        number: the trial's.
        seeds: number of trainings.
        outcome: of these trainings: their mean is its score, and `scores` has each one.
    """

    number: int
    seeds: int
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the path from the baseline to the chosen values.

    Attributes:
        number: in the path; 0 is the baseline.
        changes: the value before and after it, by the names of the search space.
        values: after it, for every name of the search space.
        seeds: number of trainings.
        outcome: of these trainings, as a finalist's.
    """

    number: int
    changes: dict[str, tuple[Any, Any]]
    values: Values
    seeds: int
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class RunState:
    """The state of a run as a whole.

    Attributes:
        status: RUNNING until the run ends.
        dataset: the dataset's name.
        fingerprint: the dataset's (see `Dataset`).
        seconds: wall time of the whole run.
        error: why it failed.
        ended_by: the limit of the budget that ended the search, or the user; None if the oracle did.
        comparison: of the values that were the chosen ones at the time; see `Results.comparison`.
        finalists: those trained so far, in the order in which they ended.
        path: the steps trained so far, in the order of the path.
        is_search_over: whether the search has ended, and only final trainings are left.
    """

    status: RunStatus = RunStatus.RUNNING
    dataset: str = ""
    fingerprint: str = ""
    seconds: float = 0.0
    error: str | None = None
    ended_by: str | None = None
    comparison: Comparison | None = None
    finalists: tuple[Finalist, ...] = ()
    path: tuple[Step, ...] = ()
    is_search_over: bool = False


def changes_in_words(step: Step) -> list[str]:
    """Return what a step has changed, for example `conv_2_filters: 4 -> 16`, or that it is the baseline."""
    changed = [f"{name}: {_short(before)} -> {_short(after)}" for name, (before, after) in step.changes.items()]
    return changed if step.number else ["the baseline"]


def _short(value: object) -> str:
    if value is None:
        return "none"
    return readable(value) if isinstance(value, float) else str(value)
