"""Commands that compose configurations and run them as jobs: search, train, check."""

from __future__ import annotations

import argparse
import contextlib
import shlex
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hydra.conf import HydraConf
from hydra.core.hydra_config import HydraConfig
from hydra.types import RunMode
from omegaconf import DictConfig, OmegaConf

from toonvision.cli import parallel
from toonvision.cli.interruption import INTERRUPTED, interrupted
from toonvision.cli.parallel import Beside, Ended
from toonvision.config import arguments as syntax
from toonvision.config.jobs import Jobs, Source, check_unused, compose_jobs, open_source, run_jobs, show_config
from toonvision.config.later import Later
from toonvision.config.repeat import expanded
from toonvision.config.sweep import MULTIRUN
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
Task = Callable[[DictConfig, Path], None]


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


def _run_jobs(arguments: argparse.Namespace, check: Check, task: Task) -> int:
    """Check every job and its search space, then let Hydra start the jobs; return the worst exit code."""
    source = _source(arguments)
    if syntax.only_shows(arguments):
        return show_config(source, arguments)
    if arguments.package is not None:
        raise ConfigError(Problem("--package", "to be given with --cfg", repr(arguments.package)))
    jobs = compose_jobs(source, arguments.overrides, is_sweep=arguments.multirun)
    is_sweep = arguments.multirun or jobs.main.hydra.mode is RunMode.MULTIRUN
    check_unused(jobs.main, is_sweep=is_sweep)
    for job in jobs.jobs:
        config = validate(job.cfg)
        if problems := list(check(config.search_space, "search_space")):
            raise ConfigError(*problems)
        check_backend(config.backend)
    if is_sweep:
        return _sweep(source, arguments.overrides, jobs, task)
    [ended] = run_jobs(source, arguments.overrides, _Job(task), is_sweep=False)
    return ended.code


def _sweep(source: Source, overrides: Sequence[str], jobs: Jobs, task: Task) -> int:
    """Let Hydra start the jobs of a sweep, write its leaderboard, and return the worst exit code."""
    directory = jobs.main.hydra.sweep.dir
    if OmegaConf.is_interpolation(jobs.main.hydra.sweep, "dir"):  # Hydra composes anew, at another time
        overrides = [*overrides, "hydra.sweep.dir='{}'".format(directory.replace("'", r"\'"))]
    sweep = api.relative(Path.cwd() / directory)
    beside = parallel.beside(jobs.main, sweep, len(jobs.jobs))
    with run_lock.locked(sweep):  # no other process may go on with it meanwhile
        try:
            with contextlib.nullcontext() if beside is None else parallel.ended_together(sweep):
                ended = run_jobs(source, overrides, _Job(task, sweep, beside), is_sweep=True)
        except RuntimeError as error:
            if beside is None:
                raise
            reason = str(error).strip().partition("\n")[0]  # of the launcher: joblib's BrokenExecutor, or submitit's
            hint = f"To go on: toonvision resume {shlex.quote(str(sweep))}"
            return explained(f"a job ended without a result: {reason}\n{hint}", SearchError.exit_code)
        finally:
            if (sweep / MULTIRUN).is_file():  # Hydra has started it
                print_lines(f"Written to {leaderboard.show_leaderboard(sweep, console)}")
    if beside is not None:
        for number, end in enumerate(ended):
            if end.error is not None:
                explained(f"job {number}: {end.error}", end.code)
        if any(end.code == INTERRUPTED for end in ended):
            return interrupted(sweep) if task is _search_job else explained("interrupted", INTERRUPTED)
    return max(end.code for end in ended)


@dataclass(frozen=True, slots=True)
class _Job:
    """What Hydra calls with the configuration of each job; picklable, because a launcher may do so in other processes.

    Attributes:
        task: searches or trains.
        sweep: directory of the sweep; None for a run.
        beside: what jobs in processes of their own need; None if this is the process of the command.
    """

    task: Task
    sweep: Path | None = None
    beside: Beside | None = None

    def __call__(self, cfg: DictConfig) -> Ended:
        """Run the job, and return what came of it."""
        job = HydraConfig.get()
        if self.beside is None:
            return self._run(cfg, job)
        return parallel.run(self.beside, job, lambda: self._run(cfg, job))

    def _run(self, cfg: DictConfig, job: HydraConf) -> Ended:
        directory = api.relative(Path(job.runtime.output_dir))
        if self.sweep is not None:
            console.rule(" ".join(job.overrides.task) or "defaults")
        try:
            self.task(cfg, directory)
        except ToonvisionError as error:  # the other jobs of a sweep go on
            return Ended(explained(str(error), error.exit_code), str(error))
        except KeyboardInterrupt:
            searched = self.sweep if self.task is _search_job else None  # a sweep of trainings cannot resume
            raise SystemExit(interrupted(searched or directory)) from None
        return Ended(0)
