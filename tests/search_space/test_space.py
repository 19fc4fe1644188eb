"""The search space: what each entry declares to KerasTuner, its defaults, conditions and possible values."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import keras_tuner
import pytest

from tests.conditional_space import CONDITIONAL, DEPTH, FLAG, RATE
from toonvision.config.node import Node
from toonvision.errors import ConfigError
from toonvision.oracle import create_oracle
from toonvision.search_space.space import (
    complete,
    declare,
    defaults,
    fixed_values,
    hyperparameters,
    is_active,
    possible_values,
    within,
)
from toonvision.trial.objective import Objective
from toonvision.validation.space import space_problems


def declared(space: dict[str, Any], **values: Any) -> dict[str, Any]:
    """Declare a space with values that an oracle has proposed, and return the values that the model receives."""
    hp = keras_tuner.HyperParameters()
    hp.values = dict(values)
    return declare(space, hp)


def declared_hyperparameter(entry: dict[str, Any]) -> Any:
    """Declare one entry, and return the hyperparameter of KerasTuner."""
    hp = keras_tuner.HyperParameters()
    declare({"x": entry}, hp)
    return hp.space[0]


@pytest.mark.parametrize(
    ("entry", "kind", "attributes"),
    [
        (
            {"hp": "Int", "min_value": 4, "max_value": 16, "step": 4, "default": 8},
            "Int",
            {"min_value": 4, "max_value": 16, "step": 4, "sampling": "linear", "default": 8},
        ),
        (DEPTH, "Int", {"step": 1, "default": 1}),
        (
            {"hp": "Int", "min_value": 8, "max_value": 128, "step": 2, "sampling": "log"},
            "Int",
            {"step": 2, "sampling": "log", "default": 8},
        ),
        (
            {"hp": "Float", "min_value": 0.001, "max_value": 0.1, "sampling": "log"},
            "Float",
            {"min_value": 0.001, "max_value": 0.1, "step": None, "sampling": "log"},
        ),
        (RATE, "Float", {"step": 0.1, "sampling": "linear", "default": 0.0}),
        ({"hp": "Choice", "values": ["relu", "tanh"]}, "Choice", {"values": ["relu", "tanh"], "ordered": False}),
        ({"hp": "Choice", "values": [3, 5], "default": 5}, "Choice", {"default": 5, "ordered": True}),
        ({"hp": "Choice", "values": [3, 5], "ordered": False}, "Choice", {"ordered": False}),
        ({"hp": "Boolean", "default": True}, "Boolean", {"default": True}),
        ({"hp": "Fixed", "value": 0.5}, "Fixed", {"value": 0.5}),
    ],
)
def test_an_entry_is_declared_with_its_keywords(entry: dict[str, Any], kind: str, attributes: dict[str, Any]) -> None:
    assert list(space_problems({"x": entry})) == []
    hyperparameter = declared_hyperparameter(entry)
    assert type(hyperparameter).__name__ == kind
    assert {name: getattr(hyperparameter, name) for name in attributes} == attributes


def test_declaring_a_space_without_proposed_values_returns_the_defaults() -> None:
    assert declared({"rate": RATE, "depth": DEPTH, "flag": FLAG, "optimizer": "Adam"}) == {
        "rate": 0.0,
        "depth": 1,
        "flag": False,
        "optimizer": "Adam",
    }


def test_values_that_an_oracle_has_proposed_are_returned() -> None:
    assert declared({"depth": DEPTH, "flag": FLAG}, depth=3, flag=True) == {"depth": 3, "flag": True}


def test_an_entry_whose_condition_is_not_met_is_none() -> None:
    assert declared(CONDITIONAL, depth=1, flag=True)["kind"] is None


@pytest.mark.parametrize(
    ("values", "rate"),
    [
        ({"depth": 2, "kind": "b", "flag": True}, 0.3),
        ({"depth": 2, "kind": "b", "flag": False}, None),
        ({"depth": 2, "kind": "a", "flag": True}, None),
        ({"depth": 1, "flag": True}, None),
    ],
)
def test_an_entry_with_several_conditions_needs_all_of_them(values: dict[str, Any], rate: float | None) -> None:
    assert declared(CONDITIONAL, rate=0.3, **values)["rate"] == rate


def test_a_condition_on_a_fixed_entry_is_decided_when_the_space_is_declared() -> None:
    hp = keras_tuner.HyperParameters()
    values = declare(CONDITIONAL, hp)
    conditions = {entry.name: [condition.name for condition in entry.conditions] for entry in hp.space}
    assert conditions == {"depth": [], "kind": ["depth"], "flag": [], "rate": ["kind", "flag"]}
    assert values["never"] is None


def test_an_entry_that_depends_on_a_permanently_inactive_entry_is_fixed_to_none() -> None:
    space = {"n": 1, "a": {**FLAG, "when": {"n": [2]}}, "b": {**FLAG, "when": {"a": [True]}}}
    assert hyperparameters(space) == {}
    assert fixed_values(space) == {"n": 1, "a": None, "b": None}


def test_the_values_of_a_condition_are_compared_in_the_type_of_the_parent() -> None:
    space = {"x": {"hp": "Choice", "values": [0.5, 1.0]}, "y": {**FLAG, "when": {"x": [1, 0.5]}}}
    assert list(space_problems(space)) == []
    assert [declared(space, x=x, y=True)["y"] for x in (0.5, 1.0)] == [True, True]


def test_the_values_of_a_condition_are_not_rounded_to_possible_values_of_the_parent() -> None:
    space = {"n": {"hp": "Int", "min_value": 1, "max_value": 4}, "y": {**FLAG, "when": {"n": [3.9, 4]}}}
    assert [declared(space, n=n, y=True)["y"] for n in (3, 4)] == [None, True]


def test_the_values_of_a_condition_may_differ_from_the_parents_in_their_last_bits() -> None:
    space = {"x": {"hp": "Choice", "values": [0.2, 0.4]}, "y": {**FLAG, "when": {"x": [0.20000000000000004]}}}
    assert set(hyperparameters(space)) == {"x", "y"}
    assert [declared(space, x=x, y=True)["y"] for x in (0.2, 0.4)] == [True, None]


def test_the_model_receives_every_name_in_the_order_of_the_space() -> None:
    assert list(declared(CONDITIONAL)) == list(CONDITIONAL)


def test_declaring_a_space_twice_adds_no_hyperparameters() -> None:
    hp = keras_tuner.HyperParameters()
    assert declare(CONDITIONAL, hp) == declare(CONDITIONAL, hp)
    assert len(hp.space) == 4


def test_an_entry_that_kerastuner_rejects_raises_an_error_with_its_path() -> None:
    with pytest.raises(ConfigError, match=r"^search_space\.x: KerasTuner rejects this entry: .*greater than"):
        declared({"x": {"hp": "Int", "min_value": 3, "max_value": 1}})


def test_the_oracle_proposes_no_values_for_inactive_hyperparameters() -> None:
    tuner = Node("keras_tuner.oracles.RandomSearchOracle", {"max_trials": 40, "seed": 5})
    oracle = create_oracle(tuner, CONDITIONAL, Objective(name="val_loss", direction="min"))
    asked = [oracle.create_trial(f"slot-{index}").hyperparameters.values for index in range(40)]
    proposals = [values for values in asked if values]  # empty when the oracle finds no new values
    assert {"kind" in values for values in proposals} == {True, False}
    assert {"rate" in values for values in proposals} == {True, False}
    for values in proposals:
        assert ("kind" in values) == (values["depth"] > 1)
        assert ("rate" in values) == (values.get("kind") == "b" and values["flag"])


def test_the_first_proposals_equal_those_of_plain_kerastuner(tmp_path: Path) -> None:
    space: dict[str, Any] = {
        "filters": {"hp": "Int", "min_value": 4, "max_value": 16, "step": 4},
        "rate": {"hp": "Float", "min_value": 0.0, "max_value": 0.9, "step": 0.1},
        "optimizer": "sgd",
        "learning_rate": {"hp": "Float", "min_value": 0.0001, "max_value": 0.1, "sampling": "log"},
        "kernel": {"hp": "Choice", "values": [3, 5]},
        "flip": {"hp": "Boolean"},
        "depth": {"hp": "Int", "min_value": 1, "max_value": 2},
        "units": {"hp": "Int", "min_value": 8, "max_value": 128, "step": 2, "sampling": "log", "when": {"depth": [2]}},
    }

    def build(hp: keras_tuner.HyperParameters) -> keras.Model:
        hp.Int("filters", 4, 16, step=4)
        hp.Float("rate", 0.0, 0.9, step=0.1)
        hp.Float("learning_rate", 0.0001, 0.1, sampling="log")
        hp.Choice("kernel", [3, 5])
        hp.Boolean("flip")
        hp.Int("depth", 1, 2)
        with hp.conditional_scope("depth", [2]):
            hp.Int("units", 8, 128, step=2, sampling="log")
        model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
        model.compile("sgd", "mse")
        return model

    objective = keras_tuner.Objective("val_loss", "min")
    plain = keras_tuner.RandomSearch(build, objective=objective, max_trials=9, seed=7, directory=tmp_path).oracle
    tuner = Node("keras_tuner.oracles.RandomSearchOracle", {"max_trials": 9, "seed": 7})
    ours = create_oracle(tuner, space, Objective(name="val_loss", direction="min"))
    expected, received = (
        [oracle.create_trial(f"slot-{index}").hyperparameters.values for index in range(9)] for oracle in (plain, ours)
    )
    assert received == expected
    assert {values["depth"] for values in received} == {1, 2}


def test_the_default_is_the_first_choice_or_the_lower_bound_unless_given() -> None:
    space = {
        "a": RATE,
        "b": {**RATE, "default": 0.2},
        "c": {"hp": "Choice", "values": ["x", "y"]},
        "d": {"hp": "Choice", "values": ["x", "y"], "default": "y"},
        "e": {"hp": "Boolean", "default": True},
        "f": {"hp": "Fixed", "value": 7},
        "g": None,
    }
    assert defaults(space) == {"a": 0.0, "b": 0.2, "c": "x", "d": "y", "e": True, "f": 7, "g": None}


@pytest.mark.parametrize("name", ["depth", "optimizer", "kind", "flag", "rate", "never"])
def test_the_defaults_equal_those_of_kerastuner(name: str) -> None:
    assert defaults(CONDITIONAL)[name] == declared(CONDITIONAL)[name]


def test_complete_adds_fixed_and_inactive_values() -> None:
    assert complete(CONDITIONAL, {"depth": 1, "flag": False, "tuner/epochs": 3}) == {
        "depth": 1,
        "optimizer": "SGD",
        "kind": None,
        "flag": False,
        "rate": None,
        "never": None,
    }


def test_fixed_values_are_the_entries_that_are_not_searched() -> None:
    assert fixed_values(CONDITIONAL) == {"optimizer": "SGD", "never": None}


@pytest.mark.parametrize(
    ("when", "active"),
    [
        (None, True),
        ({}, True),
        ({"a": [1]}, True),
        ({"a": [2]}, False),
        ({"a": [1], "b": ["y"]}, False),
        ({"c": [None]}, True),
    ],
)
def test_a_condition_is_met_when_every_name_has_one_of_its_values(when: dict[str, Any] | None, active: bool) -> None:
    assert is_active(when, {"a": 1, "b": "x", "c": None}) is active


@pytest.mark.parametrize(
    "entry",
    [
        {"hp": "Int", "min_value": 1, "max_value": 9, "step": 3},
        {"hp": "Int", "min_value": 1, "max_value": 4},
        {"hp": "Int", "min_value": 2, "max_value": 64, "step": 2, "sampling": "log"},
        {"hp": "Int", "min_value": 2, "max_value": 64, "step": 2, "sampling": "reverse_log"},
        {"hp": "Float", "min_value": 0, "max_value": 0.9, "step": 0.1},
        {"hp": "Float", "min_value": 0.001, "max_value": 10, "step": 10, "sampling": "log"},
        {"hp": "Choice", "values": ["a", "b"]},
        {"hp": "Boolean"},
        {"hp": "Fixed", "value": "a"},
    ],
)
def test_the_possible_values_equal_those_of_kerastuner(entry: dict[str, Any]) -> None:
    assert sorted(possible_values(entry) or ()) == sorted(declared_hyperparameter(entry).values)


def test_a_continuous_range_has_no_list_of_possible_values() -> None:
    assert possible_values({"hp": "Float", "min_value": 0.0, "max_value": 1.0}) is None


SPACE = {
    "filters": {"hp": "Int", "min_value": 4, "max_value": 16, "step": 4},
    "rate": {"hp": "Float", "min_value": 0.0, "max_value": 0.6, "step": 0.1},
    "learning_rate": {"hp": "Float", "min_value": 1e-4, "max_value": 1e-2, "sampling": "log"},
    "optimizer": {"hp": "Choice", "values": ["SGD", "Adam"]},
    "flip": {"hp": "Boolean"},
    "momentum": {"hp": "Float", "min_value": 0, "max_value": 1, "when": {"optimizer": ["SGD"]}},
    "epochs": 5,
    "note": None,
}
VALUES = {
    "filters": 8,
    "rate": 0.30000000000000004,
    "learning_rate": 0.01,
    "optimizer": "SGD",
    "flip": True,
    "momentum": 0.5,
    "epochs": 5,
    "note": None,
}


@pytest.mark.parametrize(
    "change",
    [{}, {"rate": 0.3}, {"filters": 4.0}, {"momentum": 1}, {"optimizer": "Adam", "momentum": None}, {"epochs": 5.0}],
)
def test_values_that_the_space_could_propose_lie_within_it(change: dict[str, object]) -> None:
    assert within(SPACE, VALUES | change)


@pytest.mark.parametrize(
    "change",
    [
        {"filters": 20},
        {"filters": 6},
        {"filters": None},
        {"rate": 0.35},
        {"rate": 0.7},
        {"learning_rate": 0.02},
        {"learning_rate": "0.001"},
        {"learning_rate": True},
        {"optimizer": "RMSprop"},
        {"flip": 1},
        {"momentum": None},
        {"optimizer": "Adam"},
        {"epochs": 6},
        {"note": 1},
        {"another": 3},
    ],
)
def test_values_that_the_space_could_not_propose_do_not_lie_within_it(change: dict[str, object]) -> None:
    assert not within(SPACE, VALUES | change)


def test_values_that_lack_a_name_lie_within_the_space_only_if_it_is_null_there() -> None:
    assert not within(SPACE, {name: value for name, value in VALUES.items() if name != "epochs"})
    assert within(SPACE, {name: value for name, value in VALUES.items() if name != "note"})
