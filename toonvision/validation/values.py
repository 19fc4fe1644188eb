"""The settings of a configuration: whether each value is of its kind and within its bounds."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from toonvision.config.compose import Config
from toonvision.errors import did_you_mean
from toonvision.executor.resources import option_errors
from toonvision.trial.objective import DIRECTIONS, PARAMETERS

_COUNTS = (
    "seed",
    "training.epochs",
    "training.batch_size",
    "training.executions_per_trial",
    "training.retrain.epochs",
    "training.retrain.seeds",
    "budget.trials?",
    "budget.patience?",
    "constraints.max_parameters?",
    "finalists.seeds",
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


def value_errors(groups: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is wrong with the values of some groups of a configuration, one message each.

    Args:
        groups: by name, resolved and plain.
    """
    tuners = ["tuner", *(f"strategy.rounds.{name}" for name in setting(groups, "strategy.rounds") or ())]
    for path, value in _present(groups, (*_COUNTS, *(f"{tuner}.max_trials?" for tuner in tuners))):
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            yield f"{path}: expected a whole number of at least 1. Received: {value!r}."
    retries = (f"retries.{key}" for key in groups.get("retries", ()))
    for name in setting(groups, "strategy.rounds") or ():
        if not isinstance(name, str):
            yield f"strategy.rounds: expected names. Received: {name!r}."
    for path, value in _present(groups, ("finalists.count", "path.seeds", *retries)):
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            yield f"{path}: expected a whole number of at least 0. Received: {value!r}."
    for path, value in _present(groups, ("select.tolerance",)):
        if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value < math.inf:
            yield f"{path}: expected a number of at least 0. Received: {value!r}."
    for path, value in _present(groups, _AMOUNTS):
        if not isinstance(value, int | float) or isinstance(value, bool) or not value > 0:
            yield f"{path}: expected a number above 0, or null. Received: {value!r}."
    if str(groups.get("executor", {}).get("_target_")).startswith("toonvision.executor."):
        yield from option_errors(groups["executor"])
    for path, known in _ONE_OF.items():
        if path.partition(".")[0] in groups and setting(groups, path) not in known:
            yield _expected(path, ["null" if k is None else k for k in known], setting(groups, path))
    if not isinstance(groups.get("warm_start"), str | None):
        yield f"warm_start: expected the directory of a run, or null. Received: {groups['warm_start']!r}."
    if "model" in groups and not isinstance(groups["model"]["name"], str):
        yield f"model.name: expected a name. Received: {groups['model']['name']!r}."
    for key in ("formats", "live") if "report" in groups else ():
        if not isinstance(groups["report"][key], Mapping):
            yield f"report.{key}: expected a mapping. Received: {groups['report'][key]!r}."
    for tuner in tuners:
        sampler = str(setting(groups, f"{tuner}.sampler._target_"))
        if sampler in _OF_ONE_OBJECTIVE and setting(groups, "objective.also"):
            yield (
                f"objective.also: expected no further objectives with {sampler}, which searches for one. Received: "
                f"{groups['objective']['also']!r}. For several: tuner=nsga2"
            )
    if "training" in groups:
        yield from _metric_errors(groups["training"], groups.get("objective"))


def _present(groups: Mapping[str, Any], paths: Iterable[str]) -> Iterator[tuple[str, Any]]:
    """Yield what stands at the paths, but for groups that are not there and, at those with `?`, null."""
    for path in paths:
        key, value = path.removesuffix("?"), setting(groups, path.removesuffix("?"))
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


def setting(config: Mapping[str, Any], path: str) -> Any:
    """Return what stands at a path of keys and dots, or None."""
    node: Any = config
    for key in path.split(".") if path else ():
        node = node.get(key) if isinstance(node, Mapping) else None
    return node
