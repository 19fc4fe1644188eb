"""KerasTuner's Bayesian optimization, learning also from values that could not be built."""

from __future__ import annotations

from typing import Any

import keras_tuner


class BayesianOptimizationOracle(keras_tuner.oracles.BayesianOptimizationOracle):
    """Bayesian optimization in which an infeasible trial counts as the worst one so far.

    KerasTuner's own leaves such a trial out of the fit, so that the next proposal may be the same one again.

    Attributes:
        recalled: the values to propose instead of others, while the oracle is rebuilt from the record.
    """

    recalled: dict[str, Any] | None = None

    def end_trial(self, trial: keras_tuner.engine.trial.Trial) -> None:
        """End a trial; one that is INVALID (it could not be built) gets the worst score known, if there is one."""
        scores = [t.score for t in self.trials.values() if t.status == "COMPLETED"]
        if trial.status == "INVALID" and scores:
            worst = max(scores) if self.objective.direction == "min" else min(scores)
            self.update_trial(trial.trial_id, {self.objective.name: worst})
            trial.status = "COMPLETED"
        super().end_trial(trial)

    def populate_space(self, trial_id: str) -> dict[str, Any]:
        """Return the next values; on a replay those of the record, rather than fitting the process to them again."""
        initial = self.num_initial_points or max(3 * len(self.hyperparameters.space), 3)
        completed = sum(trial.status == "COMPLETED" for trial in self.trials.values())
        if self.recalled is not None and completed >= initial:
            return {"status": "RUNNING", "values": self.recalled}
        populated: dict[str, Any] = super().populate_space(trial_id)
        return populated
