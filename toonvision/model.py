"""From a resolved configuration to a Keras model: walk the blocks, walk their layers, instantiate."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import keras
from keras import Model

from toonvision.config import Config, instantiate
from toonvision.search_space import is_active


def build_model(resolved: Config, *, input_shape: tuple[int, ...], n_classes: int) -> Model:
    """Build and compile the model of one trial.

    Args:
        resolved: a configuration as `toonvision.config.resolve` returns it; never a `HyperParameters`.
        input_shape: shape of one example, without the batch.
        n_classes: units of the output layer.

    Raises:
        ValueError: by Keras, if these values cannot be built, say because pooling leaves less than one pixel.
    """
    inputs = keras.Input(shape=input_shape)
    x = inputs
    for where, layer in layers(resolved):
        x = instantiate(layer, where)(x)
    outputs = instantiate(resolved["model"]["output"], "model.output", units=n_classes)(x)
    model = Model(inputs, outputs, name=resolved["model"]["name"])
    _compile(model, resolved["training"])
    return model


def layers(resolved: Config) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the layers of every block that the trial's values switch on, each with its path in the configuration."""
    for name, block in resolved["model"]["blocks"].items():
        if is_active(block.get("when"), resolved["search_space"]):
            for layer, node in block["layers"].items():
                if node is not None:  # `layers.dropout=null` leaves a layer out
                    yield f"model.blocks.{name}.layers.{layer}", node


def _compile(model: Model, training: Mapping[str, Any]) -> None:
    model.compile(
        optimizer=instantiate(training["optimizer"], "training.optimizer"),
        loss=instantiate(training["loss"], "training.loss"),
        metrics=[
            instantiate(metric, f"training.metrics.{name}", name=name) for name, metric in training["metrics"].items()
        ],
    )
