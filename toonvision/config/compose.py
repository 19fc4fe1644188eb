"""Composing a configuration with Hydra, resolving it for one set of values, and instantiating what it names."""

from __future__ import annotations

import copy
import functools
import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import hydra.utils
from hydra import compose as hydra_compose
from hydra import initialize_config_dir
from hydra.core.config_search_path import ConfigSearchPath
from hydra.core.global_hydra import GlobalHydra
from hydra.core.plugins import Plugins
from hydra.errors import HydraException, MissingConfigException
from hydra.plugins.search_path_plugin import SearchPathPlugin
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import ConfigAttributeError, ConfigKeyError, MissingMandatoryValue, OmegaConfBaseException
from yaml import YAMLError

from toonvision.config.allowlist import check_allowed
from toonvision.errors import ConfigError, did_you_mean
from toonvision.search_space.space import Values

Config = dict[str, Any]
TRIAL = ("dataset", "model", "training")  # the groups that may depend on a trial's values
_OF_A_TRIAL = ("seed", "backend", *TRIAL, "objective", "constraints")
_MARK = re.compile("\0([^\0]+)\0")
_COMPUTED = re.compile(r"\$\{[^}]*[:$]")  # by a function or by another interpolation, which need the value itself


class WorkingDirectoryConfigs(SearchPathPlugin):
    """Lets the options in `conf/` of the working directory compose with the packaged ones."""

    def manipulate_search_path(self, search_path: ConfigSearchPath) -> None:
        """Append `conf/` of the working directory, after the packaged configs."""
        folder = Path.cwd() / "conf"
        if folder.is_dir() and folder.resolve() != config_directory().resolve():
            search_path.append("toonvision-working-directory", f"file://{folder}")


def config_directory() -> Path:
    """Return the folder of the packaged configs: beside the code in a wheel, above it in a checkout."""
    package = Path(__file__).parent.parent
    return package / "conf" if (package / "conf").is_dir() else package.parent / "conf"


def register_search_path() -> None:
    """Let Hydra know of the configs in the working directory; more than once is as good as once."""
    Plugins.instance().register(WorkingDirectoryConfigs)


def compose(overrides: Sequence[str] = ()) -> DictConfig:
    """Compose the configuration, as the command line does.

    Args:
        overrides: in Hydra's grammar, say `["tuner=hyperband", "search_space.learning_rate=0.001"]`.

    Raises:
        ConfigError: if an option or a key is not there.
    """
    register_search_path()
    GlobalHydra.instance().clear()
    try:
        with initialize_config_dir(version_base="1.3", config_dir=str(config_directory().resolve())):
            return hydra_compose(config_name="config", overrides=list(overrides))
    except (HydraException, OmegaConfBaseException, YAMLError) as error:
        raise ConfigError(explain(error)) from error
    except ValueError as error:  # Hydra's answer to group=null
        raise ConfigError(f"expected group=option or key=value. Received: {list(overrides)!r}: {error}") from error


def explain(error: BaseException) -> str:
    """Return the message of an error of Hydra's or OmegaConf's as one of ours: place, expectation, near name."""
    if isinstance(error, MissingConfigException) and error.options:
        group, _, name = str(error.missing_cfg_file).rpartition("/")
        known = ", ".join(error.options)
        return f"{group}: expected one of {known}. Received: {name!r}.{did_you_mean(name, error.options)}"
    cause = error.__cause__ if isinstance(error.__cause__, OmegaConfBaseException) else error
    lines = [line.strip() for e in (error, cause) for line in str(e).splitlines() if line.strip()]
    told = [line.rstrip(".") for line in dict.fromkeys(lines) if not line.startswith(("object_type=", "full_key:"))]
    message = ". ".join(told)
    parent = cause.parent_node if isinstance(cause, OmegaConfBaseException) else None
    if isinstance(parent, DictConfig) and isinstance(cause, ConfigKeyError | ConfigAttributeError):
        known_keys = [str(key) for key in parent]
        message += f". Known there: {', '.join(known_keys)}.{did_you_mean(str(cause.key), known_keys)}"
    return message


def plain(cfg: DictConfig | Mapping[str, Any]) -> Config:
    """Return the configuration as plain containers, interpolations left as they are."""
    container = OmegaConf.to_container(cfg) if isinstance(cfg, DictConfig) else copy.deepcopy(dict(cfg))
    assert isinstance(container, dict)
    return {str(key): value for key, value in container.items() if key != "hydra"}


def resolve(config: Mapping[str, Any], values: Values, keys: Sequence[str] = _OF_A_TRIAL) -> Config:
    """Return the configuration of one trial: `search_space` replaced by values, every interpolation resolved.

    Args:
        config: as `plain` returns it.
        values: a plain value for every name of the search space.
        keys: the groups to resolve, beside `search_space`.

    Raises:
        ConfigError: if an interpolation leads nowhere or a mandatory value is missing; it names the key.
    """
    config = {**config, "search_space": values}
    tree = OmegaConf.create(config)
    try:
        return {key: _container(tree, key) for key in (*keys, "search_space")}
    except OmegaConfBaseException as error:
        raise ConfigError("\n".join(unresolved(config, keys)) or explain(error)) from error


class Resolver:
    """`resolve` for many sets of values: done once, with a mark in place of each value."""

    def __init__(self, config: Mapping[str, Any], keys: Sequence[str] = _OF_A_TRIAL) -> None:
        self.config, self.keys = config, keys
        leaves = (leaf for _, leaf in paths(config) if isinstance(leaf, str))
        self._marked = None
        if not any(map(_COMPUTED.search, leaves)):
            self._marked = resolve(config, {name: f"\0{name}\0" for name in config["search_space"]}, keys)

    def __call__(self, values: Values) -> Config:
        """Return the configuration of these values (see `resolve`)."""
        if self._marked is None:
            return resolve(self.config, values, self.keys)
        return {**{key: _fill(self._marked[key], values) for key in self.keys}, "search_space": dict(values)}


def _fill(node: Any, values: Values) -> Any:
    """Return a copy of what was resolved with marks, with the values in their places."""
    if isinstance(node, dict):
        return {key: _fill(value, values) for key, value in node.items()}
    if isinstance(node, list):
        return [_fill(value, values) for value in node]
    if not isinstance(node, str) or "\0" not in node:
        return node
    if whole := _MARK.fullmatch(node):
        return copy.deepcopy(values[whole[1]])
    return _MARK.sub(lambda mark: str(values[mark[1]]), node)


def resolve_part(config: Mapping[str, Any], key: str) -> Any:
    """Return one group of the configuration, resolved without values of the search space.

    Raises:
        ConfigError: as `resolve` does.
    """
    try:
        return _container(OmegaConf.create(dict(config)), key)
    except OmegaConfBaseException as error:
        raise ConfigError("\n".join(unresolved(config, (key,))) or explain(error)) from error


def unresolved(config: Mapping[str, Any], keys: Sequence[str]) -> list[str]:
    """Return a message for every value below the keys that is missing, or whose interpolation leads nowhere."""
    tree = OmegaConf.create(dict(config))
    errors = []
    for where, leaf in itertools.chain.from_iterable(paths(config[key], key) for key in keys):
        if not isinstance(leaf, str) or ("${" not in leaf and leaf != "???"):
            continue
        try:
            OmegaConf.select(tree, where, throw_on_missing=True)
        except MissingMandatoryValue:
            errors.append(f"{where}: expected a value. Received: none; set it with {where}=VALUE.")
        except OmegaConfBaseException as error:
            parent, _, name = leaf[2:-1].rpartition(".")
            known = [key for above, _, key in (path.rpartition(".") for path, _ in branches(config)) if above == parent]
            hint = did_you_mean(name, known) if name not in known else ""
            errors.append(f"{where}: {explain(error).splitlines()[0]}. Received: {leaf!r}.{hint}")
    return errors


def code_errors(node: object, where: str) -> list[str]:
    """Return what in a resolved node would name code past the allowlist, one message each.

    Args:
        node: resolved and plain.
        where: its path in the configuration.
    """
    errors = []
    for path, value in branches(node, where):
        if isinstance(value, str) and "${" in value:  # Hydra would resolve it once more, after this check
            errors.append(f"{path}: expected a value with nothing left to resolve. Received: {value!r}.")
        elif isinstance(value, Mapping) and "class_name" in value and "config" in value:  # Keras would import it
            errors.append(f"{path}.class_name: expected code to be named by _target_. Received: {dict(value)!r}.")
        if isinstance(value, Mapping) and "_target_" in value:
            try:
                check_allowed(str(value["_target_"]), f"{path}._target_")
            except ConfigError as error:
                errors.append(str(error))
    return errors


def targets(node: object, where: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield every mapping with a `_target_` below `node`, with its path in the configuration."""
    return (
        (path, value) for path, value in branches(node, where) if isinstance(value, Mapping) and "_target_" in value
    )


def instantiate(node: Mapping[str, Any], where: str, **keywords: Any) -> Any:
    """Call what `_target_` names with the node's other keys, after all that it names passed the allowlist.

    Args:
        node: resolved and plain.
        where: the node's path in the configuration, for the error.
        keywords: further arguments, which need not be plain data.

    Raises:
        ConfigError: if a `_target_` is not allowed, or code is named in another way.
    """
    if errors := code_errors(node, where):
        raise ConfigError("\n".join(errors))
    # Arguments that are not plain data go past Hydra, which would turn dataclasses into configs.
    partial = bool(node.get("_partial_"))
    call = hydra.utils.instantiate(OmegaConf.create({**node, "_partial_": True}), _convert_="all")
    return functools.partial(call, **keywords) if partial else call(**keywords)


def branches(node: object, where: str = "") -> Iterator[tuple[str, Any]]:
    """Yield `node` and everything below it, each with its path in the configuration."""
    if where:
        yield where, node
    if isinstance(node, Mapping):
        for key, value in node.items():
            yield from branches(value, f"{where}.{key}" if where else str(key))
    elif isinstance(node, Sequence) and not isinstance(node, str | bytes):
        for index, value in enumerate(node):
            yield from branches(value, f"{where}[{index}]")


def paths(node: object, where: str = "") -> Iterator[tuple[str, Any]]:
    """Yield every string, number, boolean and null below `node` with its path in the configuration."""
    return ((path, value) for path, value in branches(node, where) if not isinstance(value, Mapping | list | tuple))


def _container(tree: DictConfig, key: str) -> Any:
    value = tree[key]
    return OmegaConf.to_container(value, resolve=True, throw_on_missing=True) if OmegaConf.is_config(value) else value
