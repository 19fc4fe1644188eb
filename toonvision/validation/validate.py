"""Whether a composed configuration makes sense: every error at once, before anything slow is imported."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from typing import Any

from omegaconf import DictConfig

from toonvision.config.compose import TRIAL, Config, Resolver, branches, plain, resolve, resolve_part, unresolved
from toonvision.errors import ConfigError, did_you_mean
from toonvision.narrowing.options import Options
from toonvision.search_space import space as search_space
from toonvision.trial.budget import Budget
from toonvision.trial.trial import FAILURES
from toonvision.validation import space as space_errors
from toonvision.validation.references import name_errors, references
from toonvision.validation.targets import node_errors
from toonvision.validation.values import setting, value_errors

_SPACES = ("search_space", "baseline")
_SEARCH = (
    "objective",
    "tuner",
    "strategy",
    "select",
    "pruner",
    "executor",
    "storage",
    "budget",
    "constraints",
    "finalists",
    "path",
    "retries",
    "report",
    "tracker",
)  # the same for all trials
_TOP = ("seed", "backend", "warm_start", *_SPACES, *TRIAL, *_SEARCH)
_OPTIONAL = ("warm_start", "tracker")  # null leaves them out
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
    "training.retrain": ("epochs", "seeds", "callbacks"),
    "objective": ("name", "direction", "also"),
    "strategy": ("rounds", "narrowing"),
    "budget": tuple(field.name for field in fields(Budget)),
    "constraints": ("max_parameters",),
    "finalists": ("count", "seeds"),
    "path": ("seeds",),
    "select": ("tolerance",),
    "retries": tuple(reason.key for reason in FAILURES),
    "report": ("top", "formats", "live"),
}


def validate(cfg: DictConfig | Mapping[str, Any]) -> Config:
    """Return the configuration as plain containers, with the spaces resolved and nothing in doubt.

    Raises:
        ConfigError: naming every key that nothing reads, every name that is not declared or not used, every
            `_target_` that is not allowed or not there, and every value that is out of place.
    """
    config = plain(cfg)
    errors = [m for path, known in {"": _TOP, **_KNOWN}.items() for m in _unknown(setting(config, path), path, known)]
    malformed = _malformed(config)
    if not malformed:
        malformed = unresolved(config, _SPACES)
    if malformed:  # nothing can be said of what would be in there
        raise_errors(errors + malformed)
    for key in _SPACES:
        config[key] = resolve_part(config, key)
    space, baseline = config["search_space"], config["baseline"]
    of_space = space_errors.check(space)
    of_baseline = space_errors.check(baseline, "baseline") or space_errors.check_fixed(baseline, "baseline")
    errors += [*of_space, *of_baseline, *name_errors(config, _SPACES)]
    errors += _block_errors(config, dict.fromkeys(space) if of_space else space)
    samples = [] if of_baseline else [{**dict.fromkeys(space), **baseline}]
    samples += [] if of_space else list(_sample_values(space))
    raise_errors(errors + _group_errors(config, samples))
    return config


def raise_errors(errors: Iterable[str]) -> None:
    """Raise one ConfigError with all of these messages, each once, if there are any."""
    errors = list(dict.fromkeys(errors))
    if len(errors) == 1:
        raise ConfigError(errors[0])
    if errors:
        raise ConfigError("\n".join([f"{len(errors)} errors in the configuration:", *(f"- {e}" for e in errors)]))


def _unknown(node: object, where: str, known: Sequence[str]) -> Iterator[str]:
    for key in node if isinstance(node, Mapping) else ():
        if key not in known:
            hint = did_you_mean(str(key), known)
            if key == "experiment":
                hint = " The YAML of an experiment opens with '# @package _global_'."
            place = f"{where}.{key}" if where else key
            yield f"{place}: nothing reads this key. Known here: {', '.join(known)}.{hint}"


def _malformed(config: Config) -> list[str]:
    errors = [
        f"{key}: expected this key to be set." for key in _TOP if config.get(key) is None and key not in _OPTIONAL
    ]
    for path in (*_MAPPINGS, *(path for path in _KNOWN if "." in path)):
        node = setting(config, path)
        if not isinstance(node, Mapping) and (node is not None or "." in path):
            errors.append(f"{path}: expected a mapping. Received: {node!r}.")
    for path, known in _KNOWN.items():
        node = setting(config, path)
        if isinstance(node, Mapping):
            errors += [f"{path}.{key}: expected this key to be set." for key in known if key not in node]
    blocks = setting(config, "model.blocks")
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
        errors += space_errors.check_when(when, space, f"{where}.when")
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
    if "tuner" in groups and isinstance(setting(groups, "strategy.rounds"), Mapping):
        rounds, narrowing = groups["strategy"]["rounds"], groups["strategy"]["narrowing"]
        errors += _narrowing_errors(narrowing, len(rounds), list(search_space.hyperparameters(config["search_space"])))
        others = {name: tuner for name, tuner in rounds.items() if tuner != groups["tuner"]}
        if len(others) == len(rounds):
            errors.append("tuner: nothing reads this key. Expected one of strategy.rounds to be ${tuner}.")
        groups["strategy"] = {**groups["strategy"], "rounds": others}  # what is wrong with the tuner is said once
    errors += [
        f"{path}: expected a value that is the same for all trials. Received: a hyperparameter, {dict(node)!r}."
        for path, node in ((p, n) for key, group in groups.items() for p, n in branches(group, key))
        if isinstance(node, Mapping) and node.get("hp") in space_errors.KINDS
    ]
    resolver = Resolver(config, [key for key in TRIAL if key not in broken and samples])
    for values in samples or [{}]:
        resolved = {**groups, **resolver(values)}
        del resolved["search_space"]
        errors += [*node_errors(resolved), *value_errors(resolved)]
    return errors


def _narrowing_errors(narrowing: object, rounds: int, names: Sequence[str]) -> Iterator[str]:
    where = "strategy.narrowing"
    if rounds < 2:
        if narrowing is not None:
            yield f"{where}: expected null with one round, before which nothing is narrowed. Received: {narrowing!r}."
        return
    if not isinstance(narrowing, Mapping):
        yield f"{where}: expected a mapping. Received: {narrowing!r}."
        return
    known = [field.name for field in fields(Options)]
    unknown = list(_unknown(narrowing, where, known))
    yield from unknown
    if not unknown:
        yield from (f"{where}.{message}" for message in Options(**narrowing).errors(names))
