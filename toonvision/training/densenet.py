"""A densely connected network (Huang et al. 2016, arXiv:1608.06993), as a function for `model=function`.

Each layer takes what all layers before it give, so their number, a hyperparameter, changes the connections.
"""

from __future__ import annotations

import keras


def build(
    input_shape: tuple[int, ...],
    output: keras.Layer,
    *,
    depth: int,
    growth: int,
    dropout_rate: float = 0.0,
) -> keras.Model:
    """Return the model, not compiled.

    Args:
        input_shape: height, width and channels of an image.
        output: the last layer.
        depth: number of densely connected convolutions.
        growth: filters of each.
        dropout_rate: after each.
    """
    inputs = keras.Input(input_shape)
    x = keras.layers.Conv2D(2 * growth, 3, padding="same")(keras.layers.Rescaling(1 / 255)(inputs))
    for _ in range(depth):
        y = keras.layers.ReLU()(keras.layers.BatchNormalization(momentum=0.9)(x))
        y = keras.layers.Dropout(dropout_rate)(keras.layers.Conv2D(growth, 3, padding="same")(y))
        x = keras.layers.Concatenate()([x, y])
    x = keras.layers.ReLU()(keras.layers.BatchNormalization(momentum=0.9)(x))
    return keras.Model(inputs, output(keras.layers.GlobalAveragePooling2D()(x)), name="densenet")
