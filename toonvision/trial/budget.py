"""The budget of a search: minutes, trials, and trials without an improvement."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import BaseModel

from toonvision.trial.bounds import OptionalAmount, OptionalCount
from toonvision.trial.objective import Objective
from toonvision.trial.trial import Trial, TrialStatus


class Budget(BaseModel, frozen=True, extra="forbid", strict=True):
    """The limits of a search over all its sessions, None where there is none; the schema of the group `budget`.

    Attributes:
        minutes: of wall time, after which running trials are stopped.
        trials: that could be built, whatever their outcome.
        patience: completed or pruned trials in a row without a better score.
    """

    minutes: OptionalAmount = None
    trials: OptionalCount = None
    patience: OptionalCount = None

    def is_over(self, seconds: float) -> str | None:
        """Return why running trials are to stop after so many seconds of search, or None."""
        if self.minutes is not None and seconds > 60 * self.minutes:
            return f"budget.minutes: {self.minutes:g} minutes are over"
        return None

    def is_spent(self, trials: Iterable[Trial], objective: Objective) -> str | None:
        """Return why the search asks for no further trial, or None.

        Args:
            trials: in the order in which they ended, then those that still run.
            objective: by which scores are compared.
        """
        built = [trial for trial in trials if trial.status is not TrialStatus.INFEASIBLE]
        if self.trials is not None and len(built) >= self.trials:
            return f"budget.trials: {self.trials} trials are run"
        if self.patience is not None and _trials_since_best(built, objective) >= self.patience:
            return f"budget.patience: {self.patience} trials without a better score"
        return None


def _trials_since_best(trials: Iterable[Trial], objective: Objective) -> int:
    """Return how many trials were completed or pruned after the best completed one."""
    trained = [trial for trial in trials if trial.status in (TrialStatus.COMPLETED, TrialStatus.PRUNED)]
    costs = {
        index: objective.cost(trial.outcome.score)
        for index, trial in enumerate(trained)
        if trial.status is TrialStatus.COMPLETED and trial.outcome.score is not None
    }
    return len(trained) - 1 - min(costs, key=costs.__getitem__) if costs else 0
