"""Values that an oracle has not tried: drawn at random or, where few are left, found by enumeration."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import keras_tuner

from toonvision.search_space.distribution import all_values
from toonvision.search_space.space import Values


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
