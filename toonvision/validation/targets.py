"""The nodes of a resolved configuration: mappings whose `_target_` is called with their other keys."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator, Mapping
from typing import Any

from toonvision.config.allowlist import check_allowed
from toonvision.config.compose import code_errors, targets
from toonvision.config.signature import missing_packages, signature
from toonvision.errors import ConfigError, did_you_mean

# Where a node is expected; `*` stands for any name, `?` after a path for "null leaves it out".
_EXPECTED = (
    "dataset",
    "model.output",
    "model.blocks.*.layers.*?",
    "training.optimizer",
    "training.loss",
    "training.metrics.*",
    "training.callbacks.*?",
    "training.retrain.callbacks.*?",
    "tuner",
    "tuner.sampler",
    "strategy.rounds.*",
    "strategy.rounds.*.sampler",
    "pruner",
    "executor",
    "storage",
    "report.formats.*?",
    "report.live.*?",
    "tracker?",
)
# What the code itself passes to a `_target_`, beside the configured keys.
_OF_AN_ORACLE = ("objective", "hyperparameters", "allow_new_entries", "tune_new_entries", "max_retries_per_trial")
_SUPPLIED = {
    "tuner": _OF_AN_ORACLE,
    "strategy.rounds.*": _OF_AN_ORACLE,
    "model.output": ("units",),
    "training.metrics.*": ("name",),
    "report.formats.*": ("results", "directory"),
    "report.live.*": ("trial", "config", "directory"),
}
# What a target of another library imports only when it is at work, and the extra that installs it.
_NEEDED = {"optuna.samplers.GPSampler": ("torch", "gp")}
_OF_HYDRA = ("_target_", "_args_", "_partial_", "_recursive_", "_convert_")


def node_errors(groups: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with the nodes of some groups of a configuration, one message each.

    Args:
        groups: by name, resolved and plain.
    """
    errors = []
    for pattern in _EXPECTED:
        path, optional = pattern.removesuffix("?"), pattern.endswith("?")
        for where, node in _matching(groups, path.split("."), ""):
            if not (isinstance(node, Mapping) and "_target_" in node) and not (optional and node is None):
                errors.append(f"{where}: expected a mapping with the key _target_. Received: {node!r}.")
    for name, group in groups.items():
        errors += code_errors(group, name)
        errors += [message for where, node in targets(group, name) for message in _keyword_errors(node, where)]
    return errors


def _matching(node: Any, pattern: list[str], where: str) -> Iterator[tuple[str, Any]]:
    """Yield what stands at a pattern of keys, with its path; nothing for a group that is not there."""
    if not pattern:
        yield where, node
    elif isinstance(node, Mapping):
        for key in node if pattern[0] == "*" else pattern[:1]:
            if key in node:
                yield from _matching(node[key], pattern[1:], f"{where}.{key}" if where else str(key))


def _keyword_errors(node: Mapping[str, Any], where: str) -> list[str]:
    """What the target does not take, or lacks; nothing for a target that is refused."""
    name = str(node["_target_"])
    try:
        check_allowed(name, f"{where}._target_")
        accepted = signature(name, f"{where}._target_")
    except ConfigError:
        return []  # among the code errors
    missing, extra = _missing_packages(name)
    if missing:
        return [f"{where}: {name} needs {', '.join(missing)}. Install it by pip install 'toonvision[{extra}]'."]
    supplied = _SUPPLIED.get(where) or _SUPPLIED.get(f"{where.rpartition('.')[0]}.*", ())
    errors = [f"{where}.{key}: toonvision sets this itself; remove it." for key in node if key in supplied]
    if not accepted.accepts_any:
        errors += [
            f"{where}.{key}: {name} does not take this keyword.{did_you_mean(str(key), accepted.names)}"
            for key in node
            if key not in (*accepted.names, *supplied, *_OF_HYDRA)
        ]
        errors += [
            f"{where}: expected a target that takes {key!r}, which toonvision passes. Received: {name!r}."
            for key in supplied
            if key not in accepted.names
        ]
    if "_args_" not in node and not node.get("_partial_"):
        errors += [
            f"{where}: {name} needs {key!r}, which is not given."
            for key in accepted.required
            if key not in (*node, *supplied)
        ]
    return errors


def _missing_packages(name: str) -> tuple[list[str], str]:
    """The packages that a target needs and that are not installed, and the extra that installs them."""
    if name in _NEEDED:
        package, extra = _NEEDED[name]
        return [package] if importlib.util.find_spec(package) is None else [], extra
    module, _, _ = name.rpartition(".")
    extra = module.rpartition(".")[2]  # named as the file that imports what it installs
    return missing_packages(module) if module.startswith("toonvision.") else [], extra
