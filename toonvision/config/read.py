"""Read the configuration of a run that exists, without validating it for running.

Unknown keys are ignored and missing ones count as off, so that the runs of other versions, and of machines with other
packages, can be read.
"""

from __future__ import annotations

from pathlib import Path

from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException
from yaml import YAMLError

from toonvision.config.compose import TRIAL, Config, plain, resolve_part
from toonvision.errors import ConfigError

_NO_TRACKER = "toonvision.tracker.none.NoTracker"  # what 0.1.0 records for `tracker: null`
_REQUIRED = ("search_space", "baseline", "objective", "storage", "tuner", "strategy")
_OFF: Config = {
    "seed": 42,
    "backend": "tensorflow",
    "warm_start": None,
    "strategy": {"rounds": {"search": "${tuner}"}, "narrowing": None},
    "select": {"tolerance": 0.0},
    "budget": {"minutes": None, "trials": None, "patience": None},
    "constraints": {"max_parameters": None},
    "finalists": {"count": 0, "seeds": 1},
    "path": {"seeds": 0},
    "retries": {},
    "report": {"top": 10, "formats": {}, "live": {}},
    "tracker": None,
}


def recorded_config(directory: Path) -> DictConfig:
    """Return the configuration that the run in `directory` was made with, as it was composed.

    Raises:
        ConfigError: if there is no run.
    """
    path = directory / ".hydra" / "config.yaml"
    if not path.is_file():
        raise ConfigError(f"expected the directory of a run. Received: {str(directory)!r}, without {path}.")
    try:
        cfg = OmegaConf.load(path)
        if isinstance(cfg, DictConfig):
            if OmegaConf.select(cfg, "tracker._target_") == _NO_TRACKER:
                cfg.tracker = None
            return cfg
        received = type(cfg).__name__
    except (OSError, UnicodeDecodeError, YAMLError, OmegaConfBaseException) as error:
        received = str(error).splitlines()[0]
    raise ConfigError(f"{path}: expected the configuration of a run. Received: {received}")


def read_config(directory: Path) -> Config:
    """Return the configuration of the run in `directory`, its spaces and what is the same for all trials resolved.

    Raises:
        ConfigError: if there is no run, or its configuration lacks what every version needs.
    """
    cfg = recorded_config(directory)
    config = {**_OFF, **plain(cfg)}
    if missing := [key for key in _REQUIRED if key not in config]:
        raise ConfigError(
            f"{directory}: expected the configuration of a run. Received: one without {', '.join(missing)}."
        )
    resolved = {}
    for key in config:
        if key in TRIAL:
            continue
        try:
            resolved[key] = resolve_part(config, key)
        except ConfigError:  # an environment variable that is not set here, for example
            if key in _REQUIRED:
                raise
    return {**config, **resolved}
