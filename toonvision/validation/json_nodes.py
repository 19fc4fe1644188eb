"""The JSON Schemas of nodes: which targets a place takes, and which arguments each target."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from toonvision.config.signature import Signature, class_names, signature
from toonvision.validation.arguments import argument_schemas
from toonvision.validation.json_relaxed import DEFAULTS, INTERPOLATED, Json, relaxed
from toonvision.validation.kinds import KINDS, PLACES
from toonvision.validation.targets import OF_HYDRA, SUPPLIED

# The places of nodes that may be of another kind, too, which are completed with this one.
_COMPLETED = {
    "model.output": "a layer",
    "model.blocks.*.layers.*": "a layer",
    "model.blocks.*.merge": "a layer",
    "training.metrics.*": "a metric",
}
_LISTED = (  # whose classes are all targets
    *("keras.callbacks", "keras.layers", "keras.losses", "keras.metrics", "keras.optimizers"),
    *("keras_tuner.oracles", "optuna.pruners", "optuna.samplers"),
)
_ANYTHING: Json = {}
_TYPES = {"bool": "boolean", "float": "number", "int": "integer", "str": "string", "None": "null"}
# In place of the value of any argument: a node, or `each`, the values of the repetitions of a block.
_INSTEAD: Json = {"type": "object", "anyOf": [{"required": ["_target_"]}, {"required": ["each"]}]}

NODE_PLACES: Mapping[str, str] = {**PLACES, **_COMPLETED}


def definition_name(kind: str) -> str:
    """Return the name of the definition of a kind: `a layer` is `layer`."""
    return kind.partition(" ")[2]


def node_definitions(named: Iterable[str], described: Mapping[str, Mapping[str, str]]) -> dict[str, Json]:
    """Return a definition for each kind of node, and `Node` for one of any kind.

    Args:
        named: the targets that options name.
        described: the descriptions of arguments, by target.
    """
    named = set(named)
    known = named | {f"{package}.{name}" for package in _LISTED for name in class_names(package)}
    libraries = {package.partition(".")[0] for package in KINDS}
    are_all_known = all(target.partition(".")[0] in libraries for target in named)
    found = {"Node": _node()}
    for kind in dict.fromkeys(NODE_PLACES.values()):
        targets = sorted(target for target in known if _kind(target) == kind)
        schemas = {target: _arguments(target, kind, described.get(target, {})) for target in targets}
        conditions = [_if_target(target, schema) for target, schema in schemas.items()]
        if any(place.isidentifier() for place, other in PLACES.items() if other == kind):  # of a config group
            chosen = [schema for target, schema in schemas.items() if target in named]
            conditions.append(_without_target(chosen, is_closed=are_all_known))
        found[definition_name(kind)] = _node() | {
            "properties": {"_target_": _target(kind, targets), "_partial_": {"type": "boolean"}},
            "allOf": conditions,
        }
    return found


def _node() -> Json:
    return {"type": "object", "properties": {"_target_": {"type": "string"}, "_partial_": {"type": "boolean"}}}


def _kind(target: str) -> str | None:
    return next((kind for package, kind in KINDS.items() if target.startswith(package)), None)


def _if_target(target: str, arguments: Json) -> Json:
    return {"if": {"properties": {"_target_": {"const": target}}, "required": ["_target_"]}, "then": arguments}


def _without_target(schemas: Sequence[Json], *, is_closed: bool) -> Json:
    """Return the schema of a node whose target another file gives: each argument is that of some target."""
    options: dict[str, list[Any]] = {}
    for schema in schemas:
        for name, argument in schema["properties"].items():
            known = options.setdefault(name, [])
            known += [argument] if argument not in known else []
    properties = {name: known[0] if len(known) == 1 else {"anyOf": known} for name, known in options.items()}
    is_closed = is_closed and not any(schema["additionalProperties"] for schema in schemas)
    arguments = {"properties": properties, "additionalProperties": not is_closed}
    return {"if": {"not": {"required": ["_target_"]}}, "then": arguments}


def _target(kind: str, targets: list[str]) -> Json:
    """Return what `_target_` may be: a known one, or one of a package whose names are not listed."""
    if kind not in PLACES.values():
        return {"anyOf": [{"enum": targets}, {"type": "string"}]}
    closed = [package for package, other in KINDS.items() if other != kind or package.removesuffix(".") in _LISTED]
    pattern = "|".join(package.replace(".", r"\.") for package in closed)
    other = {"type": "string", "not": {"pattern": f"^({pattern})"}}
    return {"anyOf": [{"enum": targets}, other, INTERPOLATED]}


def _arguments(target: str, kind: str, described: Mapping[str, str]) -> Json:
    accepted = signature(target) or Signature((), (), accepts_any=True)
    supplied = {name for place, other in PLACES.items() if other == kind for name in SUPPLIED.get(place, ())}
    types = dict.fromkeys(accepted.names, _ANYTHING) | dict(_types(accepted)) | argument_schemas(target)
    if "sampler" in types:
        types["sampler"] = {"$ref": "#/$defs/sampler"}
    properties = {name: _argument(schema) for name, schema in types.items() if name not in supplied}
    for name in described.keys() & properties.keys():
        properties[name] = {"description": described[name], **properties[name]}
    return {
        "properties": {**dict.fromkeys(OF_HYDRA, True), "defaults": DEFAULTS, **properties},
        "additionalProperties": accepted.accepts_any,
    }


def _types(accepted: Signature) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the schemas of the arguments whose annotation is of plain types."""
    for name, annotation in accepted.annotations.items():
        types = [_TYPES.get(part.strip()) for part in annotation.split("|")]
        if None not in types:
            yield name, {"type": types}


def _argument(schema: dict[str, Any]) -> Json:
    if not schema or "$ref" in schema:
        return schema
    found = relaxed(schema)
    options = found.pop("anyOf", None) or [{key: found.pop(key) for key in list(found) if key != "description"}]
    return {**found, "anyOf": [*options, _INSTEAD]}
