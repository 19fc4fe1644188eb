"""How much a search may spend: minutes, trials, and trials without an improvement."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from toonvision.trial.trial import Trial, TrialStatus


@dataclass(frozen=True, slots=True)
class Budget:
    """The limits of a search, over all its sessions; None where there is none.

    Attributes:
        minutes: of wall time, after which trials that still run are stopped.
        trials: that could be built, whatever came of them.
        patience: completed trials in a row without a better score.
    """

    minutes: float | None = None
    trials: int | None = None
    patience: int | None = None

    def is_over(self, seconds: float) -> str | None:
        """Return why running trials are to stop after so many seconds of search, or None."""
        if self.minutes is not None and seconds > 60 * self.minutes:
            return f"budget.minutes: {self.minutes:g} minutes are over"
        return None

    def is_spent(self, trials: Iterable[Trial], direction: str) -> str | None:
        """Return why no further trial is to be asked for, or None.

        Args:
            trials: in the order in which they ended, with those that still run.
            direction: of the objective, min or max.
        """
        built = [trial for trial in trials if trial.status is not TrialStatus.INFEASIBLE]
        if self.trials is not None and len(built) >= self.trials:
            return f"budget.trials: {self.trials} trials are run"
        if self.patience is not None and _without_improvement(built, direction) >= self.patience:
            return f"budget.patience: {self.patience} trials without a better score"
        return None


def _without_improvement(trials: Iterable[Trial], direction: str) -> int:
    """Return how many trials were completed or pruned after the best completed one."""
    sign = 1 if direction == "min" else -1
    trained = [trial for trial in trials if trial.status in (TrialStatus.COMPLETED, TrialStatus.PRUNED)]
    scores = {
        index: sign * trial.outcome.score
        for index, trial in enumerate(trained)
        if trial.status is TrialStatus.COMPLETED and trial.outcome.score is not None
    }
    return len(trained) - 1 - min(scores, key=scores.__getitem__) if scores else 0
