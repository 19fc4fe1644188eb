"""Numbers with bounds, as the schemas of the configuration state them."""

from __future__ import annotations

import math
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from toonvision.trial.bounds import EXPECTED, Count, CountOrZero, Distance, OptionalAmount, OptionalCount


@pytest.mark.parametrize(
    ("bound", "allowed", "refused"),
    [
        (Count, [1, 50], [0, -1, None, 1.5, "many"]),
        (CountOrZero, [0, 1], [-1, None]),
        (OptionalCount, [1, None], [0, -1]),
        (Distance, [0.0, 0.5], [-0.1, math.inf, math.nan, None]),
        (OptionalAmount, [0.1, None], [0.0, math.inf]),
    ],
    ids=["count", "count or zero", "optional count", "distance", "optional amount"],
)
def test_a_number_is_within_its_bounds(bound: Any, allowed: list[object], refused: list[object]) -> None:
    adapter: TypeAdapter[Any] = TypeAdapter(bound)
    assert [adapter.validate_python(value) for value in allowed] == allowed
    for value in refused:
        with pytest.raises(ValidationError) as raised:
            adapter.validate_python(value)
        assert [details["type"] for details in raised.value.errors()] == [EXPECTED]


def test_a_number_out_of_bounds_has_the_stated_expectation() -> None:
    with pytest.raises(ValidationError) as raised:
        TypeAdapter(OptionalCount).validate_python(0)
    assert raised.value.errors()[0]["ctx"] == {"expected": "a whole number of at least 1, or null"}
