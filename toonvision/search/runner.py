"""What runs the trials of a run: an executor, and the functions that train; tests and benchmarks simulate these."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from toonvision.config.schema import RunConfig, TrialConfig
from toonvision.executor import TrialExecutor
from toonvision.record.observer import Event, Observer
from toonvision.search_space.space import Values
from toonvision.trial.trial import Outcome, Promotion
from toonvision.verdict.comparison import Comparison


class RunTrial(Protocol):
    """Trains one trial, as `toonvision.training.worker.run_trial` does; it must be picklable."""

    def __call__(
        self, config: TrialConfig, directory: str, number: int, promotion: Promotion | None, searcher: str
    ) -> Outcome:
        """Return the outcome; a failure of the training is one, too."""
        ...


class Compare(Protocol):
    """Compares the chosen values with the baseline, as `toonvision.search.comparing.compare` does."""

    def __call__(
        self, config: RunConfig, best: Values, directory: Path, *, trial: str | None, runner: Runner
    ) -> Comparison:
        """Return the scores of both models on the test set, and the verdict."""
        ...


@dataclass(frozen=True, slots=True)
class Trainer:
    """The functions that train, and how often the search looks at what they write.

    Attributes:
        run_trial: trains one trial, in a process of the executor.
        compare: has the chosen values and the baseline trained, and compares them.
        poll_seconds: how long the search waits between two looks at the histories of running trials.
    """

    run_trial: RunTrial
    compare: Compare
    poll_seconds: float = 0.2


@dataclass(frozen=True, slots=True)
class Runner:
    """What runs the trials of a run, and what watches them.

    Attributes:
        executor: one of `toonvision.executor`; the caller owns it and shuts it down.
        observers: receive every event.
        trainer: the functions that train.
    """

    executor: TrialExecutor
    observers: Sequence[Observer]
    trainer: Trainer

    def notify(self, event: Event) -> None:
        """Let every observer receive an event, one after the other."""
        for observer in self.observers:
            observer.notify(event)
