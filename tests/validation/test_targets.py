"""The nodes of a configuration: what their targets take, lack, and are given by the code."""

from __future__ import annotations

from typing import Any

import pytest

from toonvision.validation import targets as node_module
from toonvision.validation.targets import node_errors

DENSE = {"_target_": "keras.layers.Dense", "units": 3}


def test_right_nodes_have_no_errors() -> None:
    groups = {
        "tuner": {"_target_": "keras_tuner.oracles.RandomSearchOracle", "max_trials": 3, "seed": 1},
        "model": {"output": {"_target_": "keras.layers.Dense"}, "blocks": {"a": {"layers": {"b": DENSE, "c": None}}}},
        "report": {"formats": {"csv": {"_target_": "toonvision.report.trials_csv.write"}, "json": None}},
    }
    assert node_errors(groups) == []


@pytest.mark.parametrize(
    ("groups", "place"),
    [
        ({"dataset": {"path": 1}}, "dataset"),
        ({"tuner": None}, "tuner"),
        ({"model": {"output": None}}, "model.output"),
        ({"model": {"blocks": {"a": {"layers": {"b": "Dense"}}}}}, "model.blocks.a.layers.b"),
        ({"training": {"loss": "mse"}}, "training.loss"),
        ({"training": {"metrics": {"accuracy": None}}}, "training.metrics.accuracy"),
        ({"training": {"callbacks": {"x": {"patience": 3}}}}, "training.callbacks.x"),
        ({"training": {"retrain": {"callbacks": {"x": 3}}}}, "training.retrain.callbacks.x"),
        ({"report": {"formats": {"csv": "csv"}}}, "report.formats.csv"),
    ],
)
def test_what_is_no_node_where_one_is_expected_is_an_error(groups: dict[str, Any], place: str) -> None:
    (message,) = node_errors(groups)
    assert message.startswith(f"{place}: expected a mapping with the key _target_. Received: ")


@pytest.mark.parametrize("where", ["callbacks", "retrain.callbacks"])
def test_null_leaves_a_callback_out(where: str) -> None:
    callbacks = {"callbacks": {"x": None}}
    training = callbacks if where == "callbacks" else {"retrain": callbacks}
    assert node_errors({"training": training}) == []


@pytest.mark.parametrize(
    ("node", "message"),
    [
        ({**DENSE, "unist": 3}, "x.unist: keras.layers.Dense does not take this keyword. Did you mean 'units'?"),
        ({**DENSE, "input_shape": [3], "foo": 1}, "x.foo: keras.layers.Dense does not take this keyword."),
        ({"_target_": "keras.layers.Dense"}, "x: keras.layers.Dense needs 'units', which is not given."),
        (
            {"_target_": "keras.initializers.Zeros", "value": 1},
            "x.value: keras.initializers.Zeros does not take this keyword.",
        ),
        (
            {"_target_": "optuna.storages.RDBStorage", "ulr": "a"},
            "x.ulr: optuna.storages.RDBStorage does not take this keyword. Did you mean 'url'?",
        ),
        ({**DENSE, "name": {**DENSE, "foo": 1}}, "x.name.foo: keras.layers.Dense does not take this keyword."),
        ({**DENSE, "name": [{**DENSE, "foo": 1}]}, "x.name[0].foo: keras.layers.Dense does not take this keyword."),
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
    assert node_errors(groups) == [f"{place}: toonvision sets this itself; remove it."]


def test_a_nested_target_may_have_the_keyword_that_the_code_passes_to_the_outer_one() -> None:
    initializer = {"_target_": "keras.initializers.Constant", "value": 1, "units": 3}
    assert node_errors({"model": {"output": {"_target_": "keras.layers.Dense", "bias_initializer": initializer}}}) == [
        "model.output.bias_initializer.units: keras.initializers.Constant does not take this keyword."
    ]


def test_a_target_that_does_not_take_what_the_code_passes_is_an_error() -> None:
    assert node_errors({"model": {"output": {"_target_": "keras.layers.Flatten"}}}) == [
        "model.output: expected a target that takes 'units', which toonvision passes. Received: 'keras.layers.Flatten'."
    ]


def test_a_package_that_a_target_needs_is_named_where_it_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(node_module._NEEDED, "optuna.samplers.GPSampler", ("no_such_package", "gp"))
    assert node_errors({"x": {"_target_": "optuna.samplers.GPSampler"}}) == [
        "x: optuna.samplers.GPSampler needs no_such_package. Install it by pip install 'toonvision[gp]'."
    ]


@pytest.mark.parametrize("sampler", [None, "tpe", {"seed": 1}])
def test_a_sampler_is_a_node(sampler: object) -> None:
    tuner = {"_target_": "toonvision.oracle.sampler.SamplerOracle", "sampler": sampler}
    assert node_errors({"tuner": tuner}) == [
        f"tuner.sampler: expected a mapping with the key _target_. Received: {sampler!r}."
    ]


def test_of_a_refused_target_nothing_more_is_said() -> None:
    (message,) = node_errors({"x": {"_target_": "os.mkdir", "foo": 1}})
    assert message.startswith("x._target_: expected an import path below one of ")


def test_all_errors_are_returned() -> None:
    groups = {"x": {**DENSE, "foo": 1, "bar": {"_target_": "os.mkdir"}}, "tuner": 3}
    assert [message.partition(":")[0] for message in node_errors(groups)] == [
        "tuner",
        "x.bar._target_",
        "x.foo",
        "x.bar",
    ]
