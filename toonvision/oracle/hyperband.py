"""KerasTuner's Hyperband, asking for other values where some could not be built."""

from __future__ import annotations

import keras_tuner


class HyperbandOracle(keras_tuner.oracles.HyperbandOracle):
    """Hyperband (Li et al., 2018) in which an infeasible trial does not cost its bracket a place.

    KerasTuner's own keeps the place in the first round, so that a space with many infeasible corners
    promotes fewer trials, or none.
    """

    def end_trial(self, trial: keras_tuner.engine.trial.Trial) -> None:
        """End a trial; one that is INVALID (it could not be built) gives its place to another."""
        infeasible = trial.status == "INVALID"
        super().end_trial(trial)
        for bracket in self._brackets if infeasible else ():
            first_round = bracket["rounds"][0]
            first_round[:] = [place for place in first_round if place["id"] != trial.trial_id]

    @property
    def planned_trials(self) -> int | None:
        """Trials of all brackets and rounds, over all iterations."""
        brackets = range(self._get_num_brackets())
        sizes = (self._get_size(b, r) for b in brackets for r in range(self._get_num_rounds(b)))
        return sum(sizes) * int(self.hyperband_iterations) if self.hyperband_iterations < float("inf") else None

    def planned_epochs(self, trials: int) -> int:
        """Epochs of the first so many trials, a promoted one going on where its parent stands."""
        budgets: list[int] = []
        for bracket in reversed(range(self._get_num_brackets())):
            for number in range(self._get_num_rounds(bracket)):
                before = self._get_epochs(bracket, number - 1) if number else 0
                budgets += [self._get_epochs(bracket, number) - before] * self._get_size(bracket, number)
        whole, rest = divmod(trials, len(budgets))
        return whole * sum(budgets) + sum(budgets[:rest])
