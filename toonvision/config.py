"""Composing a configuration with Hydra, resolving it for one set of values, and instantiating what it names."""

from __future__ import annotations

import copy
import functools
import itertools
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
from omegaconf.errors import ConfigAttributeError, ConfigKeyError, OmegaConfBaseException

from toonvision.errors import ConfigError, did_you_mean
from toonvision.search_space import Values
from toonvision.target import check_allowed

Config = dict[str, Any]


class WorkingDirectoryConfigs(SearchPathPlugin):
    """Lets the options in `conf/` of the working directory compose with the packaged ones."""

    def manipulate_search_path(self, search_path: ConfigSearchPath) -> None:
        """Append `conf/` of the working directory, after the packaged configs."""
        folder = Path.cwd() / "conf"
        if folder.is_dir() and folder.resolve() != config_directory().resolve():
            search_path.append("toonvision-working-directory", f"file://{folder}")


def config_directory() -> Path:
    """Return the folder of the packaged configs: beside the code in a wheel, above it in a checkout."""
    packaged = Path(__file__).parent / "conf"
    return packaged if packaged.is_dir() else Path(__file__).parent.parent / "conf"


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
    except (HydraException, OmegaConfBaseException) as error:
        raise ConfigError(explain(error)) from error


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


def resolve(config: Mapping[str, Any], values: Values) -> Config:
    """Return the configuration of one trial: `search_space` replaced by values, every interpolation resolved.

    Args:
        config: as `plain` returns it.
        values: a plain value for every name of the search space.

    Raises:
        ConfigError: if an interpolation leads nowhere or a mandatory value is missing; it names the key.
    """
    # Only what a trial is made of: the search around it may hold keys that are resolved elsewhere.
    parts = {key: config[key] for key in ("seed", "backend", "dataset", "model", "training", "objective")}
    try:
        container = OmegaConf.to_container(
            OmegaConf.create({**parts, "search_space": values}), resolve=True, throw_on_missing=True
        )
    except OmegaConfBaseException as error:
        raise ConfigError(_with_full_key(error)) from error
    assert isinstance(container, dict)
    return {str(key): value for key, value in container.items()}


def resolve_part(config: Mapping[str, Any], key: str) -> Any:
    """Return one group of the configuration, resolved without values of the search space."""
    tree = OmegaConf.create(dict(config))
    try:
        return OmegaConf.to_container(tree[key], resolve=True, throw_on_missing=True)
    except OmegaConfBaseException as error:
        raise ConfigError(_with_full_key(error)) from error


def targets(node: object, where: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield every mapping with a `_target_` below `node`, with its path in the configuration."""
    if isinstance(node, Mapping):
        if "_target_" in node:
            yield where, node
        for key, value in node.items():
            yield from targets(value, f"{where}.{key}")
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from targets(value, f"{where}[{index}]")


def instantiate(node: Mapping[str, Any], where: str, **keywords: Any) -> Any:
    """Call what `_target_` names with the node's other keys, after every `_target_` in it passed the allowlist.

    Args:
        node: resolved and plain.
        where: the node's path in the configuration, for the error.
        keywords: further arguments, which need not be plain data.

    Raises:
        ConfigError: if a `_target_` is not allowed.
    """
    for path, target in targets(node, where):
        check_allowed(str(target["_target_"]), f"{path}._target_")
    # Arguments that are not plain data go past Hydra, which would turn dataclasses into configs.
    partial = bool(node.get("_partial_"))
    call = hydra.utils.instantiate(OmegaConf.create({**node, "_partial_": True}), _convert_="all")
    return functools.partial(call, **keywords) if partial else call(**keywords)


def paths(node: object, where: str = "") -> Iterator[tuple[str, Any]]:
    """Yield every leaf below `node` with its path in the configuration."""
    if isinstance(node, Mapping):
        children = [(f"{where}.{key}" if where else str(key), value) for key, value in node.items()]
    elif isinstance(node, list):
        children = [(f"{where}[{index}]", value) for index, value in enumerate(node)]
    else:
        yield where, node
        return
    yield from itertools.chain.from_iterable(paths(value, path) for path, value in children)


def _with_full_key(error: OmegaConfBaseException) -> str:
    first = (str(error).splitlines() or [""])[0]
    return f"{error.full_key}: {first}" if error.full_key else explain(error)
