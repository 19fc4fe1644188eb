"""Walk a configuration as plain containers: every value, with its path."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

Tree = dict[str, object]


def branches(node: object, path: str = "") -> Iterator[tuple[str, object]]:
    """Yield (path, value) for `node` and everything below it."""
    if path:
        yield path, node
    if isinstance(node, Mapping):
        for key, value in node.items():
            yield from branches(value, f"{path}.{key}" if path else str(key))
    elif isinstance(node, Sequence) and not isinstance(node, str | bytes):
        for index, value in enumerate(node):
            yield from branches(value, f"{path}[{index}]")


def leaves(node: object, path: str = "") -> Iterator[tuple[str, object]]:
    """Yield (path, value) for every string, number, boolean and null below `node`."""
    return ((place, value) for place, value in branches(node, path) if not isinstance(value, Mapping | list | tuple))


def select(node: object, path: str) -> object:
    """Return the value at a path of keys and dots, or None."""
    for key in path.split(".") if path else ():
        node = node.get(key) if isinstance(node, Mapping) else None
    return node


def targets(node: object, path: str) -> Iterator[tuple[str, Mapping[str, object]]]:
    """Yield (path, mapping) for every mapping with a `_target_` below `node`."""
    return (
        (place, value) for place, value in branches(node, path) if isinstance(value, Mapping) and "_target_" in value
    )
