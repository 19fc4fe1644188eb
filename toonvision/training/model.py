"""From a resolved configuration to a Keras model: walk the blocks, walk their layers, instantiate."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator

import keras
from keras import Model

from toonvision.config.node import Node, instantiate
from toonvision.config.schema import Constraints, Training, TrialConfig
from toonvision.search_space.space import is_active


class InfeasibleError(Exception):
    """A model that cannot be built from a trial's values, or may not be trained.

    Attributes:
        path: of the layer or the constraint in the configuration.
        reason: why.
    """

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path, self.reason = path, reason


def build_model(config: TrialConfig, *, input_shape: tuple[int, ...], n_classes: int) -> Model:
    """Build and compile the model of one trial.

    Args:
        config: of the trial; the model never sees a `HyperParameters`.
        input_shape: shape of one example, without the batch.
        n_classes: units of the output layer.

    Raises:
        InfeasibleError: if these values cannot be built, say because pooling leaves less than one pixel.
    """
    inputs = keras.Input(shape=input_shape)
    x = inputs
    for where, layer in layers(config):
        with _infeasible(where):
            x = instantiate(layer, where)(x)
    with _infeasible("model.output"):
        outputs = instantiate(config.model.output, "model.output", units=n_classes)(x)
    model = Model(inputs, outputs, name=config.model.name)
    with _infeasible("training"):
        _compile(model, config.training)
    return model


def check_constraints(model: Model, constraints: Constraints) -> None:
    """Refuse a model that a search is not to train.

    Args:
        model: built.
        constraints: of the search.

    Raises:
        InfeasibleError: if the model has more parameters than `max_parameters`.
    """
    most, parameters = constraints.max_parameters, model.count_params()
    if most is not None and parameters > most:
        raise InfeasibleError("constraints.max_parameters", f"expected at most {most:,}. Received: {parameters:,}.")


def layers(config: TrialConfig) -> Iterator[tuple[str, Node]]:
    """Yield the layers of every block that the trial's values switch on, each with its path in the configuration."""
    for name, block in config.model.blocks.items():
        if is_active(block.when, config.values):
            for layer, node in block.layers.items():
                if node is not None:  # `layers.dropout=null` leaves a layer out
                    yield f"model.blocks.{name}.layers.{layer}", node


@contextlib.contextmanager
def _infeasible(where: str) -> Iterator[None]:
    try:
        yield
    except ValueError as error:
        lines = [re.sub(r"\x1b\[\d*m", "", line).strip() for line in str(error).splitlines()]
        # Keras's first line says only in which layer's call; the reason stands in the next, in bold.
        reasons = [line for line in lines if line and not line.startswith("Exception encountered")]
        raise InfeasibleError(where, (reasons or lines)[0]) from error


def _compile(model: Model, training: Training) -> None:
    model.compile(
        optimizer=instantiate(training.optimizer, "training.optimizer"),
        loss=instantiate(training.loss, "training.loss"),
        metrics=[
            instantiate(metric, f"training.metrics.{name}", name=name) for name, metric in training.metrics.items()
        ],
    )
