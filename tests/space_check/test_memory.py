"""The estimated memory of a training."""

from __future__ import annotations

import keras
import pytest

from toonvision.space_check.memory import training_memory

BATCH = 8


def test_the_memory_is_that_of_variables_gradients_and_layer_outputs() -> None:
    inputs = keras.Input((10,))
    model = keras.Model(inputs, keras.layers.Dense(2)(keras.layers.Dense(4)(inputs)))
    model.compile(keras.optimizers.Adam(), "mse")
    parameters = (10 * 4 + 4) + (4 * 2 + 2)
    copies = 4  # the weights, their gradients, and two slots of Adam
    scalars = 4 + 8  # Adam's learning rate and iterations
    outputs = 2 * BATCH * (10 + 4 + 2)  # with their gradients; the input is a layer
    expected = 4 * (copies * parameters + outputs) + scalars
    assert training_memory(model, BATCH) * 2**20 == pytest.approx(expected, abs=8)
