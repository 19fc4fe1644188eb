"""Hyperband of KerasTuner that replaces infeasible trials."""

from __future__ import annotations

import keras_tuner


class HyperbandOracle(keras_tuner.oracles.HyperbandOracle):
    """Hyperband (Li et al., 2018) in which another trial takes the place of an infeasible one.

    KerasTuner's oracle keeps the infeasible trial in the first round, so that a space with many infeasible values
    promotes fewer trials or none.
    """

    def end_trial(self, trial: keras_tuner.engine.trial.Trial) -> None:
        """End a trial; an INVALID trial, which cannot be built, leaves its place in the first round."""
        infeasible = trial.status == "INVALID"
        super().end_trial(trial)
        for bracket in self._brackets if infeasible else ():
            first_round = bracket["rounds"][0]
            first_round[:] = [place for place in first_round if place["id"] != trial.trial_id]

    @property
    def planned_trials(self) -> int | None:
        """Number of trials of all brackets, rounds and iterations; None without an end."""
        brackets = range(self._get_num_brackets())
        sizes = (self._get_size(b, r) for b in brackets for r in range(self._get_num_rounds(b)))
        return sum(sizes) * int(self.hyperband_iterations) if self.hyperband_iterations < float("inf") else None

    def planned_epochs(self, trials: int) -> int:
        """Return the total epochs of the first `trials` trials; a promoted trial continues its parent's training."""
        budgets: list[int] = []
        for bracket in reversed(range(self._get_num_brackets())):
            for number in range(self._get_num_rounds(bracket)):
                before = self._get_epochs(bracket, number - 1) if number else 0
                budgets += [self._get_epochs(bracket, number) - before] * self._get_size(bracket, number)
        whole, rest = divmod(trials, len(budgets))
        return whole * sum(budgets) + sum(budgets[:rest])
