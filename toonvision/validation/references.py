"""Which names of the search space a configuration uses, and where: interpolations and conditions, unresolved."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from toonvision.config.graph import Block
from toonvision.config.schema import TRIAL_GROUPS
from toonvision.config.tree import Tree, leaves, select
from toonvision.errors import Problem, did_you_mean
from toonvision.search_space.space import Space
from toonvision.validation.space import condition_problems

_INTERPOLATION = re.compile(r"\$\{\s*(\.*)([^${}:]+?)\s*\}")


def references(node: object, path: str) -> Iterator[tuple[str, str]]:
    """Yield (place, absolute path to which it refers) for every interpolation below `node`, which lies at `path`."""
    for place, leaf in leaves(node, path):
        if isinstance(leaf, str):
            for dots, reference in _INTERPOLATION.findall(leaf):
                parts = _dotted(place).split(".")
                parent = parts[: -len(dots)] if dots else []
                yield place, ".".join([*parent, _dotted(reference)])


def space_references(node: object, path: str) -> Iterator[tuple[str, str]]:
    """Yield (place, name) for every interpolation below `node` that refers to a name of the search space."""
    for place, reference in references(node, path):
        top, _, name = reference.partition(".")
        if top == "search_space" and name:
            yield place, name.partition(".")[0]


def places_without_value(tree: Tree, spaces: Sequence[str]) -> set[str]:
    """Return every place that refers to a name that a space does not declare, directly or through other places."""
    pairs = [pair for group in tree for pair in references(tree[group], group)]
    declared = [tree[space] for space in spaces]
    lost = {
        reference
        for _, reference in pairs
        if reference.startswith("search_space.")
        and not all(isinstance(space, Mapping) and reference.split(".")[1] in space for space in declared)
    }
    while further := {_dotted(place) for place, reference in pairs if reference in lost} - lost:
        lost |= further
    return {place for place, _ in pairs if _dotted(place) in lost}


def name_problems(tree: Tree, spaces: Sequence[str]) -> Iterator[Problem]:
    """Yield every name that is used and not declared, or declared and not used, in each of `spaces`."""
    used = names_used(tree)
    for space in spaces:
        declared = tree[space]
        assert isinstance(declared, Mapping)
        undeclared = [name for name in used if name not in declared]
        for name in undeclared:
            if not used[name].startswith("search_space."):  # a condition between entries is checked with them
                yield Problem(used[name], f"a name that {space} declares", repr(name), did_you_mean(name, declared))
        for name in declared:
            if name not in used:
                yield Problem(
                    f"{space}.{name}",
                    f"a reference ${{search_space.{name}}} in the model, the training or the dataset",
                    "a name that nothing uses",
                    f"Remove it with ~{space}.{name}.{did_you_mean(name, undeclared)}",
                )


def names_used(tree: Tree) -> dict[str, str]:
    """Return every name of the search space that the configuration uses, with the first place that uses it."""
    names: dict[str, str] = {}
    for group in (key for key in tree if key not in ("search_space", "baseline")):
        for place, name in space_references(tree[group], group):
            names.setdefault(name, place)
    entries = tree.get("search_space")
    if isinstance(entries, Mapping) and select(tree, "model.hypermodel") is not None:
        names |= {str(name): "model.hypermodel" for name in entries if name not in names}  # it gets them all
    nodes = {f"search_space.{name}": entry for name, entry in entries.items()} if isinstance(entries, Mapping) else {}
    for path, node in (*nodes.items(), *raw_blocks(tree)):
        when = node.get("when") if isinstance(node, Mapping) else None
        for name in when if isinstance(when, Mapping) else ():
            names.setdefault(str(name), f"{path}.when")
    return names


def block_problems(tree: Tree, space: Space) -> Iterator[Problem]:
    """Yield every parameter of a block to which no layer refers, and what is wrong with the blocks' conditions."""
    read = [f"{reference}." for key in TRIAL_GROUPS for _, reference in references(tree.get(key), key)]
    for path, block in raw_blocks(tree):
        parameters = [str(key) for key in block if key not in Block.model_fields]
        unread = [key for key in parameters if not any(r.startswith(f"{path}.{key}.") for r in read)]
        known = (*Block.model_fields, *(key for key in parameters if key not in unread))
        for key in unread:
            hint = did_you_mean(key, known) or f"Remove it with ~{path}.{key}"
            yield Problem(
                f"{path}.{key}", "a layer of the block that refers to this key", "a key that nothing reads", hint
            )
        when = block.get("when") or {}
        if isinstance(when, Mapping):  # a name that is not declared is reported as every other
            when = {parent: allowed for parent, allowed in when.items() if parent in space}
        yield from condition_problems(when, space, f"{path}.when")


def raw_blocks(tree: Tree) -> Iterator[tuple[str, Mapping[str, object]]]:
    """Yield every block of a model with its path, before the schema has checked it, and the blocks within it."""
    yield from _raw_blocks(select(tree, "model.blocks"), "model.blocks")


def _raw_blocks(blocks: object, path: str) -> Iterator[tuple[str, Mapping[str, object]]]:
    for name, block in blocks.items() if isinstance(blocks, Mapping) else ():
        if isinstance(block, Mapping):
            yield f"{path}.{name}", block
            yield from _raw_blocks(block.get("blocks"), f"{path}.{name}.blocks")


def _dotted(path: str) -> str:
    """`a[0]` and `a["b"]` as `a.0` and `a.b`."""
    return re.sub(r"\[\s*[\"']?([^\]\"']+)[\"']?\s*\]", r".\1", path)
