"""Commands about runs that exist: resume, report, narrow, compare, tensorboard."""

from __future__ import annotations

import argparse
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from toonvision.cli.interruption import interrupted
from toonvision.cli.sweeps import resume_sweep
from toonvision.config.folders import refuse_links
from toonvision.config.later import Later
from toonvision.config.parse import parse
from toonvision.config.read import config_file
from toonvision.config.schema import NarrowingOptions
from toonvision.config.sweep import is_sweep
from toonvision.console import console, print_lines
from toonvision.errors import ConfigError, Problem

if TYPE_CHECKING:
    from toonvision import api, report
    from toonvision.record import results
    from toonvision.report import leaderboard, narrowed_space, narrowing_table, terminal
    from toonvision.report import tensorboard as served
    from toonvision.report.page import leaderboard_page
else:
    api, report, results = map(Later, ("api", "report", "record.results"))
    leaderboard, narrowed_space, narrowing_table, terminal, served, leaderboard_page = (
        Later(f"report.{name}")
        for name in (
            *("leaderboard", "narrowed_space", "narrowing_table", "terminal", "tensorboard"),
            "page.leaderboard_page",
        )
    )


def add_run(parser: argparse.ArgumentParser) -> None:
    """Declare the directory of a run."""
    parser.add_argument("run", type=Path, metavar="RUN", help="directory of a run")


def add_resume(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `resume`."""
    parser.add_argument("run", type=Path, metavar="RUN", help="directory of a run or of a sweep")
    parser.add_argument(
        "overrides", nargs="*", default=[], metavar="OVERRIDE", help="what changes, say tuner.max_trials=50"
    )


def resume(arguments: argparse.Namespace) -> int:
    """Continue a run or the jobs of a sweep, and return the exit code."""
    if is_sweep(arguments.run) and not (arguments.run / ".hydra").exists():
        return resume_sweep(arguments.run, arguments.overrides)
    config_file(arguments.run)  # an error of a wrong directory comes before Keras is imported
    try:
        terminal.show(api.resume(arguments.run, arguments.overrides, console=console), console)
    except KeyboardInterrupt:
        return interrupted(arguments.run)
    return 0


def write_reports(arguments: argparse.Namespace) -> int:
    """Write the reports of a run again, and return the exit code."""
    refuse_links(arguments.run)
    run = _load(arguments.run)
    report.write_reports(run)
    terminal.show(run, console)
    return 0


def add_narrow(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `narrow`."""
    add_run(parser)
    parser.add_argument("--quantile", type=float, default=0.25, help="share of the trials that count as good (0.25)")
    parser.add_argument("--threshold", type=float, help="a better score counts as good, instead of a share")
    parser.add_argument("--accept", action="append", default=[], metavar="NAME", help="cut only this; repeatable")
    parser.add_argument("--refuse", action="append", default=[], metavar="NAME", help="do not cut this; repeatable")
    parser.add_argument("--dry-run", action="store_true", help="show the table and write nothing")


def narrow(arguments: argparse.Namespace) -> int:
    """Narrow the search space of a run, and return the exit code."""
    run = _load(arguments.run)
    options = {name: getattr(arguments, name) for name in NarrowingOptions.model_fields}
    narrowing = api.narrow_run(run, parse(NarrowingOptions, options))
    narrowing_table.show_narrowing(narrowing, run, console)
    if not arguments.dry_run:
        refuse_links(arguments.run)
        path = narrowed_space.write(narrowing, run, run.directory / "search_space")
        print_lines(f"Written to {path}. Next:", f"  {narrowed_space.command(run)}")
    return 0


def add_compare(parser: argparse.ArgumentParser) -> None:
    """Declare the runs of `compare`, two or more."""
    add_run(parser)
    parser.add_argument("others", nargs="+", type=Path, metavar="RUN", help="directories of other runs")
    parser.add_argument("--output", type=Path, metavar="FILE.html", help="write the page of the leaderboard there, too")


def compare(arguments: argparse.Namespace) -> int:
    """Show runs side by side, and return the exit code."""
    output = arguments.output
    if output is not None and (output.suffix != ".html" or not output.absolute().parent.is_dir()):
        raise ConfigError(Problem("--output", "a file FILE.html in a folder that exists", repr(str(output))))
    runs = [_load(run) for run in (arguments.run, *arguments.others)]
    leaderboard.show_runs(runs, console)
    if output is not None:
        print_lines(f"Written to {leaderboard_page.write(runs, output)}")
    return 0


def tensorboard(arguments: argparse.Namespace) -> int:
    """Serve TensorBoard for a run until it is stopped, and return its exit code."""
    command, notes = served.command(arguments.run)
    print_lines(*notes)
    return subprocess.call([*command, *arguments.flags])


def _load(directory: Path) -> results.Results:
    config_file(directory)  # an error of a wrong directory comes before pandas is imported
    return results.Results.load(directory)
