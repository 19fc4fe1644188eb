"""One hyperparameter as a dimension of an Optuna study, and its values there and back."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import keras_tuner
import optuna
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution

from toonvision.search_space.space import possible_values

_BELOW_ONE = math.nextafter(1.0, 0.0)  # KerasTuner's probabilities are of [0, 1): Int gives max_value + 1 for 1


@dataclass(frozen=True, slots=True)
class Dimension:
    """A hyperparameter as Optuna's samplers see it.

    Ordered values are suggested by their index, so that steps are exactly KerasTuner's. A range without a step is
    suggested as a probability, which the hyperparameter's own scale (linear, log, reverse_log) turns into a value.

    Attributes:
        hyperparameter: KerasTuner's, as declared.
        distribution: of what is suggested.
        values: those that an index stands for; None for a range without a step, and where values stand for themselves.
    """

    hyperparameter: keras_tuner.engine.hyperparameters.HyperParameter
    distribution: BaseDistribution
    values: Sequence[Any] | None = None

    def suggest(self, trial: optuna.Trial) -> Any:
        """Ask for a value within a trial of Optuna's; it is plain Python."""
        name, distribution = self.hyperparameter.name, self.distribution
        if isinstance(distribution, IntDistribution):
            assert self.values is not None
            return self.values[trial.suggest_int(name, distribution.low, distribution.high)]
        if isinstance(distribution, FloatDistribution):
            low, high = self.hyperparameter.min_value, self.hyperparameter.max_value
            probability = trial.suggest_float(name, distribution.low, distribution.high)
            value = self.hyperparameter.prob_to_value(min(probability, _BELOW_ONE))
            return min(max(value, low), high)  # powers are not exact
        assert isinstance(distribution, CategoricalDistribution)
        return trial.suggest_categorical(name, distribution.choices)

    def suggestion(self, value: Any) -> Any:
        """Return what stands for a value of the hyperparameter."""
        if isinstance(self.distribution, IntDistribution):
            assert self.values is not None
            return self.values.index(value)
        if isinstance(self.distribution, FloatDistribution):
            return min(max(self.hyperparameter.value_to_prob(value), 0.0), 1.0)
        return value


def dimension(hyperparameter: keras_tuner.engine.hyperparameters.HyperParameter) -> Dimension:
    """Return a hyperparameter as a dimension."""
    config = hyperparameter.get_config()
    values = all_values(hyperparameter)
    if values is None or config.get("step", 1) is None:
        return Dimension(hyperparameter, FloatDistribution(0.0, 1.0))
    if config.get("ordered", "step" in config):  # Int and Float have a step, Choice says whether it is ordered
        return Dimension(hyperparameter, IntDistribution(0, len(values) - 1), values)
    return Dimension(hyperparameter, CategoricalDistribution(values))


def all_values(hyperparameter: keras_tuner.engine.hyperparameters.HyperParameter) -> Sequence[Any] | None:
    """Return every value that a hyperparameter can take, or None if they cannot be counted."""
    return possible_values({"hp": type(hyperparameter).__name__, **hyperparameter.get_config()})
