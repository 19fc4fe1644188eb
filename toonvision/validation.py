"""Whether a composed configuration makes sense: every error at once, before anything slow is imported."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from typing import Any

from omegaconf import DictConfig

from toonvision import search_space
from toonvision.budget import Budget
from toonvision.config import TRIAL, Config, branches, plain, resolve, resolve_part, unresolved
from toonvision.errors import ConfigError, did_you_mean
from toonvision.node import node_errors
from toonvision.objective import DIRECTIONS, PARAMETERS
from toonvision.reference import name_errors, references
from toonvision.slot import option_errors
from toonvision.trial import FAILURES

_SPACES = ("search_space", "baseline")
_SEARCH = (
    "objective",
    "tuner",
    "strategy",
    "pruner",
    "executor",
    "storage",
    "budget",
    "retries",
    "report",
)  # the same for all trials
_TOP = ("seed", "backend", "warm_start", *_SPACES, *TRIAL, *_SEARCH)
_MAPPINGS = (*_SPACES, *TRIAL, *_SEARCH, "model.blocks", "strategy.rounds")
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
        "timeout",
        "memory_limit",
        "retrain",
    ),
    "training.retrain": ("epochs", "callbacks"),
    "objective": ("name", "direction", "also"),
    "strategy": ("rounds", "narrowing"),
    "budget": tuple(field.name for field in fields(Budget)),
    "retries": tuple(reason.key for reason in FAILURES),
    "report": ("top", "formats"),
}
_COUNTS = (
    "seed",
    "training.epochs",
    "training.batch_size",
    "training.executions_per_trial",
    "training.retrain.epochs",
    "budget.trials?",
    "budget.patience?",
    "report.top",
)
_OF_ONE_OBJECTIVE = ("optuna.samplers.CmaEsSampler",)
_AMOUNTS = ("training.timeout?", "training.memory_limit?", "budget.minutes?")
_ONE_OF = {
    "backend": ("tensorflow", "jax", "torch"),
    "objective.direction": DIRECTIONS,
    "training.class_weight": (None, "balanced"),
    "training.precision": ("float32", "mixed_float16", "mixed_bfloat16"),
}


def validate(cfg: DictConfig | Mapping[str, Any]) -> Config:
    """Return the configuration as plain containers, with the spaces resolved and nothing in doubt.

    Raises:
        ConfigError: naming every key that nothing reads, every name that is not declared or not used, every
            `_target_` that is not allowed or not there, and every value that is out of place.
    """
    config = plain(cfg)
    errors = [m for path, known in {"": _TOP, **_KNOWN}.items() for m in _unknown(_at(config, path), path, known)]
    malformed = _malformed(config)
    if not malformed:
        malformed = unresolved(config, _SPACES)
    if malformed:  # nothing can be said of what would be in there
        raise_errors(errors + malformed)
    for key in _SPACES:
        config[key] = resolve_part(config, key)
    space, baseline = config["search_space"], config["baseline"]
    space_errors = search_space.check(space)
    baseline_errors = search_space.check(baseline, "baseline") or search_space.check_fixed(baseline, "baseline")
    errors += [*space_errors, *baseline_errors, *name_errors(config, _SPACES)]
    errors += _block_errors(config, dict.fromkeys(space) if space_errors else space)
    samples = [] if baseline_errors else [{**dict.fromkeys(space), **baseline}]
    samples += [] if space_errors else list(_sample_values(space))
    raise_errors(errors + _group_errors(config, samples))
    return config


def raise_errors(errors: Iterable[str]) -> None:
    """Raise one ConfigError with all of these messages, each once, if there are any."""
    errors = list(dict.fromkeys(errors))
    if len(errors) == 1:
        raise ConfigError(errors[0])
    if errors:
        raise ConfigError("\n".join([f"{len(errors)} errors in the configuration:", *(f"- {e}" for e in errors)]))


def _at(config: Mapping[str, Any], path: str) -> Any:
    node: Any = config
    for key in path.split(".") if path else ():
        node = node.get(key) if isinstance(node, Mapping) else None
    return node


def _unknown(node: object, where: str, known: Sequence[str]) -> Iterator[str]:
    for key in node if isinstance(node, Mapping) else ():
        if key not in known:
            hint = did_you_mean(str(key), known)
            if key == "experiment":
                hint = " The YAML of an experiment opens with '# @package _global_'."
            place = f"{where}.{key}" if where else key
            yield f"{place}: nothing reads this key. Known here: {', '.join(known)}.{hint}"


def _malformed(config: Config) -> list[str]:
    errors = [f"{key}: expected this key to be set." for key in _TOP if config.get(key) is None and key != "warm_start"]
    for path in (*_MAPPINGS, *(path for path in _KNOWN if "." in path)):
        node = _at(config, path)
        if not isinstance(node, Mapping) and (node is not None or "." in path):
            errors.append(f"{path}: expected a mapping. Received: {node!r}.")
    for path, known in _KNOWN.items():
        node = _at(config, path)
        if isinstance(node, Mapping):
            errors += [f"{path}.{key}: expected this key to be set." for key in known if key not in node]
    blocks = _at(config, "model.blocks")
    errors += [
        f"model.blocks.{name}: expected a block with its layers as a mapping. Received: {block!r}."
        for name, block in (blocks.items() if isinstance(blocks, Mapping) else ())
        if not isinstance(block, Mapping) or not isinstance(block.get("layers"), Mapping)
    ]
    return errors


def _block_errors(config: Config, space: search_space.Space) -> list[str]:
    read = [f"{reference}." for key in TRIAL for _, reference in references(config[key], key)]
    errors = []
    for name, block in config["model"]["blocks"].items():
        where = f"model.blocks.{name}"
        parameters = [key for key in block if key not in ("layers", "when")]
        unread = [key for key in parameters if not any(r.startswith(f"{where}.{key}.") for r in read)]
        known = ("layers", "when", *(key for key in parameters if key not in unread))
        errors += [
            f"{where}.{key}: nothing reads this key; no layer of the block refers to it."
            f"{did_you_mean(str(key), known) or f' Remove it with ~{where}.{key}'}"
            for key in unread
        ]
        when = block.get("when") or {}
        if isinstance(when, Mapping):  # a name that is not declared is reported as every other
            when = {parent: allowed for parent, allowed in when.items() if parent in space}
        errors += search_space.check_when(when, space, f"{where}.when")
    return errors


def _sample_values(space: search_space.Space) -> Iterator[search_space.Values]:
    """The defaults, then values in which every bound and every string that can be chosen comes up once."""
    defaults = search_space.defaults(space)
    yield defaults
    ends = {name: _ends(entry) for name, entry in search_space.hyperparameters(space).items()}
    for index in range(max(map(len, ends.values()), default=0)):
        yield defaults | {name: values[index % len(values)] for name, values in ends.items()}


def _ends(entry: Mapping[str, Any]) -> list[Any]:
    if entry["hp"] in ("Int", "Float"):
        return [entry["min_value"], entry["max_value"]]
    values = list(search_space.possible_values(entry) or ())
    return values if isinstance(values[0], str) else [min(values), max(values)]


def _group_errors(config: Config, samples: list[search_space.Values]) -> list[str]:
    """Resolve what is the same for all trials in place, and judge the rest by samples of the values."""
    config.setdefault("warm_start", None)
    common = ("seed", "backend", "warm_start", *_SEARCH)
    dangling = [  # the baseline may lack a name that the space has, and the other way round
        message
        for space in (samples[:2] or [config["search_space"]])
        for message in unresolved({**config, "search_space": space}, (*common, *TRIAL))
    ]
    errors = [message for message in dangling if "'search_space." not in message]  # those are reported as names
    broken = {re.split(r"[.\[:]", message, maxsplit=1)[0] for message in dangling}
    broken |= {"strategy"} if "tuner" in broken else set()  # one round is the tuner
    groups = resolve(config, config["search_space"], [key for key in common if key not in broken])
    del groups["search_space"]
    config |= groups
    if "tuner" in groups and isinstance(_at(groups, "strategy.rounds"), Mapping):
        rounds = groups["strategy"]["rounds"]
        others = {name: tuner for name, tuner in rounds.items() if tuner != groups["tuner"]}
        if len(others) == len(rounds):
            errors.append("tuner: nothing reads this key. Expected one of strategy.rounds to be ${tuner}.")
        groups["strategy"] = {**groups["strategy"], "rounds": others}  # what is wrong with the tuner is said once
    errors += [
        f"{path}: expected a value that is the same for all trials. Received: a hyperparameter, {dict(node)!r}."
        for path, node in ((p, n) for key, group in groups.items() for p, n in branches(group, key))
        if isinstance(node, Mapping) and node.get("hp") in search_space.KINDS
    ]
    for values in samples or [{}]:
        keys = [key for key in TRIAL if key not in broken and samples]
        resolved = {**groups, **resolve(config, values, keys)}
        del resolved["search_space"]
        errors += [*node_errors(resolved), *_value_errors(resolved)]
    return errors


def _value_errors(groups: Mapping[str, Any]) -> Iterator[str]:
    tuners = ["tuner", *(f"strategy.rounds.{name}" for name in _at(groups, "strategy.rounds") or ())]
    for path, value in _present(groups, (*_COUNTS, *(f"{tuner}.max_trials?" for tuner in tuners))):
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            yield f"{path}: expected a whole number of at least 1. Received: {value!r}."
    for path, value in _present(groups, _AMOUNTS):
        if not isinstance(value, int | float) or isinstance(value, bool) or not value > 0:
            yield f"{path}: expected a number above 0, or null. Received: {value!r}."
    for key, value in groups.get("retries", {}).items():
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            yield f"retries.{key}: expected a whole number of at least 0. Received: {value!r}."
    if str(groups.get("executor", {}).get("_target_")).startswith("toonvision.executor."):
        yield from option_errors(groups["executor"])
    for path, known in _ONE_OF.items():
        if path.partition(".")[0] in groups and _at(groups, path) not in known:
            yield _expected(path, ["null" if k is None else k for k in known], _at(groups, path))
    if not isinstance(groups.get("warm_start"), str | None):
        yield f"warm_start: expected the directory of a run, or null. Received: {groups['warm_start']!r}."
    if "model" in groups and not isinstance(groups["model"]["name"], str):
        yield f"model.name: expected a name. Received: {groups['model']['name']!r}."
    if "report" in groups and not isinstance(groups["report"]["formats"], Mapping):
        yield f"report.formats: expected a mapping. Received: {groups['report']['formats']!r}."
    for tuner in tuners:
        sampler = str(_at(groups, f"{tuner}.sampler._target_"))
        if sampler in _OF_ONE_OBJECTIVE and _at(groups, "objective.also"):
            yield (
                f"objective.also: expected no further objectives with {sampler}, which searches for one. Received: "
                f"{groups['objective']['also']!r}. For several: tuner=nsga2"
            )
    if "training" in groups:
        yield from _metric_errors(groups["training"], groups.get("objective"))


def _present(groups: Mapping[str, Any], paths: Iterable[str]) -> Iterator[tuple[str, Any]]:
    """Yield what stands at the paths, but for groups that are not there and, at those with `?`, null."""
    for path in paths:
        key, value = path.removesuffix("?"), _at(groups, path.removesuffix("?"))
        if key.partition(".")[0] in groups and not (path.endswith("?") and value is None):
            yield key, value


def _metric_errors(training: Config, objective: Config | None) -> Iterator[str]:
    if not isinstance(training["metrics"], Mapping):
        yield f"training.metrics: expected a mapping. Received: {training['metrics']!r}."
        return
    measured = ["loss", *training["metrics"]]
    validated = measured + [f"val_{name}" for name in measured]
    if objective is not None:
        yield from _objective_errors(objective, validated)
    for where, callbacks, available in (
        ("training.callbacks", training["callbacks"], validated),
        ("training.retrain.callbacks", training["retrain"]["callbacks"], measured),
    ):
        if not isinstance(callbacks, Mapping | None):
            yield f"{where}: expected a mapping. Received: {callbacks!r}."
            continue
        for name, callback in (callbacks or {}).items():
            monitor = callback.get("monitor") if isinstance(callback, Mapping) else None
            if monitor is not None and monitor not in available:
                yield _expected(f"{where}.{name}.monitor", available, monitor)


def _objective_errors(objective: Config, validated: list[str]) -> Iterator[str]:
    if objective["name"] not in validated:
        yield _expected("objective.name", validated, objective["name"])
    if not isinstance(objective["also"], Mapping):
        yield f"objective.also: expected a mapping of names to directions. Received: {objective['also']!r}."
        return
    others = [name for name in (*validated, PARAMETERS) if name != objective["name"]]
    for name, direction in objective["also"].items():
        if name not in others:
            yield _expected("objective.also", others, name)
        if direction not in DIRECTIONS:
            yield _expected(f"objective.also.{name}", DIRECTIONS, direction)


def _expected(where: str, known: Sequence[str], received: object) -> str:
    return f"{where}: expected one of {', '.join(known)}. Received: {received!r}.{did_you_mean(str(received), known)}"
