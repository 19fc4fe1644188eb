"""Going on with the jobs of a sweep."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from toonvision.cli.interruption import interrupted
from toonvision.config.compose import parse_overrides
from toonvision.config.folders import refuse_links
from toonvision.config.later import Later
from toonvision.config.sweep import recorded_sweep
from toonvision.config.trust import own
from toonvision.console import console, explained, print_lines
from toonvision.errors import ConfigError, Problem, ToonvisionError
from toonvision.validation.space import searched_problems
from toonvision.validation.validate import validate

if TYPE_CHECKING:
    from toonvision import api
    from toonvision.record import run_lock
    from toonvision.record import sweep as record
    from toonvision.report import leaderboard, terminal
else:
    api, record, run_lock = map(Later, ("api", "record.sweep", "record.run_lock"))
    leaderboard, terminal = map(Later, ("report.leaderboard", "report.terminal"))


def resume_sweep(directory: Path, overrides: Sequence[str]) -> int:
    """Go on with the jobs of a sweep that have not completed, in their order, and return the worst exit code.

    Args:
        directory: of the sweep.
        overrides: what changes for every job, also for completed ones.

    Raises:
        ConfigError: before any job starts, if one may not start or go on.
    """
    refuse_links(directory)
    for override in parse_overrides(overrides):
        if override.is_sweep_override():
            hint = "A sweep has the jobs with which it began; start another one for more."
            raise ConfigError(Problem("", "one value for all jobs", repr(override.input_line), hint))
    sweep = recorded_sweep(directory)
    with run_lock.locked(directory):
        left = record.jobs_left(sweep, overrides)
        _check(left)
        print_lines(f"{len(sweep.jobs) - len(left)} of {len(sweep.jobs)} jobs have ended; {len(left)} go on or start.")
        try:
            codes = [_go_on(job, overrides) for job in left]
        except KeyboardInterrupt:
            return interrupted(directory)
        finally:
            print_lines(f"Written to {leaderboard.show_leaderboard(directory, console)}")
    return max(codes, default=0)


def _check(left: Sequence[record.JobLeft]) -> None:
    """Raise ConfigError for the first job that cannot start, before one does; those that go on were checked once."""
    for job in left:
        if job.cfg is not None:
            own(job.job.directory)
            if problems := list(searched_problems(validate(job.cfg).search_space, "search_space")):
                raise ConfigError(*problems)


def _go_on(left: record.JobLeft, overrides: Sequence[str]) -> int:
    """Start a job or go on with it, show what it has found, and return its exit code."""
    console.rule(" ".join(left.job.overrides) or "defaults")
    try:
        if left.cfg is None:
            results = api.resume(left.job.directory, overrides, console=console)
        else:
            record.note_start(left, overrides)
            results = api.run(left.cfg, api.relative(left.job.directory.resolve()), console=console)
    except ToonvisionError as error:  # the other jobs go on
        return explained(str(error), error.exit_code)
    terminal.show(results, console)
    return 0
