"""Values that no trial of an oracle has: by chance, and where little is left, by going through all there are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import keras_tuner

from toonvision.search_space.distribution import all_values
from toonvision.search_space.space import Values


def untried_values(oracle: keras_tuner.Oracle) -> Values | None:
    """Return values that are not yet tried, or None if the space is exhausted.

    KerasTuner's own random values give up after 20 that are known, however many are left.
    """
    values: Values | None = oracle._random_values()
    if values is not None:
        return values
    # All of them are different, so that no more are looked at than there are trials.
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
