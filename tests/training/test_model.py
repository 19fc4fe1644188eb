"""The models of `conf/`, built by Keras."""

from __future__ import annotations

import keras
import pytest

from tests.configuration import configured
from toonvision.search_space.space import complete, defaults
from toonvision.training.model import InfeasibleError, build_model


def build(
    *overrides: str, shape: tuple[int, ...] = (150, 50, 3), values: dict[str, object] | None = None
) -> keras.Model:
    config = configured(*overrides)
    space = config.search_space
    resolved = config.resolve(complete(space, {**defaults(space), **(values or {})}))
    return build_model(resolved, input_shape=shape, n_classes=4)


def baseline(*overrides: str, shape: tuple[int, ...]) -> keras.Model:
    config = configured(*overrides)
    return build_model(config.resolve(complete(config.search_space, config.baseline)), input_shape=shape, n_classes=4)


def test_the_articles_baseline_has_14620_parameters() -> None:
    assert baseline(shape=(600, 200, 3)).count_params() == 14_620


def test_the_articles_layers_stand_in_its_order() -> None:
    kinds = [type(layer).__name__ for layer in baseline(shape=(600, 200, 3)).layers[1:]]
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
