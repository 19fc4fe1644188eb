"""Which names of the search space a configuration uses."""

from __future__ import annotations

from typing import Any

import pytest

from toonvision.validation.references import names_used, references


def config(**groups: Any) -> dict[str, Any]:
    return {"search_space": {}, "baseline": {}, "model": {"blocks": {}}, **groups}


@pytest.mark.parametrize(
    "text", ["${search_space.rate}", "${ search_space.rate }", "${search_space[rate]}", "a${search_space.rate}b"]
)
def test_an_interpolation_in_any_spelling_is_a_use(text: str) -> None:
    assert names_used(config(training={"optimizer": {"learning_rate": text}})) == {
        "rate": "training.optimizer.learning_rate"
    }


def test_an_interpolation_in_a_list_is_a_use() -> None:
    assert names_used(config(dataset={"size": [1, {"x": "${search_space.rate}"}]})) == {"rate": "dataset.size[1].x"}


def test_a_relative_interpolation_is_made_absolute() -> None:
    node = {"units": 3, "layers": {"dense": {"units": "${...units}", "twice": ["${..units}"]}}}
    assert list(references(node, "model.blocks.a")) == [
        ("model.blocks.a.layers.dense.units", "model.blocks.a.units"),
        ("model.blocks.a.layers.dense.twice[0]", "model.blocks.a.layers.dense.units"),
    ]


def test_a_condition_of_a_block_and_of_an_entry_is_a_use() -> None:
    used = names_used(
        {
            "search_space": {"b": {"hp": "Boolean", "when": {"a": [True]}}},
            "baseline": {},
            "model": {"blocks": {"x": {"when": {"n": [1]}}}},
        }
    )
    assert used == {"a": "search_space.b.when", "n": "model.blocks.x.when"}


def test_the_spaces_use_nothing_by_interpolation() -> None:
    assert (
        names_used({**config(), "search_space": {"a": "${search_space.b}"}, "baseline": {"a": "${baseline.c}"}}) == {}
    )
