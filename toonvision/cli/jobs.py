"""Commands that compose configurations and run them as jobs: search, train, check."""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from hydra.core.hydra_config import HydraConfig
from hydra.types import RunMode
from omegaconf import DictConfig

from toonvision.cli.interruption import interrupted
from toonvision.config import arguments as syntax
from toonvision.config.jobs import Source, call_hydra, check_unused, compose_jobs, open_source, show_config
from toonvision.config.later import Later
from toonvision.config.repeat import expanded
from toonvision.console import console, explained, print_lines
from toonvision.errors import ConfigError, Problem, SearchError, ToonvisionError
from toonvision.search_space.space import Space
from toonvision.training.backend import check_backend
from toonvision.validation.space import fixed_problems, searched_problems
from toonvision.validation.validate import validate

if TYPE_CHECKING:
    from toonvision import api
    from toonvision.record import run_lock
    from toonvision.report import leaderboard, space_table, terminal
else:
    api, run_lock, leaderboard = map(Later, ("api", "record.run_lock", "report.leaderboard"))
    space_table, terminal = Later("report.space_table"), Later("report.terminal")

Check = Callable[[Space, str], Iterable[Problem]]


def search(arguments: argparse.Namespace) -> int:
    """Search for each job, and return the exit code."""
    return _run_jobs(arguments, searched_problems, _search_job)


def train(arguments: argparse.Namespace) -> int:
    """Train the fixed values of each job, and return the exit code."""
    return _run_jobs(arguments, fixed_problems, _train_job)


def check(arguments: argparse.Namespace) -> int:
    """Check every job without Hydra's run directory, and return the exit code: a check writes nothing."""
    source = _source(arguments)
    if syntax.only_shows(arguments):
        return show_config(source, arguments)
    jobs = compose_jobs(source, arguments.overrides, is_sweep=arguments.multirun).jobs
    for job in jobs:
        validate(job.cfg)
    codes = []
    for job in jobs:
        if len(jobs) > 1:
            console.rule(" ".join(job.overrides))
        checked = api.check(job.cfg, console=console)
        space_table.show_check(checked, console)
        none = checked.parameters is None
        codes.append(explained("none of these models can be built", SearchError.exit_code) if none else 0)
    return max(codes)


def _source(arguments: argparse.Namespace) -> Source:
    """Open the folders of options, and replace a run among the overrides by what it stands for."""
    source = open_source(arguments.config_path, arguments.config_name, arguments.config_dir)
    arguments.overrides = expanded(arguments.overrides)
    return source


def _search_job(cfg: DictConfig, directory: Path) -> None:
    terminal.show(api.run(cfg, directory, console=console), console)


def _train_job(cfg: DictConfig, directory: Path) -> None:
    terminal.show_judged(api.train(cfg, directory, console=console), directory, console)


def _run_jobs(arguments: argparse.Namespace, check: Check, task: Callable[[DictConfig, Path], None]) -> int:
    """Check every job and its search space, then let Hydra start the jobs; return the worst exit code."""
    source = _source(arguments)
    if syntax.only_shows(arguments):
        return show_config(source, arguments)
    if arguments.package is not None:
        raise ConfigError(Problem("--package", "to be given with --cfg", repr(arguments.package)))
    jobs = compose_jobs(source, arguments.overrides, is_sweep=arguments.multirun)
    check_unused(jobs.main, is_sweep=arguments.multirun)
    for job in jobs.jobs:
        config = validate(job.cfg)
        if problems := list(check(config.search_space, "search_space")):
            raise ConfigError(*problems)
        check_backend(config.backend)
    codes: list[int] = []
    sweeps: list[Path] = []
    locks = contextlib.ExitStack()

    def run_job(cfg: DictConfig) -> None:
        running = HydraConfig.get()
        directory = to_resume = api.relative(Path(running.runtime.output_dir))
        if running.mode is RunMode.MULTIRUN:
            sweep = api.relative(Path(running.runtime.cwd, running.sweep.dir))
            if not sweeps:
                locks.enter_context(run_lock.locked(sweep))  # no other process may go on with it meanwhile
            sweeps.append(sweep)
            if task is _search_job:
                to_resume = sweep
            console.rule(" ".join(running.overrides.task) or "defaults")
        try:
            task(cfg, directory)
        except ToonvisionError as error:  # the other jobs of a sweep go on
            codes.append(explained(str(error), error.exit_code))
        except KeyboardInterrupt:
            raise SystemExit(interrupted(to_resume)) from None

    try:
        with locks:
            call_hydra(source, syntax.hydra_words(arguments), run_job)
    finally:
        if sweeps:
            print_lines(f"Written to {leaderboard.show_leaderboard(sweeps[0], console)}")
    return max(codes, default=0)
