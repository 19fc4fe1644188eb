"""A node: a mapping whose `_target_` names a class or a function, and whose other keys are its arguments."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

import hydra.utils
from omegaconf import OmegaConf
from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

from toonvision.config.allowlist import target_problem
from toonvision.config.tree import branches
from toonvision.errors import ConfigError, Problem
from toonvision.trial.bounds import EXPECTED


@dataclass(frozen=True, slots=True)
class Node:
    """What a configuration names to be called.

    Attributes:
        target: the import path of a class or a function.
        arguments: its keywords, plain and resolved; they may hold further nodes as mappings.
    """

    target: str
    arguments: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def from_mapping(cls, mapping: Mapping[str, Any]) -> Node:
        """Return the node that a mapping with the key `_target_` describes."""
        return cls(str(mapping["_target_"]), {key: value for key, value in mapping.items() if key != "_target_"})

    def to_mapping(self) -> dict[str, Any]:
        """Return the mapping with the key `_target_`."""
        return {"_target_": self.target, **self.arguments}


def instantiate(node: Node, path: str, **keywords: object) -> Any:
    """Call the target of a node, after everything that the node names has passed the allowlist.

    Args:
        node: resolved.
        path: its path in the configuration, for errors.
        keywords: further arguments, which need not be plain data.

    Raises:
        ConfigError: if a `_target_` is not allowed, or code is named in another way.
    """
    mapping = node.to_mapping()
    if problems := list(code_problems(mapping, path)):
        raise ConfigError(*problems)
    # Hydra would turn dataclasses among the keywords into configurations, so they are passed after it.
    partial = bool(mapping.get("_partial_"))
    call = hydra.utils.instantiate(OmegaConf.create({**mapping, "_partial_": True}), _convert_="all")
    return functools.partial(call, **keywords) if partial else call(**keywords)


def code_problems(node: object, path: str) -> Iterator[Problem]:
    """Yield what would name code past the allowlist.

    Args:
        node: resolved and plain.
        path: its path in the configuration.
    """
    for place, value in branches(node, path):
        if isinstance(value, str) and "${" in value:  # Hydra would resolve it after this check
            yield Problem(place, "a value with nothing left to resolve", repr(value))
        elif isinstance(value, Mapping) and "class_name" in value and "config" in value:  # Keras would import it
            yield Problem(f"{place}.class_name", "code to be named by _target_", repr(dict(value)))
        if isinstance(value, Mapping) and "_target_" in value:
            problem = target_problem(str(value["_target_"]), f"{place}._target_")
            if problem is not None:
                yield problem


def _node(value: object) -> object:
    if isinstance(value, Node):
        return value
    if not isinstance(value, Mapping) or "_target_" not in value:
        raise PydanticCustomError(EXPECTED, "{expected}", {"expected": "a mapping with the key _target_"})
    return Node.from_mapping(value)


NodeField = Annotated[Node, BeforeValidator(_node)]
Nodes = dict[str, NodeField]
OptionalNodes = dict[str, NodeField | None]  # null leaves one out
