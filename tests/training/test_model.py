"""The models of `conf/`, built by Keras."""

from __future__ import annotations

import re
from collections.abc import Mapping

import keras
import numpy as np
import pytest
from pydantic import TypeAdapter

from tests.configuration import configured
from tests.validation.wrong_config import changed
from toonvision.config.graph import Block
from toonvision.errors import ConfigError
from toonvision.search_space.space import complete, defaults
from toonvision.task import Output
from toonvision.training.model import InfeasibleError, Interface, build_model
from toonvision.validation.validate import validate


def build(
    *overrides: str, shape: tuple[int, ...] = (150, 50, 3), values: dict[str, object] | None = None
) -> keras.Model:
    config = configured(*overrides)
    space = config.search_space
    resolved = config.resolve(complete(space, {**defaults(space), **(values or {})}))
    return build_model(resolved, Interface(shape, Output(4)))


def baseline(*overrides: str, shape: tuple[int, ...]) -> keras.Model:
    config = configured(*overrides)
    return build_model(config.resolve(complete(config.search_space, config.baseline)), Interface(shape, Output(4)))


def test_the_articles_baseline_has_14620_parameters() -> None:
    assert baseline(shape=(600, 200, 3)).count_params() == 14_620


def test_the_articles_layers_stand_in_its_order() -> None:
    model = baseline("experiment=article", shape=(600, 200, 3))
    kinds = [type(layer).__name__ for layer in model.layers[1:]]
    block = ["Conv2D", "MaxPooling2D", "MaxPooling2D", "Dropout"]
    assert kinds == ["Rescaling", "RandomFlip", *block, *block, "Flatten", "Dense"]


def test_the_output_has_a_unit_a_class() -> None:
    assert build().output_shape == (None, 4)
    assert build().layers[-1].activation is keras.activations.softmax


def test_training_and_optimizer_come_from_the_configuration() -> None:
    model = build("search_space.optimizer=SGD", values={"learning_rate": 0.01})
    assert isinstance(model.optimizer, keras.optimizers.SGD)
    assert float(model.optimizer.learning_rate) == pytest.approx(0.01)


@pytest.mark.parametrize("blocks", [1, 2, 3, 4])
def test_the_number_of_blocks_is_a_hyperparameter(blocks: int) -> None:
    later = {
        name: value
        for block in range(1, blocks + 1)
        for name, value in {
            f"conv_{block}_filters": 4,
            f"conv_{block}_kernel_size": 3,
            f"pool_{block}_size": 2,
            f"dropout_{block}_rate": 0.1,
        }.items()
    }
    model = build("model=deep_cnn", values={"n_blocks": blocks, **later})
    assert sum(isinstance(layer, keras.layers.Conv2D) for layer in model.layers) == blocks


def test_mlp_takes_a_table_and_images() -> None:
    assert build("model=mlp", shape=(30,)).count_params() == 30 * 8 + 8 + 8 * 4 + 4
    assert build("model=mlp", shape=(8, 8, 1)).output_shape == (None, 4)


def test_a_layer_set_to_null_is_left_out() -> None:
    unused = ("~model.blocks.block_2.dropout_rate", "~search_space.dropout_2_rate", "~baseline.dropout_2_rate")
    model = build("model.blocks.block_2.layers.dropout=null", *unused)
    assert sum(isinstance(layer, keras.layers.Dropout) for layer in model.layers) == 1


def test_values_that_leave_no_pixel_cannot_be_built_and_the_layer_is_named() -> None:
    pools: dict[str, object] = {"pool_1_size": 4, "pool_2_size": 4, "pool_3_size": 4, "pool_4_size": 4}
    with pytest.raises(InfeasibleError, match=r"^model\.blocks\.block_2\.layers\.first_pooling: .*zero or negative"):
        build(values=pools)


def test_values_that_a_layer_refuses_cannot_be_built() -> None:
    with pytest.raises(InfeasibleError, match=r"^model\.blocks\.block_1\.layers\.convolution: .*filters"):
        build(values={"conv_1_filters": -1})


def keras_resnet(shape: tuple[int, int, int], stages: list[tuple[int, int, int]]) -> keras.Model:
    """Return a residual network as it is written in Keras; a stage is its filters, strides and blocks."""
    inputs = keras.Input(shape)
    x = keras.layers.Rescaling(1 / 255)(inputs)
    for filters, strides, blocks in stages:
        for number in range(blocks):
            stride = strides if number == 0 else 1
            y = keras.layers.Conv2D(filters, 3, stride, padding="same", use_bias=False)(x)
            y = keras.layers.ReLU()(keras.layers.BatchNormalization()(y))
            y = keras.layers.Conv2D(filters, 3, padding="same", use_bias=False)(y)
            y = keras.layers.BatchNormalization()(y)
            x = keras.layers.Conv2D(filters, 1, stride, use_bias=False)(x)
            x = keras.layers.ReLU()(keras.layers.Add()([y, keras.layers.BatchNormalization()(x)]))
    x = keras.layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, keras.layers.Dense(4, activation="softmax")(x))


RESNET = ("model=resnet",)


@pytest.mark.parametrize(
    ("values", "stages"),
    [
        ({}, [(4, 1, 1)]),
        ({"stage_1_blocks": 3, "stage_2_blocks": 2, "stage_2_filters": 16}, [(4, 1, 3), (16, 2, 2)]),
    ],
)
def test_a_residual_network_is_the_one_that_is_written_in_keras(
    values: dict[str, object], stages: list[tuple[int, int, int]]
) -> None:
    model, expected = build(*RESNET, shape=(8, 8, 3), values=values), keras_resnet((8, 8, 3), stages)
    x = np.random.default_rng(0).integers(0, 256, (2, 8, 8, 3))
    assert model.count_params() == expected.count_params()
    for one in (model, expected):  # a layer's weights depend on their shapes only
        for each in one.weights:
            each.assign(np.full(each.shape, 0.05) + 0.01 * np.arange(each.shape[-1]))
    assert model.predict(x, verbose=0) == pytest.approx(expected.predict(x, verbose=0), abs=1e-6)


def conv(filters: object) -> dict[str, object]:
    return {"convolution": {"_target_": "keras.layers.Conv2D", "filters": filters, "kernel_size": 3, "padding": "same"}}


def connected(blocks: dict[str, object], **values: object) -> keras.Model:
    """Build a model of these blocks, on images of 8x8x1."""
    config = configured()
    trial = config.resolve(complete(config.search_space, defaults(config.search_space)))
    typed = TypeAdapter(dict[str, Block]).validate_python({**blocks, "end": {"layers": FLATTEN}})
    model = trial.model.model_copy(update={"blocks": typed})
    trial = trial.model_copy(update={"model": model, "values": {**trial.values, **values}})
    return build_model(trial, Interface((8, 8, 1), Output(4)))


FLATTEN = {"flatten": {"_target_": "keras.layers.Flatten"}}
ADD, CONCATENATE = ({"_target_": f"keras.layers.{name}"} for name in ("Add", "Concatenate"))


def branches(merge: dict[str, str], *, second: int = 3) -> dict[str, object]:
    """Return two branches and a skip, joined; the first branch exists for some values only."""
    return {
        "stem": {"layers": conv(3)},
        "one": {"inputs": ["stem"], "layers": conv(3), "when": {"branches": [2]}},
        "two": {"inputs": ["stem"], "layers": conv(second)},
        "joined": {"inputs": ["stem", "one", "two"], "merge": merge, "layers": {}},
    }


def test_branches_are_joined() -> None:
    assert connected(branches(CONCATENATE, second=5), branches=2).layers[-2].input.shape == (None, 8, 8, 3 + 3 + 5)


def test_a_branch_that_is_switched_off_is_not_joined() -> None:
    assert connected(branches(CONCATENATE, second=5), branches=1).layers[-2].input.shape == (None, 8, 8, 3 + 5)


def test_the_first_input_takes_the_place_of_a_block_that_is_switched_off() -> None:
    off = {"when": {"branches": [2]}}
    chain = {"stem": {"layers": conv(3)}, "two": {"layers": conv(5), **off}, "three": {"layers": conv(2), "repeat": 0}}
    assert connected(chain, branches=1).layers[-2].input.shape == (None, 8, 8, 3)
    joined = {**branches(ADD), "joined": {"inputs": ["two", "stem"], "merge": ADD, "layers": {}, **off}}
    joined["two"] = {"layers": conv(7)}
    assert connected(joined, branches=1).layers[-2].input.shape == (None, 8, 8, 7)


def test_a_merge_of_shapes_that_do_not_fit_cannot_be_built() -> None:
    with pytest.raises(InfeasibleError, match=r"^model\.blocks\.joined\.merge: .*shape"):
        connected(branches(ADD, second=5), branches=2)


def test_each_repetition_has_its_values() -> None:
    filters = {"each": [2, 4, 6, 8]}
    model = connected({"convolutions": {"repeat": 3, "layers": conv(filters)}})
    assert [layer.filters for layer in model.layers if isinstance(layer, keras.layers.Conv2D)] == [2, 4, 6]


def test_a_repeated_block_within_a_repeated_one_has_values_of_its_own() -> None:
    inner = {"repeat": 2, "layers": conv({"each": [1, 2]})}
    once = {"layers": conv({"each": [5, 6]})}
    model = connected({"outer": {"repeat": 2, "blocks": {"inner": inner, "once": once}}})
    assert [layer.filters for layer in model.layers if isinstance(layer, keras.layers.Conv2D)] == [1, 2, 5, 1, 2, 6]


TWO = {"left": (6,), "right": (6,)}


def two_towers(shape: Mapping[str, tuple[int, ...]] | tuple[int, ...], **inputs: list[str]) -> keras.Model:
    changes = {f"model.blocks.{name}.inputs": taken for name, taken in inputs.items()}
    config = validate(changed(changes, "model=two_towers", "dataset=digit_sums", "task=regression"))
    return build_model(config.default_trial, Interface(shape, Output(1)))


def test_a_model_takes_each_input_of_a_dataset_by_its_name() -> None:
    model = two_towers(TWO)
    x = {name: np.random.default_rng(1).normal(size=(3, 6)) for name in TWO}
    assert model.predict(x, verbose=0).shape == (3, 1)
    before, after = model.predict(x, verbose=0), model.predict({**x, "right": -x["right"]}, verbose=0)
    assert not np.allclose(before, after)


@pytest.mark.parametrize(
    ("shape", "inputs", "message"),
    [
        (TWO, {"left": ["input.lefft"]}, "Received: 'input.lefft'. Did you mean 'input.left'?"),
        (
            TWO,
            {"left": ["input"]},
            "expected one of input.left, input.right, the inputs of the dataset. Received: 'input'",
        ),
        (
            (6,),
            {},
            "model.blocks.left.inputs: expected one of input, the inputs of the dataset. Received: 'input.left'.",
        ),
    ],
)
def test_an_input_that_the_dataset_lacks_is_an_error(
    shape: Mapping[str, tuple[int, ...]] | tuple[int, ...], inputs: dict[str, list[str]], message: str
) -> None:
    with pytest.raises(ConfigError, match=re.escape(message)):
        two_towers(shape, **inputs)


def test_an_output_in_the_unit_of_the_target_is_scaled_for_each_target() -> None:
    config = configured("model=mlp", "dataset=diabetes", "task=regression")
    interface = Interface((4,), Output(2, scale=(10.0, 0.1), offset=(100.0, -5.0)))
    model = build_model(config.default_trial, interface)
    x = np.random.default_rng(1).normal(size=(5, 4))
    hidden = keras.Model(model.inputs, model.layers[-2].output).predict(x, verbose=0)
    plain = keras.ops.convert_to_numpy(model.layers[-1].layers[0](hidden))
    expected = plain * [10, 0.1] + [100, -5]
    np.testing.assert_allclose(model.predict(x, verbose=0), expected, rtol=1e-5)


FUNCTION = ("model=function", "search_space=densenet", "search_space@baseline=densenet_baseline")
VALUES = {"units": 5, "learning_rate": 0.5}
ITSELF = {"training.optimizer": None, "training.loss": None}
ADAM = {"training.optimizer": {"_target_": "keras.optimizers.Adam"}}


def of_function(function: str, changes: Mapping[str, object], values: Mapping[str, object] = VALUES) -> keras.Model:
    """Build the model of a function of tests/built_models.py."""
    target = {"model.build._target_": f"tests.built_models.{function}"}
    config = validate(changed({"search_space": values, "baseline": values, **target, **changes}, *FUNCTION))
    return build_model(config.resolve(dict(values)), Interface((4,), Output(4)))


@pytest.fixture
def _trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOONVISION_TRUSTED", "tests.built_models")


@pytest.mark.usefixtures("_trusted")
def test_a_function_takes_hyperparameters_by_name_and_may_compile_its_model() -> None:
    model = of_function("compiled", ITSELF)
    assert [layer.units for layer in model.layers if isinstance(layer, keras.layers.Dense)] == [5, 4]
    assert isinstance(model.optimizer, keras.optimizers.SGD)
    assert float(model.optimizer.learning_rate) == 0.5


@pytest.mark.usefixtures("_trusted")
def test_a_function_that_takes_any_keyword_gets_all_hyperparameters() -> None:
    model = of_function("given_all", ADAM)
    assert model.given == VALUES
    assert isinstance(model.optimizer, keras.optimizers.Adam)


@pytest.mark.usefixtures("_trusted")
@pytest.mark.parametrize(
    ("function", "changes", "message"),
    [
        ("given_all", ITSELF, "training.optimizer: expected an optimizer. Received: None."),
        ("compiled", ADAM, "training.optimizer: expected null, because the model is compiled by its function"),
        ("nothing", ADAM, "model.build: expected a function that returns a keras.Model. Received: None."),
    ],
)
def test_a_function_whose_model_cannot_be_used_is_named(
    function: str, changes: Mapping[str, object], message: str
) -> None:
    with pytest.raises(ConfigError, match=re.escape(message)):
        of_function(function, changes, values={} if function == "nothing" else VALUES)


@pytest.mark.usefixtures("_trusted")
@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            ITSELF,
            "model.build: expected the keyword 'units', which tests.built_models.compiled needs. Received: nothing.",
        ),
        ({**ITSELF, "model.build.units": 3, "model.build.unit": 3}, "model.build.unit: expected a keyword of tests."),
        ({**ITSELF, "model.build.output": 3}, "model.build.output: expected no value, because toonvision sets it."),
        ({"training.loss": None, "model.build.units": 3, **ADAM}, "training.loss: expected a mapping, or null in "),
    ],
)
def test_what_a_function_does_not_take_or_lacks_is_an_error(changes: Mapping[str, object], message: str) -> None:
    with pytest.raises(ConfigError) as raised:
        of_function("compiled", changes, values={"learning_rate": 0.5})
    assert message in str(raised.value)


def test_a_function_that_is_not_trusted_is_not_imported() -> None:
    with pytest.raises(ConfigError, match=r"^model\.build\._target_: expected an import path in keras"):
        of_function("compiled", ITSELF)


@pytest.mark.parametrize("key", ["optimizer", "loss"])
def test_only_a_function_may_leave_out_what_compiles_the_model(key: str) -> None:
    with pytest.raises(ConfigError, match=rf"training\.{key}: expected a mapping, because only a function compiles"):
        validate(changed({f"training.{key}": None, **({} if key == "loss" else {"training.loss": None})}))
