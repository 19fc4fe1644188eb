"""JSON Schemas of values in YAML: each may also be an interpolation, or be missing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Json = dict[str, Any]
# In place of any value: `${...}`, also within a text, and `???` for a value that is to be given.
INTERPOLATION: Json = {"type": "string", "pattern": r"\$\{|^\?\?\?$"}
INTERPOLATED: Json = {"$ref": "#/$defs/interpolation"}
DEFAULTS: Json = {"$ref": "#/$defs/defaults"}
_BOUNDS_OF_TEXT = {"enum", "const", "pattern", "minLength", "maxLength", "format"}
_LEFT_OUT = {"title", "default", "required"}  # another file may give what is required


def relaxed(schema: Mapping[str, Any]) -> Json:
    """Return a schema of pydantic in which every value may be an interpolation, and no key is required."""
    found = relaxed_below(schema)
    if "anyOf" in found:
        options = [inner for option in found["anyOf"] for inner in relaxed(option).get("anyOf", [option])]
        return {**found, "anyOf": [*(option for option in options if option != INTERPOLATED), INTERPOLATED]}
    is_any_text = found.get("type") == "string" and not _BOUNDS_OF_TEXT & found.keys()
    if is_any_text or not {"type", "enum", "const", "$ref"} & found.keys():
        return found
    described = {"description": found.pop("description")} if "description" in found else {}
    return {**described, "anyOf": [found, INTERPOLATED]}


def relaxed_below(schema: Mapping[str, Any]) -> Json:
    """Return a schema of pydantic that is relaxed for all values below the one itself."""
    found: Json = {key: value for key, value in schema.items() if key not in _LEFT_OUT}
    if "properties" in found:
        found["properties"] = {name: relaxed(below) for name, below in found["properties"].items()}
    for key in ("items", "additionalProperties"):
        if isinstance(found.get(key), dict):
            found[key] = relaxed(found[key])
    if "description" in found:  # the attributes of a docstring have descriptions of their own
        found["description"] = found["description"].partition("\n\n")[0]
    return found
