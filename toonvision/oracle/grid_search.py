"""Grid search of KerasTuner without the combinations of an earlier search."""

from __future__ import annotations

from typing import Any

import keras_tuner

from toonvision.search_space.space import Values
from toonvision.trial.trial import PriorResult


class GridSearchOracle(keras_tuner.oracles.GridSearchOracle):
    """Grid search in which a combination with a known result ends at once and does not count.

    Attributes:
        known: scores of an earlier search by the hash of their values; None without a comparable one.
    """

    def __init__(self, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.known: dict[str, float | None] = {}

    def learn(self, values: Values, result: PriorResult) -> None:
        """Store a result of an earlier search."""
        self.known[self._compute_values_hash(values)] = next(iter(result.scores), None)

    def _compute_values_hash(self, values: Values) -> str:
        """Return the hash of values; KerasTuner's grid has 16.0 for 16 where an Int has steps that multiply."""
        whole = {n: int(v) if isinstance(v, float) and v.is_integer() else v for n, v in values.items()}
        return str(super()._compute_values_hash(whole))

    def create_trial(self, tuner_id: str) -> Any:
        """Return the next trial without a known result."""
        while True:
            trial = super().create_trial(tuner_id)
            combination = self._compute_values_hash(trial.hyperparameters.values)
            if trial.status != "RUNNING" or combination not in self.known:
                return trial
            if self.max_trials:
                self.max_trials += 1
            score = self.known[combination]
            trial.status = "INVALID" if score is None else "COMPLETED"
            if score is not None:
                self.update_trial(trial.trial_id, {self.objective.name: score})
            self.end_trial(trial)
