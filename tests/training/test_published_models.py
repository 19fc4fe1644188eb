"""Published models of Keras, as YAML: layer by layer the same weights as the Python of the examples."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import keras
import pytest
import yaml
from keras import layers

from tests.validation.wrong_config import changed
from toonvision.task import Output
from toonvision.training.model import Interface, build_model
from toonvision.validation.validate import validate

FOLDER = Path(__file__).parent / "published"


def simple_convnet() -> keras.Model:
    features = [
        *(layers.Conv2D(32, 3, activation="relu"), layers.MaxPooling2D(2)),
        *(layers.Conv2D(64, 3, activation="relu"), layers.MaxPooling2D(2)),
    ]
    head = [layers.Flatten(), layers.Dropout(0.5), layers.Dense(10, activation="softmax")]
    return keras.Sequential([keras.Input((28, 28, 1)), *features, *head])


def small_xception() -> keras.Model:
    def separable(x: keras.KerasTensor, size: int) -> keras.KerasTensor:
        x = layers.SeparableConv2D(size, 3, padding="same")(layers.Activation("relu")(x))
        return layers.BatchNormalization()(x)

    inputs = keras.Input((180, 180, 3))
    x = layers.Conv2D(128, 3, strides=2, padding="same")(layers.Rescaling(1.0 / 255)(inputs))
    x = before = layers.Activation("relu")(layers.BatchNormalization()(x))
    for size in (256, 512, 728):
        x = layers.MaxPooling2D(3, strides=2, padding="same")(separable(separable(x, size), size))
        x = before = layers.add([x, layers.Conv2D(size, 1, strides=2, padding="same")(before)])
    x = layers.BatchNormalization()(layers.SeparableConv2D(1024, 3, padding="same")(x))
    x = layers.Dropout(0.25)(layers.GlobalAveragePooling2D()(layers.Activation("relu")(x)))
    return keras.Model(inputs, layers.Dense(2, activation="softmax")(x))


def timeseries_fcn() -> keras.Model:
    x = inputs = keras.Input((500, 1))
    for _ in range(3):
        x = layers.ReLU()(layers.BatchNormalization()(layers.Conv1D(64, 3, padding="same")(x)))
    return keras.Model(inputs, layers.Dense(2, activation="softmax")(layers.GlobalAveragePooling1D()(x)))


def toy_resnet() -> keras.Model:
    inputs = keras.Input((32, 32, 3))
    x = layers.Conv2D(64, 3, activation="relu")(layers.Conv2D(32, 3, activation="relu")(inputs))
    x = layers.MaxPooling2D(3)(x)
    for _ in range(2):
        y = layers.Conv2D(64, 3, activation="relu", padding="same")(x)
        y = layers.Conv2D(64, 3, activation="relu", padding="same")(y)
        x = layers.add([y, x])
    x = layers.GlobalAveragePooling2D()(layers.Conv2D(64, 3, activation="relu")(x))
    x = layers.Dropout(0.5)(layers.Dense(256, activation="relu")(x))
    return keras.Model(inputs, layers.Dense(10, activation="softmax")(x))


def transfer_learning() -> keras.Model:
    inputs = keras.Input((150, 150, 3))
    base = keras.applications.Xception(weights=None, input_shape=(150, 150, 3), include_top=False)
    base.trainable = False
    x = base(layers.Rescaling(scale=1 / 127.5, offset=-1)(inputs), training=False)
    x = layers.Dropout(0.2)(layers.GlobalAveragePooling2D()(x))
    return keras.Model(inputs, layers.Dense(1, activation="sigmoid")(x))


PUBLISHED = [simple_convnet, small_xception, timeseries_fcn, toy_resnet, transfer_learning]


@pytest.mark.parametrize("published", PUBLISHED, ids=[function.__name__ for function in PUBLISHED])
def test_the_yaml_of_a_published_model_has_its_weights(published: Callable[[], keras.Model]) -> None:
    expected = published()
    model = yaml.safe_load((FOLDER / f"{published.__name__}.yaml").read_text())
    space = {"learning_rate": 0.001, "optimizer": "Adam"}
    activation = expected.layers[-1].activation.__name__
    model["output"] = {"_target_": "keras.layers.Dense", "activation": activation}
    config = validate(changed({"model": model, "search_space": space, "baseline": space}))
    built = build_model(config.default_trial, Interface(expected.input_shape[1:], Output(expected.output_shape[-1])))
    for kind in ("trainable_weights", "non_trainable_weights"):
        assert shapes(getattr(built, kind)) == shapes(getattr(expected, kind)), kind
    assert [type(layer) for layer in built.layers[-1:]] == [layers.Dense]


def shapes(weights: list[keras.Variable]) -> list[tuple[int, ...]]:
    return sorted(tuple(weight.shape) for weight in weights)
