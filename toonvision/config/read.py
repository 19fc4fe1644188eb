"""Read the configuration of a run that exists, without validating it for running.

Unknown keys are ignored and missing ones have the schema's defaults, so that the runs of other versions and machines
can be read.
"""

from __future__ import annotations

from pathlib import Path

from omegaconf import Container, DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException
from yaml import YAMLError

from toonvision.config.resolve import Composition
from toonvision.config.schema import RunConfig
from toonvision.config.stranger import recorded_problems
from toonvision.config.yaml_file import size_problem
from toonvision.errors import ConfigError, Problem, StorageError

_NO_TRACKER = "toonvision.tracker.none.NoTracker"  # what 0.1.0 recorded for no tracker, instead of null


def config_file(directory: Path) -> Path:
    """Return the file of a run's configuration.

    Raises:
        ConfigError: if there is no run.
    """
    path = directory / ".hydra" / "config.yaml"
    if not path.is_file():
        raise ConfigError(Problem("", "the directory of a run", f"{str(directory)!r}, without {path}"))
    return path


def recorded_config(directory: Path) -> DictConfig:
    """Return the configuration that a run has left, as it was composed.

    Args:
        directory: of the run.

    Raises:
        ConfigError: if there is no run, or its configuration cannot be read.
    """
    path = config_file(directory)
    cfg = load_yaml(path)
    if not isinstance(cfg, DictConfig):
        raise StorageError(Problem(str(path), "a mapping", type(cfg).__name__))
    if OmegaConf.select(cfg, "tracker._target_") == _NO_TRACKER:
        cfg.tracker = None
    return cfg


def recorded_overrides(directory: Path) -> tuple[str, ...]:
    """Return the overrides with which the run in `directory` was composed."""
    path = directory / ".hydra" / "overrides.yaml"
    given = OmegaConf.to_container(load_yaml(path)) if path.is_file() else []
    return tuple(str(override) for override in given or [])


def load_yaml(path: Path) -> Container:
    """Return what a file that a run has left holds.

    Raises:
        StorageError: if it is no YAML in UTF-8, or too large.
    """
    if problem := size_problem(path):
        raise StorageError(problem)
    try:
        return OmegaConf.load(path)
    except (OSError, UnicodeDecodeError, YAMLError, OmegaConfBaseException) as error:
        raise StorageError(Problem(str(path), "YAML in UTF-8", str(error).splitlines()[0])) from error


def read_config(directory: Path) -> RunConfig:
    """Return the configuration of the run in `directory`, for reading its results.

    Raises:
        ConfigError: if there is no run.
        StorageError: if its configuration lacks what every version needs.
    """
    path, composition = config_file(directory), Composition(recorded_config(directory))
    if problems := [p for p in recorded_problems(composition.tree, directory) if p.path.startswith("storage")]:
        raise ConfigError(*problems)  # the rest is read, and not acted on
    fields = {name: field for name, field in RunConfig.model_fields.items() if name in composition.tree}
    groups, problems = composition.try_resolve(list(fields))
    try:
        # What is not required may be unknown here, say an address in an environment variable.
        if any(field.is_required() and name not in groups for name, field in fields.items()):
            raise ConfigError(*problems)
        return RunConfig.from_composition(composition, groups, lenient=True)
    except ConfigError as error:
        received = "; ".join(map(str, error.problems[:3]))
        raise StorageError(Problem(str(path), "a configuration that toonvision has written", received)) from error
