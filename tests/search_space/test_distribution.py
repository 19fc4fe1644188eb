"""A hyperparameter as a distribution of Optuna: as the record shows it, and as samplers search it."""

from __future__ import annotations

from typing import Any

import keras_tuner
import optuna
import pytest
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution

from toonvision.search_space.distribution import Dimension, distribution
from toonvision.search_space.space import declare, possible_values


def trial(suggestion: Any) -> optuna.Trial:
    """Return a trial in which Optuna suggests this for the hyperparameter `x`."""
    study = optuna.create_study()
    study.enqueue_trial({"x": suggestion})
    return study.ask()


@pytest.mark.parametrize("last", [0.3, 0.35, 0.5, 0.75, 0.8])
@pytest.mark.parametrize("first", [0.0, 0.05, 0.1])
def test_every_step_of_keras_tuner_is_in_the_distribution(first: float, last: float) -> None:
    entry = {"hp": "Float", "min_value": first, "max_value": last, "step": 0.1}
    known, values = distribution(entry), possible_values(entry)
    assert values
    for value in values:
        stored = known.to_internal_repr(value)
        optuna.trial.create_trial(value=0.0, params={"x": value}, distributions={"x": known})  # which checks it
        assert known.to_external_repr(stored) == value


def dimension(entry: dict[str, Any]) -> Dimension:
    hp = keras_tuner.HyperParameters()
    declare({"x": entry}, hp)
    (hyperparameter,) = hp.space
    return Dimension.of(hyperparameter)


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ({"hp": "Int", "min_value": 4, "max_value": 16, "step": 4}, IntDistribution(4, 16, step=4)),
        ({"hp": "Int", "min_value": 1, "max_value": 6, "step": 2}, IntDistribution(1, 5, step=2)),
        (
            {"hp": "Int", "min_value": 8, "max_value": 128, "step": 2, "sampling": "log"},
            IntDistribution(8, 128, log=True),
        ),
        ({"hp": "Float", "min_value": 0.0, "max_value": 0.9, "step": 0.1}, FloatDistribution(0.0, 0.9, step=0.1)),
        ({"hp": "Float", "min_value": 0.0, "max_value": 0.65, "step": 0.1}, FloatDistribution(0.0, 0.7, step=0.1)),
        (
            {"hp": "Float", "min_value": 1e-4, "max_value": 0.1, "sampling": "log"},
            FloatDistribution(1e-4, 0.1, log=True),
        ),
        (
            {"hp": "Float", "min_value": 0.1, "max_value": 0.9, "sampling": "reverse_log", "step": 2},
            FloatDistribution(0.1, 0.9),
        ),
        ({"hp": "Choice", "values": [5, 3, 7]}, CategoricalDistribution([5, 3, 7])),
        ({"hp": "Boolean"}, CategoricalDistribution([False, True])),
        ({"hp": "Fixed", "value": 3}, CategoricalDistribution([3])),
    ],
)
def test_the_record_has_the_distribution_of_the_values(entry: dict[str, Any], expected: BaseDistribution) -> None:
    assert distribution(entry) == expected


@pytest.mark.parametrize(
    ("entry", "low", "middle", "high"),
    [
        ({"hp": "Float", "min_value": 1e-5, "max_value": 1e-1, "sampling": "log"}, 1e-5, 1e-3, 1e-1),
        ({"hp": "Float", "min_value": 0.01, "max_value": 1.0, "sampling": "reverse_log"}, 0.01, 0.91, 1.0),
        ({"hp": "Int", "min_value": 1, "max_value": 99, "sampling": "log"}, 1, 10, 99),
        ({"hp": "Float", "min_value": -1, "max_value": 3}, -1.0, 1.0, 3.0),
    ],
)
def test_a_range_without_a_step_is_suggested_on_its_own_scale(
    entry: dict[str, Any], low: float, middle: float, high: float
) -> None:
    searched = dimension(entry)
    assert searched.distribution == FloatDistribution(0.0, 1.0)
    for probability, value in ((0.0, low), (0.5, middle), (1.0, high)):
        assert searched.suggest(trial(probability)) == pytest.approx(value)
        assert searched.suggestion(value) == pytest.approx(probability, abs=0.09)


@pytest.mark.parametrize(
    ("entry", "distribution"),
    [
        ({"hp": "Int", "min_value": 2, "max_value": 40, "step": 2, "sampling": "log"}, IntDistribution(0, 4)),
        ({"hp": "Float", "min_value": 0.0, "max_value": 0.9, "step": 0.1}, IntDistribution(0, 8)),
        ({"hp": "Choice", "values": [0.1, 0.01]}, IntDistribution(0, 1)),
        ({"hp": "Choice", "values": [1, 2], "ordered": False}, CategoricalDistribution([1, 2])),
        ({"hp": "Choice", "values": ["a", "b"]}, CategoricalDistribution(["a", "b"])),
        ({"hp": "Boolean"}, CategoricalDistribution([False, True])),
        ({"hp": "Fixed", "value": 3}, CategoricalDistribution([3])),
    ],
)
def test_values_that_can_be_counted_are_suggested_by_their_index_if_they_are_ordered(
    entry: dict[str, Any], distribution: BaseDistribution
) -> None:
    searched = dimension(entry)
    assert searched.distribution == distribution
    for value in possible_values(entry) or ():
        assert searched.suggest(trial(searched.suggestion(value))) == value
