"""What is known before a search: results of an earlier one, which an oracle learns from and does not ask for again."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import keras_tuner

from toonvision.oracle.bayesian import BayesianOptimizationOracle
from toonvision.oracle.grid_search import GridSearchOracle
from toonvision.oracle.sampler import SamplerOracle
from toonvision.search_space.distribution import all_values
from toonvision.search_space.space import Values
from toonvision.trial.trial import PriorResult


def learn(oracle: keras_tuner.Oracle, known: Sequence[PriorResult]) -> None:
    """Give results to a fresh oracle, before it is asked for the first time and before any replay.

    None of these values is proposed. Bayesian optimization, TPE and GP learn from the scores, too. None counts as a
    trial.

    Args:
        oracle: as `create_oracle` returns it.
        known: the results.
    """
    for result in known:
        values = _declared(oracle, result.values)
        if not oracle._duplicate(values):
            oracle._tried_so_far.add(oracle._compute_values_hash(values))
            if isinstance(oracle, BayesianOptimizationOracle | GridSearchOracle | SamplerOracle):
                oracle.learn(values, result.scores)


def _declared(oracle: keras_tuner.Oracle, values: Values) -> Values:
    """The values of the hyperparameters that are declared and active, as the oracle would write them."""
    declared: Values = {}
    for hyperparameter in oracle.hyperparameters.space:
        if all(condition.is_active(declared) for condition in hyperparameter.conditions):
            declared[hyperparameter.name] = _own(all_values(hyperparameter), values[hyperparameter.name])
    return declared


def _own(possible: Sequence[Any] | None, value: Any) -> Any:
    """The value in the type and the rounding of the range: what was declared as whole numbers may now be a Float."""
    if possible is None:
        return float(value)
    return next(p for p in possible if p == value or (isinstance(p, float) and math.isclose(p, value)))
