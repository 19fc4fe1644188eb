"""The schemas for editors: each packaged option is valid, and a broken one is not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from toonvision.config.catalog import Option, list_options
from toonvision.config.directory import config_directory
from toonvision.validation.json_schema import json_schemas

Problems = Callable[[str, str], list[str]]
OPTIONS = list_options()
CLOSED = [option for option in OPTIONS if option.group != "block"]  # a block has parameters of any name
MAIN = config_directory() / "config.yaml"
MEDIAN = "_target_: optuna.pruners.MedianPruner\n"
RANDOM = "_target_: keras_tuner.oracles.RandomSearchOracle\n"


@pytest.fixture(scope="module")
def schemas() -> dict[str, Any]:
    return json_schemas(OPTIONS, MAIN.read_text())


@pytest.fixture(scope="module")
def problems(schemas: dict[str, Any]) -> Problems:
    """Return what the schema of a group has against a text of YAML."""
    resources = [(f"{name}.json", Resource.from_contents(schema)) for name, schema in schemas.items()]
    registry: Registry[Any] = Registry().with_resources(resources)

    def check(group: str, text: str) -> list[str]:
        validator = Draft202012Validator(schemas[group], registry=registry)
        return [error.message for error in validator.iter_errors(yaml.safe_load(text))]

    return check


def test_there_is_a_schema_for_each_group_and_for_the_whole(schemas: dict[str, Any]) -> None:
    assert set(schemas) == {"config", *(option.group for option in OPTIONS)}
    for schema in schemas.values():
        Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize("option", OPTIONS, ids=lambda option: f"{option.group}={option.name}")
def test_each_packaged_option_is_valid(option: Option, problems: Problems) -> None:
    assert problems(option.group, option.text) == []


def test_the_main_config_file_is_valid(problems: Problems) -> None:
    assert problems("config", MAIN.read_text()) == []


@pytest.mark.parametrize("option", CLOSED, ids=lambda option: f"{option.group}={option.name}")
def test_no_option_may_have_a_key_that_nothing_reads(option: Option, problems: Problems) -> None:
    broken = yaml.safe_load(option.text) | {"no such key": 1}
    assert problems(option.group, yaml.safe_dump(broken)) != []


@pytest.mark.parametrize(
    ("group", "text"),
    [
        ("augmentation", "augmentation: {flip: {_target_: keras.layers.RandomFlip, mode: up}}"),
        ("block", "layers: {dense: {_target_: keras.layers.Dense, units: many}}"),
        ("dataset", "_target_: toonvision.dataset.cogs.load\nimage_size: 5"),
        ("dataset", "_target_: toonvision.dataset.table_file.load\nvalidation_ratio: 2"),
        ("executor", "_target_: toonvision.executor.processes.ProcessesExecutor\nworkers: all"),
        ("executor", "defaults: [processes]\nworkrs: 2"),
        ("experiment", "trainig: {epochs: 5}"),
        ("experiment", "training: {epohs: 5}"),
        ("experiment", "training: {epochs: many}"),
        ("experiment", "tuner: {max_trials: many}"),
        ("experiment", "strategy: {rounds: {explore: {max_trial: 5}}}"),
        ("experiment", "search_space: {width: {hp: Int, max_value: 5}}"),
        ("experiment", "baseline: {width: {hp: Int, min_value: 1, max_value: 5}}"),
        ("experiment", "seed: 0"),
        ("experiment", "defaults: {override /tuner: tpe}"),
        ("model", "blokcs: {}"),
        ("model", "blocks: {hidden: {layers: {dense: {_target_: keras.layers.Dense, unit: 5}}}}"),
        ("model", "blocks: {hidden: {repeat: often}}"),
        ("objective", "name: val_loss\ndirection: up"),
        ("objective", "name: val_loss"),
        ("pruner", f"{MEDIAN}n_warmup_steps: -1"),
        ("pruner", f"{MEDIAN}interval_steps: often"),  # its type is read from the signature
        ("pruner", f"{MEDIAN}warmup_steps: 1"),
        ("pruner", "_target_: optuna.pruners.MedianPrunr"),
        ("pruner", "_target_: optuna.samplers.TPESampler"),
        ("report", "top: 0\nformats: {}\nlive: {}"),
        ("resampling", "resampling: {method: k_fold}"),
        ("search_space", "width: {hp: Itn, min_value: 1, max_value: 5}"),
        ("search_space", "width: {hp: Int, max_value: 5}"),
        ("search_space", "width: {hp: Int, min_value: 1.5, max_value: 5}"),
        ("search_space", "width: {hp: Int, min_value: 1, max_value: 5, stepp: 2}"),
        ("search_space", "width: {hp: Float, min_value: 1, max_value: 5, sampling: logarithmic}"),
        ("search_space", "width: {hp: Choice, values: []}"),
        ("search_space", "width: {hp: Choice, values: [1, one]}"),
        ("search_space", "width: {hp: Boolean, when: {depth: 1}}"),
        ("search_space", "width: {min_value: 1}"),
        ("search_space", "width: [1, 2]"),
        ("search_space", "the width: 1"),
        ("select", "tolerance: -1"),
        ("storage", "url: 5"),
        ("strategy", "rounds: {search: '${tuner}'}\nnarrowing: {quantile: 3}"),
        ("task", "task: {_target_: toonvision.task.binary.Binary, threshold_by: luck}"),
        ("tracker", "_target_: toonvision.tracker.mlflow.MLflowTracker\nexperimnt: mine"),
        ("training", "epochs: 0"),
        ("training", "precision: float64"),
        ("training", "retrain: {seeds: false}"),
        ("training", "optimizer: {_target_: keras.losses.MeanSquaredError}"),
        ("training", "optimizer: {_target_: keras.optimizers.Adm}"),
        ("training", "optimizer: {_target_: keras.optimizers.Adam, learning_rate: fast}"),
        ("tuner", f"{RANDOM}max_trial: 5"),
        ("tuner", f"{RANDOM}max_trials: many"),
        ("tuner", f"{RANDOM}objective: val_loss"),  # toonvision sets it
        ("tuner", "max_trials: 5"),
        ("tuner", "_target_: toonvision.oracle.sampler.SamplerOracle\nsampler: {_target_: keras.layers.Dense}"),
    ],
)
def test_a_broken_option_is_not_valid(group: str, text: str, problems: Problems) -> None:
    assert problems(group, text) != []


@pytest.mark.parametrize(
    ("group", "text"),
    [
        ("dataset", "_target_: my_package.load\nanything: 5"),
        ("executor", "defaults: [processes]\nworkers: 2"),
        ("experiment", "defaults: [smoke, {override /tuner: mine}, _self_]\ntuner: {max_trials: 5}"),
        ("experiment", "search_space: {width: {max_value: 5}, depth: {hp: Boolean}, cell: GRU}"),
        ("experiment", "model: {blocks: {block_1: {layers: {dropout: null}, filters: 8}}}"),
        ("model", "blocks: {a: {repeat: 2, layers: {b: {_target_: keras.layers.Dense, units: {each: [1, 2]}}}}}"),
        ("objective", "objective: {name: val_mine, direction: max}\ntraining: {metrics: {mine: {_target_: mine.M}}}"),
        ("search_space", "defaults: [mlp]\nunits_1: {max_value: 256}"),
        ("search_space", "width: {hp: Int, min_value: '${seed}', max_value: 5}"),
        ("training", "epochs: ${search_space.epochs}\nbatch_size: ???"),
        ("training", "optimizer: {_target_: 'keras.optimizers.${search_space.optimizer}', anything: 5}"),
        ("training", "metrics: {loss_of_mine: {_target_: keras.losses.MeanSquaredError}}"),
    ],
)
def test_what_the_validation_takes_is_valid(group: str, text: str, problems: Problems) -> None:
    assert problems(group, text) == []


def test_a_key_is_described_by_its_comment(schemas: dict[str, Any]) -> None:
    whole = schemas["config"]
    assert whole["properties"]["seed"]["description"].startswith("for the search and every training;")
    assert whole["$defs"]["Training"]["properties"]["timeout"]["description"] == "seconds for one trial; null: no limit"
    median = next(c["then"] for c in whole["$defs"]["pruner"]["allOf"] if "MedianPruner" in str(c["if"]))
    expected = "no trial is stopped before this many have finished"
    assert median["properties"]["n_startup_trials"]["description"] == expected


def test_a_defaults_list_completes_the_options_of_each_group(schemas: dict[str, Any]) -> None:
    entry = schemas["config"]["$defs"]["defaults"]["items"]["anyOf"][1]
    assert entry["properties"]["override /storage"]["anyOf"][0] == {"enum": ["journal", "sqlite"]}


def test_own_options_are_known_and_those_that_cannot_be_read_are_left_out(tmp_path: Path) -> None:
    texts = {"mine": "_target_: my_package.prune\nrate: 0.5 # of the trials", "broken": "a: [", "large": "#" * 300_000}
    files = {name: tmp_path / f"{name}.yaml" for name in texts}
    for name, file in files.items():
        file.write_text(texts[name])
    made = json_schemas([Option("pruner", name, file) for name, file in files.items()], "seed: 1 # of all")
    assert set(made) == {"config", "pruner"}
    assert made["config"]["$defs"]["defaults"]["items"]["anyOf"][1]["properties"]["pruner"]["anyOf"][0]["enum"] == [
        "mine"
    ]
    without_target = made["config"]["$defs"]["pruner"]["allOf"][-1]["then"]
    assert without_target["additionalProperties"]  # the arguments of my_package.prune are not known
