"""Whether a composed configuration makes sense: every error at once, before anything slow is imported."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from omegaconf import DictConfig, OmegaConf

from toonvision import search_space
from toonvision.config import Config, paths, plain, resolve, resolve_part, targets
from toonvision.errors import ConfigError, did_you_mean
from toonvision.target import check_allowed, is_allowed, signature

_JUDGED_WHOLE = ("tuner", "executor", "storage", "report")  # the other groups depend on the trial's values
_TOP = (
    "seed",
    "backend",
    "dataset",
    "model",
    "search_space",
    "baseline",
    "training",
    "objective",
    *_JUDGED_WHOLE,
    "experiment",
)
_COUNTS = ("seed", "training.epochs", "training.batch_size", "training.executions_per_trial", "training.retrain.epochs")
_KNOWN = {
    "model": ("name", "blocks", "output"),
    "training": (
        "epochs",
        "batch_size",
        "executions_per_trial",
        "optimizer",
        "loss",
        "metrics",
        "callbacks",
        "class_weight",
        "precision",
        "retrain",
    ),
    "training.retrain": ("epochs", "callbacks"),
    "objective": ("name", "direction"),
    "report": ("top", "formats"),
}
# What the code itself passes to a `_target_`, beside the configured keys.
_SUPPLIED = {
    "tuner": ("objective", "hyperparameters", "allow_new_entries", "tune_new_entries", "max_retries_per_trial"),
    "model.output": ("units",),
    "training.metrics": ("name",),
    "report.formats": ("results", "directory"),
}
_OF_HYDRA = ("_target_", "_args_", "_partial_", "_recursive_", "_convert_")
_HYDRA_MODULES = ("hydra._internal.core_plugins.", "hydra_plugins.")
_INTERPOLATION = re.compile(r"\$\{(\.*)([^${}:]+)\}")


def validate(cfg: DictConfig | Mapping[str, Any]) -> Config:
    """Return the configuration as plain containers, with the spaces resolved and nothing in doubt.

    Raises:
        ConfigError: naming every key that nothing reads, every name that is not declared or not used, every
            `_target_` that is not allowed or not there, and every value that is out of place.
    """
    config = plain(cfg)
    raise_errors(_unknown(config, "", _TOP))
    raise_errors([f"{key}: expected this key to be set." for key in _TOP[:-1] if config.get(key) is None])
    config["search_space"] = resolve_part(config, "search_space")
    config["baseline"] = resolve_part(config, "baseline")
    raise_errors([message for path, known in _KNOWN.items() for message in _unknown(_at(config, path), path, known)])
    raise_errors(search_space.check(config["search_space"]) + search_space.check_fixed(config["baseline"], "baseline"))
    raise_errors(_name_errors(config) + _block_errors(config))
    for key in (*_JUDGED_WHOLE, "objective"):
        config[key] = resolve_part(config, key)
    errors = [m for key in _JUDGED_WHOLE for m in _target_errors(config[key], key)]
    for values in _sample_values(config):
        resolved = resolve(config, values)
        errors += [m for key in ("dataset", "model", "training") for m in _target_errors(resolved[key], key)]
        errors += _value_errors(resolved)
    raise_errors(errors)
    return config


def check_hydra(cfg: DictConfig) -> None:
    """Raise ConfigError if Hydra's own node names code outside the allowlist, which Hydra would run before the job.

    Args:
        cfg: composed with its `hydra` node: sweeper, launcher and callbacks, and two `logging.config` dictionaries.
    """
    node = OmegaConf.to_container(cfg.hydra)
    errors = [
        f"{path}._target_: expected Hydra's own or an allowed import path. Received: {target['_target_']!r}."
        for path, target in targets(node, "hydra")
        if not str(target["_target_"]).startswith(_HYDRA_MODULES) and not is_allowed(str(target["_target_"]))
    ]
    for path, leaf in paths(node, "hydra"):
        key = path.rpartition(".")[2]
        if key == "()" or (key == "class" and not str(leaf).startswith("logging.")):
            errors.append(f"{path}: expected a class of the logging module. Received: {leaf!r}.")
    raise_errors(errors)


def referenced_names(config: Mapping[str, Any]) -> dict[str, str]:
    """Return every name of the search space that the configuration uses, with the first place that uses it."""
    names: dict[str, str] = {}
    for key in ("dataset", "model", "training", "objective", "tuner"):
        for where, reference in _references(config[key], key):
            top, _, name = reference.partition(".")
            if top == "search_space":
                names.setdefault(name, where)
    for block, node in config["model"]["blocks"].items():
        for name in node.get("when") or {}:
            names.setdefault(name, f"model.blocks.{block}.when")
    for entry, node in search_space.hyperparameters(config["search_space"]).items():
        for name in node.get("when") or {}:
            names.setdefault(name, f"search_space.{entry}.when")
    return names


def raise_errors(errors: Iterable[str]) -> None:
    """Raise one ConfigError with all of these messages, each once, if there are any."""
    errors = list(dict.fromkeys(errors))
    if len(errors) == 1:
        raise ConfigError(errors[0])
    if errors:
        raise ConfigError("\n".join([f"{len(errors)} errors in the configuration:", *(f"- {e}" for e in errors)]))


def _at(config: Mapping[str, Any], path: str) -> Any:
    node: Any = config
    for key in path.split("."):
        node = node.get(key) if isinstance(node, Mapping) else None
    return node


def _unknown(node: object, where: str, known: Any) -> list[str]:
    if not isinstance(node, Mapping):
        return [f"{where}: expected a mapping. Received: {node!r}."]
    prefix = f"{where}." if where else ""
    return [
        f"{prefix}{key}: nothing reads this key. Known here: {', '.join(known)}.{did_you_mean(str(key), known)}"
        for key in node
        if key not in known
    ]


def _references(node: object, where: str) -> Iterator[tuple[str, str]]:
    """Yield (place, absolute path it refers to) for every interpolation below `node`."""
    for path, leaf in paths(node, where):
        if isinstance(leaf, str):
            for dots, reference in _INTERPOLATION.findall(leaf):
                parts = path.replace("[", ".").replace("]", "").split(".")
                parent = parts[: -len(dots)] if dots else []
                yield path, ".".join([*parent, reference])


def _name_errors(config: Config) -> list[str]:
    used = referenced_names(config)
    errors = []
    for group in ("search_space", "baseline"):
        declared = config[group]
        for name, where in used.items():
            if name not in declared:
                errors.append(
                    f"{where}: refers to {name!r}, which {group} does not declare.{did_you_mean(name, declared)}"
                )
        for name in declared:
            if name not in used:
                errors.append(
                    f"{group}.{name}: nothing uses this name. Refer to it as ${{search_space.{name}}} in the model, "
                    f"training or dataset, or remove it with ~{group}.{name}.{did_you_mean(name, set(used) - {name})}"
                )
    return errors


def _block_errors(config: Config) -> list[str]:
    read = {reference for _, reference in _references(config["model"], "model")}
    errors = []
    for name, block in config["model"]["blocks"].items():
        where = f"model.blocks.{name}"
        if not isinstance(block, Mapping) or not isinstance(block.get("layers"), Mapping):
            errors.append(f"{where}: expected a block with its layers as a mapping. Received: {block!r}.")
            continue
        when = block.get("when") or {}
        if not isinstance(when, Mapping) or not all(isinstance(allowed, list) for allowed in when.values()):
            errors.append(f"{where}.when: expected names of the space with lists of values. Received: {when!r}.")
        parameters = [key for key in block if key not in ("layers", "when")]
        errors += [
            f"{where}.{key}: nothing reads this key; no layer of the block refers to it."
            f"{did_you_mean(key, [p for p in parameters if f'{where}.{p}' in read])}"
            for key in parameters
            if f"{where}.{key}" not in read
        ]
        errors += [
            f"{where}.layers.{layer}: expected a mapping with the key _target_. Received: {node!r}."
            for layer, node in block["layers"].items()
            if node is not None and (not isinstance(node, Mapping) or "_target_" not in node)
        ]
    return errors


def _sample_values(config: Config) -> Iterator[search_space.Values]:
    """The baseline, the space's defaults, and each choice on which a `_target_` depends."""
    space = config["search_space"]
    defaults = search_space.defaults(space)
    yield search_space.complete(space, config["baseline"])
    yield defaults
    in_targets = {
        reference.partition(".")[2]
        for key in ("dataset", "model", "training")
        for where, reference in _references(config[key], key)
        if where.endswith("_target_")
    }
    for name, entry in search_space.hyperparameters(space).items():
        if name in in_targets:
            for value in entry.get("values", ()):
                yield {**defaults, name: value}


def _target_errors(node: object, where: str) -> list[str]:
    errors = []
    for path, target in targets(node, where):
        name = str(target["_target_"])
        try:
            check_allowed(name, f"{path}._target_")
            accepted = signature(name, f"{path}._target_")
        except ConfigError as error:
            errors.append(str(error))
            continue
        role = path if path in _SUPPLIED else path.rpartition(".")[0]
        supplied = _SUPPLIED.get(role, ())
        errors += [f"{path}.{key}: toonvision sets this itself; remove it." for key in target if key in supplied]
        if not accepted.accepts_any:
            errors += [
                f"{path}.{key}: {name} does not take this keyword.{did_you_mean(str(key), accepted.names)}"
                for key in target
                if key not in (*accepted.names, *_OF_HYDRA)
            ]
        if "_args_" not in target and not target.get("_partial_"):
            errors += [
                f"{path}: {name} needs {key!r}, which is not given."
                for key in accepted.required
                if key not in (*target, *supplied)
            ]
    return errors


def _value_errors(resolved: Config) -> list[str]:
    training, objective = resolved["training"], resolved["objective"]
    measured = ["loss", *training["metrics"]]
    validated = measured + [f"val_{name}" for name in measured]
    errors = []
    if objective["direction"] not in ("min", "max"):
        errors.append(f"objective.direction: expected min or max. Received: {objective['direction']!r}.")
    if objective["name"] not in validated:
        errors.append(_expected("objective.name", validated, objective["name"]))
    for where, callbacks, available in (
        ("training", training["callbacks"], validated),
        ("training.retrain", training["retrain"]["callbacks"], measured),
    ):
        for name, callback in (callbacks or {}).items():
            monitor = (callback or {}).get("monitor")
            if monitor is not None and monitor not in available:
                errors.append(_expected(f"{where}.callbacks.{name}.monitor", available, monitor))
    for path, known in (
        ("training.class_weight", (None, "balanced")),
        ("training.precision", ("float32", "mixed_float16", "mixed_bfloat16")),
    ):
        if _at(resolved, path) not in known:
            errors.append(_expected(path, ["null" if k is None else k for k in known], _at(resolved, path)))
    for path in _COUNTS:
        value = _at(resolved, path)
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            errors.append(f"{path}: expected a whole number of at least 1. Received: {value!r}.")
    if resolved["backend"] not in ("tensorflow", "jax", "torch"):
        errors.append(_expected("backend", ["tensorflow", "jax", "torch"], resolved["backend"]))
    return errors


def _expected(where: str, known: list[str], received: object) -> str:
    return f"{where}: expected one of {', '.join(known)}. Received: {received!r}.{did_you_mean(str(received), known)}"
