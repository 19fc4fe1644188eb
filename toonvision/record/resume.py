"""What a resumed run may change: its configuration is compared with the one that its trials were made with."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.errors import HydraException
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from toonvision.config.compose import Config, compose, explain, paths, plain
from toonvision.config.read import recorded_config
from toonvision.errors import ConfigError
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
    "training.memory_limit",
    "training.timeout",
    "tuner.max_consecutive_failed_trials",
    "tuner.max_trials",
)
_MISSING = "nothing"


def resumed_config(directory: Path, overrides: Sequence[str]) -> tuple[DictConfig, list[str]]:
    """Return the configuration with which the run in `directory` goes on, and what is changed by the overrides.

    Args:
        directory: the run's.
        overrides: of the configuration with which the run began, `key=value` or `group=option`.

    Raises:
        ConfigError: if there is no run, or something is changed that its trials depend on; it names every difference.
    """
    before = recorded_config(directory)
    cfg = _overridden(before, overrides)
    changes = differences(plain(before), plain(cfg))
    refused = [change for change in changes if not change.startswith(HARMLESS)]
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


def check_trials(config: Config, trials: Sequence[Trial]) -> None:
    """Raise ConfigError if a tuner is to run fewer trials than it has asked for.

    Args:
        config: with which the run is to go on, valid.
        trials: of its record.
    """
    for name, tuner in config["strategy"]["rounds"].items():
        most = tuner.get("max_trials")
        count = sum(trial.round == name and trial.status is not TrialStatus.INFEASIBLE for trial in trials)
        if most is not None and most < count:
            place = "tuner" if tuner == config["tuner"] else f"strategy.rounds.{name}"
            raise ConfigError(f"{place}.max_trials: expected at least {count}, the run's trials. Received: {most}.")


def _overridden(before: DictConfig, overrides: Sequence[str]) -> DictConfig:
    """Return the configuration as overridden: not composed anew, since what it was composed from may have changed."""
    cfg = copy.deepcopy(before)
    OmegaConf.set_struct(cfg, True)
    try:
        for override in OverridesParser.create().parse_overrides(list(overrides)):
            key, value = override.key_or_group, override.value()
            if override.is_add() or override.is_delete() or override.is_sweep_override() or override.package:
                raise ConfigError(f"expected key=value or group=option. Received: {override.input_line!r}.")
            if isinstance(value, str) and (isinstance(cfg.get(key), DictConfig) or key == "tracker"):  # null or a group
                cfg[key] = compose([f"{key}={value}"])[key]
            else:
                OmegaConf.update(cfg, key, value)
    except (HydraException, OmegaConfBaseException) as error:
        raise ConfigError(explain(error)) from error
    return cfg


def differences(before: Config, after: Config) -> list[str]:
    """Return `place: before -> after` for every value of two configurations that is not the same."""
    old: dict[str, Any] = dict(paths(before))
    new: dict[str, Any] = dict(paths(after))
    return [
        f"{place}: {old.get(place, _MISSING)!r} -> {new.get(place, _MISSING)!r}"
        for place in dict.fromkeys([*old, *new])
        if old.get(place, _MISSING) != new.get(place, _MISSING)
    ]


def keep(directory: Path, cfg: DictConfig, overrides: Sequence[str]) -> None:
    """Write the changed configuration and its overrides where the run keeps its own."""
    folder = directory / ".hydra"
    path = folder / "overrides.yaml"
    given = OmegaConf.to_container(OmegaConf.load(path)) if path.is_file() else []
    assert isinstance(given, list)
    OmegaConf.save(OmegaConf.create(plain(cfg)), folder / "config.yaml")
    OmegaConf.save(OmegaConf.create([*given, *overrides]), path)
