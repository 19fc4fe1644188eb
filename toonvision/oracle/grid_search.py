"""KerasTuner's grid search, which leaves out what an earlier search has tried."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras_tuner

from toonvision.search_space.space import Values


class GridSearchOracle(keras_tuner.oracles.GridSearchOracle):
    """Grid search in which a combination whose result is known is answered at once, and not counted.

    Attributes:
        known: scores of an earlier search, by the hash of their values.
    """

    def __init__(self, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.known: dict[str, float] = {}

    def learn(self, values: Values, scores: Sequence[float]) -> None:
        """Take note of a result of an earlier search."""
        self.known[self._compute_values_hash(values)] = scores[0]

    def create_trial(self, tuner_id: str) -> Any:
        """Return the next trial that is not known."""
        while True:
            trial = super().create_trial(tuner_id)
            score = self.known.get(self._compute_values_hash(trial.hyperparameters.values))
            if trial.status != "RUNNING" or score is None:
                return trial
            if self.max_trials:
                self.max_trials += 1
            trial.status = "COMPLETED"
            self.update_trial(trial.trial_id, {self.objective.name: score})
            self.end_trial(trial)
