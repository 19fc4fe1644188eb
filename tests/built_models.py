"""Functions that build models, as a user writes them, for tests of `model=function`."""

from __future__ import annotations

from typing import Any

import keras


def compiled(input_shape: tuple[int, ...], output: keras.Layer, units: int, learning_rate: float = 1.0) -> keras.Model:
    inputs = keras.Input(input_shape)
    x = keras.layers.Dense(units, activation="relu")(keras.layers.Flatten()(inputs))
    model = keras.Model(inputs, output(x))
    model.compile(
        keras.optimizers.SGD(learning_rate),
        "sparse_categorical_crossentropy",
        [keras.metrics.CategoricalHinge("hinge")],
    )
    return model


def given_all(input_shape: tuple[int, ...], output: keras.Layer, **hyperparameters: Any) -> keras.Model:
    model = keras.Sequential([keras.Input(input_shape), keras.layers.Flatten(), output])
    model.given = hyperparameters
    return model


def nothing(input_shape: tuple[int, ...], output: keras.Layer) -> None:
    return None


def with_backbone(input_shape: tuple[int, ...], output: keras.Layer, **_: Any) -> keras.Model:
    """Return a model whose backbone stands still: a convolution, a batch normalization and another convolution."""
    layers = [
        keras.layers.Conv2D(2, 3, name="first"),
        keras.layers.BatchNormalization(name="normalization"),
        keras.layers.Conv2D(3, 3, activation="relu", name="second"),
        keras.layers.GlobalAveragePooling2D(name="pooling"),
    ]
    backbone = keras.Sequential([keras.Input(input_shape), *layers], name="backbone")
    backbone.trainable = False
    inputs = keras.Input(input_shape)
    return keras.Model(inputs, output(keras.layers.Dropout(0.2)(backbone(inputs))))
