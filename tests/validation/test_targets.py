"""The nodes of a configuration: what their targets take, lack, and are given by the code."""

from __future__ import annotations

from typing import Any

import pytest

from toonvision.config.tree import Tree
from toonvision.validation import targets as node_module
from toonvision.validation.targets import node_problems


def node_errors(groups: Tree) -> list[str]:
    """Return what is wrong with the nodes of some groups, a message each."""
    return [str(problem) for problem in node_problems(groups)]


DENSE = {"_target_": "keras.layers.Dense", "units": 3}


def test_right_nodes_have_no_errors() -> None:
    groups = {
        "tuner": {"_target_": "keras_tuner.oracles.RandomSearchOracle", "max_trials": 3, "seed": 1},
        "model": {"output": {"_target_": "keras.layers.Dense"}, "blocks": {"a": {"layers": {"b": DENSE, "c": None}}}},
        "report": {"formats": {"csv": {"_target_": "toonvision.report.trials_csv.write"}, "json": None}},
    }
    assert node_errors(groups) == []


@pytest.mark.parametrize("where", ["callbacks", "retrain.callbacks"])
def test_null_leaves_a_callback_out(where: str) -> None:
    callbacks = {"callbacks": {"x": None}}
    training = callbacks if where == "callbacks" else {"retrain": callbacks}
    assert node_errors({"training": training}) == []


@pytest.mark.parametrize(
    ("node", "message"),
    [
        (
            {**DENSE, "unist": 3},
            "x.unist: expected a keyword of keras.layers.Dense. Received: 'unist'. Did you mean 'units'?",
        ),
        ({**DENSE, "input_shape": [3], "foo": 1}, "x.foo: expected a keyword of keras.layers.Dense. Received: 'foo'."),
        (
            {"_target_": "keras.layers.Dense"},
            "x: expected the keyword 'units', which keras.layers.Dense needs. Received: nothing.",
        ),
        (
            {"_target_": "keras.initializers.Zeros", "value": 1},
            "x.value: expected a keyword of keras.initializers.Zeros. Received: 'value'.",
        ),
        (
            {"_target_": "optuna.storages.RDBStorage", "ulr": "a"},
            "x.ulr: expected a keyword of optuna.storages.RDBStorage. Received: 'ulr'. Did you mean 'url'?",
        ),
        (
            {**DENSE, "name": {**DENSE, "foo": 1}},
            "x.name.foo: expected a keyword of keras.layers.Dense. Received: 'foo'.",
        ),
        (
            {**DENSE, "name": [{**DENSE, "foo": 1}]},
            "x.name[0].foo: expected a keyword of keras.layers.Dense. Received: 'foo'.",
        ),
    ],
)
def test_a_keyword_that_a_target_does_not_take_or_lacks_is_named(node: dict[str, Any], message: str) -> None:
    assert message in node_errors({"x": node})


@pytest.mark.parametrize(
    "node",
    [
        {**DENSE, "name": "a", "trainable": False, "dtype": "float32"},
        {"_target_": "keras.layers.Dense", "_args_": [3]},
        {"_target_": "keras.layers.Dense", "_partial_": True},
        {**DENSE, "_convert_": "all", "_recursive_": False},
    ],
)
def test_what_keras_and_hydra_take_is_no_error(node: dict[str, Any]) -> None:
    assert node_errors({"x": node}) == []


@pytest.mark.parametrize(
    ("groups", "place"),
    [
        (
            {"tuner": {"_target_": "keras_tuner.oracles.RandomSearchOracle", "objective": "val_loss"}},
            "tuner.objective",
        ),
        ({"model": {"output": DENSE}}, "model.output.units"),
        (
            {"training": {"metrics": {"a": {"_target_": "keras.metrics.SparseCategoricalAccuracy", "name": "a"}}}},
            "training.metrics.a.name",
        ),
        (
            {"report": {"formats": {"csv": {"_target_": "toonvision.report.trials_csv.write", "directory": "."}}}},
            "report.formats.csv.directory",
        ),
    ],
)
def test_what_the_code_passes_itself_is_not_to_be_configured(groups: dict[str, Any], place: str) -> None:
    (message,) = node_errors(groups)
    assert message.startswith(f"{place}: expected no value, because toonvision sets it. Received: ")


def test_a_nested_target_may_have_the_keyword_that_the_code_passes_to_the_outer_one() -> None:
    initializer = {"_target_": "keras.initializers.Constant", "value": 1, "units": 3}
    assert node_errors({"model": {"output": {"_target_": "keras.layers.Dense", "bias_initializer": initializer}}}) == [
        "model.output.bias_initializer.units: expected a keyword of keras.initializers.Constant. Received: 'units'."
    ]


def test_a_target_that_does_not_take_what_the_code_passes_is_an_error() -> None:
    assert node_errors({"model": {"output": {"_target_": "keras.layers.Flatten"}}}) == [
        "model.output: expected a target that takes 'units', which toonvision passes. Received: 'keras.layers.Flatten'."
    ]


def test_a_package_that_a_target_needs_is_named_where_it_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(node_module.NEEDED, "optuna.samplers.GPSampler", ("no_such_package", "gp"))
    assert node_errors({"x": {"_target_": "optuna.samplers.GPSampler"}}) == [
        "x: expected no_such_package, which optuna.samplers.GPSampler needs, to be installed. Received: a missing "
        "package. Install it by pip install 'toonvision[gp]'."
    ]


def test_of_a_refused_target_nothing_more_is_said() -> None:
    (message,) = node_errors({"x": {"_target_": "os.mkdir", "foo": 1}})
    assert message.startswith("x._target_: expected an import path ")


def test_all_errors_are_returned() -> None:
    groups: dict[str, object] = {"x": {**DENSE, "foo": 1, "bar": {"_target_": "os.mkdir"}}}
    assert [message.partition(":")[0] for message in node_errors(groups)] == [
        "x.bar._target_",
        "x.foo",
        "x.bar",
    ]
