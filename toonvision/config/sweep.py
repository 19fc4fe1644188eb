"""A sweep that has begun: all its jobs as its `multirun.yaml` lists them, also those that never started.

Hydra writes that file before the first job. It may be a stranger's, like a run: what Hydra would import or call for
it is not acted on here, and the configuration of each job is for the caller to check (`toonvision.config.stranger`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from hydra.core.override_parser.types import Override
from omegaconf import DictConfig, OmegaConf, open_dict
from omegaconf.errors import OmegaConfBaseException

from toonvision.config.compose import parse_overrides
from toonvision.config.jobs import Job, compose_jobs, open_source
from toonvision.config.read import load_yaml
from toonvision.config.resolve import plain
from toonvision.config.stranger import recorded_problems
from toonvision.config.tree import Tree, select
from toonvision.errors import ConfigError, Problem, StorageError

MULTIRUN = "multirun.yaml"
# What says where and by which process a sweep runs. It changes no job, and is not taken from the file.
_OF_THE_START = ("hydra.mode", "hydra.run", "hydra.sweep.dir", "hydra.launcher", "hydra.sweeper")


@dataclass(frozen=True, slots=True)
class SweepJob:
    """One job of a sweep, whether it has started or not.

    Attributes:
        directory: of its run, below that of the sweep.
        overrides: with which it is composed, without Hydra's own.
        cfg: as it is composed now, without the `hydra` node.
    """

    directory: Path
    overrides: tuple[str, ...]
    cfg: DictConfig


@dataclass(frozen=True, slots=True)
class Sweep:
    """A sweep that has begun.

    Attributes:
        jobs: all of them, in the order of Hydra's numbers.
        recorded: what all jobs had in common when the sweep began.
        composed: the same as it is composed now; it differs where files of options have changed.
    """

    jobs: tuple[SweepJob, ...]
    recorded: Tree
    composed: Tree


def is_sweep(directory: Path) -> bool:
    """Whether a directory is that of a sweep."""
    return (directory / MULTIRUN).is_file()


def recorded_sweep(directory: Path) -> Sweep:
    """Return the sweep in `directory`, composed as `toonvision -m` did, for this process.

    Args:
        directory: of the sweep.

    Raises:
        ConfigError: if a job cannot be composed, or its directory would not be its own, below that of the sweep.
        StorageError: if the file of the sweep is not as Hydra writes it.
    """
    path = directory / MULTIRUN
    recorded = load_yaml(path)
    tree = OmegaConf.to_container(recorded)
    given = [*_words(tree, path, "task"), *_words(tree, path, "hydra")]
    assert isinstance(recorded, DictConfig)  # it has overrides
    overrides = [word.input_line or "" for word in parse_overrides(given) if not _is_of_the_start(word)]
    folders = _folders(tree)
    main = folders.get("main")
    name = select(tree, "hydra.job.config_name")
    path_of_main = main if main and Path(main).is_dir() else None  # that of another installation may be gone
    source = open_source(path_of_main, name if isinstance(name, str) else None, folders.get("command-line"))
    composed = compose_jobs(source, overrides, is_sweep=True)
    jobs = tuple(_placed(job, number, directory) for number, job in enumerate(composed.jobs))
    if len({job.directory for job in jobs}) < len(jobs):
        raise ConfigError(Problem("hydra.sweep.subdir", "a folder of its own for each job", str(jobs[0].directory)))
    return Sweep(jobs, plain(recorded), plain(composed.main))


def _words(tree: object, path: Path, kind: str) -> list[str]:
    """Return the overrides of one kind, as the file lists them."""
    words = select(tree, f"hydra.overrides.{kind}")
    if not isinstance(words, list):
        raise StorageError(Problem(str(path), "what Hydra writes when a sweep begins", "no list of overrides"))
    return [str(word) for word in words]


def _is_of_the_start(override: Override) -> bool:
    key = override.key_or_group.replace("/", ".")
    return any(key == name or key.startswith(f"{name}.") for name in _OF_THE_START)


def _folders(tree: object) -> dict[str, str]:
    """Return the folders of options that the command line named, by Hydra's name for them."""
    sources = select(tree, "hydra.runtime.config_sources")
    files = [entry for entry in sources if isinstance(entry, Mapping)] if isinstance(sources, list) else []
    return {str(entry.get("provider")): str(entry.get("path")) for entry in files if entry.get("schema") == "file"}


def _placed(job: Job, number: int, directory: Path) -> SweepJob:
    """Return a job with the directory that Hydra gives to it, and without Hydra's node."""
    written = OmegaConf.to_container(job.cfg.hydra.sweep)
    subdir = written.get("subdir") if isinstance(written, dict) else None
    if problems := recorded_problems({"hydra": {"sweep": {"subdir": subdir}}}, directory):
        raise ConfigError(*problems)
    with open_dict(job.cfg):
        job.cfg.hydra.job.num = job.cfg.hydra.job.id = number
    try:
        place = "" if "${now:" in str(subdir) else str(job.cfg.hydra.sweep.subdir)
    except OmegaConfBaseException:
        place = ""
    folder = directory / place
    if folder.resolve() == directory.resolve() or not folder.resolve().is_relative_to(directory.resolve()):
        expected = "a folder below that of the sweep, by the number or the overrides of a job"
        raise ConfigError(Problem("hydra.sweep.subdir", expected, repr(subdir)))
    with open_dict(job.cfg):
        del job.cfg["hydra"]
    return SweepJob(folder, job.overrides, job.cfg)
