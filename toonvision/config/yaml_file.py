"""Files in YAML that a stranger may have written: whether one is small enough to be read."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path

import yaml

from toonvision.errors import Problem

LARGEST = 256  # KiB; the packaged configuration has 15
MOST_NODES = 100_000  # with every alias written out
_DEEPEST = 100
_BRACKETS = dict.fromkeys(b"[{", 1) | dict.fromkeys(b"]}", -1)


def size_problem(file: Path) -> Problem | None:
    """Return why a file must not be read: it is none, too large, or its aliases and nesting make it so."""
    if not file.is_file():  # a pipe would block
        return Problem(str(file), "a file", "something else")
    size = file.stat().st_size
    if size > LARGEST * 1024:
        return Problem(str(file), f"at most {LARGEST} KiB", f"{size // 1024} KiB")
    if _nodes(file.read_bytes()) > MOST_NODES:
        expected = f"at most {MOST_NODES} values, nested at most {_DEEPEST} deep, where no part contains itself"
        return Problem(str(file), expected, "more")
    return None


def _nodes(content: bytes) -> int:
    """Return the number of values in a file, at least if it may be large: reading it takes a second for 100 KiB."""
    deepest = max(accumulate(_BRACKETS.get(character, 0) for character in content), default=0)
    if deepest > _DEEPEST:
        return MOST_NODES + 1
    if b"*" not in content and deepest + content.count(b"- ") < _DEEPEST:
        return 0
    try:
        return _expanded(yaml.compose(content, Loader=yaml.SafeLoader), {}, 0)
    except (yaml.YAMLError, UnicodeDecodeError):  # reported by who reads it
        return 0
    except RecursionError:
        return MOST_NODES + 1


def _expanded(node: yaml.Node | None, known: dict[int, int], depth: int) -> int:
    """Return the number of nodes below a node, aliases written out, and one; too many for a cycle or a deep nesting."""
    if node is None or depth > _DEEPEST:
        return MOST_NODES + 1 if node else 0
    if id(node) not in known:
        known[id(node)] = MOST_NODES + 1  # for what contains itself
        known[id(node)] = 1 + sum(_expanded(child, known, depth + 1) for child in _children(node))
    return known[id(node)]


def _children(node: yaml.Node) -> Iterator[yaml.Node]:
    for item in node.value if isinstance(node, yaml.CollectionNode) else ():
        yield from item if isinstance(item, tuple) else (item,)
