"""Validate a composed configuration: collect every problem before anything slow is imported."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from omegaconf import DictConfig

from toonvision.config.parse import parse, unknown_key
from toonvision.config.resolve import Composition, Resolver, build_signature
from toonvision.config.schema import TRIAL_GROUPS, RunConfig, TrialConfig
from toonvision.config.tree import Tree, branches, select
from toonvision.errors import ConfigError, Problem
from toonvision.search_space.space import Space, Values, corners, is_active
from toonvision.validation.references import (
    block_problems,
    name_problems,
    places_without_value,
    raw_blocks,
)
from toonvision.validation.space import KINDS, fixed_problems, space_problems
from toonvision.validation.targets import node_problems
from toonvision.validation.values import run_problems, trial_problems

SPACES = ("search_space", "baseline")
_RUN_GROUPS = tuple(name for name in RunConfig.model_fields if name not in SPACES)
_KEYS = (*RunConfig.model_fields, *TRIAL_GROUPS)


def validate(cfg: DictConfig | Mapping[str, Any]) -> RunConfig:
    """Return the configuration of a run, after checking everything that can be checked without the data.

    Args:
        cfg: as `toonvision.compose` returns it.

    Raises:
        ConfigError: with a problem for every key that nothing reads, every name that is not declared or not used,
            every `_target_` that is not allowed or does not exist, and every value that the schemas do not allow.
    """
    composition = Composition(cfg)
    tree = composition.tree
    problems = [unknown_key(key, _KEYS) for key in tree if key not in _KEYS]
    problems += [_missing(key) for key in TRIAL_GROUPS if tree.get(key) is None]
    if malformed := list(_malformed_spaces(tree)):  # without the spaces, nothing can be said of the names in them
        raise ConfigError(*problems, *malformed)
    spaces, dangling = composition.try_resolve(SPACES)
    if dangling:
        raise ConfigError(*problems, *dangling)
    tree = {**tree, **spaces}
    space, baseline = _space(tree, "search_space"), _space(tree, "baseline")
    of_space = list(space_problems(space))
    of_baseline = list(space_problems(baseline, "baseline")) or list(fixed_problems(baseline, "baseline"))
    problems += [*of_space, *of_baseline]
    if _names_are_known(tree):  # else nothing can be said of the names that they use
        problems += [*name_problems(tree, SPACES), *block_problems(tree, dict.fromkeys(space) if of_space else space)]
    samples: list[Values] = [] if of_baseline else [{**dict.fromkeys(space), **baseline}]
    samples += [] if of_space else list(corners(space))
    config, further = _check_groups(composition, spaces, samples)
    reported = {problem.path for problem in problems}
    named = places_without_value(tree, SPACES)  # those are reported as names
    problems += [problem for problem in further if problem.path not in reported | named]
    wrong = {problem.path for problem in problems}
    problems = [problem for problem in problems if _refers_to(composition.tree, problem.path) not in wrong]
    if config is None or problems:
        raise ConfigError(*problems)
    return config


def point_problems(config: RunConfig, values: Values) -> list[Problem]:
    """Return what is wrong with the configuration of one trial, whose values need not lie in the search space.

    Args:
        config: of the run, valid.
        values: for every name of the search space.
    """
    try:
        resolved = config.trial_groups(values)
        config.resolve(values)
    except ConfigError as error:
        return _as_data(error)
    return list(node_problems(resolved, _absent_blocks(resolved, values)))


def _check_groups(
    composition: Composition, spaces: Tree, samples: Sequence[Values]
) -> tuple[RunConfig | None, list[Problem]]:
    """Resolve and check the groups of the run, and those of a trial for each sample of values."""
    present = [key for key in _RUN_GROUPS if key in composition.tree]
    groups, problems = composition.try_resolve(present, _space(spaces, "search_space"))
    if "tuner" not in groups:  # a round is the tuner
        groups.pop("strategy", None)
        problems = [problem for problem in problems if _group(problem) != "strategy"]
    broken = set(present) - set(groups)
    problems += _hyperparameters_outside(groups)
    config, of_run = _run_config(composition, {**groups, **spaces})
    problems += [problem for problem in of_run if _group(problem) not in broken]
    problems += node_problems(_without_repeated_tuner(groups))
    trial_groups = [key for key in TRIAL_GROUPS if key in composition.tree]
    if not samples:
        problems += composition.try_resolve(trial_groups, _space(spaces, "search_space"))[1]
    resolver = Resolver(composition, trial_groups)
    for values in samples:
        resolved, dangling = resolver.try_resolve(values)
        found = node_problems(resolved, _absent_blocks(resolved, values))
        problems += [*dangling, *found, *_trial_problems(groups, resolved, values)]
    return config, problems


def _absent_blocks(resolved: Tree, values: Values) -> tuple[str, ...]:
    """Return the paths of the blocks that a model of these values is without."""
    return tuple(
        f"{path}."
        for path, block in raw_blocks(resolved)
        if block.get("repeat") == 0 or (block.get("when") and not _is_met(block["when"], values))
    )


def _is_met(when: object, values: Values) -> bool:
    """Whether a condition is met; a malformed one, which is reported elsewhere, is not."""
    if not isinstance(when, Mapping) or not all(isinstance(allowed, list) for allowed in when.values()):
        return False
    return is_active(when, values)


def _run_config(composition: Composition, groups: Tree) -> tuple[RunConfig | None, list[Problem]]:
    """Return the configuration of the run, or what the schemas and the values have against it."""
    try:
        config = RunConfig.from_composition(composition, groups)
    except ConfigError as error:
        repeated = {f"strategy.rounds.{name}" for name in _repeated_tuner(groups)}
        return None, [p for p in _as_data(error) if not repeated & {p.path, p.path.rpartition(".")[0]}]
    return config, list(run_problems(config))


def _trial_problems(groups: Tree, resolved: Tree, values: Values) -> Iterator[Problem]:
    """Yield what the schemas and the other values have against the groups of a trial.

    Args:
        groups: of the run, resolved; what is wrong with them is reported before.
        resolved: the groups of the trial.
        values: of the trial.
    """
    common = {key: groups[key] for key in TrialConfig.model_fields if key in groups}
    try:
        trial = parse(TrialConfig, {**common, **resolved, "values": values})
    except ConfigError as error:
        yield from (problem for problem in _as_data(error) if _group(problem) in resolved)
    else:
        yield from trial_problems(trial)


def _as_data(error: ConfigError) -> list[Problem]:
    return [problem for problem in error.problems if isinstance(problem, Problem)]


def _hyperparameters_outside(groups: Tree) -> Iterator[Problem]:
    """Yield every hyperparameter in a group that must be the same for all trials."""
    for key, group in groups.items():
        for path, node in branches(group, key):
            if isinstance(node, Mapping) and node.get("hp") in KINDS:
                yield Problem(path, "a value that is the same for all trials", f"a hyperparameter, {dict(node)!r}")


def _repeated_tuner(groups: Tree) -> list[str]:
    """Return the names of the rounds that are the tuner itself."""
    rounds = select(groups, "strategy.rounds")
    if "tuner" not in groups or not isinstance(rounds, Mapping):
        return []
    return [str(name) for name, tuner in rounds.items() if tuner == groups["tuner"]]


def _without_repeated_tuner(groups: Tree) -> Tree:
    """Return the groups without the rounds that are the tuner, so that its problems are reported once."""
    strategy, repeated = groups.get("strategy"), _repeated_tuner(groups)
    if not isinstance(strategy, Mapping) or not repeated:
        return groups
    rounds = {name: tuner for name, tuner in strategy["rounds"].items() if str(name) not in repeated}
    return {**groups, "strategy": {**strategy, "rounds": rounds}}


def _malformed_spaces(tree: Tree) -> Iterator[Problem]:
    for key in SPACES:
        if tree.get(key) is None:
            yield _missing(key)
        elif not isinstance(tree[key], Mapping):
            yield Problem(key, "a mapping", repr(tree[key]))


def _names_are_known(tree: Tree) -> bool:
    if build_signature(tree) or select(tree, "model.hypermodel") is not None:
        return True
    blocks = select(tree, "model.blocks")
    return isinstance(blocks, Mapping) and all(
        isinstance(select(block, "layers") or select(block, "blocks"), Mapping) for block in blocks.values()
    )


def _refers_to(tree: Tree, path: str) -> str | None:
    """Return the key that the value at a path is a reference to, as the seed of a tuner is; None if it is none."""
    value = select(tree, path)
    found = re.fullmatch(r"\$\{([\w.]+)\}", value) if isinstance(value, str) else None
    return found[1] if found and found[1] != path else None


def _missing(key: str) -> Problem:
    return Problem(key, "this key to be set", "nothing")


def _space(tree: Tree, key: str) -> Space:
    space = tree[key]
    assert isinstance(space, Mapping)
    return space


def _group(problem: Problem) -> str:
    return re.split(r"[.\[]", problem.path, maxsplit=1)[0]
