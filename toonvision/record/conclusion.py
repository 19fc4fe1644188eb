"""How a run has ended, as data: its outcome, its finalists, the path to them, and both models on the test set."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from toonvision.search_space.space import Values
from toonvision.trial.trial import Outcome
from toonvision.verdict.comparison import Comparison


class RunStatus(enum.StrEnum):
    """How a run stands."""

    RUNNING = "RUNNING"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"
    INTERRUPTED = "INTERRUPTED"


@dataclass(frozen=True, slots=True)
class Finalist:
    """A trial that was trained again: from scratch, for all its epochs, with seeds that the search has not used.

    Attributes:
        number: the trial's.
        seeds: with how many it was to be trained.
        outcome: of these trainings, with their mean as its score and each one in `scores`; or why it is out.
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
        seeds: with how many it was to be trained.
        outcome: of these trainings, as a finalist's.
    """

    number: int
    changes: dict[str, tuple[Any, Any]]
    values: Values
    seeds: int
    outcome: Outcome

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Step:
        """Return what `dataclasses.asdict` has made plain."""
        changes = {name: (before, after) for name, (before, after) in stored["changes"].items()}
        return cls(**{**stored, "changes": changes, "outcome": Outcome.from_dict(stored["outcome"])})


@dataclass(frozen=True, slots=True)
class Conclusion:
    """What the record knows of a run as a whole.

    Attributes:
        status: RUNNING until something else is known.
        dataset: the dataset's name.
        fingerprint: the dataset's (see `Dataset`).
        seconds: wall time of the whole run.
        error: why it failed.
        ended_by: the limit of the budget that ended the search; None if the oracle did.
        comparison: of the values that were chosen when it was made; see `Results.comparison`.
        finalists: those trained so far, in the order in which they ended.
        path: the steps trained so far, in the order of the path.
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

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Conclusion:
        """Return what `dataclasses.asdict` has made plain."""
        comparison = stored.get("comparison")
        comparison = Comparison.from_dict(comparison) if comparison else None
        finalists = tuple(
            Finalist(f["number"], f["seeds"], Outcome.from_dict(f["outcome"])) for f in stored.get("finalists", ())
        )
        known = {"finalists": finalists, "path": tuple(map(Step.from_dict, stored.get("path", ())))}
        return cls(**{**stored, **known, "status": RunStatus(stored["status"]), "comparison": comparison})


def changes_in_words(step: Step) -> list[str]:
    """Return what a step has changed, say `conv_2_filters: 4 -> 16`, or that it is the baseline."""
    changed = [f"{name}: {_short(before)} -> {_short(after)}" for name, (before, after) in step.changes.items()]
    return changed if step.number else ["the baseline"]


def _short(value: object) -> str:
    if value is None:
        return "none"
    return f"{value:.4g}" if isinstance(value, float) else str(value)
