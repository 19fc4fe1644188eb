"""The functions that train, as one parameter of a run: tests and benchmarks replace them by simulated ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from toonvision.config.schema import RunConfig, TrialConfig
from toonvision.search_space.space import Values
from toonvision.trial.trial import Outcome, Promotion
from toonvision.verdict.comparison import Comparison

# Receives the role of a final model, the examples it learns, the most epochs it may have, and the metrics of one.
OnEpoch = Callable[[str, str, int, dict[str, float]], None]


class RunTrial(Protocol):
    """Trains one trial, as `toonvision.training.worker.run_trial` does; it must be picklable."""

    def __call__(
        self, config: TrialConfig, directory: str, number: int, promotion: Promotion | None, searcher: str
    ) -> Outcome:
        """Return the outcome; a failure of the training is one, too."""
        ...


class Compare(Protocol):
    """Compares the chosen values with the baseline, as `toonvision.training.retrain.compare` does."""

    def __call__(
        self, config: RunConfig, best: Values, directory: Path, *, trial: str | None, on_epoch: OnEpoch
    ) -> Comparison:
        """Return the scores of both models on the test set, and the verdict."""
        ...


@dataclass(frozen=True, slots=True)
class Trainer:
    """The functions that train, and how often the search looks at what they write.

    Attributes:
        run_trial: trains one trial, in a process of the executor.
        compare: trains the chosen values and the baseline, in the search's process.
        poll_seconds: how long the search waits between two looks at the histories of running trials.
    """

    run_trial: RunTrial
    compare: Compare
    poll_seconds: float = 0.2
