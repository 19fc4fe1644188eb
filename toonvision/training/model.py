"""From a resolved configuration to a Keras model: walk the graph of blocks, walk their layers, instantiate."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import keras
from keras import Model

from toonvision.config.graph import INPUT, OWN, Block, ends, of_repetition, ordered
from toonvision.config.node import Node, instantiate
from toonvision.config.schema import Constraints, TrialConfig
from toonvision.config.training_schema import Training
from toonvision.dataset import Dataset
from toonvision.dataset.dataset import Shape
from toonvision.errors import ConfigError, Problem, did_you_mean
from toonvision.search_space.space import Values, is_active
from toonvision.task import Output, load_task, output_of
from toonvision.training.adopted import adopted_model


class InfeasibleError(Exception):
    """A model that cannot be built from a trial's values, or may not be trained.

    Attributes:
        path: of the layer or the constraint in the configuration.
        reason: why.
    """

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path, self.reason = path, reason


@dataclass(frozen=True, slots=True)
class Interface:
    """What a model takes and gives.

    Attributes:
        input_shape: shape of one example, without the batch; of each input by its name if there are several.
        output: what the task asks of the output layer.
        id_inputs: those of `Dataset`, which a model takes as int32; others are floats.
    """

    input_shape: Shape | Mapping[str, Shape]
    output: Output
    id_inputs: tuple[str, ...] = ()


def interface(config: TrialConfig, dataset: Dataset) -> Interface:
    """Return what a model of a dataset takes and gives."""
    return Interface(dataset.input_shape, output_of(load_task(config.task), dataset), dataset.id_inputs)


def build_model(config: TrialConfig, interface: Interface) -> Model:
    """Build and compile the model of one trial.

    Args:
        config: of the trial; the model never sees a `HyperParameters`.
        interface: of the dataset and the task.

    Raises:
        InfeasibleError: if these values cannot be built, say because pooling leaves less than one pixel.
        ConfigError: if a function returns no model, or `training.optimizer` does not say whether it compiles it.
    """
    if config.model.hypermodel is not None:
        with _infeasible("model.hypermodel"):
            model = adopted_model(config.model.hypermodel, config.values)
        _check_output(model, interface.output.units)
    elif config.model.build is not None:
        model = _built(config.model.build, interface.input_shape, _output(config, interface.output))
    else:
        shape, dtypes = interface.input_shape, dict.fromkeys(interface.id_inputs, "int32")
        inputs: Any
        if isinstance(shape, Mapping):
            inputs = {name: keras.Input(one, dtype=dtypes.get(name), name=name) for name, one in shape.items()}
            given = {f"{INPUT}.{name}": one for name, one in inputs.items()}
        else:
            inputs = keras.Input(shape, dtype=dtypes.get(OWN))
            given = {OWN: inputs}
        _check_inputs(config.model.blocks or {}, list(given))
        x = _connected(config.model.blocks or {}, given, config.values, "model.blocks", 0)
        output = _output(
            config, interface.output
        )  # after the blocks: a layer draws the seed of its weights when it is made
        with _infeasible("model.output"):
            model = Model(inputs, output(x), name=config.model.name)
    if model.compiled != (config.training.optimizer is None):
        expected = "null, because the model is compiled by its function" if model.compiled else "an optimizer"
        raise ConfigError(Problem("training.optimizer", expected, repr(config.training.optimizer)))
    if config.training.loss is not None:
        with _infeasible("training"):
            compile_model(model, config.training, config.training.optimizer, "training.optimizer")
    return model


def _check_output(model: Model, units: int) -> None:
    """Raise ConfigError if the output of a hypermodel, which knows nothing of the dataset, has other units."""
    shape = getattr(model, "output_shape", None)  # a subclass of Model may not know it
    if isinstance(shape, tuple) and shape[-1] != units:
        expected = f"an output of {units} units, for the dataset and the task"
        raise ConfigError(Problem("model.hypermodel", expected, f"the shape {shape}"))


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


def _output(config: TrialConfig, wanted: Output) -> keras.Layer:
    """Return the output layer; where the task scales its output, followed by that."""
    with _infeasible("model.output"):
        layer: keras.Layer = instantiate(config.model.output, "model.output", units=wanted.units)
    if wanted.scale is None:
        return layer
    return keras.Sequential([layer, keras.layers.Rescaling(list(wanted.scale), list(wanted.offset or ()))])


def _built(build: Node, input_shape: Shape | Mapping[str, Shape], output: keras.Layer) -> Model:
    with _infeasible("model.build"):
        model = instantiate(build, "model.build", input_shape=input_shape, output=output)
    if not isinstance(model, Model):
        raise ConfigError(Problem("model.build", "a function that returns a keras.Model", repr(model)))
    return model


def _check_inputs(blocks: Mapping[str, Block], given: Sequence[str]) -> None:
    """Raise ConfigError if a block takes an input that the dataset does not have."""
    for name, taken in ordered(blocks).items():
        for one in taken:
            if one not in (*blocks, *given):
                known = [INPUT if one == OWN else one for one in given]
                received = INPUT if one == OWN else one
                expected = f"one of {', '.join(known)}, the inputs of the dataset"
                place = f"model.blocks.{name}.inputs"
                raise ConfigError(Problem(place, expected, repr(received), did_you_mean(received, known)))


def _connected(blocks: Mapping[str, Block], inputs: Mapping[str, Any], values: Values, path: str, number: int) -> Any:
    """Return what the last block of a graph gives.

    Args:
        blocks: of a valid graph.
        inputs: what the graph takes, by name.
        values: of the trial, which switch blocks on.
        path: of the blocks in the configuration.
        number: of the repetition of the block that contains them, from 0.
    """
    given, absent = dict(inputs), set[str]()
    for name, names in ordered(blocks).items():
        block = blocks[name]
        taken = [given[n] for n in names if n not in absent] or [given[names[0]]]
        if is_active(block.when, values) and block.repeat != 0:
            given[name] = _applied(block, taken, values, f"{path}.{name}", number)
        else:
            absent.add(name)
            given[name] = taken[0]
    return given[ends(blocks)[0]] if blocks else given[OWN]


def _applied(block: Block, taken: list[Any], values: Values, path: str, number: int) -> Any:
    x = taken[0]
    if len(taken) > 1 and block.merge is not None:
        x = _called(block.merge, taken, f"{path}.merge", number)
    for repetition in (number,) if block.repeat is None else range(block.repeat):
        for name, layer in (block.layers or {}).items():
            if layer is not None:  # `layers.dropout=null` leaves a layer out
                x = _called(layer, x, f"{path}.layers.{name}", repetition)
        x = _connected(block.blocks or {}, {OWN: x}, values, f"{path}.blocks", repetition)
    return x


def _called(layer: Node, x: Any, path: str, number: int) -> Any:
    try:
        with _infeasible(path):
            return instantiate(Node(layer.target, of_repetition(layer.arguments, number)), path)(x)
    except OSError as error:  # of weights, which no other values would bring
        raise ConfigError(Problem(path, "weights that can be read", str(error))) from error


@contextlib.contextmanager
def _infeasible(where: str) -> Iterator[None]:
    try:
        yield
    except ValueError as error:
        raise InfeasibleError(where, reason_of(error)) from error


def reason_of(error: ValueError) -> str:
    """Return in one line why Keras cannot build a model."""
    lines = [re.sub(r"\x1b\[\d*m", "", line).strip() for line in str(error).splitlines()]
    # Keras's first line says only in which layer's call; the reason stands in the next, in bold.
    reasons = [line for line in lines if line and not line.startswith("Exception encountered")]
    return (reasons or lines)[0]


def compile_model(model: Model, training: Training, optimizer: Node | None, path: str) -> None:
    """Compile a model with the loss and the metrics of a training.

    Args:
        model: built.
        training: with a loss.
        optimizer: None for the model's own.
        path: of the optimizer in the configuration.
    """
    assert training.loss is not None
    model.compile(
        optimizer=instantiate(optimizer, path) if optimizer else model.optimizer,
        loss=instantiate(training.loss, "training.loss"),
        metrics=[
            instantiate(metric, f"training.metrics.{name}", name=name) for name, metric in training.metrics.items()
        ],
    )
