"""The comments beside or above the keys of an option, which say what each key means."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import yaml


@dataclass(frozen=True, slots=True)
class Comment:
    """What the comment on the line of a key says; if there is none, what those above a key within a mapping say.

    Attributes:
        path: the keys down to this one.
        target: the `_target_` of the mapping that holds the key; None for a mapping without one.
        text: of the comment.
    """

    path: tuple[str, ...]
    target: str | None
    text: str


def comments(text: str) -> Iterator[Comment]:
    """Yield the comments of an option, in the order of its keys.

    Args:
        text: of a YAML file.

    Raises:
        yaml.YAMLError: if it is no YAML.
    """
    yield from _below(yaml.compose(text, Loader=yaml.SafeLoader), (), text.splitlines())


def _below(node: yaml.Node | None, path: tuple[str, ...], lines: list[str]) -> Iterator[Comment]:
    if not isinstance(node, yaml.MappingNode):
        return
    targets = [value.value for key, value in node.value if key.value == "_target_"]
    target = targets[0] if targets and isinstance(targets[0], str) else None
    for key, value in node.value:
        below = (*path, str(key.value))
        is_beside = value.start_mark.line == key.end_mark.line
        end = value.end_mark if is_beside and value.end_mark.line == key.end_mark.line else key.end_mark
        beside = re.search(r"(?:^|\s)#\s*(.+)$", lines[end.line][end.column :])
        if text := beside[1].strip() if beside else _above(key.start_mark, lines):
            yield Comment(below, target, text)
        yield from _below(value, below, lines)


def _above(key: yaml.Mark, lines: list[str]) -> str:
    """Return the comment right above a key; nothing at the top, where a comment is of the whole file."""
    first = key.line
    while key.column and first > 0 and lines[first - 1].strip().startswith("#"):
        first -= 1
    return " ".join(line.strip("# ") for line in lines[first : key.line])
