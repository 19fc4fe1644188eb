"""Whether Hydra's own node of a configuration may be handed to Hydra, which runs what it names before the job."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from toonvision.config.allowlist import TRUSTED_VARIABLE, target_problem
from toonvision.config.jobs import Jobs, Source, compose_jobs
from toonvision.config.tree import leaves, targets
from toonvision.errors import ConfigError, Problem

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
        hint = f"Continue that run with toonvision resume {directory}, or choose another directory."
        raise ConfigError(Problem("hydra.run.dir", "a directory without a run in it", repr(str(directory)), hint))


def check_hydra(cfg: DictConfig) -> None:
    """Raise ConfigError if Hydra's own node names code outside the allowlist, which Hydra would run before the job.

    Args:
        cfg: composed with its `hydra` node: sweeper, launcher and callbacks, and two `logging.config` dictionaries.
    """
    node = OmegaConf.to_container(cfg.hydra)
    assert isinstance(node, dict)
    problems = [
        problem
        for path, target in targets(node, "hydra")
        if (problem := _target_problem(f"{path}._target_", str(target["_target_"]), _OF_HYDRA))
    ]
    for key in _RUN_BY_HYDRA:
        for path, leaf in leaves(node.get(key), f"hydra.{key}"):
            problems += _leaf_problems(path, leaf, is_logging=key.endswith("logging"))
    if (node["sweeper"] or {}).get("params"):
        hint = "Give the sweep on the command line, where it is checked."
        problems.append(Problem("hydra.sweeper.params", "null", repr(node["sweeper"]["params"]), hint))
    for name, value in node["job"]["env_set"].items():
        if _VARIABLES.fullmatch(str(name).upper()):
            expected = "this variable to be set outside the configuration"
            problems.append(Problem(f"hydra.job.env_set.{name}", expected, repr(value)))
    if problems:
        raise ConfigError(*problems)


def _leaf_problems(path: str, leaf: object, *, is_logging: bool) -> Iterator[Problem]:
    """Yield what is wrong with a value of what Hydra runs."""
    if isinstance(leaf, str) and not _HARMLESS.fullmatch(leaf):
        yield Problem(path, "a value without such an interpolation", repr(leaf))
    if str(leaf).startswith("ext://") and leaf not in ("ext://sys.stdout", "ext://sys.stderr"):
        yield Problem(path, "ext://sys.stdout or ext://sys.stderr", repr(leaf))
    key = path.rpartition(".")[2] if is_logging else ""
    if key in ("()", "class") and (problem := _target_problem(path, str(leaf), _LOGGING)):
        yield problem
    if key == "filename" and not str(leaf).endswith(".log"):  # a format can make any text of a record
        yield Problem(path, "a name that ends in .log", repr(leaf))


def _target_problem(path: str, target: str, harmless: re.Pattern[str]) -> Problem | None:
    return None if harmless.fullmatch(target) else target_problem(target, path)
