"""The model of KerasTuner's guide "Getting started", as an example of a hypermodel that `toonvision adopt` takes.

Nothing in it is toonvision's: it declares its hyperparameters itself, and compiles its model.
"""

from __future__ import annotations

import keras
import keras_tuner


def build(hp: keras_tuner.HyperParameters) -> keras.Model:
    """Return a multilayer perceptron for pictures of 8x8 pixels in ten classes."""
    model = keras.Sequential([keras.Input((8, 8, 1)), keras.layers.Rescaling(1 / 255), keras.layers.Flatten()])
    for layer in range(hp.Int("num_layers", 1, 3)):
        units = hp.Int(f"units_{layer}", min_value=32, max_value=512, step=32)
        model.add(keras.layers.Dense(units, activation=hp.Choice("activation", ["relu", "tanh"])))
    if hp.Boolean("dropout"):
        model.add(keras.layers.Dropout(rate=0.25))
    model.add(keras.layers.Dense(10, activation="softmax"))
    learning_rate = hp.Float("lr", min_value=1e-4, max_value=1e-2, sampling="log")
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate),
        loss="categorical_crossentropy",
        metrics=["accuracy"],
    )
    return model
