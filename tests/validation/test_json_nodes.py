"""The schemas of nodes: the targets of each kind, and the arguments that a target takes."""

from __future__ import annotations

from typing import Any

import pytest

from toonvision.validation.json_nodes import definition_name, node_definitions

SAMPLER_ORACLE = "toonvision.oracle.sampler.SamplerOracle"


@pytest.fixture(scope="module")
def definitions() -> dict[str, Any]:
    return node_definitions([SAMPLER_ORACLE], {SAMPLER_ORACLE: {"max_trials": "how many"}})


def arguments(definition: dict[str, Any], target: str) -> dict[str, Any]:
    conditions = [c for c in definition["allOf"] if c["if"].get("properties") == {"_target_": {"const": target}}]
    found: dict[str, Any] = conditions[0]["then"]
    return found


def test_the_targets_of_a_kind_are_those_of_its_libraries_and_those_that_options_name(
    definitions: dict[str, Any],
) -> None:
    assert "keras.optimizers.Adam" in definitions["optimizer"]["properties"]["_target_"]["anyOf"][0]["enum"]
    oracles = definitions["oracle"]["properties"]["_target_"]["anyOf"][0]["enum"]
    assert {SAMPLER_ORACLE, "keras_tuner.oracles.RandomSearchOracle"} <= set(oracles)
    assert definition_name("an oracle") == "oracle"


def test_an_argument_has_its_bounds_or_its_annotated_type_and_its_description(definitions: dict[str, Any]) -> None:
    oracle = arguments(definitions["oracle"], SAMPLER_ORACLE)["properties"]
    assert oracle["max_trials"]["description"] == "how many"
    assert {"minimum": 1, "type": "integer"} in oracle["max_trials"]["anyOf"]
    assert oracle["sampler"] == {"$ref": "#/$defs/sampler"}
    assert "objective" not in oracle  # toonvision sets it
    median = arguments(definitions["pruner"], "optuna.pruners.MedianPruner")["properties"]
    assert {"type": ["integer"]} in median["interval_steps"]["anyOf"]


def test_without_a_target_a_group_takes_the_arguments_of_those_that_options_name(definitions: dict[str, Any]) -> None:
    without = definitions["oracle"]["allOf"][-1]
    assert without["if"] == {"not": {"required": ["_target_"]}}
    assert "sampler" in without["then"]["properties"]
    assert not without["then"]["additionalProperties"]
    assert "_target_" in str(definitions["layer"]["allOf"][-1]["if"]["properties"])  # a layer is no group
    own = node_definitions([SAMPLER_ORACLE, "my_package.Mine"], {})
    assert own["oracle"]["allOf"][-1]["then"]["additionalProperties"]
