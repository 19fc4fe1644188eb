"""Values that an oracle has not tried: near given ones, drawn at random or, where few are left, by enumeration."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import keras_tuner
import numpy as np

from toonvision.search_space.distribution import all_values
from toonvision.search_space.space import Values

WALK = 20  # steps, as KerasTuner's draws


def untried_near(oracle: keras_tuner.Oracle, values: Values) -> Values | None:
    """Return untried values near given ones, or None if the space is exhausted.

    A random walk, one hyperparameter a step: it costs a sampler nothing, and stays where the sampler leads.
    """
    space = oracle.hyperparameters.space
    for _ in range(WALK):
        generator = np.random.default_rng(oracle._seed_state)
        oracle._seed_state += 1
        changed, last, values = space[generator.integers(len(space))], values, {}
        for hyperparameter in space:
            if all(condition.is_active(values) for condition in hyperparameter.conditions):
                keeps = hyperparameter.name in last and hyperparameter is not changed
                drawn = hyperparameter.random_sample(generator.random())
                values[hyperparameter.name] = last[hyperparameter.name] if keeps else drawn
        if not oracle._duplicate(values):
            return values
    return untried_values(oracle)


def untried_values(oracle: keras_tuner.Oracle) -> Values | None:
    """Return untried values, or None if the space is exhausted.

    KerasTuner's random draw gives up after 20 tried values, however many are left.
    """
    values: Values | None = oracle._random_values()
    if values is not None:
        return values
    # All combinations differ, so the number of tried ones before the first untried one is at most that of the trials.
    return next((v for v in _combinations(oracle.hyperparameters.space, {}) if not oracle._duplicate(v)), None)


def _combinations(space: Sequence[Any], values: Values) -> Iterator[Values]:
    """Yield the values of all active hyperparameters, in every combination."""
    if not space:
        yield values
        return
    hyperparameter, *others = space
    if all(condition.is_active(values) for condition in hyperparameter.conditions):
        for value in all_values(hyperparameter) or [hyperparameter.default]:
            yield from _combinations(others, {**values, hyperparameter.name: value})
    else:
        yield from _combinations(others, values)
