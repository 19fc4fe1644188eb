"""How much each hyperparameter tells good trials from the rest, by Optuna's PED-ANOVA.

Of Optuna's evaluators it is the default, and the one that asks this question (Watanabe, Bansal and Hutter, "PED-ANOVA:
Efficiently Quantifying Hyperparameter Importance in Arbitrary Subspaces", 2023). fANOVA explains the whole range of the
scores, in which the worst trials weigh most; it is also drawn by chance, and leaves conditional hyperparameters out.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import optuna
from optuna.distributions import BaseDistribution, FloatDistribution
from optuna.importance import PedAnovaImportanceEvaluator

from toonvision.narrowing.observation import Observation
from toonvision.search_space.distribution import distribution
from toonvision.search_space.space import Space, hyperparameters


def importances(space: Space, observations: Sequence[Observation]) -> dict[str, float]:
    """Return the importance of each hyperparameter, 1 in all; empty if all trials are good or none is.

    Args:
        space: in which all observations lie.
        observations: with a value for every name of the space.
    """
    good = sum(observation.good for observation in observations)
    distributions = {name: distribution(entry) for name, entry in hyperparameters(space).items()}
    if not 0 < good < len(observations):
        return {}
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(direction="minimize")
    for observation in observations:
        values = {name: value for name, value in observation.values.items() if name in distributions}
        active = {name: _inside(value, distributions[name]) for name, value in values.items() if value is not None}
        study.add_trial(
            optuna.trial.create_trial(
                params=active,
                distributions={name: distributions[name] for name in active},
                value=1.0 - observation.good,
            )
        )
    # Half a trial less than the good ones, so that rounding up ends at them.
    evaluator = PedAnovaImportanceEvaluator(target_quantile=(good - 0.5) / len(observations))
    with warnings.catch_warnings(action="ignore", category=UserWarning):  # that a condition seldom holds
        return dict(optuna.importance.get_param_importances(study, evaluator=evaluator))


def _inside(value: Any, of: BaseDistribution) -> Any:
    """The value without the bits by which KerasTuner's steps may go past the bound, where Optuna refuses it."""
    return min(max(value, of.low), of.high) if isinstance(of, FloatDistribution) else value
