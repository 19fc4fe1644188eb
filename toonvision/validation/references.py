"""Which names of the search space a configuration uses, and where: interpolations and conditions, unresolved."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from toonvision.config.compose import paths
from toonvision.errors import did_you_mean

_INTERPOLATION = re.compile(r"\$\{\s*(\.*)([^${}:]+?)\s*\}")


def references(node: object, where: str) -> Iterator[tuple[str, str]]:
    """Yield (place, absolute path it refers to) for every interpolation below `node`, which stands at `where`."""
    for path, leaf in paths(node, where):
        if isinstance(leaf, str):
            for dots, reference in _INTERPOLATION.findall(leaf):
                parts = _dotted(path).split(".")
                parent = parts[: -len(dots)] if dots else []
                yield path, ".".join([*parent, _dotted(reference)])


def name_errors(config: Mapping[str, Any], spaces: Sequence[str]) -> list[str]:
    """Return a message for every name that is used and not declared, or declared and not used, in each of `spaces`."""
    used = names_used(config)
    errors = []
    for group in spaces:
        declared = config[group]
        undeclared = [name for name in used if name not in declared]
        errors += [
            f"{used[name]}: refers to {name!r}, which {group} does not declare.{did_you_mean(name, declared)}"
            for name in undeclared
            if not used[name].startswith("search_space.")  # a condition between entries, checked with them
        ]
        errors += [
            f"{group}.{name}: nothing uses this name. Refer to it as ${{search_space.{name}}} in the model, training "
            f"or dataset, or remove it with ~{group}.{name}.{did_you_mean(name, undeclared)}"
            for name in declared
            if name not in used
        ]
    return errors


def names_used(config: Mapping[str, Any]) -> dict[str, str]:
    """Return every name of the search space that the configuration uses, with the first place that uses it."""
    names: dict[str, str] = {}
    for group in (key for key in config if key not in ("search_space", "baseline")):
        for where, name in space_references(config[group], group):
            names.setdefault(name, where)
    conditions = [
        *((f"search_space.{name}.when", entry) for name, entry in config["search_space"].items()),
        *((f"model.blocks.{name}.when", block) for name, block in config["model"]["blocks"].items()),
    ]
    for where, node in conditions:
        when = node.get("when") if isinstance(node, Mapping) else None
        for name in when if isinstance(when, Mapping) else ():
            names.setdefault(str(name), where)
    return names


def space_references(node: object, where: str) -> Iterator[tuple[str, str]]:
    """Yield (place, name) for every interpolation below `node` that refers to a name of the search space."""
    for place, reference in references(node, where):
        top, _, name = reference.partition(".")
        if top == "search_space" and name:
            yield place, name.partition(".")[0]


def _dotted(path: str) -> str:
    """`a[0]` and `a["b"]` as `a.0` and `a.b`."""
    return re.sub(r"\[\s*[\"']?([^\]\"']+)[\"']?\s*\]", r".\1", path)
