"""Resolve a composed configuration: for one set of values, for many, or one group of it."""

from __future__ import annotations

import copy
import itertools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import MissingMandatoryValue, OmegaConfBaseException

from toonvision.config.compose import explain
from toonvision.config.tree import Tree, branches, leaves
from toonvision.errors import ConfigError, Problem, did_you_mean

_MARK = re.compile("\0([^\0]+)\0")
_COMPUTED = re.compile(r"\$\{[^}]*[:$]")  # by a function or by another interpolation, which need the value itself


def plain(cfg: DictConfig | Mapping[str, Any]) -> Tree:
    """Return the configuration as plain containers without Hydra's node, interpolations left as they are."""
    container = OmegaConf.to_container(cfg) if isinstance(cfg, DictConfig) else copy.deepcopy(dict(cfg))
    assert isinstance(container, dict)
    return {str(key): value for key, value in container.items() if key != "hydra"}


def resolve(tree: Mapping[str, object], values: Mapping[str, Any], keys: Sequence[str]) -> Tree:
    """Return some groups of a configuration for one set of values.

    Args:
        tree: as `plain` returns it.
        values: in the place of the search space.
        keys: of the groups.

    Raises:
        ConfigError: naming each key whose interpolation leads nowhere, or whose value is missing.
    """
    tree = {**tree, "search_space": values}
    config = OmegaConf.create(tree)
    try:
        return {key: _container(config, key) for key in keys}
    except OmegaConfBaseException as error:
        raise _unresolved_error(tree, keys, error) from error


class Resolver:
    """`resolve` for many sets of values: resolved once, with a mark in the place of each value.

    What does not depend on the values is the same object in every result.

    Args:
        tree: as `plain` returns it, with the search space.
        keys: of the groups to resolve.
    """

    def __init__(self, tree: Mapping[str, object], keys: Sequence[str]) -> None:
        self._tree, self._keys = tree, keys
        self._fill: _Filler | None = None

    def __call__(self, values: Mapping[str, Any]) -> Tree:
        """Return the groups for these values (see `resolve`)."""
        if self._fill is None:
            if any(isinstance(leaf, str) and _COMPUTED.search(leaf) for _, leaf in leaves(self._tree)):
                return resolve(self._tree, values, self._keys)
            marked = resolve(self._tree, {name: f"\0{name}\0" for name in values}, self._keys)
            self._fill = _filler(marked) or (lambda values: dict(marked))
        filled = self._fill(values)
        assert isinstance(filled, dict)
        return filled


_Filler = Callable[[Mapping[str, Any]], object]


def _filler(node: object) -> _Filler | None:
    """Return the function that replaces the marks in a node by values; None if there are none."""
    if isinstance(node, dict):
        fillers = {key: filler for key, value in node.items() if (filler := _filler(value))}
        return (lambda values: node | {key: fill(values) for key, fill in fillers.items()}) if fillers else None
    if isinstance(node, list):
        parts = [(value, _filler(value)) for value in node]
        if not any(filler for _, filler in parts):
            return None
        return lambda values: [fill(values) if fill else value for value, fill in parts]
    if not isinstance(node, str) or "\0" not in node:
        return None
    if whole := _MARK.fullmatch(node):
        name = whole[1]
        return lambda values: values[name]
    return lambda values: _MARK.sub(lambda mark: str(values[mark[1]]), node)


def resolve_group(tree: Mapping[str, object], key: str) -> object:
    """Return one group of a configuration, resolved without values of the search space.

    Raises:
        ConfigError: as `resolve` does.
    """
    resolved = resolve_each(tree, [key])[key]
    if isinstance(resolved, ConfigError):
        raise resolved
    return resolved


def resolve_each(tree: Mapping[str, object], keys: Sequence[str]) -> dict[str, object]:
    """Return each of some groups, resolved without values of the search space, or the ConfigError that it raises."""
    config = OmegaConf.create(dict(tree))
    resolved: dict[str, object] = {}
    for key in keys:
        try:
            resolved[key] = _container(config, key)
        except OmegaConfBaseException as error:
            resolved[key] = _unresolved_error(tree, (key,), error)
    return resolved


def unresolved(tree: Mapping[str, object], keys: Sequence[str]) -> Iterator[Problem]:
    """Yield a problem for every value below the keys that is missing, or whose interpolation leads nowhere."""
    config = OmegaConf.create(dict(tree))
    for path, leaf in itertools.chain.from_iterable(leaves(tree[key], key) for key in keys if key in tree):
        if not isinstance(leaf, str) or ("${" not in leaf and leaf != "???"):
            continue
        try:
            OmegaConf.select(config, path, throw_on_missing=True)
        except MissingMandatoryValue:
            yield Problem(path, "a value", "nothing", f"Set it with {path}=VALUE.")
        except OmegaConfBaseException as error:
            parent, _, name = leaf[2:-1].rpartition(".")
            known = [key for above, _, key in (place.rpartition(".") for place, _ in branches(tree)) if above == parent]
            hint = did_you_mean(name, known) if name not in known else ""
            reason = explain(error).splitlines()[0]
            yield Problem(path, "an interpolation that leads to a value", repr(leaf), f"{reason}.{hint}")


def _unresolved_error(tree: Mapping[str, object], keys: Sequence[str], error: OmegaConfBaseException) -> ConfigError:
    problems = list(unresolved(tree, keys))
    return ConfigError(*problems) if problems else ConfigError(explain(error))


def _container(config: DictConfig, key: str) -> object:
    value = config[key]
    return OmegaConf.to_container(value, resolve=True, throw_on_missing=True) if OmegaConf.is_config(value) else value
