"""From a plain tree to a schema model, with a problem for every wrong place."""

from __future__ import annotations

from typing import Annotated, Literal

import pytest
from pydantic import BaseModel, Field

from toonvision.config.parse import parse, unknown_key
from toonvision.errors import ConfigError, Problem
from toonvision.trial.bounds import Count


class Inner(BaseModel, frozen=True, extra="forbid", strict=True):
    size: Count
    rate: Annotated[float, Field(gt=0, lt=1)] = 0.5


class Outer(BaseModel, frozen=True, extra="forbid", strict=True):
    kind: Literal["fast", "slow", None] = None
    inner: Inner | None = None
    parts: dict[str, Inner] = {}
    sizes: list[int] = []


def problems(tree: dict[str, object], path: str = "") -> list[Problem]:
    with pytest.raises(ConfigError) as raised:
        parse(Outer, tree, path)
    return [problem for problem in raised.value.problems if isinstance(problem, Problem)]


def test_a_valid_tree_becomes_a_model() -> None:
    model = parse(Outer, {"kind": "fast", "inner": {"size": 3}, "parts": {"a": {"size": 1, "rate": 0.25}}})
    assert model == Outer(kind="fast", inner=Inner(size=3), parts={"a": Inner(size=1, rate=0.25)})


@pytest.mark.parametrize(
    ("tree", "message"),
    [
        ({"inner": {"size": 0}}, "x.inner.size: expected a whole number of at least 1. Received: 0."),
        ({"inner": {}}, "x.inner.size: expected this key to be set. Received: nothing."),
        ({"inner": {"size": 1, "rate": 1.5}}, "x.inner.rate: expected a number below 1. Received: 1.5."),
        ({"inner": 3}, "x.inner: expected a mapping. Received: 3."),
        ({"sizes": [1, "two"]}, "x.sizes[1]: expected a whole number. Received: 'two'."),
        ({"kind": "fats"}, "x.kind: expected one of fast, slow, null. Received: 'fats'. Did you mean 'fast'?"),
        (
            {"parts": {"a": {"size": 1, "rat": 0.5}}},
            "x.parts.a.rat: expected one of the keys size, rate. Received: 'rat'. Did you mean 'rate'?",
        ),
    ],
)
def test_a_wrong_value_is_a_problem_with_its_path(tree: dict[str, object], message: str) -> None:
    assert [str(problem) for problem in problems(tree, "x")] == [message]


def test_every_wrong_value_is_a_problem() -> None:
    found = problems({"kind": "x", "inner": {"size": -1}, "more": 1})
    assert [problem.path for problem in found] == ["kind", "inner.size", "more"]


def test_unknown_keys_can_be_ignored() -> None:
    assert parse(Outer, {"more": 1, "inner": {"size": 1, "other": 2}}, lenient=True) == Outer(inner=Inner(size=1))


def test_a_key_of_an_experiment_names_the_missing_line() -> None:
    assert "# @package _global_" in unknown_key("experiment", ["seed"]).hint
