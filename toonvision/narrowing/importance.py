"""How well each hyperparameter separates good trials from the rest, by PED-ANOVA.

PED-ANOVA is Optuna's default evaluator and measures this separation (Watanabe, Bansal and Hutter, "PED-ANOVA:
Efficiently Quantifying Hyperparameter Importance in Arbitrary Subspaces", 2023). fANOVA explains the whole range of the
scores, in which the worst trials weigh most; it is random, and it ignores conditional hyperparameters.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import optuna
from optuna.distributions import BaseDistribution, FloatDistribution
from optuna.importance import PedAnovaImportanceEvaluator

from toonvision.config.schema import NarrowingOptions
from toonvision.narrowing.entry import level
from toonvision.narrowing.observation import Observation, observations
from toonvision.search_space.distribution import distribution
from toonvision.search_space.space import Space, hyperparameters
from toonvision.trial.objective import Objective
from toonvision.trial.trial import Trial


def trial_importances(trials: Sequence[Trial], space: Space, objective: Objective) -> dict[str, float]:
    """Return the importance of each hyperparameter in the trials of a search, with the default options."""
    return importances(space, observations(trials, space, objective, NarrowingOptions()))


def importances(space: Space, observations: Sequence[Observation]) -> dict[str, float]:
    """Return the importance of each hyperparameter, with the sum 1; empty if all trials are good, or none.

    Args:
        space: the space that contains all observations.
        observations: the informative trials.
    """
    good = sum(observation.good for observation in observations)
    distributions = {name: distribution(entry) for name, entry in hyperparameters(space).items()}
    if not 0 < good < len(observations):
        return {}
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(direction="minimize")
    for observation in observations:
        values = {name: value for name, value in observation.values.items() if name in distributions}
        active = {
            name: _inside(level(space[name], value), distributions[name])
            for name, value in values.items()
            if value is not None
        }
        study.add_trial(
            optuna.trial.create_trial(
                params=active,
                distributions={name: distributions[name] for name in active},
                value=1.0 - observation.good,
            )
        )
    # Half a trial less than the good ones: Optuna rounds up.
    evaluator = PedAnovaImportanceEvaluator(target_quantile=(good - 0.5) / len(observations))
    with warnings.catch_warnings(
        action="ignore", category=UserWarning
    ):  # Optuna warns if few trials have a hyperparameter
        return dict(optuna.importance.get_param_importances(study, evaluator=evaluator))


def _inside(value: Any, bounds: BaseDistribution) -> Any:
    """Return the value within the bounds; KerasTuner's steps can exceed them in the last bits, which Optuna rejects."""
    return min(max(value, bounds.low), bounds.high) if isinstance(bounds, FloatDistribution) else value
