"""Validation: each problem in a configuration is reported with its key, the expected and the received value."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import pytest

from tests.configuration import composed, configured
from tests.validation.wrong_config import changed, errors_in, errors_of
from toonvision.config.compose import compose
from toonvision.config.resolve import plain
from toonvision.errors import ConfigError
from toonvision.validation.validate import validate

DROPOUT = "search_space.dropout_1_rate"


# --- valid configurations ---


@pytest.mark.parametrize(
    "overrides",
    [
        [],
        ["search_space=toonvision_cnn_baseline"],
        [
            "model.blocks.block_1.layers.dropout=null",
            "~model.blocks.block_1.dropout_rate",
            "~search_space.dropout_1_rate",
            "~baseline.dropout_1_rate",
        ],
        ["~training.callbacks.early_stopping"],
        ["objective=val_accuracy", "training.class_weight=balanced", "training.precision=mixed_bfloat16"],
        ["+training.optimizer.momentum=0.9", "search_space.optimizer=SGD", "baseline.optimizer=SGD"],
        ["tuner=grid_search", "tuner.max_trials=null"],
        ["model=deep_cnn", "search_space.n_blocks=2"],
        ["model=resnet", "search_space.stage_2_blocks=0"],
    ],
)
def test_a_valid_configuration_is_returned_as_a_run_config(overrides: list[str]) -> None:
    assert validate(compose(overrides)).seed == 42


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("search_space.optimizer", "SGD"),
        ("search_space.optimizer", {"hp": "Choice", "values": ["Adam", "SGD"]}),
        ("training.callbacks", None),
        ("training.callbacks.early_stopping", None),
        ("training.batch_size", "${tuner.max_trials}"),
        ("model.output.kernel_initializer", {"_target_": "keras.initializers.HeNormal"}),
        (
            "training.optimizer.learning_rate",
            {
                "_target_": "keras.optimizers.schedules.CosineDecay",
                "initial_learning_rate": "${search_space.learning_rate}",
                "decay_steps": 10,
            },
        ),
        ("backend", "jax"),
    ],
)
def test_a_valid_value_is_accepted(path: str, value: object) -> None:
    assert validate(changed({path: value})).seed == 42


def test_spaces_and_values_common_to_all_trials_are_returned_resolved() -> None:
    config = validate(
        changed(
            {
                "search_space.twice": "${training.epochs}",
                "baseline.twice": "${search_space.twice}",
                "model.blocks.block_1.layers.dropout.seed": "${search_space.twice}",
                "backend": "${oc.decode:jax}",
            }
        )
    )
    assert config.search_space["twice"] == config.baseline["twice"] == 15
    assert config.tuner.arguments["seed"] == 42
    assert config.backend == "jax"


def test_values_that_depend_on_the_trial_are_returned_unresolved() -> None:
    settings = configured().settings(["training"])
    assert settings["training.optimizer.learning_rate"] == "${search_space.learning_rate}"


def test_a_plain_mapping_is_validated_and_not_changed() -> None:
    mapping = plain(composed())
    before = plain(mapping)
    assert validate(mapping) == validate(composed())
    assert mapping == before


# --- unknown and missing keys ---


UNKNOWN_KEYS = [
    ("+foo=1", "foo: expected one of the keys seed, backend, "),
    ("+training.epocs=1", "training.epocs: expected one of the keys "),
    ("+training.retrain.epocs=1", "training.retrain.epocs: expected one of the keys "),
    ("+model.foo=1", "model.foo: expected one of the keys "),
    ("+objective.foo=1", "objective.foo: expected one of the keys "),
    ("+report.foo=1", "report.foo: expected one of the keys "),
    ("+dataset.foo=1", "dataset.foo: expected a keyword of toonvision.dataset.cogs.load"),
    ("+model.blocks.block_1.foo=1", "model.blocks.block_1.foo: expected a layer of the block that refers to"),
    (
        "+model.blocks.block_1.layers.dropout.foo=1",
        "model.blocks.block_1.layers.dropout.foo: expected a keyword of keras.layers.Dropout",
    ),
    ("+model.output.foo=1", "model.output.foo: expected a keyword of keras.layers.Dense"),
    ("+training.optimizer.foo=1", "training.optimizer.foo: expected a keyword of keras.optimizers.Adam"),
    ("+training.loss.foo=1", "training.loss.foo: expected a keyword of keras.losses.SparseCategoricalCrossentropy"),
    (
        "+training.metrics.accuracy.foo=1",
        "training.metrics.accuracy.foo: expected a keyword of keras.metrics.SparseCategoricalAccuracy",
    ),
    (
        "+training.callbacks.early_stopping.foo=1",
        "training.callbacks.early_stopping.foo: expected a keyword of keras.callbacks.Early",
    ),
    (
        "+training.retrain.validation_callbacks.early_stopping.foo=1",
        "training.retrain.validation_callbacks.early_stopping.foo: expected",
    ),
    ("+tuner.foo=1", "tuner.foo: expected a keyword of toonvision.oracle.sampler.SamplerOracle"),
    ("+executor.foo=1", "executor.foo: expected a keyword of toonvision.executor.processes.ProcessesExecutor"),
    ("+storage.foo=1", "storage.foo: expected a keyword of optuna.storages.RDBStorage"),
    ("+report.formats.csv.foo=1", "report.formats.csv.foo: expected a keyword of toonvision.report.trials_csv.write"),
    (
        "+report.live.tensorboard.foo=1",
        "report.live.tensorboard.foo: expected a keyword of toonvision.report.tensorboard.write_trial",
    ),
    ("+search_space.foo=1", "search_space.foo: expected a reference ${search_space.foo} in the model"),
    ("+baseline.foo=1", "baseline.foo: expected a reference ${search_space.foo} in the model"),
]


@functools.cache
def errors_of_unknown_keys() -> list[str]:
    """Return the errors of one configuration with all unknown keys."""
    return errors_of(*(override for override, _ in UNKNOWN_KEYS))


@pytest.mark.parametrize(("override", "message"), UNKNOWN_KEYS)
def test_an_unknown_key_is_reported_once(override: str, message: str) -> None:
    assert len([received for received in errors_of_unknown_keys() if received.startswith(message)]) == 1


def test_only_the_unknown_keys_are_reported() -> None:
    assert len(errors_of_unknown_keys()) == len(UNKNOWN_KEYS)


@pytest.mark.parametrize(
    ("path", "value", "suggestion"),
    [
        ("traning", 1, "training"),
        ("training.epocs", 1, "epochs"),
        ("dataset.image_siez", 1, "image_size"),
        ("tuner.max_trails", 1, "max_trials"),
        ("model.blocks.block_1.wehn", {}, "when"),
        ("model.blocks.block_1.layers.dropout.rat", 1, "rate"),
    ],
)
def test_the_nearest_key_is_suggested_for_an_unknown_key(path: str, value: object, suggestion: str) -> None:
    (received,) = errors_in(changed({path: value}))
    assert received.endswith(f" Did you mean {suggestion!r}?")


def test_an_experiment_without_the_package_directive_is_an_error_that_names_it(
    experiment: Callable[[str], str],
) -> None:
    (received,) = errors_of(experiment("training:\n  epochs: 3\n"))
    assert received.startswith("experiment: expected one of the keys seed, ")
    assert received.endswith("The YAML of an experiment opens with '# @package _global_'.")


@pytest.mark.parametrize(
    "key",
    [
        *("seed", "backend", "dataset", "model", "search_space", "baseline", "training", "objective", "tuner"),
        *("storage", "model.name", "model.output", "objective.name"),
        *(
            "objective.direction",
            "report.top",
            "report.formats",
            "report.live",
            "training.retrain",
        ),
        *("training.epochs", "training.optimizer", "training.metrics"),
    ],
)
def test_a_missing_key_is_reported(key: str) -> None:
    config: dict[str, Any] = plain(composed())
    *groups, last = key.split(".")
    del functools.reduce(lambda node, name: node[name], groups, config)[last]
    assert any(message == f"{key}: expected this key to be set. Received: nothing." for message in errors_in(config))


def test_a_missing_required_keyword_of_a_layer_is_reported() -> None:
    assert errors_of(
        "~model.blocks.block_1.layers.convolution.kernel_size",
        "+model.blocks.block_1.layers.dropout.seed=${...kernel_size}",
    ) == [
        "model.blocks.block_1.layers.convolution: expected the keyword 'kernel_size', which keras.layers.Conv2D needs. "
        "Received: nothing."
    ]


# --- the search space ---


def test_a_stale_key_of_a_replaced_entry_is_reported_with_the_override_that_removes_it() -> None:
    override = f"+{DROPOUT}={{hp: Choice, values: [0.1]}}"
    messages = errors_of(override)
    assert messages == [
        f"{DROPOUT}.{key}: expected a keyword of hp.Choice (values, ordered, default). Received: {key!r}. Left behind "
        f"by the entry that this one replaced? Remove it with ~{DROPOUT}.{key}"
        for key in ("min_value", "max_value", "step")
    ]

    removals = [message.rpartition(" ")[2] for message in messages]
    assert validate(compose([override, *removals])).search_space["dropout_1_rate"] == {"hp": "Choice", "values": [0.1]}


def test_the_suggested_override_removes_a_stale_key_that_an_experiment_left(experiment: Callable[[str], str]) -> None:
    override = experiment("# @package _global_\nsearch_space:\n  dropout_1_rate: {hp: Choice, values: [0.1]}\n")
    removals = [message.rpartition(" ")[2] for message in errors_of(override)]
    assert validate(compose([override, *removals])).search_space["dropout_1_rate"]["values"] == [0.1]


def test_replacing_an_entry_without_a_plus_sign_is_an_error_that_suggests_it() -> None:
    with pytest.raises(ConfigError, match=rf"To append to your config use \+{DROPOUT}="):
        compose([f"{DROPOUT}={{hp: Choice, values: [0.1]}}"])


def test_a_hyperparameter_that_the_model_uses_and_the_space_does_not_declare_is_reported() -> None:
    assert errors_of("~search_space.conv_1_filters", "~baseline.conv_2_filters") == [
        "model.blocks.block_1.filters: expected a name that search_space declares. Received: 'conv_1_filters'. "
        "Did you mean 'conv_2_filters'?",
        "model.blocks.block_2.filters: expected a name that baseline declares. Received: 'conv_2_filters'. "
        "Did you mean 'conv_1_filters'?",
    ]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("dataset.seed", "${search_space.nowhere}"),
        ("training.epochs", "${search_space.nowhere}"),
        ("model.output.name", "a${search_space.nowhere}"),
        ("tuner.max_trials", "${search_space.nowhere}"),
        ("model.blocks.block_1.when", {"nowhere": [1]}),
    ],
)
def test_an_undeclared_hyperparameter_is_reported_in_every_config_group(path: str, value: object) -> None:
    assert errors_in(changed({path: value})) == [
        f"{path}: expected a name that {group} declares. Received: 'nowhere'." for group in ("search_space", "baseline")
    ]


def test_an_unused_hyperparameter_is_reported_with_the_override_that_removes_it() -> None:
    (message,) = errors_in(changed({"search_space.momentum": {"hp": "Boolean"}}))
    assert message == (
        "search_space.momentum: expected a reference ${search_space.momentum} in the model, the training or the "
        "dataset. Received: a name that nothing uses. Remove it with ~search_space.momentum."
    )
    validate(compose(["+search_space.momentum={hp: Boolean}", "~search_space.momentum"]))


def test_a_misspelt_hyperparameter_and_its_use_are_suggested_for_each_other() -> None:
    messages = errors_of("~search_space.learning_rate", "+search_space.learnig_rate=0.1")
    assert messages == [
        "training.optimizer.learning_rate: expected a name that search_space declares. Received: 'learning_rate'. "
        "Did you mean 'learnig_rate'?",
        "search_space.learnig_rate: expected a reference ${search_space.learnig_rate} in the model, the training or "
        "the dataset. Received: a name that nothing uses. Remove it with ~search_space.learnig_rate. "
        "Did you mean 'learning_rate'?",
    ]


def test_an_entry_with_an_unknown_hp_type_is_reported() -> None:
    assert errors_in(changed({"search_space.conv_1_filters.hp": "Itn"})) == [
        "search_space.conv_1_filters: expected hp to be one of Int, Float, Choice, Boolean, Fixed. Received: 'Itn'. "
        "Did you mean 'Int'?"
    ]


def test_a_hyperparameter_in_the_baseline_is_an_error() -> None:
    (message,) = errors_in(changed({"baseline.optimizer": {"hp": "Choice", "values": ["Adam"]}}))
    assert message.startswith("baseline.optimizer: expected a fixed value. Received: ")


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        (
            {"n_blocks": ["two"]},
            "model.blocks.block_2.when.n_blocks: expected a value that it can take (1, 2, 3, 4). Received: 'two'.",
        ),
        ({"n_blocks": 2}, "model.blocks.block_2.when.n_blocks: expected a list of values. Received: 2."),
        ([2], "model.blocks.block_2.when: expected names of the search space with lists of values. Received: [2]."),
    ],
)
def test_an_invalid_condition_of_a_block_is_reported(condition: object, message: str) -> None:
    assert errors_in(changed({"model.blocks.block_2.when": condition}, "model=deep_cnn")) == [message]


def test_an_input_of_a_block_that_no_block_has_is_reported() -> None:
    assert errors_of("+model.blocks.block_2.inputs=[block_9]") == [
        "model.blocks.block_2.inputs[0]: expected one of input, block_1, flatten. Received: 'block_9'. Did you mean "
        "'block_1'?"
    ]


def test_an_invalid_condition_of_an_entry_is_reported() -> None:
    assert errors_in(changed({"search_space.conv_4_filters.when": {"n_blocks": ["four"]}}, "model=deep_cnn")) == [
        "search_space.conv_4_filters.when.n_blocks: expected a value that it can take (1, 2, 3, 4). Received: 'four'."
    ]


@pytest.mark.parametrize("key", ["tuner.max_trials", "objective.name", "storage.url", "seed", "report.top"])
def test_a_hyperparameter_in_a_setting_common_to_all_trials_is_an_error(key: str) -> None:
    messages = errors_in(changed({key: "${search_space.conv_1_filters}"}))
    assert any(
        message.startswith(f"{key}: expected a value that is the same for all trials. Received: a hyperparameter, ")
        for message in messages
    )


def test_an_indirect_hyperparameter_in_a_setting_common_to_all_trials_is_an_error() -> None:
    messages = errors_of(
        "tuner=hyperband",
        "+search_space.epochs={hp: Int, min_value: 3, max_value: 9}",
        "+baseline.epochs=9",
        "training.epochs=${search_space.epochs}",
    )
    assert messages[0].startswith("tuner.max_epochs: expected a value that is the same for all trials.")


# --- values ---


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("seed", 0, "seed: expected a whole number from 1 to 2147483647. Received: 0."),
        ("seed", None, "seed: expected a whole number from 1 to 2147483647. Received: None."),
        ("training.epochs", 1.5, "training.epochs: expected a whole number of at least 1. Received: 1.5."),
        ("training.epochs", True, "training.epochs: expected a whole number of at least 1. Received: True."),
        ("training.batch_size", None, "training.batch_size: expected a whole number of at least 1. Received: None."),
        (
            "training.retrain.epochs",
            -1,
            "training.retrain.epochs: expected a whole number of at least 1, or validated. Received: -1.",
        ),
        (
            "training.retrain.epochs",
            "best",
            "training.retrain.epochs: expected a whole number of at least 1, or validated. Received: 'best'.",
        ),
        (
            "training.retrain.epochs",
            True,
            "training.retrain.epochs: expected a whole number of at least 1, or validated. Received: True.",
        ),
        (
            "training.executions_per_trial",
            "2",
            "training.executions_per_trial: expected a whole number of at least 1. Received: '2'.",
        ),
        ("tuner.max_trials", 0, "tuner.max_trials: expected a whole number of at least 1, or null. Received: 0."),
        (
            "constraints.max_parameters",
            0,
            "constraints.max_parameters: expected a whole number of at least 1, or null. Received: 0.",
        ),
        ("finalists.count", -1, "finalists.count: expected a whole number of at least 0. Received: -1."),
        ("finalists.seeds", 0, "finalists.seeds: expected a whole number of at least 1. Received: 0."),
        ("path.seeds", -1, "path.seeds: expected a whole number of at least 0. Received: -1."),
        ("path.seeds", 1.5, "path.seeds: expected a whole number of at least 0. Received: 1.5."),
        ("select.tolerance", -0.1, "select.tolerance: expected a number of at least 0. Received: -0.1."),
        ("select.tolerance", None, "select.tolerance: expected a number of at least 0. Received: None."),
        ("budget.trials", 0, "budget.trials: expected a whole number of at least 1, or null. Received: 0."),
        ("budget.minutes", -1, "budget.minutes: expected a number above 0, or null. Received: -1."),
        ("training.timeout", "1h", "training.timeout: expected a number above 0, or null. Received: '1h'."),
        ("retries.raised", -1, "retries.raised: expected a whole number of at least 0. Received: -1."),
        ("report.top", "ten", "report.top: expected a whole number of at least 1. Received: 'ten'."),
        (
            "backend",
            "torhc",
            "backend: expected one of tensorflow, jax, torch. Received: 'torhc'. Did you mean 'torch'?",
        ),
        (
            "objective.direction",
            "mni",
            "objective.direction: expected one of min, max. Received: 'mni'. Did you mean 'min'?",
        ),
        (
            "objective.name",
            "val_acuracy",
            "objective.name: expected one of loss, accuracy, val_loss, val_accuracy. Received: 'val_acuracy'. "
            "Did you mean 'val_accuracy'?",
        ),
        (
            "objective.also",
            {"parametres": "min"},
            "objective.also: expected one of loss, accuracy, val_accuracy, parameters. Received: 'parametres'. "
            "Did you mean 'parameters'?",
        ),
        (
            "objective.also",
            {"val_loss": "min"},
            "objective.also: expected one of loss, accuracy, val_accuracy, parameters. Received: 'val_loss'. "
            "Did you mean 'loss'?",
        ),
        (
            "objective.also",
            {"val_accuracy": "mx"},
            "objective.also.val_accuracy: expected one of min, max. Received: 'mx'. Did you mean 'max'?",
        ),
        (
            "objective.also",
            "parameters",
            "objective.also: expected a mapping. Received: 'parameters'.",
        ),
        (
            "training.class_weight",
            "balance",
            "training.class_weight: expected one of balanced, null. Received: 'balance'. Did you mean 'balanced'?",
        ),
        (
            "training.precision",
            "float16",
            "training.precision: expected one of float32, mixed_float16, mixed_bfloat16. Received: 'float16'. "
            "Did you mean 'float32'?",
        ),
        (
            "training.callbacks.early_stopping.monitor",
            "val_los",
            "training.callbacks.early_stopping.monitor: expected one of loss, accuracy, val_loss, val_accuracy. "
            "Received: 'val_los'. Did you mean 'val_loss'?",
        ),
        (
            "training.retrain.callbacks",
            {"early_stopping": {"_target_": "keras.callbacks.EarlyStopping", "monitor": "val_loss"}},
            "training.retrain.callbacks.early_stopping.monitor: expected one of loss, accuracy. Received: 'val_loss'. "
            "Did you mean 'loss'?",
        ),
        ("model.name", None, "model.name: expected a string. Received: None."),
        ("training.metrics", None, "training.metrics: expected a mapping. Received: None."),
        ("training.callbacks", 3, "training.callbacks: expected a mapping. Received: 3."),
        ("training.retrain", None, "training.retrain: expected a mapping. Received: None."),
        ("report.formats", None, "report.formats: expected a mapping. Received: None."),
        ("report.live", None, "report.live: expected a mapping. Received: None."),
        (
            "report.live.tensorboard",
            3,
            "report.live.tensorboard: expected a mapping with the key _target_. Received: 3.",
        ),
        ("model.blocks", None, "model: expected a mapping with one of blocks, build and hypermodel. Received: {"),
        ("model.blocks", 3, "model.blocks: expected a mapping. Received: 3."),
        (
            "model.blocks.block_1",
            3,
            "model.blocks.block_1: expected a mapping. Received: 3.",
        ),
        ("training.loss", "mse", "training.loss: expected a mapping with the key _target_. Received: 'mse'."),
        ("model.output", None, "model.output: expected a mapping with the key _target_. Received: None."),
        ("dataset._target_", None, "dataset._target_: expected an import path "),
    ],
)
def test_an_invalid_value_is_reported_with_the_expected_one(path: str, value: object, message: str) -> None:
    (received,) = errors_in(changed({path: value}))
    assert received.startswith(message)


@pytest.mark.parametrize("group", ["dataset", "training", "tuner", "search_space", "baseline", "objective", "report"])
def test_a_config_group_that_is_not_a_mapping_is_reported(group: str) -> None:
    assert any(message.startswith(f"{group}: expected a mapping") for message in errors_in(changed({group: 3})))


def test_the_nearest_name_is_suggested_for_an_unknown_target() -> None:
    assert errors_in(changed({"search_space.optimizer": "SDG"})) == [
        "training.optimizer._target_: expected the import path of a class or a function. "
        "Received: 'keras.optimizers.SDG'. Did you mean 'SGD'?"
    ]


def test_every_target_that_a_choice_can_produce_is_checked() -> None:
    optimizers = {"hp": "Choice", "values": ["Adam", "SGD", "Lion", "SDG"]}
    (message,) = errors_in(changed({"search_space.optimizer": optimizers}))
    assert "Received: 'keras.optimizers.SDG'. Did you mean 'SGD'?" in message


def test_a_keyword_is_checked_against_every_target_that_a_choice_can_produce() -> None:
    optimizers = {"hp": "Choice", "values": ["SGD", "Adam"]}
    (message,) = errors_in(changed({"search_space.optimizer": optimizers, "training.optimizer.momentum": 0.9}))
    assert message.startswith("training.optimizer.momentum: expected a keyword of keras.optimizers.Adam")


@pytest.mark.parametrize(
    "epochs", [{"hp": "Int", "min_value": 0, "max_value": 3, "default": 1}, {"hp": "Choice", "values": [5, 0]}]
)
def test_the_values_of_a_hyperparameter_are_checked_against_the_setting_that_uses_it(epochs: object) -> None:
    changes = {"search_space.epochs": epochs, "baseline.epochs": 3, "training.epochs": "${search_space.epochs}"}
    assert errors_in(changed(changes)) == ["training.epochs: expected a whole number of at least 1. Received: 0."]


# --- missing values and interpolations ---


def test_a_missing_mandatory_value_is_reported_with_the_override_that_sets_it() -> None:
    assert errors_of("dataset=image_directory") == [
        "dataset.path: expected a value. Received: nothing. Set it with dataset.path=VALUE."
    ]
    validate(compose(["dataset=image_directory", "dataset.path=."]))


@pytest.mark.parametrize(
    "key", ["seed", "dataset.seed", "training.epochs", "tuner.max_trials", "search_space.optimizer"]
)
def test_an_interpolation_of_a_missing_key_is_reported_with_its_path(key: str) -> None:
    messages = errors_in(changed({key: "${training.nowhere}"}))
    expected = "expected an interpolation that leads to a value. Received: '${training.nowhere}'."
    assert f"{key}: {expected} Interpolation key 'training.nowhere' not found." in messages


def test_the_nearest_key_is_suggested_for_an_interpolation_of_a_missing_key() -> None:
    (message,) = errors_in(changed({"training.batch_size": "${training.epoch}"}))
    assert message.endswith("Interpolation key 'training.epoch' not found. Did you mean 'epochs'?")


# --- several errors ---


def test_all_errors_are_reported_together() -> None:
    messages = errors_of(
        "+foo=1",
        "+training.foo=1",
        "search_space.conv_1_filters.hp=Itn",
        "+search_space.unused=1",
        "~baseline.dropout_1_rate",
        "+model.blocks.block_1.foo=1",
        "training.epochs=0",
        "dataset.seed=${nowhere}",
        "training.loss._target_=os.system",
        "+tuner.foo=1",
        "objective.direction=up",
    )
    assert {message.partition(": ")[0] for message in messages} == {
        "foo",
        "training.foo",
        "search_space.conv_1_filters",
        "search_space.unused",
        "model.blocks.block_1.dropout_rate",
        "model.blocks.block_1.foo",
        "dataset.seed",
        "training.loss._target_",
        "tuner.foo",
        "training.epochs",
        "objective.direction",
    }
