"""The graph of a model's blocks: what each takes, in which order, and what is wrong with it."""

from __future__ import annotations

import graphlib
from typing import Any

import pytest

from toonvision.config.graph import OWN, Block, ends, graph_problems, of_repetition, ordered

ADD = {"_target_": "keras.layers.Add"}


def block(**keys: Any) -> Block:
    return Block.model_validate(keys if "blocks" in keys else {"layers": {}, **keys})


def graph(**inputs: list[str] | None) -> dict[str, Block]:
    return {
        name: block(inputs=names, merge=ADD if names and len(names) > 1 else None) for name, names in inputs.items()
    }


def problems(blocks: dict[str, Block]) -> list[str]:
    return [str(problem) for problem in graph_problems(blocks, "blocks")]


def test_a_block_takes_the_block_before_it_and_the_first_what_the_model_takes() -> None:
    assert ordered(graph(a=None, b=None, c=None)) == {"a": (OWN,), "b": ("a",), "c": ("b",)}
    assert ends(graph(a=None, b=None, c=None)) == ["c"]


def test_a_block_may_take_a_later_one() -> None:
    blocks = graph(stem=None, sum=["stem", "branch"], branch=["stem"])
    assert list(ordered(blocks)) == ["stem", "branch", "sum"]
    assert ends(blocks) == ["sum"]
    assert problems(blocks) == []


def test_input_is_what_the_model_takes_unless_a_block_has_this_name() -> None:
    assert ordered(graph(a=None, b=["input", "a"]))["b"] == (OWN, "a")
    named = ordered(graph(input=None, a=None, b=["input", "a"]))
    assert (named["input"], named["b"]) == ((OWN,), ("input", "a"))
    assert ordered(graph(a=None, input=["input"], b=["a", "input"]))["input"] == (OWN,)


def test_a_cycle_has_no_order() -> None:
    with pytest.raises(graphlib.CycleError):
        ordered(graph(a=["b"], b=["a"]))


@pytest.mark.parametrize(
    ("blocks", "message"),
    [
        (graph(a=["b"], b=["a"]), "blocks: expected blocks without a cycle. Received: a -> b -> a."),
        (graph(a=["a"]), "blocks: expected blocks without a cycle. Received: a -> a."),
        (
            graph(stem=None, b=["stm"]),
            "blocks.b.inputs[0]: expected one of input, stem. Received: 'stm'. Did you mean 'stem'?",
        ),
        (
            graph(a=None, b=["input"]),
            "blocks: expected one block that no other takes, whose output is the last. Received: a, b. Name it in the "
            "inputs of another block, or remove it.",
        ),
        (
            {"a": block(inputs=["input", "input"])},
            "blocks.a.merge: expected a layer that joins several inputs, such as {_target_: keras.layers.Add}. "
            "Received: nothing.",
        ),
        (
            {"a": block(merge=ADD)},
            "blocks.a.inputs: expected at least two, for merge to join. Received: None.",
        ),
        (
            {"a": block(blocks=graph(b=["b"]))},
            "blocks.a.blocks: expected blocks without a cycle. Received: b -> b.",
        ),
        (
            {"a": block(repeat=3, layers={"x": {"_target_": "keras.layers.Dense", "units": {"each": [1, 2]}}})},
            "blocks.a.layers.x.units.each: expected a list of at least 3 values, one for each repetition of the block. "
            "Received: [1, 2].",
        ),
        (
            {
                "a": block(
                    repeat=2,
                    blocks={
                        "b": block(layers={"x": {"_target_": "keras.layers.Dense", "units": {"each": [1]}}}),
                        "c": block(repeat=1, layers={"x": {"_target_": "keras.layers.Dense", "units": {"each": [1]}}}),
                    },
                )
            },
            "blocks.a.blocks.b.layers.x.units.each: expected a list of at least 2 values, one for each repetition of "
            "the block. Received: [1].",
        ),
    ],
)
def test_a_wrong_graph_has_one_problem(blocks: dict[str, Block], message: str) -> None:
    assert problems(blocks) == [message]


def test_each_gives_a_repetition_its_value() -> None:
    argument = {"a": {"each": [4, 8]}, "b": [{"each": ["x", "y"]}], "c": 1}
    assert of_repetition(argument, 1) == {"a": 8, "b": ["y"], "c": 1}
