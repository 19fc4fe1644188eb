"""Parse the words of the command line: a parser with this package's errors, and the flags of Hydra.

Hydra's own parser is private, so its flags are listed here as Hydra 1.3 documents them.
`--experimental-rerun` is left out: it unpickles a file, which may run any code.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import yaml

from toonvision.errors import ConfigError, did_you_mean

_SWITCHES = ("help", "hydra_help", "version", "resolve", "run", "multirun", "shell_completion")
_OPTIONS = ("cfg", "package", "info")
_INFO = ("all", "config", "defaults", "defaults-tree", "plugins", "searchpath")  # as Hydra's


class Parser(argparse.ArgumentParser):
    """Raises ConfigError for a wrong word, and names the nearest known option."""

    def error(self, message: str) -> NoReturn:
        """Raise ConfigError with the usage line."""
        usage = " ".join(self.format_usage().split()[1:])
        end = "" if message.endswith((".", "?")) else "."
        raise ConfigError(f"{message}{end} Usage: {usage}")

    def refuse(self, word: str) -> NoReturn:
        """Raise ConfigError for a word that is no argument of this command."""
        known = re.findall(r"(?<!\S)--?[a-z][\w-]*", self.format_help())
        kind = "option" if word.startswith("-") else "argument"
        self.error(f"unknown {kind} {word!r}.{did_you_mean(word.partition('=')[0], known)}")


@dataclass(frozen=True, slots=True)
class Command:
    """One command of the command line.

    Attributes:
        summary: what it does, in one sentence.
        declare: adds its arguments to a parser.
        call: runs it and returns the exit code.
        usage: of its arguments; argparse writes it if None.
        has_help: whether argparse answers `--help`.
        passes_flags: whether unknown options are for another program, as `flags` of the arguments.
    """

    summary: str
    declare: Callable[[argparse.ArgumentParser], object]
    call: Callable[[argparse.Namespace], int]
    usage: str | None = None
    has_help: bool = True
    passes_flags: bool = False

    def run(self, name: str, words: Sequence[str]) -> int:
        """Parse the words after the command's name, and run it. Options and other words may come in any order."""
        program = f"toonvision {name}".strip()
        usage = f"{program} {self.usage}" if self.usage else None
        parser = Parser(program, usage=usage, description=self.summary, add_help=self.has_help)
        self.declare(parser)
        arguments, unknown = parser.parse_known_intermixed_args(words)
        if unknown and not self.passes_flags:
            parser.refuse(unknown[0])
        arguments.flags = unknown
        return self.call(arguments)


def add_hydra_flags(parser: argparse.ArgumentParser) -> None:
    """Declare the overrides and Hydra's flags, all but `--help`."""
    parser.add_argument("overrides", nargs="*", default=[], metavar="OVERRIDE", help="group=option or key=value")
    modes = parser.add_mutually_exclusive_group()
    modes.add_argument("--cfg", "-c", choices=["job", "hydra", "all"], help="show the configuration, and do not run")
    modes.add_argument("--info", "-i", nargs="?", const="all", choices=_INFO, help="show how Hydra composes it")
    modes.add_argument("--multirun", "-m", action="store_true", help="sweep over values separated by commas")
    modes.add_argument("--run", "-r", action="store_true", help="run one job, which is the default")
    modes.add_argument("--shell-completion", "-sc", action="store_true", help="install or uninstall completion")
    parser.add_argument("--resolve", action="store_true", help="with --cfg: resolve the interpolations")
    parser.add_argument("--package", "-p", metavar="KEY", help="with --cfg: show only this part")
    parser.add_argument("--config-dir", "-cd", metavar="FOLDER", help="compose with the options in this folder, too")
    parser.add_argument("--config-path", "-cp", metavar="FOLDER", help="compose from this folder only")
    parser.add_argument("--config-name", "-cn", metavar="NAME", help="the main config file, without .yaml")
    parser.add_argument("--hydra-help", action="store_true", help="show Hydra's help")
    parser.add_argument("--version", action="store_true", help="show Hydra's version")


def hydra_words(arguments: argparse.Namespace) -> list[str]:
    """Return the words that give Hydra the same flags and overrides.

    The flags that say where configurations come from are not among them: `config.jobs.open_source` takes these.
    """
    given = vars(arguments)
    words = [f"--{name.replace('_', '-')}" for name in _SWITCHES if given.get(name)]
    for name in _OPTIONS:
        words += [f"--{name}", given[name]] if given[name] is not None else []
    return words if arguments.hydra_help else [*words, *given["overrides"]]


def only_shows(arguments: argparse.Namespace) -> bool:
    """Whether Hydra only shows something, and runs no job."""
    given = vars(arguments)
    shown = ("help", "hydra_help", "version", "cfg", "info", "resolve", "shell_completion")
    return any(given.get(name) for name in shown)


def add_run(parser: argparse.ArgumentParser) -> None:
    """Declare the directory of a run."""
    parser.add_argument("run", type=Path, metavar="RUN", help="directory of a run")


def add_resume(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `resume`."""
    add_run(parser)
    parser.add_argument(
        "overrides", nargs="*", default=[], metavar="OVERRIDE", help="what changes, say tuner.max_trials=50"
    )


def add_narrow(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `narrow`."""
    add_run(parser)
    parser.add_argument("--quantile", type=float, default=0.25, help="share of the trials that count as good (0.25)")
    parser.add_argument("--threshold", type=float, help="a better score counts as good, instead of a share")
    parser.add_argument("--accept", action="append", default=[], metavar="NAME", help="cut only this; repeatable")
    parser.add_argument("--refuse", action="append", default=[], metavar="NAME", help="do not cut this; repeatable")
    parser.add_argument("--dry-run", action="store_true", help="show the table and write nothing")


def add_compare(parser: argparse.ArgumentParser) -> None:
    """Declare the runs of `compare`, two or more."""
    add_run(parser)
    parser.add_argument("others", nargs="+", type=Path, metavar="RUN", help="directories of other runs")


def add_list(parser: argparse.ArgumentParser) -> None:
    """Declare what `list` takes: a config group, or nothing for all of them."""
    parser.add_argument("group", nargs="?", metavar="GROUP", help="whose options are listed with their purposes")


def add_show(parser: argparse.ArgumentParser) -> None:
    """Declare what `show` takes: an option."""
    parser.add_argument("option", metavar="GROUP=OPTION", help="say tuner=hyperband")


def add_predict(parser: argparse.ArgumentParser) -> None:
    """Declare what `predict` takes: a run, new examples, which model, and where its answers go."""
    add_run(parser)
    parser.add_argument("data", type=Path, metavar="DATA", help="a table, a text, an image or a folder, or a file .npy")
    parser.add_argument("--model", choices=["tuned", "baseline"], default="tuned", help="of the run (tuned)")
    parser.add_argument("--output", type=Path, metavar="FILE", help="a file .csv to write; else they are printed")


def add_export(parser: argparse.ArgumentParser) -> None:
    """Declare what `export` takes: a run, which model, and the format and the folder to write."""
    add_run(parser)
    parser.add_argument("--model", choices=["tuned", "baseline"], default="tuned", help="of the run (tuned)")
    formats = ["savedmodel", "onnx", "litert"]
    parser.add_argument("--format", choices=formats, default="savedmodel", help="that Keras writes (savedmodel)")
    parser.add_argument("--output", type=Path, metavar="DIR", help="a new folder (RUN/export/MODEL-FORMAT)")


def add_adopt(parser: argparse.ArgumentParser) -> None:
    """Declare what `adopt` takes: a hypermodel, its arguments, and where its options go."""
    parser.add_argument("target", metavar="TARGET", help="import path of a build(hp) function or a HyperModel")
    parser.add_argument("values", nargs="*", default=[], type=_pair, metavar="KEY=VALUE", help="of a HyperModel")
    parser.add_argument("--name", help="of the options (the last part of TARGET)")
    parser.add_argument("--folder", type=Path, default=Path("conf"), help="of the options (conf)")


def _pair(word: str) -> tuple[str, object]:
    key, separator, value = word.partition("=")
    if not separator or not key.isidentifier():
        raise argparse.ArgumentTypeError(f"expected KEY=VALUE. Received: {word!r}")
    return key, yaml.safe_load(value)


def add_search(parser: argparse.ArgumentParser) -> None:
    """Declare the overrides and all flags of Hydra, `--help` among them."""
    parser.add_argument("--help", "-h", action="store_true", help="show the commands and the config groups")
    add_hydra_flags(parser)


def add_trust(parser: argparse.ArgumentParser) -> None:
    """Declare the directory to trust, and the flags that show or shorten the list of them."""
    parser.add_argument("directory", nargs="?", type=Path, default=Path(), metavar="DIR", help="this one by default")
    parser.add_argument("--list", action="store_true", help="show the trusted directories")
    parser.add_argument("--remove", action="store_true", help="trust it no longer")
