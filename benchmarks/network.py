"""The article's network as the opponents of the benchmarks build it, with one pooling a block: each can be built."""

from __future__ import annotations

from typing import Any

import keras

from benchmarks.sides import Task, Values

BLOCKS = ((1, 16, 1), (2, 20, 3))  # number, most filters, and number of the pooling


def network(task: Task, data: Any, values: Values) -> keras.Model:
    """Return the compiled model.

    Args:
        task: says whether pictures are flipped.
        data: the dataset.
        values: by the names of toonvision's search space.
    """
    layers = [keras.layers.Input(data.train.x.shape[1:]), keras.layers.Rescaling(1 / 255)]
    if task.flips:
        layers.append(keras.layers.RandomFlip("horizontal"))
    for block, _, pool in BLOCKS:
        layers += [
            keras.layers.Conv2D(
                values[f"conv_{block}_filters"],
                values[f"conv_{block}_kernel_size"],
                activation="relu",
                padding="same",
            ),
            keras.layers.MaxPooling2D(values[f"pool_{pool}_size"]),
            keras.layers.Dropout(values[f"dropout_{block}_rate"]),
        ]
    layers += [keras.layers.Flatten(), keras.layers.Dense(len(data.class_names), activation="softmax")]
    model = keras.Sequential(layers)
    optimizer = keras.optimizers.Adam(values["learning_rate"])
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model
