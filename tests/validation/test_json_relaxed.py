"""A relaxed schema takes interpolations everywhere, and requires nothing."""

from __future__ import annotations

from typing import Any

import pytest

from toonvision.validation.json_relaxed import INTERPOLATED, relaxed

WHOLE = {"type": "integer", "minimum": 1}


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        (WHOLE, {"anyOf": [WHOLE, INTERPOLATED]}),
        ({"anyOf": [WHOLE, {"type": "null"}]}, {"anyOf": [WHOLE, {"type": "null"}, INTERPOLATED]}),
        ({"type": "string"}, {"type": "string"}),
        ({"type": "string", "enum": ["a"]}, {"anyOf": [{"type": "string", "enum": ["a"]}, INTERPOLATED]}),
        ({"title": "Any"}, {}),
        (WHOLE | {"description": "Two.\n\nMore."}, {"description": "Two.", "anyOf": [WHOLE, INTERPOLATED]}),
        (
            {"type": "object", "properties": {"a": WHOLE}, "required": ["a"]},
            {"anyOf": [{"type": "object", "properties": {"a": relaxed(WHOLE)}}, INTERPOLATED]},
        ),
        (
            {"type": "array", "items": WHOLE, "default": []},
            {"anyOf": [{"type": "array", "items": relaxed(WHOLE)}, INTERPOLATED]},
        ),
    ],
)
def test_each_value_may_be_an_interpolation(schema: dict[str, Any], expected: dict[str, Any]) -> None:
    assert relaxed(schema) == expected
