"""Where models cannot be built, and which single values go with it."""

from __future__ import annotations

import itertools
import random
from typing import Any

from toonvision.search_space.space import Space, Values
from toonvision.space_check.finding import BuildResult, Count, InfeasibleValue, Reason
from toonvision.space_check.infeasibility import infeasible_values, reasons


def choices(**values: list[Any]) -> Space:
    return {name: {"hp": "Choice", "values": listed} for name, listed in values.items()}


def result(values: Values, *, fails: bool) -> BuildResult:
    return BuildResult(values, path="model.here", error="does not fit" if fails else None)


POOLS = choices(pool=[1, 2, 3, 4], rate=[0.1, 0.2], kind=["x", "y"])
ALL = [
    result({"pool": pool, "rate": rate, "kind": kind}, fails=pool >= 3 and kind == "y")
    for pool, rate, kind in itertools.product([1, 2, 3, 4], [0.1, 0.2], ["x", "y"])
]


def test_all_combinations_give_the_exact_values() -> None:
    found = infeasible_values(POOLS, ALL, is_all=True, limit=8)
    assert found == (
        InfeasibleValue("kind", "y", Count(4, 8), Count(0, 8)),
        InfeasibleValue("pool", 3, Count(2, 4), Count(2, 12)),
        InfeasibleValue("pool", 4, Count(2, 4), Count(2, 12)),
    )
    assert infeasible_values(POOLS, ALL, is_all=True, limit=1) == found[:1]


def test_a_sample_does_not_blame_values_that_fail_by_chance() -> None:
    space = choices(pool=[1, 2], **{f"rate_{number}": [0.1, 0.2, 0.3, 0.4, 0.5] for number in range(8)})
    blamed = []
    for seed in range(20):
        generator = random.Random(seed)
        sample = [{name: generator.choice(entry["values"]) for name, entry in space.items()} for _ in range(160)]
        results = [result(values, fails=values["pool"] == 2 and generator.random() < 0.5) for values in sample]
        blamed += [(found.name, found.value) for found in infeasible_values(space, results, is_all=False, limit=8)]
    assert blamed.count(("pool", 2)) == 20
    assert len(blamed) <= 22  # 20 tests at 0.05 give one false value on average


def test_a_conditional_value_is_compared_where_its_hyperparameter_is_active() -> None:
    space: Space = {
        "depth": {"hp": "Int", "min_value": 1, "max_value": 2},
        "pool": {"hp": "Int", "min_value": 1, "max_value": 3, "when": {"depth": [2]}},
    }
    combinations: list[Values] = [{"depth": 1}, *({"depth": 2, "pool": pool} for pool in (1, 2, 3))]
    results = [result(values, fails=values.get("pool") == 3) for values in combinations]
    assert infeasible_values(space, results, is_all=True, limit=8) == (
        InfeasibleValue("pool", 3, Count(1, 1), Count(0, 2)),
        InfeasibleValue("depth", 2, Count(1, 3), Count(0, 1)),
    )


def test_no_value_is_blamed_where_every_model_fails() -> None:
    results = [result({"size": size}, fails=True) for size in (1, 2)]
    assert infeasible_values(choices(size=[1, 2]), results, is_all=True, limit=8) == ()


def test_a_hyperparameter_with_many_values_is_left_out() -> None:
    results = [result({"size": size}, fails=size > 10) for size in range(20)]
    assert infeasible_values(choices(size=list(range(20))), results, is_all=True, limit=8) == ()


def test_reasons_are_sorted_by_frequency_with_the_first_error_as_example() -> None:
    errors = [("model.a", "too small"), ("model.b", "1"), ("", None), ("model.b", "2: negative")]
    results = [BuildResult({}, path=path, error=error) for path, error in errors]
    assert reasons(results) == (Reason("model.b", "1", 2), Reason("model.a", "too small", 1))
