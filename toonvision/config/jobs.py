"""Compose every job of a run or a sweep before Hydra starts the first.

Hydra imports and calls what its own node of a configuration names (callbacks, launcher, sweeper, logging) before it
calls the job. So what strangers' files say must be checked first (`toonvision.config.stranger`), in exactly the
configuration that Hydra will compose: from the same folders, in the same order, with the same overrides.
"""

from __future__ import annotations

import argparse
import itertools
import logging
import os
import sys
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, TypeVar

import hydra
from hydra import initialize_config_dir
from hydra.core.config_loader import ConfigLoader
from hydra.core.config_search_path import ConfigSearchPath
from hydra.core.global_hydra import GlobalHydra
from hydra.core.override_parser.types import Override
from hydra.core.plugins import Plugins
from hydra.plugins.search_path_plugin import SearchPathPlugin
from hydra.types import RunMode
from omegaconf import DictConfig
from omegaconf.errors import OmegaConfBaseException

from toonvision.config.arguments import hydra_words
from toonvision.config.compose import initialized, load, parse_overrides, register_search_path
from toonvision.config.directory import config_directory
from toonvision.config.folders import existing_folder, refuse_links
from toonvision.errors import ConfigError, Problem

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Source:
    """Where the configuration of a command comes from.

    Attributes:
        folder: holds the main config file; an absolute path.
        name: of the main config file, without `.yaml`.
    """

    folder: Path
    name: str = "config"


@dataclass(frozen=True, slots=True)
class Job:
    """One configuration of a sweep, or the only one of a run.

    Attributes:
        overrides: tell this job from the others of the sweep.
        cfg: the composed configuration, with its `hydra` node.
    """

    overrides: tuple[str, ...]
    cfg: DictConfig


@dataclass(frozen=True, slots=True)
class Jobs:
    """All that Hydra composes for a command.

    Attributes:
        main: the configuration from which Hydra takes its callbacks and its sweeper. It is the job's own in a run;
            in a sweep it leaves out what is swept over.
        jobs: in the order in which they run.
    """

    main: DictConfig
    jobs: tuple[Job, ...]


class ExtraConfigs(SearchPathPlugin):
    """Adds one more folder of options, after the packaged ones and those of the working directory.

    Both Hydra and the check before it ask this plugin, so that they compose from the same folders.
    """

    folder: ClassVar[Path | None] = None

    def manipulate_search_path(self, search_path: ConfigSearchPath) -> None:
        """Append the folder, if there is one."""
        if self.folder is not None:
            search_path.append("command-line", f"file://{self.folder}")


def open_source(path: str | None = None, name: str | None = None, extra: str | None = None) -> Source:
    """Register the folders that Hydra composes from, for this process.

    Args:
        path: folder of the main config file; the packaged one if None.
        name: of the main config file; `config` if None.
        extra: one more folder of options.

    Raises:
        ConfigError: if there is no such folder.
    """
    register_search_path()
    ExtraConfigs.folder = existing_folder(extra, "--config-dir").resolve() if extra else None
    Plugins.instance().register(ExtraConfigs)
    folder = existing_folder(path, "--config-path") if path else config_directory()
    return Source(folder.resolve(), name or "config")


def compose_jobs(source: Source, overrides: Sequence[str], *, is_sweep: bool) -> Jobs:
    """Compose every job of a run or a sweep as Hydra will.

    Args:
        source: as `open_source` returns it.
        overrides: of the command line, in Hydra's grammar.
        is_sweep: whether values separated by commas make several jobs.

    Raises:
        ConfigError: if an option, a key or a folder of `hydra.searchpath` is missing, or a file of a folder that is
            not trusted says what only trusted ones may.
    """
    try:
        with warnings.catch_warnings(), initialized(source.folder, overrides) as loader:
            warnings.filterwarnings("error", message=r"provider=hydra\.searchpath", category=UserWarning)
            if is_sweep:
                return _sweep(loader, source.name, list(overrides))
            cfg = load(loader, source.name, overrides, RunMode.RUN)
            return Jobs(cfg, (Job((), cfg),))
    except UserWarning as warning:
        raise ConfigError(str(warning)) from warning


def check_unused(cfg: DictConfig, *, is_sweep: bool) -> None:
    """Raise ConfigError if the output directory holds a run or a sweep, whose configuration Hydra would overwrite."""
    try:
        directory = Path(cfg.hydra.sweep.dir if is_sweep else cfg.hydra.run.dir)
    except OmegaConfBaseException:  # a name that Hydra completes only when the job starts
        return
    taken = next((place for place in (directory, *directory.parents) if place.exists()), None)
    if taken is not None and not taken.is_dir():
        key = "hydra.sweep.dir" if is_sweep else "hydra.run.dir"
        raise ConfigError(Problem(key, "a directory", f"{str(directory)!r}: {taken} is a file"))
    refuse_links(directory)
    if any(next(directory.glob(name), None) for name in ("study.*", "trials", "models", "multirun.yaml")):
        hint = f"Continue that run with toonvision resume {directory}, or choose another directory."
        raise ConfigError(Problem("hydra.run.dir", "a directory without a run in it", repr(str(directory)), hint))


def run_jobs(source: Source, overrides: Sequence[str], job: Callable[[DictConfig], T], *, is_sweep: bool) -> list[T]:
    """Let Hydra call `job` with each configuration, and return what the calls have returned, in the order of the jobs.

    `hydra.main` returns nothing, and a launcher may call `job` in another process.

    Args:
        source: as `open_source` returns it.
        overrides: of the command line.
        job: is called in each job's directory of output; picklable if the launcher starts processes.
        is_sweep: whether values separated by commas make several jobs.
    """
    GlobalHydra.instance().clear()
    with initialize_config_dir(version_base="1.3", config_dir=str(source.folder), job_name="toonvision"):
        main = GlobalHydra.instance().hydra
        assert main is not None  # it is initialized
        if not is_sweep:
            return [main.run(source.name, job, [*overrides, "hydra.mode=RUN"]).return_value]
        batches = main.multirun(source.name, job, [*overrides, "hydra.mode=MULTIRUN"])
        return [job_return.return_value for batch in batches for job_return in batch]


def show_config(source: Source, arguments: argparse.Namespace) -> int:
    """Let Hydra show its help, the configuration, or how that is composed; return the exit code.

    Args:
        source: of the configuration.
        arguments: of a command, of which `only_shows` is true.

    Raises:
        ConfigError: if flags do not go together, or a stranger's file says what it may not.
    """
    if arguments.shell_completion:  # Hydra's composes for each word, which takes several times as long
        raise ConfigError(Problem("--shell-completion", "the command: toonvision completion", "Hydra's own flag"))
    is_changed = any((arguments.overrides, arguments.config_path, arguments.config_name, arguments.config_dir))
    if is_changed and not arguments.hydra_help:
        compose_jobs(source, arguments.overrides, is_sweep=False)  # with its help, Hydra starts the logging named there
    logging.raiseExceptions = False  # --info is logged, and a reader that stops, such as `head`, is no error
    os.environ["HYDRA_FULL_ERROR"] = "1"  # or Hydra would print errors itself, and exit with 1
    before, sys.argv = sys.argv, ["toonvision", *hydra_words(arguments)]
    try:
        hydra.main(version_base="1.3", config_path=str(source.folder), config_name=source.name)(lambda _: None)()
    except BrokenPipeError:
        return 0
    except ValueError as error:  # Hydra's answer to flags that do not go together, and to group=null
        raise ConfigError(str(error)) from error
    finally:
        sys.argv = before
    return 0


def _sweep(loader: ConfigLoader, name: str, overrides: list[str]) -> Jobs:
    """Split a sweep into jobs as Hydra's BasicSweeper does: Hydra's own overrides first, then one value of each."""
    main = load(loader, name, overrides, RunMode.MULTIRUN)
    parsed = parse_overrides(overrides, loader)
    own = [str(override.input_line) for override in parsed if override.is_hydra_override()]
    task = {override.get_key_element(): override for override in parsed if not override.is_hydra_override()}
    products = itertools.product(*(_values(override) for override in task.values()))
    jobs = (Job(words, load(loader, name, [*own, *words], RunMode.RUN)) for words in products)
    return Jobs(main, tuple(jobs))


def _values(override: Override) -> list[str]:
    key = override.get_key_element()
    if not override.is_sweep_override():
        return [f"{key}={override.get_value_element_as_str()}"]
    if not override.is_discrete_sweep():
        raise ConfigError(Problem(key, "values to sweep over", f"{override.input_line!r}, an interval"))
    return [f"{key}={value}" for value in override.sweep_string_iterator()]
