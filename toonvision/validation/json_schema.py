"""JSON Schemas of the whole configuration and of each config group, for editors.

They are made of what the validation checks with: the schemas of the configuration, the signatures of targets, and the
format of search spaces. What is checked between values is left to `toonvision.validation.validate`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import yaml
from pydantic.json_schema import GenerateJsonSchema, models_json_schema

from toonvision.config.catalog import Option
from toonvision.config.comments import Comment, comments
from toonvision.config.schema import TRIAL_GROUPS, RunConfig, TrialConfig
from toonvision.config.tree import targets
from toonvision.config.yaml_file import size_problem
from toonvision.validation.json_nodes import NODE_PLACES, definition_name, node_definitions
from toonvision.validation.json_relaxed import DEFAULTS, INTERPOLATION, Json, relaxed, relaxed_below
from toonvision.validation.json_space import space_definitions

WHOLE = "config"  # the name of the schema of the whole configuration
_DRAFT = "https://json-schema.org/draft/2020-12/schema"
_FORMATS = {"block": ("Block", "Block"), "search_space": ("space", "space_part")}  # alone, and with `defaults`
_SPREAD = ("model", "training")  # several groups give their keys, so that no single option has all
Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Document:
    """An option as it is read: where its keys belong, and what they hold."""

    option: Option
    package: str
    tree: object
    comments: Sequence[Comment]


def json_schemas(options: Sequence[Option], main: str) -> dict[str, Json]:
    """Return the schemas by name: `config` for the whole configuration, and one for each config group.

    A schema refers to `config` as `config.json`, beside its own file.

    Args:
        options: of all groups; those that cannot be read are left out.
        main: the text of the main config file, whose comments describe its keys.
    """
    documents = list(_documents(options))
    whole, needed = _whole(documents)
    for comment in comments(main):
        _describe(whole, comment.path, comment.text)
    packages: dict[str, set[str]] = {}
    for document in documents:
        packages.setdefault(document.option.group, set()).add(document.package)
        for comment in document.comments if document.package != "_global_" else ():  # there, of values
            _describe(whole, (*_keys(document.package), *comment.path), comment.text)
    groups = {group: _group(whole, group, places, needed.get(group, [])) for group, places in packages.items()}
    return {WHOLE: whole, **{group.replace("/", "."): schema for group, schema in groups.items()}}


def _documents(options: Sequence[Option]) -> Iterator[_Document]:
    for option in options:
        if size_problem(option.file):
            continue
        header = re.search(r"^#\s*@package\s+(\S+)", option.text, re.MULTILINE)
        try:
            tree, noted = yaml.safe_load(option.text), list(comments(option.text))
        except yaml.YAMLError:
            continue
        package = header[1] if header else option.group.replace("/", ".")
        yield _Document(option, package, tree, noted)


class _Generator(GenerateJsonSchema):
    """Leaves a node to `json_nodes`."""

    def dataclass_schema(self, schema: Any) -> dict[str, Any]:
        return {"title": "Node"}


def _whole(documents: Sequence[_Document]) -> tuple[Json, dict[str, list[str]]]:
    """Return the schema of the whole configuration, and the keys that an option of each group needs."""
    _, made = models_json_schema([(RunConfig, "validation"), (TrialConfig, "validation")], schema_generator=_Generator)
    models = made["$defs"]
    run, trial = models.pop("RunConfig")["properties"], models.pop("TrialConfig")["properties"]
    keys = {**run, **{name: trial[name] for name in TRIAL_GROUPS}}
    names = {key: name for key, schema in keys.items() for name in _references(schema)}
    needed = {key: ["_target_"] if name == "Node" else models[name].get("required", []) for key, name in names.items()}
    definitions = {
        "interpolation": INTERPOLATION,
        "defaults": _defaults(documents),
        **{name: relaxed_below(model) for name, model in models.items() if name != "FinalTraining"},
        **node_definitions(_targets(documents), _described(documents)),
        **space_definitions(),
    }
    for name in set(names.values()) - {"Node"}:
        definitions[name]["properties"]["defaults"] = DEFAULTS  # an option of the group has them
    properties = {
        "defaults": DEFAULTS,
        "hydra": {"type": "object"},
        **{name: relaxed(key) for name, key in keys.items()},
        "search_space": {"$ref": "#/$defs/space_part"},
        "baseline": {"$ref": "#/$defs/values"},
    }
    title = "The configuration of toonvision"
    closed = {"type": "object", "properties": properties, "additionalProperties": False}
    whole = {"$schema": _DRAFT, "title": title, **closed, "$defs": definitions}
    for place, kind in NODE_PLACES.items():
        for holder, key in _holders(whole, tuple(place.split(".")), definitions):
            holder[key] = _with_kind(holder[key], definition_name(kind))
    return whole, {key: names for key, names in needed.items() if key not in _SPREAD}


def _keys(package: str) -> Path:
    return () if package == "_global_" else tuple(package.split("."))


def _references(schema: Json) -> list[str]:
    """Return the names of the definitions to which a schema refers, but for an interpolation."""
    found = [option["$ref"].rpartition("/")[2] for option in (schema, *schema.get("anyOf", ())) if "$ref" in option]
    return [name for name in found if name != "interpolation"]


def _with_kind(schema: Json, kind: str) -> Json:
    """Return the schema of a node with the definition of its kind."""
    if "anyOf" in schema:
        return {**schema, "anyOf": [_with_kind(option, kind) for option in schema["anyOf"]]}
    return {"$ref": f"#/$defs/{kind}"} if schema == {"$ref": "#/$defs/Node"} else schema


def _targets(documents: Sequence[_Document]) -> set[str]:
    """Return the targets that options name, but for those that a value completes."""
    trees = {document.option.file.as_posix(): document.tree for document in documents}
    named = {str(node["_target_"]) for path, tree in trees.items() for _, node in targets(tree, path)}
    return {target for target in named if "$" not in target and "?" not in target}


def _described(documents: Sequence[_Document]) -> dict[str, dict[str, str]]:
    """Return the comments beside the arguments of each target."""
    found: dict[str, dict[str, str]] = {}
    for document in documents:
        for comment in document.comments:
            if comment.target:
                found.setdefault(comment.target, {}).setdefault(comment.path[-1], comment.text)
    return found


def _defaults(documents: Sequence[_Document]) -> Json:
    """Return the schema of a defaults list, which completes the options of each group."""
    names: dict[str, list[str]] = {}
    for document in documents:
        names.setdefault(document.option.group, []).append(document.option.name)
    others: list[Json] = [{"type": ["string", "null"]}, {"type": "array", "items": {"type": "string"}}]
    known = {group: {"anyOf": [{"enum": options}, *others]} for group, options in names.items()}
    entry = {
        "type": "object",
        "properties": {f"{prefix}{group}": known[group] for prefix in ("", "/", "override /") for group in known},
        "additionalProperties": {"anyOf": others},
    }
    return {"type": "array", "items": {"anyOf": [{"type": "string"}, entry]}}


def _holders(schema: Json, path: Path, definitions: Json) -> Iterator[tuple[Json, str]]:
    """Yield what holds the schema at a path, and under which key; `*` and unknown keys stand for any key."""
    if "$ref" in schema:
        schema = definitions[schema["$ref"].rpartition("/")[2]]
    for option in schema.get("anyOf", ()):
        yield from _holders(option, path, definitions)
    key, *below = path
    if key in schema.get("properties", {}):
        holder, name = schema["properties"], key
    elif isinstance(schema.get("additionalProperties"), dict):
        holder, name = schema, "additionalProperties"
    else:
        return
    if below:
        yield from _holders(holder[name], tuple(below), definitions)
    else:
        yield holder, name


def _describe(whole: Json, path: Path, text: str) -> None:
    """Describe a key by the comment beside it, where no earlier comment does."""
    for holder, key in _holders(whole, path, whole["$defs"]):
        if key == path[-1]:
            holder[key] = {"description": text, **holder[key]}


def _group(whole: Json, group: str, packages: set[str], needed: Sequence[str]) -> Json:
    """Return the schema of a group's options: of its own keys, or of all keys where one of the others is there."""
    schema: Json = {"$schema": _DRAFT, "title": f"An option of {group}"}
    if group in _FORMATS:
        own, part = (_definition(name) for name in _FORMATS[group])
        return {**schema, "if": {"required": ["defaults"]}, "then": part, "else": own}
    places = [_keys(package) for package in sorted({group, *packages} - {"_global_"})]
    holders = [found for place in places for found in _holders(whole, place, whole["$defs"])]
    names = dict.fromkeys(name for holder, key in holders for name in _references(holder[key]))
    if not names:
        return {**schema, "$ref": f"{WHOLE}.json"}
    known = {"defaults", *(key for name in names for key in _known_keys(whole["$defs"][name]))}
    references = [_definition(name) for name in names]
    own = references[0] if len(references) == 1 else {"anyOf": references}
    return {
        **schema,
        "if": {"anyOf": [{"required": [key]} for key in whole["properties"] if key not in known]},
        "then": {"$ref": f"{WHOLE}.json"},
        "else": {**own, "if": {"required": ["defaults"]}, "else": {"required": list(needed)}},
    }


def _definition(name: str) -> Json:
    return {"$ref": f"{WHOLE}.json#/$defs/{name}"}


def _known_keys(definition: Json) -> set[str]:
    """Return the keys of a definition, or of all targets of a node."""
    below = [condition["then"] for condition in definition.get("allOf", ())]
    return {key for schema in (definition, *below) for key in schema.get("properties", {})}
