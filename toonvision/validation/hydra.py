"""Whether Hydra's own node of a configuration may be handed to Hydra, which runs what it names before the job."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from toonvision.config.allowlist import TRUSTED_VARIABLE, check_allowed
from toonvision.config.compose import paths, targets
from toonvision.config.jobs import Jobs, Source, compose_jobs
from toonvision.errors import ConfigError
from toonvision.validation.validate import raise_errors

_OF_HYDRA = re.compile(r"hydra\._internal\.core_plugins\.(basic_launcher\.BasicLauncher|basic_sweeper\.BasicSweeper)")
_LOGGING = re.compile(
    r"logging\.(StreamHandler|FileHandler|NullHandler|Formatter|Filter|handlers\.(Timed)?RotatingFileHandler)"
)
_RUN_BY_HYDRA = ("callbacks", "launcher", "sweeper", "job_logging", "hydra_logging")
# Hydra's own defaults are of this form; anything else might become code after the check.
_HARMLESS = re.compile(
    r"(\$\{hydra\.runtime\.\w+\}|\$\{hydra\.sweep\.dir\}|[^$])?([^$]|\$\{hydra\.job\.\w+\}|\$\{now:[^${}]*\})*"
)
# A process that starts with these in its environment runs or trusts what they name.
_VARIABLES = re.compile(rf"{TRUSTED_VARIABLE}|PATH|(PYTHON|HYDRA_|LD_|DYLD_).*")


def composed(source: Source, overrides: Sequence[str], *, is_sweep: bool) -> Jobs:
    """Compose every job of a command, and check Hydra's own node in all that Hydra will compose for it.

    Args:
        source: as `open_source` returns it.
        overrides: of the command line.
        is_sweep: whether values separated by commas make several jobs.

    Raises:
        ConfigError: if the configuration cannot be composed, or its `hydra` node names code that is not allowed.
    """
    jobs = compose_jobs(source, overrides, is_sweep=is_sweep)
    for cfg in (jobs.main, *(job.cfg for job in jobs.jobs)):
        check_hydra(cfg)
    return jobs


def check_unused(cfg: DictConfig, *, is_sweep: bool) -> None:
    """Raise ConfigError if the output directory holds a run or a sweep, whose configuration Hydra would overwrite."""
    try:
        directory = Path(cfg.hydra.sweep.dir if is_sweep else cfg.hydra.run.dir)
    except OmegaConfBaseException:  # a name that Hydra completes only when the job starts
        return
    if any(next(directory.glob(name), None) for name in ("study.*", "trials", "models", "multirun.yaml")):
        raise ConfigError(
            f"hydra.run.dir: expected a directory without a run in it. Received: {str(directory)!r}. Continue that "
            f"run with toonvision resume {directory}, or choose another directory."
        )


def check_hydra(cfg: DictConfig) -> None:
    """Raise ConfigError if Hydra's own node names code outside the allowlist, which Hydra would run before the job.

    Args:
        cfg: composed with its `hydra` node: sweeper, launcher and callbacks, and two `logging.config` dictionaries.
    """
    node = OmegaConf.to_container(cfg.hydra)
    assert isinstance(node, dict)
    errors = []
    named = [(f"{path}._target_", str(target["_target_"]), _OF_HYDRA) for path, target in targets(node, "hydra")]
    for key in _RUN_BY_HYDRA:
        for path, leaf in paths(node.get(key), f"hydra.{key}"):
            if isinstance(leaf, str) and not _HARMLESS.fullmatch(leaf):
                errors.append(f"{path}: expected a value without such an interpolation. Received: {leaf!r}.")
            if str(leaf).startswith("ext://") and leaf not in ("ext://sys.stdout", "ext://sys.stderr"):
                errors.append(f"{path}: expected ext://sys.stdout or ext://sys.stderr. Received: {leaf!r}.")
            last = path.rpartition(".")[2] if key.endswith("logging") else ""
            if last in ("()", "class"):
                named.append((path, str(leaf), _LOGGING))
            if last == "filename" and not str(leaf).endswith(".log"):  # a format can make any text of a record
                errors.append(f"{path}: expected a name that ends in .log. Received: {leaf!r}.")
    for path, name, harmless in named:
        if not harmless.fullmatch(name):
            try:
                check_allowed(name, path)
            except ConfigError as error:
                errors.append(str(error))
    if (node["sweeper"] or {}).get("params"):
        errors.append("hydra.sweeper.params: expected a sweep to be given on the command line, where it is checked.")
    errors += [
        f"hydra.job.env_set.{name}: expected this variable to be set outside the configuration."
        for name in node["job"]["env_set"]
        if _VARIABLES.fullmatch(str(name).upper())
    ]
    raise_errors(errors)
