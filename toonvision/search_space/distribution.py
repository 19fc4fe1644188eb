"""A hyperparameter as a distribution of Optuna: in its own units for the record, by index or probability for samplers.

The two differ on purpose. The record shows each value as it is. A sampler gets the index of a value, so that steps are
exactly KerasTuner's, or a probability, which KerasTuner's own scale (linear, log, reverse_log) turns into a value.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution

from toonvision.search_space.space import possible_values

if TYPE_CHECKING:
    import optuna
    from keras_tuner.engine.hyperparameters import HyperParameter

_BELOW_ONE = math.nextafter(1.0, 0.0)  # KerasTuner's probabilities are in [0, 1): Int gives max_value + 1 for 1


def distribution(entry: Mapping[str, Any]) -> BaseDistribution:
    """Return the distribution of a hyperparameter's values, for the record.

    Optuna has no logarithmic range with a (multiplicative) step; the step is left out there.
    """
    if entry["hp"] in ("Choice", "Boolean", "Fixed"):
        return CategoricalDistribution(possible_values(entry) or ())
    low, high, sampling = entry["min_value"], entry["max_value"], entry.get("sampling")
    step = None if sampling in ("log", "reverse_log") else entry.get("step")
    if entry["hp"] == "Int":
        with warnings.catch_warnings(action="ignore"):  # Optuna replaces a bound that the steps do not reach
            return IntDistribution(low, high, log=sampling == "log", step=step or 1)
    return FloatDistribution(low, reached(low, high, step) if step else high, log=sampling == "log", step=step)


def reached(low: float, high: float, step: float) -> float:
    """Return the first step from `low` that is not below `high`, in decimals, as Optuna counts.

    Optuna would replace 0.35 by 0.3, and refuse KerasTuner's last step, 0.1 + 0.1 + 0.1 = 0.30000000000000004.
    """
    start, size = Decimal(str(low)), Decimal(str(step))
    return float(start + size * math.ceil((Decimal(str(high)) - start) / size))


@dataclass(frozen=True, slots=True)
class Dimension:
    """A hyperparameter as a sampler of Optuna searches it.

    Attributes:
        hyperparameter: the declared one of KerasTuner.
        distribution: of an index, of a probability, or of the values themselves.
        values: the values that the indices stand for; None for a probability, and where values stand for themselves.
    """

    hyperparameter: HyperParameter
    distribution: BaseDistribution
    values: Sequence[Any] | None = None

    @classmethod
    def of(cls, hyperparameter: HyperParameter) -> Dimension:
        """Return the dimension of a hyperparameter."""
        config, values = hyperparameter.get_config(), all_values(hyperparameter)
        if values is None or config.get("step", 1) is None:
            return cls(hyperparameter, FloatDistribution(0.0, 1.0))
        if config.get("ordered", "step" in config):  # Int and Float have a step; Choice states whether it is ordered
            return cls(hyperparameter, IntDistribution(0, len(values) - 1), values)
        return cls(hyperparameter, CategoricalDistribution(values))

    def suggest(self, trial: optuna.trial.BaseTrial) -> Any:
        """Ask a trial of Optuna for a value, as a plain Python object."""
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
        """Return the index, the probability or the choice that stands for a value."""
        if isinstance(self.distribution, IntDistribution):
            assert self.values is not None
            return self.values.index(value)
        if isinstance(self.distribution, FloatDistribution):
            return min(max(self.hyperparameter.value_to_prob(value), 0.0), 1.0)
        return value


def all_values(hyperparameter: HyperParameter) -> Sequence[Any] | None:
    """Return every value that a hyperparameter can take, or None if they cannot be counted."""
    return possible_values({"hp": type(hyperparameter).__name__, **hyperparameter.get_config()})
