"""The command line: parse the words, compose and validate the configuration, call the Python API, print.

A wrong configuration is reported at once: this module imports Hydra, the validation and rich. What a command needs to
do its work (pandas, Optuna, Keras) is imported after the configuration has passed the validation.
"""

from __future__ import annotations

import argparse
import shlex
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from hydra.core.hydra_config import HydraConfig
from hydra.errors import HydraException
from hydra.types import RunMode
from omegaconf import DictConfig
from omegaconf.errors import OmegaConfBaseException
from yaml import YAMLError

from toonvision.config import arguments as syntax
from toonvision.config.arguments import Command
from toonvision.config.catalog import find_option, list_options
from toonvision.config.explain import explain
from toonvision.config.folders import refuse_links
from toonvision.config.jobs import call_hydra, check_unused, compose_jobs, open_source, show_config
from toonvision.config.later import Later
from toonvision.config.parse import parse
from toonvision.config.read import config_file
from toonvision.config.schema import NarrowingOptions
from toonvision.config.trust import distrust_directory, trust_directory, trusted_directories
from toonvision.console import console, errors, explained, flush, print_lines
from toonvision.errors import ConfigError, Problem, SearchError, ToonvisionError, access_error, did_you_mean, printable
from toonvision.search_space.space import Space
from toonvision.training.backend import check_backend
from toonvision.validation.space import fixed_problems, searched_problems
from toonvision.validation.validate import validate

if TYPE_CHECKING:
    from toonvision import api, inference, report
    from toonvision.adoption import adopt as adopting
    from toonvision.record import results
    from toonvision.report import leaderboard, narrowed_space, narrowing_table, space_table, summary, terminal
    from toonvision.report import tensorboard as served
else:
    api, inference, report, results = map(Later, ("api", "inference", "report", "record.results"))
    leaderboard, summary, terminal = map(Later, ("report.leaderboard", "report.summary", "report.terminal"))
    narrowed_space, narrowing_table = map(Later, ("report.narrowed_space", "report.narrowing_table"))
    space_table, served, adopting = map(Later, ("report.space_table", "report.tensorboard", "adoption.adopt"))

INTERRUPTED = 130
Check = Callable[[Space, str], Iterable[Problem]]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code.

    Args:
        arguments: the words of the command line; those of this process if None.

    Returns:
        0 if it is done, 1 if the run failed, 2 if the command or the configuration is wrong, 130 if interrupted.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)  # SIGTERM ends a run as Ctrl-C does
    try:
        return _run(words)
    except ToonvisionError as error:
        return explained(str(error), error.exit_code)
    except (HydraException, OmegaConfBaseException, YAMLError) as error:
        return explained(explain(error), ConfigError.exit_code)
    except OSError as error:
        if (refused := access_error(error)) is None:
            raise
        return explained(str(refused), refused.exit_code)
    except KeyboardInterrupt:
        return explained("interrupted", INTERRUPTED)
    finally:
        signal.signal(signal.SIGTERM, before)
        flush()


def _run(words: list[str]) -> int:
    first = words[0] if words else ""
    if first in COMMANDS:
        return COMMANDS[first].run(first, words[1:])
    if first.isidentifier():
        expected = f"a command ({', '.join(COMMANDS)}) or overrides (group=option)"
        raise ConfigError(Problem("", expected, repr(first), did_you_mean(first, COMMANDS)))
    return SEARCH.run("", words)


def _search(cfg: DictConfig, directory: Path) -> None:
    terminal.show(api.run(cfg, directory, console=console), console)


def _train(cfg: DictConfig, directory: Path) -> None:
    terminal.show_judged(api.train(cfg, directory, console=console), directory, console)


def _run_jobs(arguments: argparse.Namespace, check: Check, task: Callable[[DictConfig, Path], None]) -> int:
    """Check every job and its search space, then let Hydra start the jobs; return the worst exit code."""
    source = open_source(arguments.config_path, arguments.config_name, arguments.config_dir)
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

    def run_job(cfg: DictConfig) -> None:
        running = HydraConfig.get()
        directory = api.relative(Path(running.runtime.output_dir))
        if running.mode is RunMode.MULTIRUN:
            sweeps.append(api.relative(Path(running.runtime.cwd, running.sweep.dir)))
            console.rule(" ".join(running.overrides.task) or "defaults")
        try:
            task(cfg, directory)
        except ToonvisionError as error:  # the other jobs of a sweep go on
            codes.append(explained(str(error), error.exit_code))
        except KeyboardInterrupt:
            raise SystemExit(_interrupted(directory)) from None

    try:
        call_hydra(source, syntax.hydra_words(arguments), run_job)
    finally:
        if sweeps:
            print_lines(f"Written to {leaderboard.show_leaderboard(sweeps[0], console)}")
    return max(codes, default=0)


def _check(arguments: argparse.Namespace) -> int:
    """Check every job without Hydra's run directory: a check writes nothing."""
    source = open_source(arguments.config_path, arguments.config_name, arguments.config_dir)
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


def _resume(arguments: argparse.Namespace) -> int:
    config_file(arguments.run)  # as above
    try:
        terminal.show(api.resume(arguments.run, arguments.overrides, console=console), console)
    except KeyboardInterrupt:
        return _interrupted(arguments.run)
    return 0


def _interrupted(directory: Path) -> int:
    resumable = (directory / summary.SUMMARY).is_file()  # neither a run before its record nor a training can resume
    hint = f". To go on: toonvision resume {shlex.quote(str(directory))}" if resumable else ""
    return explained(f"interrupted{hint}", INTERRUPTED)


def _report(arguments: argparse.Namespace) -> int:
    refuse_links(arguments.run)
    run = _load(arguments.run)
    report.write_reports(run)
    terminal.show(run, console)
    return 0


def _load(directory: Path) -> results.Results:
    config_file(directory)  # an error of a wrong directory comes before pandas is imported
    return results.Results.load(directory)


def _narrow(arguments: argparse.Namespace) -> int:
    run = _load(arguments.run)
    options = {name: getattr(arguments, name) for name in NarrowingOptions.model_fields}
    narrowing = api.narrow_run(run, parse(NarrowingOptions, options))
    narrowing_table.show_narrowing(narrowing, run, console)
    if not arguments.dry_run:
        refuse_links(arguments.run)
        path = narrowed_space.write(narrowing, run, run.directory / "search_space")
        print_lines(f"Written to {path}. Next:", f"  {narrowed_space.command(run)}")
    return 0


def _predict(arguments: argparse.Namespace) -> int:
    config_file(arguments.run)  # as above
    said = inference.predict(arguments.run, arguments.data, model=arguments.model)
    said.save(arguments.output) if arguments.output else said.write(sys.stdout)
    errors.print(printable(said.served), style="dim", markup=False, highlight=False, soft_wrap=True)
    return 0


def _export(arguments: argparse.Namespace) -> int:
    config_file(arguments.run)  # as above
    given = {name: getattr(arguments, name) for name in ("model", "format", "output")}
    print_lines(*inference.export(arguments.run, **given).lines())
    return 0


def _adopt(arguments: argparse.Namespace) -> int:
    target, values = arguments.target, dict(arguments.values)
    print_lines(*adopting.lines(*adopting.adopt(target, values, name=arguments.name, folder=arguments.folder)))
    return 0


def _compare(arguments: argparse.Namespace) -> int:
    runs = [_load(run) for run in (arguments.run, *arguments.others)]
    console.print(leaderboard.leaderboard_table(leaderboard.leaderboard(runs)))
    return 0


def _list(arguments: argparse.Namespace) -> int:
    options = list_options(arguments.group)
    if arguments.group is None:
        groups = dict.fromkeys(option.group for option in options)
        names = {group: ", ".join(option.name for option in options if option.group == group) for group in groups}
    else:
        names = {option.name: option.purpose for option in options}
    width = max(map(len, names))
    print_lines(*(f"{name:<{width}}  {text}" for name, text in names.items()))
    return 0


def _show(arguments: argparse.Namespace) -> int:
    print_lines(find_option(arguments.option).text.rstrip())
    return 0


def _trust(arguments: argparse.Namespace) -> int:
    if arguments.list:
        print_lines(*map(str, trusted_directories()))
    elif arguments.remove:
        print_lines(f"No longer trusted: {distrust_directory(arguments.directory)}")
    else:
        print_lines(f"Trusted, with all below it: {trust_directory(arguments.directory)}")
    return 0


def _tensorboard(arguments: argparse.Namespace) -> int:
    command, notes = served.command(arguments.run)
    print_lines(*notes)
    return subprocess.call([*command, *arguments.flags])


_HYDRA = "[OVERRIDE ...] [Hydra's flags]"
SEARCH = Command(
    "Search, retrain the best values, compare them with the baseline and report.",
    syntax.add_search,
    lambda arguments: _run_jobs(arguments, searched_problems, _search),
    usage=_HYDRA,
    has_help=False,  # Hydra shows it
)
COMMANDS: dict[str, Command] = {
    "check": Command("Show what cannot be built, and the cost of a search.", syntax.add_hydra_flags, _check, _HYDRA),
    "train": Command(
        "Train one fixed configuration without a search, and test it.",
        syntax.add_hydra_flags,
        lambda arguments: _run_jobs(arguments, fixed_problems, _train),
        _HYDRA,
    ),
    "resume": Command("Continue a run where it stopped.", syntax.add_resume, _resume),
    "report": Command("Write the reports of a run again, from its record.", syntax.add_run, _report),
    "narrow": Command("Write the next search space of a run, with its evidence.", syntax.add_narrow, _narrow),
    "predict": Command("Write what a run's model says of new examples.", syntax.add_predict, _predict),
    "export": Command("Write a run's model for where it is served, without Keras.", syntax.add_export, _export),
    "adopt": Command("Make options of a KerasTuner build(hp) function or HyperModel.", syntax.add_adopt, _adopt),
    "compare": Command("Show runs side by side.", syntax.add_compare, _compare),
    "list": Command("List the config groups, or the options of one.", syntax.add_list, _list),
    "show": Command("Show the keys of an option, with their comments.", syntax.add_show, _show),
    "trust": Command("Trust a directory: its configurations may name its modules.", syntax.add_trust, _trust),
    "tensorboard": Command(
        "Serve TensorBoard for a run, on localhost.",
        syntax.add_run,
        _tensorboard,
        usage="RUN [TensorBoard's own flags]",
        passes_flags=True,
    ),
}
