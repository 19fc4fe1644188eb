"""What is wrong with a search space, entry by entry."""

from __future__ import annotations

import time
from typing import Any

import pytest

from tests.conditional_space import CONDITIONAL, DEPTH, FLAG, RATE
from toonvision.search_space.space import Space, complete, hyperparameters
from toonvision.validation.space import condition_problems, fixed_problems, space_problems


def problems(space: Space, path: str = "search_space") -> list[str]:
    """Return what is wrong with a space, a message each."""
    return [str(problem) for problem in space_problems(space, path)]


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        (
            {"hp": "Itn", "min_value": 1, "max_value": 2},
            "search_space.x: expected hp to be one of Int, Float, Choice, Boolean, Fixed. Received: 'Itn'. "
            "Did you mean 'Int'?",
        ),
        (
            {"min_value": 1},
            "search_space.x: expected hp to be one of Int, Float, Choice, Boolean, Fixed. Received: None.",
        ),
        (
            {"hp": ["Int"]},
            "search_space.x: expected hp to be one of Int, Float, Choice, Boolean, Fixed. Received: ['Int']. "
            "Did you mean 'Int'?",
        ),
        (
            {"hp": "Int", "min_value": 1},
            "search_space.x: expected the keyword max_value, which hp.Int needs. Received: nothing.",
        ),
        (
            {"hp": "Int", "min_value": 1, "max_value": 2, "stpe": 1},
            "search_space.x.stpe: expected a keyword of hp.Int (min_value, max_value, step, sampling, default). "
            "Received: 'stpe'. Did you mean 'step'?",
        ),
        (
            {"hp": "Boolean", "parent_name": "y"},
            "search_space.x.parent_name: expected a keyword of hp.Boolean (default). Received: 'parent_name'.",
        ),
        (
            {"hp": "Choice", "values": [1], "min_value": 0},
            "search_space.x.min_value: expected a keyword of hp.Choice (values, ordered, default). Received: "
            "'min_value'. Left behind by the entry that this one replaced? Remove it with ~search_space.x.min_value",
        ),
        (
            {"hp": "Choice", "values": []},
            "search_space.x: expected values to be a list of at least one value. Received: [].",
        ),
        (
            {"hp": "Choice", "values": 3},
            "search_space.x: expected values to be a list of at least one value. Received: 3.",
        ),
        (
            {"hp": "Choice", "values": [True, False]},
            "search_space.x: expected numbers or strings (hp: Boolean for true and false). Received: [True, False].",
        ),
        (
            {"hp": "Choice", "values": ["a", None]},
            "search_space.x: expected numbers or strings (hp: Boolean for true and false). Received: ['a', None].",
        ),
        (
            {"hp": "Choice", "values": [1, 0.1]},
            "search_space.x: expected values of one type, as KerasTuner requires. Received: [1, 0.1].",
        ),
        ({"hp": "Choice", "values": [1, 1]}, "search_space.x: expected distinct values. Received: [1, 1]."),
        (
            {"hp": "Choice", "values": [1, 2], "default": 3},
            "search_space.x: expected default to be one of [1, 2]. Received: 3.",
        ),
        (
            {"hp": "Choice", "values": ["a"], "ordered": True},
            "search_space.x: expected ordered to be true only for numbers. Received: True.",
        ),
        ({"hp": "Boolean", "default": "no"}, "search_space.x: expected default to be true or false. Received: 'no'."),
        ({"hp": "Fixed", "value": None}, "search_space.x: expected a number or a string. Received: None."),
        ({"hp": "Fixed", "value": [1]}, "search_space.x: expected a number or a string. Received: [1]."),
        (
            {"hp": "Int", "min_value": 1.0, "max_value": 2},
            "search_space.x: expected min_value to be a whole number. Received: 1.0.",
        ),
        (
            {"hp": "Int", "min_value": True, "max_value": 2},
            "search_space.x: expected min_value to be a whole number. Received: True.",
        ),
        (
            {"hp": "Float", "min_value": "0", "max_value": 2},
            "search_space.x: expected min_value to be a number. Received: '0'.",
        ),
        (
            {"hp": "Float", "min_value": 0, "max_value": float("inf")},
            "search_space.x: expected max_value to be a number. Received: inf.",
        ),
        (
            {"hp": "Int", "min_value": 3, "max_value": 1},
            "search_space.x: expected min_value <= max_value. Received: min_value=3, max_value=1.",
        ),
        (
            {"hp": "Int", "min_value": 1, "max_value": 3, "default": 4},
            "search_space.x: expected default between 1 and 3. Received: 4.",
        ),
        (
            {"hp": "Float", "min_value": 1, "max_value": 3, "sampling": "lgo"},
            "search_space.x: expected sampling to be linear, log or reverse_log. Received: 'lgo'. Did you mean 'log'?",
        ),
        (
            {"hp": "Float", "min_value": 0, "max_value": 3, "sampling": "log"},
            "search_space.x: expected min_value > 0 with sampling: log. Received: 0.",
        ),
        ({"hp": "Int", "min_value": 1, "max_value": 3, "step": 0}, "search_space.x: expected step > 0. Received: 0."),
        (
            {"hp": "Int", "min_value": 1, "max_value": 3, "step": 1, "sampling": "log"},
            "search_space.x: expected step > 1. Received: 1.",
        ),
        ([3, 5], "search_space.x: expected a value or a mapping with the key hp. Received: [3, 5]."),
    ],
)
def test_a_wrong_entry_is_a_problem_with_the_expected_form(entry: Any, message: str) -> None:
    assert problems({"x": entry}) == [message]


def test_a_name_must_fit_into_an_interpolation() -> None:
    assert problems({"a.b": 1}) == [
        "search_space.a.b: expected a name of letters, digits and underscores. Received: 'a.b'."
    ]


def test_every_wrong_entry_is_a_problem() -> None:
    wrong = {"a": {"hp": "Itn"}, "b": 1, "c": {"hp": "Int", "min_value": 1, "foo": 2}}
    assert [message.partition(":")[0] for message in problems(wrong)] == [
        "search_space.a",
        "search_space.c.foo",
        "search_space.c",
    ]


def test_the_path_begins_with_the_group_of_the_space() -> None:
    assert problems({"x": [1]}, "baseline")[0].startswith("baseline.x: ")


def test_a_valid_space_has_no_problems() -> None:
    assert problems(CONDITIONAL) == []


@pytest.mark.parametrize(
    ("when", "message"),
    [
        (3, "search_space.x.when: expected names of the search space with lists of values. Received: 3."),
        (
            {"dpeth": [1]},
            "search_space.x.when.dpeth: expected the name of an entry above (depth, rate, lr, fixed, wrong, kind). "
            "Received: 'dpeth'. Did you mean 'depth'?",
        ),
        (
            {"x": [1]},
            "search_space.x.when.x: expected the name of an entry above (depth, rate, lr, fixed, wrong, kind). "
            "Received: 'x'.",
        ),
        ({"depth": 2}, "search_space.x.when.depth: expected a list of values. Received: 2."),
        ({"depth": []}, "search_space.x.when.depth: expected a list of values. Received: []."),
        (
            {"depth": [2, "3"]},
            "search_space.x.when.depth: expected a value that it can take (1, 2, 3). Received: '3'. Did you mean '3'?",
        ),
        (
            {"kind": ["raed"]},
            "search_space.x.when.kind: expected a value that it can take ('read', 'write'). Received: 'raed'. "
            "Did you mean 'read'?",
        ),
        (
            {"depth": [None]},
            "search_space.x.when.depth: expected a value that it can take (1, 2, 3). Received: None.",
        ),
        (
            {"rate": [0.3]},
            "search_space.x.when.rate: expected a value that it can take (0.0, 0.1, 0.2, 0.30000000000000004, 0.4). "
            "Received: 0.3. The nearest is 0.30000000000000004.",
        ),
        (
            {"lr": [0.1]},
            "search_space.x.when.lr: expected an entry whose values can be counted, say by a step. "
            "Received: one without a step.",
        ),
    ],
)
def test_a_wrong_condition_is_a_problem_with_the_expected_form(when: Any, message: str) -> None:
    space = {
        "depth": DEPTH,
        "rate": RATE,
        "lr": {"hp": "Float", "min_value": 0.0, "max_value": 1.0},
        "fixed": 3,
        "wrong": {"hp": "Boolean", "when": {"fixed": [3]}},
        "kind": {"hp": "Choice", "values": ["read", "write"]},
        "x": {"hp": "Boolean", "when": when},
    }
    assert problems(space) == [message]


def test_a_condition_may_name_any_value_of_a_fixed_entry() -> None:
    space = {"n": None, "a": {**FLAG, "when": {"n": [None, 2]}}, "b": {**FLAG, "when": {"n": [2]}}}
    assert problems(space) == []
    assert list(hyperparameters(space)) == ["a"]


def test_a_condition_on_a_wrong_parent_is_no_further_problem() -> None:
    space = {"a": {"hp": "Int", "min_value": 1}, "b": {**FLAG, "when": {"a": [1]}}}
    assert problems(space) == ["search_space.a: expected the keyword max_value, which hp.Int needs. Received: nothing."]


def test_a_long_list_of_possible_values_is_shortened() -> None:
    space = {"n": {"hp": "Int", "min_value": 1, "max_value": 1000}}
    assert "(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, ...)" in str(next(condition_problems({"n": [None]}, space, "here")))


def test_a_condition_may_name_values_that_narrowing_has_removed() -> None:
    space = {"n": {"hp": "Int", "min_value": 1, "max_value": 2}, "b": {**FLAG, "when": {"n": [2, 3]}}}
    space |= {"c": {**FLAG, "when": {"n": [3, 4]}}, "d": {**FLAG, "when": {"c": [True]}}}
    assert problems(space) == []
    assert list(hyperparameters(space)) == ["n", "b"]
    assert complete(space, {"n": 2, "b": True}) == {"n": 2, "b": True, "c": None, "d": None}


def test_a_hyperparameter_among_fixed_values_is_a_problem() -> None:
    assert [str(problem) for problem in fixed_problems({"a": 1, "b": FLAG}, "baseline")] == [
        "baseline.b: expected a fixed value. Received: {'hp': 'Boolean'}."
    ]


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ({"hp": "Float", "min_value": 0.0, "max_value": 1.0, "step": 1e-12}, "at most 10000 values. Received: step=1e"),
        ({"hp": "Choice", "values": list(range(200_000))}, "expected at most 10000 values. Received: 200000."),
    ],
)
def test_a_space_of_absurd_size_is_refused_at_once(entry: dict[str, Any], expected: str) -> None:
    started = time.monotonic()
    (problem,) = space_problems({"x": entry})
    assert expected in str(problem)
    assert time.monotonic() - started < 60  # hours, if it were counted
