"""The JSON Schema of search spaces: hyperparameters with the keywords of their method, and fixed values."""

from __future__ import annotations

from typing import Any

from toonvision.validation.json_relaxed import DEFAULTS, Json, relaxed
from toonvision.validation.space import KINDS, SAMPLINGS, keywords

_NUMBERS = {"Int": "integer", "Float": "number"}
_NAME = {"pattern": r"^[^\W\d]\w*$"}
_FIXED: Json = {"type": ["string", "number", "boolean", "null"]}
_WHEN: Json = {
    "description": "The values of other entries, by their names, under which this one exists.",
    "type": "object",
    "additionalProperties": {"type": "array", "minItems": 1},
}
_PART = {  # of an entry that another file declares
    "type": "object",
    "not": {"required": ["hp"]},
    "propertyNames": {"enum": sorted({"when", *(name for kind in KINDS for name in keywords(kind).names)})},
}


def space_definitions() -> dict[str, Json]:
    """Return the definitions `values`, `space`, and `space_part` for what is merged into a space."""
    fixed = {"$ref": "#/$defs/value"}
    entry = {"if": {"type": "object"}, "then": {"$ref": "#/$defs/hyperparameter"}, "else": fixed}
    part = {**entry, "if": {"type": "object", "required": ["hp"]}, "else": {"anyOf": [_PART, fixed]}}
    return {
        "value": _FIXED,
        "values": _mapping(fixed),
        "hyperparameter": _hyperparameter(),
        "space": _mapping(entry),
        "space_part": _mapping(part),
    }


def _mapping(entry: Json) -> Json:
    return {
        "type": "object",
        "properties": {"defaults": DEFAULTS},
        "propertyNames": _NAME,
        "additionalProperties": entry,
    }


def _hyperparameter() -> Json:
    return {
        "type": "object",
        "required": ["hp"],
        "properties": {"hp": {"enum": list(KINDS), "description": "The method of keras_tuner.HyperParameters."}},
        "allOf": [
            {"if": {"properties": {"hp": {"const": kind}}, "required": ["hp"]}, "then": _entry(kind)} for kind in KINDS
        ],
    }


def _entry(kind: str) -> Json:
    accepted = keywords(kind)
    types = {name: relaxed(_type(kind, name)) for name in accepted.names}
    return {
        "properties": {"hp": True, "when": _WHEN, **types},
        "required": list(accepted.required),
        "additionalProperties": False,
    }


def _type(kind: str, keyword: str) -> dict[str, Any]:
    """Return the schema of a keyword; null is KerasTuner's own default."""
    if keyword in ("min_value", "max_value"):
        return {"type": _NUMBERS[kind]}
    if keyword == "values":
        kinds: list[Json] = [{"type": "array", "minItems": 1, "items": {"type": name}} for name in ("number", "string")]
        return {"anyOf": [{**schema, "uniqueItems": True} for schema in kinds]}
    types: dict[str, Json] = {
        "sampling": {"enum": [*SAMPLINGS, None]},
        "ordered": {"type": ["boolean", "null"]},
        "step": {"type": [_NUMBERS.get(kind, "number"), "null"]},
        "value": {"type": ["string", "number", "boolean"]},
        "default": {"type": [_NUMBERS[kind], "null"] if kind in _NUMBERS else ["string", "number", "null"]},
    }
    if kind == "Boolean":
        types["default"] = {"type": "boolean"}
    return types.get(keyword, {})
