"""Bayesian optimization of KerasTuner that learns from infeasible values and repeats none."""

from __future__ import annotations

import warnings
from typing import Any

import keras_tuner
import numpy as np
from sklearn.exceptions import ConvergenceWarning

from toonvision.oracle.untried import untried_values
from toonvision.search_space.space import Values
from toonvision.trial.objective import Objective
from toonvision.trial.trial import PriorResult, TrialStatus

CANDIDATES = 100  # untried values to choose from if the best values have been tried


class BayesianOptimizationOracle(keras_tuner.oracles.BayesianOptimizationOracle):
    """Bayesian optimization in which an infeasible trial gets the worst score so far, and no values run twice.

    KerasTuner's oracle leaves infeasible trials out of the fit and can propose the same values repeatedly.

    Attributes:
        recalled: values of the record to propose while the oracle is rebuilt.
        known: results of earlier searches.
    """

    trials: dict[str, keras_tuner.engine.trial.Trial]
    recalled: Values | None = None

    def __init__(self, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.known: dict[str, keras_tuner.engine.trial.Trial] = {}

    def learn(self, values: Values, result: PriorResult) -> None:
        """Add a result of an earlier search to the fit, unless it was pruned; it does not count as a trial."""
        score = self._worst() if result.status is TrialStatus.INFEASIBLE else next(iter(result.scores), None)
        if score is None:
            return
        hyperparameters = self.hyperparameters.copy()
        hyperparameters.values = values
        trial = keras_tuner.engine.trial.Trial(hyperparameters, f"known-{len(self.known)}", "COMPLETED")
        trial.score = score
        self.known[trial.trial_id] = trial

    def end_trial(self, trial: keras_tuner.engine.trial.Trial) -> None:
        """End a trial; an INVALID trial, which cannot be built, gets the worst known score, if there is one."""
        if trial.status == "INVALID" and (worst := self._worst()) is not None:
            self.update_trial(trial.trial_id, {self.objective.name: worst})
            trial.status = "COMPLETED"
        super().end_trial(trial)

    def _worst(self) -> float | None:
        """Return the worst known score; None without any."""
        goal = Objective(name=self.objective.name, direction=self.objective.direction)
        scores = [t.score for t in {**self.known, **self.trials}.values() if t.status == "COMPLETED"]
        return max(scores, key=goal.cost, default=None)

    def populate_space(self, trial_id: str) -> dict[str, Any]:
        """Return the next values; on a replay those of the record, without fitting the process."""
        initial = self.num_initial_points or max(3 * len(self.hyperparameters.space), 3)
        own = self.trials
        everything = {**self.known, **own}
        fits = sum(trial.status == "COMPLETED" for trial in everything.values()) >= initial
        if self.recalled is not None and fits:
            return {"status": "RUNNING", "values": self.recalled}
        with warnings.catch_warnings(action="ignore", category=ConvergenceWarning):  # users cannot act on it
            self.trials = everything
            try:
                values = super().populate_space(trial_id)["values"]
            finally:
                self.trials = own
        if values is None or self._duplicate(values):
            values = self._promising() if fits else untried_values(self)
        return {"status": "STOPPED" if values is None else "RUNNING", "values": values}

    def _promising(self) -> Values | None:
        """Return the untried values with the best confidence bound, out of some random ones."""
        drawn = [values for values in (untried_values(self) for _ in range(CANDIDATES)) if values is not None]
        if not drawn:
            return None
        mean, deviation = self.gpr.predict(np.array([self._vector(values) for values in drawn]), return_std=True)
        return drawn[int(np.argmin(mean - self.beta * deviation))]

    def _vector(self, values: Values) -> list[float]:
        return [hp.value_to_prob(values.get(hp.name, hp.default)) for hp in self._nonfixed_space()]

    def _vector_to_values(self, vector: Any) -> Values:
        # KerasTuner's probabilities are in [0, 1): Int gives max_value + 1 for 1.
        values: Values = super()._vector_to_values(np.minimum(vector, np.nextafter(1.0, 0.0)))
        return values
