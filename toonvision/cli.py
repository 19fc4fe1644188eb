"""The command line: parse, call, print. The first word chooses; everything else is Hydra's."""

from __future__ import annotations

import argparse
import contextlib
import os
import shlex
import signal
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NoReturn

import hydra
from hydra._internal.config_loader_impl import ConfigLoaderImpl
from hydra._internal.core_plugins.basic_sweeper import BasicSweeper
from hydra._internal.utils import create_config_search_path, get_args_parser
from hydra.core.hydra_config import HydraConfig
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.utils import setup_globals
from hydra.errors import HydraException
from hydra.types import RunMode
from omegaconf import DictConfig
from omegaconf.errors import OmegaConfBaseException
from rich.console import Console

from toonvision import api
from toonvision.config.compose import config_directory, explain, register_search_path
from toonvision.errors import ConfigError, SearchError, ToonvisionError, did_you_mean
from toonvision.narrowing.options import Options
from toonvision.record.results import Results
from toonvision.report import narrowed_space, narrowing_table, space_table, terminal, write_reports
from toonvision.report.leaderboard import LEADERBOARD, leaderboard, leaderboard_table, write_leaderboard
from toonvision.report.summary import SUMMARY
from toonvision.trial.trial import TENSORBOARD
from toonvision.validation.hydra import check_hydra
from toonvision.validation.validate import validate

INTERRUPTED = 130
TENSORBOARD_PAGE = 100  # trials; its own default, which no option sets
Task = Callable[[DictConfig, Path], None]

console = Console()
if not console.is_terminal:
    console = Console(width=max(console.width, 120))  # a file has no edge
errors = Console(stderr=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command, and return its exit code: 0 done, 1 the run failed, 2 the command is wrong, 130 interrupted."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)  # to be stopped politely is to be interrupted
    try:
        if words and words[0] in COMMANDS:
            return COMMANDS[words[0]](words[1:])
        if words and words[0].isidentifier():
            known = ", ".join(COMMANDS)
            raise ConfigError(
                f"expected a command ({known}) or overrides (group=option). Received: {words[0]!r}."
                f"{did_you_mean(words[0], COMMANDS)}"
            )
        return _hydra(words, _search)
    except ToonvisionError as error:
        return _explained(str(error), error.exit_code)
    except (HydraException, OmegaConfBaseException) as error:
        return _explained(explain(error), ConfigError.exit_code)
    except UserWarning as warning:  # of _check_jobs
        return _explained(str(warning), ConfigError.exit_code)
    except KeyboardInterrupt:
        return _explained("interrupted", INTERRUPTED)
    finally:
        signal.signal(signal.SIGTERM, before)


def _explained(message: str, code: int) -> int:
    errors.print(f"toonvision: {message}", style="red", markup=False, highlight=False, soft_wrap=True)
    return code


def _hydra(words: list[str], task: Task) -> int:
    """Let Hydra compose, and call `task` with each configuration and its directory; return the worst exit code."""
    # Hydra would print errors itself and exit with 1; so they come through as they are.
    os.environ["HYDRA_FULL_ERROR"] = "1"
    register_search_path()
    parsed = get_args_parser().parse_args(words)
    config_name = parsed.config_name or "config"
    if not _only_asks(parsed):
        _check_jobs(parsed)
    codes: list[int] = []
    sweeps: list[Path] = []

    def job(cfg: DictConfig) -> None:
        running = HydraConfig.get()
        directory = api.relative(Path(running.runtime.output_dir))
        if running.mode is RunMode.MULTIRUN:
            sweeps.append(api.relative(Path(running.runtime.cwd, running.sweep.dir)))
            console.rule(" ".join(running.overrides.task) or "defaults")
        try:
            task(cfg, directory)
        except ToonvisionError as error:  # of a sweep, the other jobs go on
            codes.append(_explained(str(error), error.exit_code))
        except KeyboardInterrupt:
            raise SystemExit(_interrupted(directory)) from None

    before, sys.argv = sys.argv, ["toonvision", *words]
    try:
        hydra.main(version_base="1.3", config_path=str(config_directory().resolve()), config_name=config_name)(job)()
    finally:
        sys.argv = before
        if sweeps:
            _show_leaderboard(sweeps[0])
    return max(codes, default=0)


def _only_asks(parsed: argparse.Namespace) -> bool:
    """Whether Hydra only shows something, and runs no job."""
    return bool(parsed.help or parsed.hydra_help or parsed.cfg or parsed.info or parsed.shell_completion)


def _check_jobs(parsed: argparse.Namespace) -> None:
    """Compose and validate every job of a run or a sweep before Hydra starts the first."""
    for _, cfg in _jobs(parsed):
        with contextlib.suppress(OmegaConfBaseException):  # a name that Hydra completes only as it starts
            api.check_unused(Path(cfg.hydra.sweep.dir if parsed.multirun else cfg.hydra.run.dir))
        validate(cfg)


def _jobs(parsed: argparse.Namespace) -> Iterator[tuple[str, DictConfig]]:
    """Compose every job of a run or a sweep as Hydra would, and yield it after its overrides.

    Hydra itself would run what a configuration names in its own node, before any code of ours.
    """
    search_path = create_config_search_path(str(config_directory().resolve()))
    if parsed.config_dir:
        search_path.prepend("command-line", f"file://{Path(parsed.config_dir).absolute()}")
    warnings.filterwarnings("error", message=r"provider=hydra\.searchpath", category=UserWarning)
    setup_globals()  # Hydra's resolvers, such as now
    loader = ConfigLoaderImpl(search_path)
    overrides = OverridesParser.create(loader).parse_overrides(parsed.overrides)
    jobs = BasicSweeper.split_arguments(overrides, max_batch_size=None)[0] if parsed.multirun else [parsed.overrides]
    for job in jobs:
        cfg = loader.load_configuration(parsed.config_name or "config", list(job), run_mode=RunMode.RUN)
        check_hydra(cfg)
        yield " ".join(job), cfg


def _show_leaderboard(sweep: Path) -> None:
    frame = write_leaderboard(sweep)
    if len(frame):
        console.print(leaderboard_table(frame))
    console.print(f"Written to {sweep / LEADERBOARD}", soft_wrap=True, highlight=False)


def _search(cfg: DictConfig, directory: Path) -> None:
    terminal.show(api.run(cfg, directory, console=console), console)


def _train(cfg: DictConfig, directory: Path) -> None:
    terminal.show_judged(api.train(cfg, directory, console=console), directory, console)


def _check(words: list[str]) -> int:
    """Check every job, without Hydra's run directory: a check writes nothing."""
    parsed = get_args_parser().parse_args(words)
    if _only_asks(parsed):
        return _hydra(words, _search)
    register_search_path()
    jobs = list(_jobs(parsed))
    for _, cfg in jobs:
        validate(cfg)
    codes = []
    for overrides, cfg in jobs:
        if len(jobs) > 1:
            console.rule(overrides)
        checked = api.check(cfg, console=console)
        space_table.show_check(checked, console)
        none = checked.parameters is None
        codes.append(_explained("none of these models can be built", SearchError.exit_code) if none else 0)
    return max(codes)


def _resume(words: list[str]) -> int:
    (directory,) = _runs("resume", words[:1])
    try:
        terminal.show(api.resume(directory, words[1:], console=console), console)
    except KeyboardInterrupt:
        return _interrupted(directory)
    return 0


def _interrupted(directory: Path) -> int:
    resumable = (directory / SUMMARY).is_file()  # what is interrupted before the record, or trains, starts afresh
    hint = f". To go on: toonvision resume {shlex.quote(str(directory))}" if resumable else ""
    return _explained(f"interrupted{hint}", INTERRUPTED)


def _report(words: list[str]) -> int:
    results = Results.load(_runs("report", words, most=1)[0])
    write_reports(results)
    terminal.show(results, console)
    return 0


def _narrow(words: list[str]) -> int:
    parser = _Parser("toonvision narrow")
    parser.add_argument("run", type=Path, metavar="RUN", help="directory of the run")
    parser.add_argument("--quantile", type=float, default=0.25, help="share of the trials that count as good (0.25)")
    parser.add_argument("--threshold", type=float, help="a better score counts as good, instead of a share")
    parser.add_argument("--accept", action="append", default=[], metavar="NAME", help="cut only this; repeatable")
    parser.add_argument("--refuse", action="append", default=[], metavar="NAME", help="do not cut this; repeatable")
    parser.add_argument("--dry-run", action="store_true", help="only show the table, and write nothing")
    given = parser.parse_args(words)
    results = Results.load(given.run)
    narrowing = api.narrow_run(results, Options(given.quantile, given.threshold, given.accept, given.refuse))
    narrowing_table.show_narrowing(narrowing, results, console)
    if not given.dry_run:
        path = narrowed_space.write(narrowing, results, results.directory / "search_space")
        console.print(f"Written to {path}. Next:", soft_wrap=True, highlight=False, markup=False)
        console.print(f"  {narrowed_space.command(results)}", soft_wrap=True, highlight=False, markup=False)
    return 0


class _Parser(argparse.ArgumentParser):
    """Words after a command; what is wrong with them is said as everywhere."""

    def error(self, message: str) -> NoReturn:
        raise ConfigError(f"expected: {' '.join(self.format_usage().split()[1:])}. Received: {message}")


def _compare(words: list[str]) -> int:
    console.print(leaderboard_table(leaderboard([Results.load(run) for run in _runs("compare", words)])))
    return 0


def _tensorboard(words: list[str]) -> int:
    logs = _runs("tensorboard", words[:1])[0] / TENSORBOARD
    if not logs.is_dir():
        raise ConfigError(f"expected the directory of a run. Received: {words[0]!r}, without {logs}.")
    trials = sum(1 for _ in logs.iterdir())
    if trials > TENSORBOARD_PAGE:
        told = (
            f"HPARAMS shows, and lets download, {TENSORBOARD_PAGE} of {trials} trials a page; more under Paging there."
        )
        console.print(told, soft_wrap=True)
    # What follows the run is TensorBoard's own, say --port 6007.
    command = [sys.executable, "-m", "tensorboard.main", "--host", "localhost", "--logdir", str(logs), *words[1:]]
    return subprocess.call(command)  # noqa: S603 - no shell


def _runs(command: str, words: list[str], most: int | None = None) -> list[Path]:
    if not words or (most and len(words) > most):
        usage = "RUN" if most == 1 else "RUN RUN ..."
        raise ConfigError(f"expected: toonvision {command} {usage}, directories of runs. Received: {' '.join(words)!r}")
    return [Path(word) for word in words]


COMMANDS: dict[str, Callable[[list[str]], int]] = {
    "check": _check,
    "train": lambda words: _hydra(words, _train),
    "resume": _resume,
    "report": _report,
    "narrow": _narrow,
    "compare": _compare,
    "tensorboard": _tensorboard,
}
