"""What a hypermodel asks for: names, ranges, and the values of others under which it asks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import keras_tuner
import pytest
from keras import layers

from tests import adopted_models
from toonvision.adoption.exploration import Exploration, explore
from toonvision.errors import ConfigError
from toonvision.search_space.space import declare
from toonvision.validation.space import space_problems


class Built(keras_tuner.HyperModel):
    def __init__(self, function: Callable[[keras_tuner.HyperParameters], Any]) -> None:
        super().__init__()
        self.function = function

    def build(self, hp: keras_tuner.HyperParameters) -> Any:
        return self.function(hp)


def explored(function: Callable[[keras_tuner.HyperParameters], Any]) -> Exploration:
    found = explore(Built(function))
    assert list(space_problems(found.space)) == []
    declare(found.space, keras_tuner.HyperParameters())  # KerasTuner takes each entry
    return found


def model() -> keras.Model:
    return keras.Sequential([keras.Input((3,)), layers.Dense(1)])


def conditions(found: Exploration) -> dict[str, dict[str, list[Any]]]:
    return {name: entry["when"] for name, entry in found.space.items() if isinstance(entry, dict) and "when" in entry}


def test_a_name_in_a_loop_exists_for_the_numbers_that_reach_it() -> None:
    found = explored(adopted_models.build_model)
    units = {"hp": "Int", "min_value": 32, "max_value": 512, "step": 32}
    assert found.space == {
        "num_layers": {"hp": "Int", "min_value": 1, "max_value": 3},
        "units_0": units,
        "activation": {"hp": "Choice", "values": ["relu", "tanh"]},
        "dropout": {"hp": "Boolean"},
        "lr": {"hp": "Float", "min_value": 1e-4, "max_value": 1e-2, "sampling": "log"},
        "units_1": {**units, "when": {"num_layers": [2, 3]}},
        "units_2": {**units, "when": {"num_layers": [3]}},
    }
    assert found.baseline == {
        **{"num_layers": 1, "units_0": 32, "activation": "relu", "dropout": False, "lr": 1e-4},
        **{"units_1": None, "units_2": None},
    }
    assert (found.is_compiled, found.without_fit, found.failures) == (True, None, ())


def test_a_conditional_scope_and_a_name_scope_are_kept() -> None:
    found = explored(adopted_models.scoped)
    assert conditions(found) == {"mlp_units": {"model_type": ["mlp"]}}
    assert list(found.space) == ["model_type", "mlp_units", "head_rate"]
    assert not found.is_compiled


def test_loops_in_loops_have_the_conditions_of_both() -> None:
    expected = {
        "layers_1": {"blocks": [2]},
        "units_1_0": {"blocks": [2]},
        "units_0_1": {"layers_0": [2]},
        "units_1_1": {"layers_1": [2]},  # which exists with the second block only
    }
    assert conditions(explored(adopted_models.nested)) == expected


def test_what_only_two_values_together_bring_about_is_found() -> None:
    def build(hp: keras_tuner.HyperParameters) -> keras.Model:
        both = hp.Boolean("first"), hp.Boolean("second")
        if all(both):
            hp.Int("third", 1, 4)
        return model()

    assert conditions(explored(build)) == {"third": {"first": [True], "second": [True]}}


def test_a_range_with_many_values_is_built_whole_where_its_ends_differ() -> None:
    def build(hp: keras_tuner.HyperParameters) -> keras.Model:
        if hp.Int("units", 1, 20) > 15:
            hp.Float("rate", 0.0, 0.5)
        return model()

    assert conditions(explored(build)) == {"rate": {"units": [16, 17, 18, 19, 20]}}


def test_a_name_that_depends_on_a_continuous_value_always_exists() -> None:
    def build(hp: keras_tuner.HyperParameters) -> keras.Model:
        if hp.Float("rate", 0.0, 0.5) > 0.2:
            hp.Choice("kind", ["a", "b"])
        return model()

    found = explored(build)
    assert "kind" in found.space
    assert conditions(found) == {}


def test_ranges_defaults_and_orders_are_those_of_the_function() -> None:
    def build(hp: keras_tuner.HyperParameters) -> keras.Model:
        hp.Int("a", 2, 64, step=2, sampling="log", default=8)
        hp.Float("b", 0.0, 1.0, step=0.25, default=0.5)
        hp.Choice("c", [1, 2, 3], ordered=False, default=2)
        hp.Boolean("d", default=True)
        hp.Fixed("e", 7)
        hp.Float("f", 0, 1)
        return model()

    found = explored(build)
    assert found.space == {
        "a": {"hp": "Int", "min_value": 2, "max_value": 64, "step": 2, "sampling": "log", "default": 8},
        "b": {"hp": "Float", "min_value": 0.0, "max_value": 1.0, "step": 0.25, "default": 0.5},
        "c": {"hp": "Choice", "values": [1, 2, 3], "ordered": False, "default": 2},
        "d": {"hp": "Boolean", "default": True},
        "e": 7,
        "f": {"hp": "Float", "min_value": 0.0, "max_value": 1.0},
    }
    assert found.baseline == {"a": 8, "b": 0.5, "c": 2, "d": True, "e": 7, "f": 0.0}
    assert type(found.baseline["f"]) is float


def test_the_hyperparameters_of_fit_are_found() -> None:
    found = explore(adopted_models.MyHyperModel())
    assert list(found.space) == ["optimizer", "batch_size", "shuffle"]


def test_a_fit_that_needs_a_model_is_said() -> None:
    class Loop(keras_tuner.HyperModel):
        def build(self, hp: keras_tuner.HyperParameters) -> keras.Model:
            return model()

        def fit(self, hp: keras_tuner.HyperParameters, model: keras.Model, *args: Any, **kwargs: Any) -> None:
            model.optimizer.apply(hp.Int("steps", 1, 3))

    assert "has no attribute 'optimizer'" in (explore(Loop()).without_fit or "")


def test_values_that_cannot_be_built_are_reported_once_and_change_no_condition() -> None:
    found = explored(adopted_models.too_narrow)
    assert found.space == {"pool": {"hp": "Choice", "values": [2, 4, 16]}}
    assert [failure.split(".")[0] for failure in found.failures] == ["Computed output size would be zero or negative"]


def test_defaults_that_cannot_be_built_are_an_error() -> None:
    def build(hp: keras_tuner.HyperParameters) -> keras.Model:
        return keras.Sequential([keras.Input((3,)), layers.Dense(hp.Fixed("units", -1))])

    with pytest.raises(ValueError, match="positive integer"):
        explored(build)


def test_names_that_a_space_cannot_tell_apart_are_an_error() -> None:
    def build(hp: keras_tuner.HyperParameters) -> keras.Model:
        hp.Boolean("a/b")
        hp.Boolean("a b")
        return model()

    with pytest.raises(ConfigError, match="names that differ in letters and digits"):
        explored(build)
