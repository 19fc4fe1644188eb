"""Functions and classes as KerasTuner's guides have them, for classes of a table of 30 columns."""

from __future__ import annotations

from typing import Any

import keras
import keras_tuner
from keras import layers

INPUTS, CLASSES = 30, 2


def build_model(hp: keras_tuner.HyperParameters) -> keras.Model:
    """The first model of the guide, with the number of layers as a hyperparameter, and compiled."""
    model = keras.Sequential([keras.Input((INPUTS,))])
    for i in range(hp.Int("num_layers", 1, 3)):
        model.add(
            layers.Dense(
                units=hp.Int(f"units_{i}", min_value=32, max_value=512, step=32),
                activation=hp.Choice("activation", ["relu", "tanh"]),
            )
        )
    if hp.Boolean("dropout"):
        model.add(layers.Dropout(rate=0.25))
    model.add(layers.Dense(CLASSES, activation="softmax"))
    learning_rate = hp.Float("lr", min_value=1e-4, max_value=1e-2, sampling="log")
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate=learning_rate),
        loss="categorical_crossentropy",
        metrics=["accuracy"],
    )
    return model


def scoped(hp: keras_tuner.HyperParameters) -> keras.Model:
    """A model with a conditional scope and a name scope, and not compiled."""
    inputs = keras.Input((INPUTS,))
    kind = hp.Choice("model_type", ["mlp", "linear"])
    x = inputs
    with hp.conditional_scope("model_type", ["mlp"]):
        units = hp.Int("mlp_units", 8, 32, step=8)
        if kind == "mlp":
            x = layers.Dense(units, activation="relu")(x)
    with hp.name_scope("head"):
        rate = hp.Float("rate", 0.0, 0.5, step=0.25)
    x = layers.Dropout(rate)(x)
    return keras.Model(inputs, layers.Dense(CLASSES, activation="softmax")(x))


class MyHyperModel(keras_tuner.HyperModel):
    """A hypermodel whose `fit` has hyperparameters, as in the guide."""

    def __init__(self, units: int = 16) -> None:
        super().__init__()
        self.units = units

    def build(self, hp: keras_tuner.HyperParameters) -> keras.Model:
        model = keras.Sequential([keras.Input((INPUTS,)), layers.Dense(self.units, activation="relu")])
        model.add(layers.Dense(CLASSES, activation="softmax"))
        model.compile(optimizer=hp.Choice("optimizer", ["sgd", "adam"]), loss="sparse_categorical_crossentropy")
        return model

    def fit(self, hp: keras_tuner.HyperParameters, model: keras.Model, *args: Any, **kwargs: Any) -> Any:
        return model.fit(*args, batch_size=hp.Choice("batch_size", [16, 32]), shuffle=hp.Boolean("shuffle"), **kwargs)


class OwnLoop(keras_tuner.HyperModel):
    """A hypermodel whose `fit` needs the model, and not only to fit it."""

    def build(self, hp: keras_tuner.HyperParameters) -> keras.Model:
        model = keras.Sequential([keras.Input((INPUTS,)), layers.Dense(CLASSES, activation="softmax")])
        model.compile("sgd", "sparse_categorical_crossentropy")
        return model

    def fit(self, hp: keras_tuner.HyperParameters, model: keras.Model, *args: Any, **kwargs: Any) -> Any:
        model.optimizer.learning_rate = 0.25
        return model.fit(*args, **kwargs)


class OwnStep(keras.Model):
    """A model with a training step of its own, as far as the backend has one."""

    def __init__(self, units: int) -> None:
        super().__init__()
        self.units = units
        self.hidden, self.out = layers.Dense(units, activation="relu"), layers.Dense(CLASSES, activation="softmax")
        self.steps = 0

    def build(self, input_shape: Any) -> None:
        self.hidden.build(input_shape)
        self.out.build((*input_shape[:-1], self.hidden.units))
        self.built = True

    def get_config(self) -> dict[str, Any]:
        return {"units": self.units}

    def call(self, inputs: Any) -> Any:
        return self.out(self.hidden(inputs))

    def compute_loss(self, *args: Any, **kwargs: Any) -> Any:
        self.steps += 1
        return super().compute_loss(*args, **kwargs)


def own_step(hp: keras_tuner.HyperParameters) -> keras.Model:
    """A subclassed model, built and compiled with a loss of its own."""
    model = OwnStep(hp.Int("units", 8, 16, step=8))
    model.build((None, INPUTS))
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def nested(hp: keras_tuner.HyperParameters) -> keras.Model:
    """Layers in blocks: the number of layers of a block exists only with the block."""
    x = inputs = keras.Input((INPUTS,))
    for block in range(hp.Int("blocks", 1, 2)):
        for layer in range(hp.Int(f"layers_{block}", 1, 2)):
            x = layers.Dense(hp.Choice(f"units_{block}_{layer}", [4, 8]))(x)
    return keras.Model(inputs, layers.Dense(CLASSES, activation="softmax")(x))


def nothing(hp: keras_tuner.HyperParameters) -> None:
    """No model."""


def pretrained(hp: keras_tuner.HyperParameters) -> keras.Model:
    """A model whose weights are to be downloaded, without a network."""
    message = f"URL fetch failure on https://example.org/{hp.Choice('version', ['v1', 'v2'])}: None -- no network"
    raise Exception(message)


def too_narrow(hp: keras_tuner.HyperParameters) -> keras.Model:
    """A model that some values make impossible, and the defaults do not."""
    inputs = keras.Input((8, 8, 1))
    x = layers.MaxPooling2D(hp.Choice("pool", [2, 4, 16]))(inputs)
    return keras.Model(inputs, layers.Dense(CLASSES, activation="softmax")(layers.Flatten()(x)))
