"""The schema of a model, whose blocks are a graph: what each block takes, and in which order they are built."""

from __future__ import annotations

import graphlib
from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from pydantic import BaseModel, Field, model_validator
from pydantic_core import PydanticCustomError

from toonvision.config.node import NodeField, OptionalNodes
from toonvision.config.tree import branches
from toonvision.errors import Problem, did_you_mean
from toonvision.trial.bounds import EXPECTED, CountOrZero

INPUT = "input"  # in `inputs`: what the model takes, or the block that contains these; or the block of this name
OWN = ""  # what `ordered` calls it
EACH = "each"  # the only key of a mapping: its n-th value is of the n-th repetition


class Block(BaseModel, frozen=True, extra="allow", strict=True):
    """A block of a model: layers, or blocks of its own; its further keys are parameters to which they refer.

    Attributes:
        layers: by name, in the order in which they are applied.
        blocks: in place of layers: a graph, whose `input` is what this block takes.
        inputs: names of blocks, or `input` for what the model takes, `input.NAME` for one of several inputs; None for
            the block before.
        merge: the layer that joins several inputs.
        repeat: how often the block stands in a row; None for once. An argument `{each: [...]}` has a value for each.
        when: the values of hyperparameters under which the block exists. Without it, its first input takes its place,
            but is not joined.
    """

    layers: OptionalNodes | None = None
    blocks: dict[str, Block] | None = None
    inputs: Annotated[list[str], Field(min_length=1)] | None = None
    merge: NodeField | None = None
    repeat: CountOrZero | None = None
    when: dict[str, Any] | None = None

    @model_validator(mode="after")
    def _has_layers_or_blocks(self) -> Block:
        if (self.layers is None) == (self.blocks is None):
            raise PydanticCustomError(EXPECTED, "{expected}", {"expected": "a mapping with either layers or blocks"})
        return self


class ModelConfig(BaseModel, frozen=True, extra="forbid", strict=True):
    """A graph of blocks, by default a chain; or a function or a KerasTuner hypermodel that builds the model.

    Attributes:
        name: of the Keras model that is made of blocks.
        blocks: by name.
        build: in place of blocks: a function, called with `input_shape`, `output` and the hyperparameters that it takes
            by name. It returns a `keras.Model`.
        hypermodel: in place of both: a `keras_tuner.HyperModel`, or a function `build(hp)` with `_partial_: true`. It
            gets a value for each name of the search space.
        output: the last layer, whose units toonvision sets; a function gets it.
    """

    name: str
    blocks: dict[str, Block] | None = None
    build: NodeField | None = None
    hypermodel: NodeField | None = None
    output: NodeField

    @model_validator(mode="after")
    def _is_built_in_one_way(self) -> ModelConfig:
        if sum(part is not None for part in (self.blocks, self.build, self.hypermodel)) != 1:
            expected = "a mapping with one of blocks, build and hypermodel"
            raise PydanticCustomError(EXPECTED, "{expected}", {"expected": expected})
        return self


def ordered(blocks: Mapping[str, Block]) -> dict[str, tuple[str, ...]]:
    """Return the names of the blocks that each block takes; a block comes after those that it takes.

    Raises:
        graphlib.CycleError: if a block takes what it gives.
    """
    inputs = _inputs(blocks)
    order = graphlib.TopologicalSorter({name: [n for n in taken if n in blocks] for name, taken in inputs.items()})
    return {name: inputs[name] for name in order.static_order()}


def ends(blocks: Mapping[str, Block]) -> list[str]:
    """Return the blocks that no block takes; of a valid graph, the one whose output is the graph's."""
    taken = {name for names in _inputs(blocks).values() for name in names}
    return [name for name in blocks if name not in taken]


def of_repetition(value: Any, number: int) -> Any:
    """Return an argument with the n-th value of each `each`, counted from 0."""
    if isinstance(value, Mapping):
        if value.keys() == {EACH}:
            return value[EACH][number]
        return {key: of_repetition(below, number) for key, below in value.items()}
    return [of_repetition(below, number) for below in value] if isinstance(value, list) else value


def graph_problems(blocks: Mapping[str, Block], path: str) -> Iterator[Problem]:
    """Yield what is wrong with the connections of blocks: unknown names, cycles, several ends, too few values."""
    found = list(_input_problems(blocks, path, is_whole=path == "model.blocks"))
    yield from found
    if not found and blocks:
        try:
            ordered(blocks)
        except graphlib.CycleError as error:
            yield Problem(path, "blocks without a cycle", " -> ".join(error.args[1]))
        else:
            if len(last := ends(blocks)) > 1:
                expected = "one block that no other takes, whose output is the last"
                yield Problem(path, expected, ", ".join(last), "Name it in the inputs of another block, or remove it.")
    for name, block in blocks.items():
        yield from _each_problems(block, 1, f"{path}.{name}")
        yield from graph_problems(block.blocks or {}, f"{path}.{name}.blocks")


def _inputs(blocks: Mapping[str, Block]) -> dict[str, tuple[str, ...]]:
    """Return what each block takes, in the order of the configuration."""
    own = {name: OWN for name in (INPUT,) if name not in blocks}
    found: dict[str, tuple[str, ...]] = {}
    previous = OWN
    for name, block in blocks.items():
        named = [OWN if taken == name == INPUT else own.get(taken, taken) for taken in block.inputs or ()]
        found[name] = tuple(named) or (previous,)
        previous = name
    return found


def _input_problems(blocks: Mapping[str, Block], path: str, *, is_whole: bool) -> Iterator[Problem]:
    """Yield unknown inputs, and merges without several; only the blocks of a whole model take the dataset's inputs."""
    for name, block in blocks.items():
        for index, taken in enumerate(block.inputs or ()):
            if taken not in (INPUT, *blocks) and not (is_whole and taken.startswith(f"{INPUT}.")):
                known = [INPUT, *(other for other in blocks if other not in (INPUT, name))]
                place = f"{path}.{name}.inputs[{index}]"
                yield Problem(place, f"one of {', '.join(known)}", repr(taken), did_you_mean(taken, known))
        if len(block.inputs or ()) > 1 and block.merge is None:
            expected = "a layer that joins several inputs, such as {_target_: keras.layers.Add}"
            yield Problem(f"{path}.{name}.merge", expected, "nothing")
        if block.merge is not None and len(block.inputs or ()) < 2:
            yield Problem(f"{path}.{name}.inputs", "at least two, for merge to join", repr(block.inputs))


def _each_problems(block: Block, repetitions: int, path: str) -> Iterator[Problem]:
    """Yield every `each` of a block with fewer values than the block has repetitions."""
    repetitions = repetitions if block.repeat is None else block.repeat
    nodes = {"merge": block.merge, **{f"layers.{name}": node for name, node in (block.layers or {}).items()}}
    for name, node in nodes.items():
        for place, value in branches(node.arguments if node else {}, f"{path}.{name}"):
            if isinstance(value, Mapping) and value.keys() == {EACH}:
                values = value[EACH]
                if not isinstance(values, list) or len(values) < repetitions:
                    expected = f"a list of at least {repetitions} values, one for each repetition of the block"
                    yield Problem(f"{place}.{EACH}", expected, repr(values))
    for name, inner in (block.blocks or {}).items():
        yield from _each_problems(inner, repetitions, f"{path}.blocks.{name}")
