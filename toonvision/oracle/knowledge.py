"""Results of an earlier search, from which an oracle learns and which it does not propose again."""

from __future__ import annotations

from collections.abc import Sequence

import keras_tuner

from toonvision.oracle.bayesian import BayesianOptimizationOracle
from toonvision.oracle.grid_search import GridSearchOracle
from toonvision.oracle.sampler import SamplerOracle
from toonvision.search_space.distribution import all_values
from toonvision.search_space.space import Values, as_possible
from toonvision.trial.trial import PriorResult, TrialStatus


def learn(oracle: keras_tuner.Oracle, known: Sequence[PriorResult]) -> None:
    """Give results to a fresh oracle, before its first proposal and before a replay.

    The oracle does not propose these values, and they do not count as trials. Bayesian optimization, TPE and GP also
    learn from the scores, and from infeasible values as from their own, TPE also from the best scores of pruned trials.

    Args:
        oracle: as `create_oracle` returns it.
        known: the results.
    """
    for result in sorted(known, key=lambda result: result.status is not TrialStatus.COMPLETED):
        values = _declared(oracle, result.values)
        if not oracle._duplicate(values):
            oracle._tried_so_far.add(oracle._compute_values_hash(values))
            if isinstance(oracle, BayesianOptimizationOracle | GridSearchOracle | SamplerOracle):
                oracle.learn(values, result)


def _declared(oracle: keras_tuner.Oracle, values: Values) -> Values:
    """Return the values of the active hyperparameters in the form in which the oracle stores them."""
    declared: Values = {}
    for hyperparameter in oracle.hyperparameters.space:
        if all(condition.is_active(declared) for condition in hyperparameter.conditions):
            declared[hyperparameter.name] = as_possible(all_values(hyperparameter), values[hyperparameter.name])
    return declared
