"""Resolve the groups of a composed configuration: for its search space, for one set of values, or for many."""

from __future__ import annotations

import copy
import functools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, cast

from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import MissingMandatoryValue, OmegaConfBaseException

from toonvision.config.allowlist import target_problem
from toonvision.config.explain import explain
from toonvision.config.signature import Signature, signature
from toonvision.config.tree import Tree, branches, leaves, select
from toonvision.errors import ConfigError, Problem, did_you_mean

_MARK = re.compile("\0([^\0]+)\0")
_COMPUTED = re.compile(r"\$\{[^}]*[:$]")  # by a function or by another interpolation, which need the value itself


def plain(cfg: DictConfig | Mapping[str, Any]) -> Tree:
    """Return the configuration as plain containers without Hydra's node, interpolations left as they are."""
    container = OmegaConf.to_container(cfg) if isinstance(cfg, DictConfig) else copy.deepcopy(dict(cfg))
    assert isinstance(container, dict)
    return {str(key): value for key, value in container.items() if key != "hydra"}


def build_signature(tree: Tree) -> Signature | None:
    """Return the parameters of the function that builds the model; None if there is none, or not an allowed one."""
    target = select(tree, "model.build._target_")
    return signature(target) if isinstance(target, str) and not target_problem(target, "") else None


def _by_name(tree: Tree) -> dict[str, str]:
    """Return a reference for each parameter of the function that builds the model, if the search space has its name."""
    taken, space, build = build_signature(tree), tree.get("search_space"), select(tree, "model.build")
    if taken is None or not isinstance(space, Mapping) or not isinstance(build, Mapping):
        return {}
    names = space if taken.accepts_any else [name for name in taken.names if name in space]
    return {name: f"${{search_space.{name}}}" for name in names if name not in build}


class Composition:
    """A composed configuration, whose groups are resolved with its own search space or with other values.

    The function that builds the model (`model.build`) gets a reference to each entry of the search space that has the
    name of one of its parameters.

    Args:
        cfg: is copied, without Hydra's node.

    Attributes:
        tree: as `plain` returns it, with these references.
    """

    def __init__(self, cfg: DictConfig | Mapping[str, Any]) -> None:
        self.tree = plain(cfg)
        if isinstance(cfg, DictConfig):  # copying takes a fifth of the time of creating
            self._config = copy.deepcopy(cfg)
            OmegaConf.set_readonly(self._config, False)
            OmegaConf.set_struct(self._config, False)
            self._config.pop("hydra", None)
        else:
            self._config = OmegaConf.create(self.tree)
        if references := _by_name(self.tree):
            cast(Tree, select(self.tree, "model.build")).update(references)
            OmegaConf.update(self._config, "model.build", references)

    def resolve(self, keys: Sequence[str], values: Mapping[str, Any] | None = None) -> Tree:
        """Return some groups, every interpolation resolved.

        Args:
            keys: of the groups.
            values: in place of the search space; None for the search space itself.

        Raises:
            ConfigError: naming each key whose interpolation leads nowhere, or whose value is missing.
        """
        resolved, problems = self.try_resolve(keys, values)
        if problems:
            raise ConfigError(*problems)
        return resolved

    def try_resolve(self, keys: Sequence[str], values: Mapping[str, Any] | None = None) -> tuple[Tree, list[Problem]]:
        """Return the groups that can be resolved (see `resolve`), and what is wrong with the others."""
        space = self.tree.get("search_space") if values is None else values
        OmegaConf.update(self._config, "search_space", space, merge=False)
        resolved: Tree = {}
        problems: list[Problem] = []
        for key in keys:
            try:
                resolved[key] = _container(self._config, key)
            except OmegaConfBaseException as error:
                expected = "a group that can be resolved"
                problems += list(self._unresolved(key)) or [
                    Problem(key, expected, repr(self.tree[key]), explain(error))
                ]
        return resolved, problems

    def _unresolved(self, key: str) -> Iterator[Problem]:
        """Yield a problem for every value of a group that is missing, or whose interpolation leads nowhere."""
        for path, leaf in leaves(self.tree[key], key):
            if not isinstance(leaf, str) or ("${" not in leaf and leaf != "???"):
                continue
            try:
                OmegaConf.select(self._config, path, throw_on_missing=True)
            except MissingMandatoryValue:
                yield Problem(path, "a value", "nothing", f"Set it with {path}=VALUE.")
            except OmegaConfBaseException as error:
                hint = f"{explain(error).splitlines()[0]}.{self._near_key(leaf)}"
                yield Problem(path, "an interpolation that leads to a value", repr(leaf), hint)

    def _near_key(self, interpolation: str) -> str:
        parent, _, name = interpolation[2:-1].rpartition(".")
        places = (path.rpartition(".") for path, _ in branches(self.tree))
        known = [key for above, _, key in places if above == parent]
        return did_you_mean(name, known) if name not in known else ""


class Resolver:
    """Resolves some groups for many sets of values: once for the same names, with a mark in the place of each value.

    What does not depend on the values is the same object in every result.

    Args:
        composition: the configuration.
        keys: of the groups.
    """

    def __init__(self, composition: Composition, keys: Sequence[str]) -> None:
        self._composition, self._keys = composition, keys
        self._names: tuple[str, ...] | None = None
        self._fill: _Filler | None = None
        self._marked: Tree = {}
        self._problems: list[Problem] = []

    def resolve(self, values: Mapping[str, Any]) -> Tree:
        """Return the groups for these values (see `Composition.resolve`)."""
        resolved, problems = self.try_resolve(values)
        if problems:
            raise ConfigError(*problems)
        return resolved

    def try_resolve(self, values: Mapping[str, Any]) -> tuple[Tree, list[Problem]]:
        """Return the groups that can be resolved for these values, and what is wrong with the others."""
        if self._computed:
            return self._composition.try_resolve(self._keys, values)
        if self._names != tuple(values):
            self._names = tuple(values)
            self._marked, self._problems = self._composition.try_resolve(self._keys, {n: f"\0{n}\0" for n in values})
            self._fill = _filler(self._marked)
        filled = self._fill(values) if self._fill else dict(self._marked)
        assert isinstance(filled, dict)
        return filled, self._problems

    @functools.cached_property
    def _computed(self) -> bool:
        """Whether some value is computed from an interpolation."""
        texts = (leaf for _, leaf in leaves(self._composition.tree) if isinstance(leaf, str))
        return any(map(_COMPUTED.search, texts))


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


def _container(config: DictConfig, key: str) -> object:
    value = config[key]
    return OmegaConf.to_container(value, resolve=True, throw_on_missing=True) if OmegaConf.is_config(value) else value
