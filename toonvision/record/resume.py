"""What a resumed run may change: its configuration is compared with the one that its trials were made with."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from hydra.core.override_parser.types import Override
from hydra.errors import HydraException
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from toonvision.config.compose import compose, parse_overrides
from toonvision.config.explain import explain
from toonvision.config.read import recorded_config
from toonvision.config.resolve import plain
from toonvision.config.schema import RunConfig
from toonvision.config.stranger import recorded_problems
from toonvision.config.tree import Tree, leaves
from toonvision.errors import ConfigError, Problem
from toonvision.trial.trial import Trial, TrialStatus

# What changes how many trials there are, where they run or what is made of them, but no score of one that completes.
HARMLESS = (
    "budget",
    "executor",
    "finalists",
    "path",
    "pruner",
    "report",
    "retries",
    "select",
    "tracker",
    "training.checkpoint",
    "training.memory_limit",
    "training.timeout",
    "tuner.max_consecutive_failed_trials",
    "tuner.max_trials",
)
NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Difference:
    """A value that two configurations do not share; `NOTHING` where one has no such key."""

    path: str
    before: object
    after: object

    def __str__(self) -> str:
        return f"{self.path}: {self.before!r} -> {self.after!r}"


def resumed_config(directory: Path, overrides: Sequence[str]) -> tuple[DictConfig, list[Difference]]:
    """Return the configuration with which the run in `directory` continues, and what the overrides change.

    Args:
        directory: the run's.
        overrides: of the configuration with which the run began, `key=value` or `group=option`.

    Raises:
        ConfigError: if there is no run; if it may be a stranger's and its configuration says what a stranger may not,
            unless an override replaces it; or if the overrides change what its trials depend on.
    """
    return changed_config(recorded_config(directory), directory, overrides)


def changed_config(
    before: DictConfig, directory: Path, overrides: Sequence[str]
) -> tuple[DictConfig, list[Difference]]:
    """Return a configuration as overridden, and what the overrides change; see `resumed_config`.

    Args:
        before: with which the run in `directory` began, or would have begun as a job of a sweep.
        directory: the run's; whether it is trusted decides what the configuration may say.
        overrides: of the configuration, `key=value` or `group=option`.

    Raises:
        ConfigError: as `resumed_config` does.
    """
    parsed = parse_overrides(overrides)
    replaced = {override.key_or_group for override in parsed}
    if problems := [p for p in recorded_problems(plain(before), directory) if not _is_in(p.path, replaced)]:
        raise ConfigError(*problems)
    cfg = _overridden(before, parsed)
    changes = differences(plain(before), plain(cfg))
    refused = [change for change in changes if not _is_in(change.path, HARMLESS)]
    if refused:
        raise ConfigError(
            "\n".join(
                [
                    "expected the configuration that the trials of the run were made with, but for "
                    f"{', '.join(HARMLESS)}. Start another run for:",
                    *(f"- {change}" for change in refused),
                ]
            )
        )
    return cfg, changes


def _is_in(path: str, groups: Iterable[str]) -> bool:
    return any(path == key or path.startswith((f"{key}.", f"{key}[")) for key in groups)


def check_trials(config: RunConfig, trials: Sequence[Trial]) -> None:
    """Raise ConfigError if a tuner may run fewer trials than it has already asked for.

    Args:
        config: with which the run continues, valid.
        trials: of its record.
    """
    for name, tuner in config.strategy.rounds.items():
        most = tuner.arguments.get("max_trials")
        count = sum(trial.round == name and _counts(trial) for trial in trials)
        is_asked = any(trial.is_proposed_in(name) for trial in trials)  # known points run whatever the limit is
        if most is not None and most < count and is_asked:
            place = "tuner" if tuner == config.tuner else f"strategy.rounds.{name}"
            raise ConfigError(Problem(f"{place}.max_trials", f"at least {count}, the run's trials", repr(most)))


def _counts(trial: Trial) -> bool:
    """Whether a trial is one of `max_trials`: it has new values, and can be built."""
    is_new = trial.promotion is None or trial.promotion.parent is None
    return is_new and trial.status is not TrialStatus.INFEASIBLE


def _overridden(before: DictConfig, overrides: Sequence[Override]) -> DictConfig:
    """Return the configuration as overridden: not composed anew, since what it was composed from may have changed."""
    cfg = copy.deepcopy(before)
    OmegaConf.set_struct(cfg, True)
    try:
        for override in overrides:
            key, value = override.key_or_group, override.value()
            if override.is_add() or override.is_delete() or override.is_sweep_override() or override.package:
                raise ConfigError(Problem("", "key=value or group=option", repr(override.input_line)))
            if isinstance(value, str) and (isinstance(cfg.get(key), DictConfig) or key == "tracker"):  # null or a group
                cfg[key] = compose([f"{key}={value}"])[key]
            else:
                OmegaConf.update(cfg, key, value)
    except (HydraException, OmegaConfBaseException) as error:
        raise ConfigError(explain(error)) from error
    return cfg


def differences(before: Tree, after: Tree) -> list[Difference]:
    """Return every value of two configurations that is not the same."""
    old, new = dict(leaves(before)), dict(leaves(after))
    return [
        Difference(path, old.get(path, NOTHING), new.get(path, NOTHING))
        for path in dict.fromkeys([*old, *new])
        if old.get(path, NOTHING) != new.get(path, NOTHING)
    ]


def keep(directory: Path, cfg: DictConfig, overrides: Sequence[str]) -> None:
    """Write the changed configuration and its overrides where the run keeps its own."""
    folder = directory / ".hydra"
    path = folder / "overrides.yaml"
    given = OmegaConf.to_container(OmegaConf.load(path)) if path.is_file() else []
    assert isinstance(given, list)
    OmegaConf.save(OmegaConf.create(plain(cfg)), folder / "config.yaml")
    OmegaConf.save(OmegaConf.create([*given, *overrides]), path)
