"""Cutting values off an entry: what is left is what KerasTuner then draws."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from toonvision.narrowing.entry import cut_off, described, is_ordered, restricted, share
from toonvision.search_space.space import possible_values
from toonvision.validation.space import space_problems

INT = {"hp": "Int", "min_value": 4, "max_value": 20, "step": 4}
RATE = {"hp": "Float", "min_value": 0.0, "max_value": 0.9, "step": 0.1}
LOG = {"hp": "Float", "min_value": 1e-4, "max_value": 1e-1, "sampling": "log"}


@pytest.mark.parametrize(
    ("entry", "kept", "removed", "left"),
    [
        (INT, 8, 4, {**INT, "min_value": 8}),
        (INT, 12, 20, {**INT, "max_value": 16}),  # 16 was not tried
        (RATE, 0.4, 0.5, {**RATE, "max_value": 0.4}),
        (RATE, 0.30000000000000004, 0.4, {**RATE, "max_value": 0.35}),  # 0 to 0.3 by 0.1 would end at 0.2
        (RATE, 0.30000000000000004, 0.2, {**RATE, "min_value": 0.3, "max_value": 0.85}),  # and 0.3 to 0.9 at 0.9
        (LOG, 1e-3, 1e-2, {**LOG, "max_value": 0.003}),
        (LOG, 1e-2, 1e-3, {**LOG, "min_value": 0.003}),
        ({**RATE, "step": None}, 0.412, 0.433, {**RATE, "step": None, "max_value": 0.42}),
        (
            {"hp": "Int", "min_value": 8, "max_value": 128, "step": 2, "sampling": "log"},
            32,
            64,
            {"hp": "Int", "min_value": 8, "max_value": 32, "step": 2, "sampling": "log"},
        ),
        (
            {"hp": "Int", "min_value": 8, "max_value": 128, "step": 2, "sampling": "reverse_log"},  # 8, 72 ... 128
            72,
            8,
            {"hp": "Choice", "values": [72, 104, 120, 128]},
        ),
        (
            {"hp": "Choice", "values": [0.01, 0.001, 0.0001]},
            0.001,
            0.01,
            {"hp": "Choice", "values": [0.001, 0.0001]},
        ),
        ({**INT, "default": 4}, 8, 4, {**INT, "min_value": 8}),
        ({**INT, "default": 8}, 8, 4, {**INT, "min_value": 8, "default": 8}),
    ],
)
def test_an_end_is_cut_off(entry: dict[str, Any], kept: float, removed: float, left: dict[str, Any]) -> None:
    assert cut_off(entry, kept=kept, removed=removed) == left
    assert not list(space_problems({"x": left}))


def test_every_cut_of_a_stepped_range_leaves_the_other_values() -> None:
    values = list(possible_values(RATE) or ())
    for kept, removed in itertools.pairwise(values):
        for entry, expected in (
            (cut_off(RATE, kept=kept, removed=removed), [v for v in values if v <= kept]),
            (cut_off(RATE, kept=removed, removed=kept), [v for v in values if v > kept]),
        ):
            assert list(possible_values(entry) or ()) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("entry", "values", "left"),
    [
        ({"hp": "Choice", "values": ["a", "b", "c"]}, ["a", "c"], {"hp": "Choice", "values": ["a", "c"]}),
        (
            {"hp": "Choice", "values": ["a", "b"], "default": "b", "when": {"n": [1]}},
            ["a"],
            {"hp": "Choice", "values": ["a"], "when": {"n": [1]}},
        ),
        ({"hp": "Boolean", "when": {"n": [1]}}, [True], {"hp": "Fixed", "value": True, "when": {"n": [1]}}),
    ],
)
def test_single_values_are_removed(entry: dict[str, Any], values: list[Any], left: dict[str, Any]) -> None:
    assert restricted(entry, values) == left


@pytest.mark.parametrize(
    ("entry", "ordered"),
    [
        (INT, True),
        (LOG, True),
        ({"hp": "Choice", "values": [3, 5]}, True),
        ({"hp": "Choice", "values": [3, 5], "ordered": False}, False),
        ({"hp": "Choice", "values": ["a", "b"]}, False),
        ({"hp": "Boolean"}, False),
    ],
)
def test_numbers_have_an_order(entry: dict[str, Any], ordered: bool) -> None:
    assert is_ordered(entry) is ordered


@pytest.mark.parametrize(
    ("entry", "of", "expected"),
    [
        ({**INT, "min_value": 8}, INT, 0.8),
        ({**LOG, "max_value": 1e-2}, LOG, 2 / 3),
        ({**RATE, "max_value": 0.35}, RATE, 4 / 9),
        ({"hp": "Float", "min_value": 1, "max_value": 2}, {"hp": "Float", "min_value": 0, "max_value": 4}, 0.25),
        ({"hp": "Fixed", "value": True}, {"hp": "Boolean"}, 0.5),
        (None, INT, 1.0),
        (
            {"hp": "Int", "min_value": 1, "max_value": 7, "sampling": "log"},
            {"hp": "Int", "min_value": 1, "max_value": 63, "sampling": "log"},
            0.5,
        ),
    ],
)
def test_the_share_is_the_probability_that_kerastuner_draws_a_remaining_value(
    entry: Any, of: dict[str, Any], expected: float
) -> None:
    assert share(entry, of) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("entry", "text"),
    [
        (INT, "4 to 20"),
        (RATE, "0 to 0.8"),
        (LOG, "0.0001 to 0.1"),
        ({**INT, "max_value": 4}, "4"),
        ({"hp": "Choice", "values": ["a", "b"]}, "a, b"),
        ({"hp": "Boolean"}, "false, true"),
        (None, "never exists"),
    ],
)
def test_an_entry_is_described_in_words(entry: Any, text: str) -> None:
    assert described(entry) == text
