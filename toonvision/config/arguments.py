"""Parse the words of the command line: a parser with this package's errors, and the flags of Hydra.

Hydra's own parser is private, so its flags are listed here as Hydra 1.3 documents them.
`--experimental-rerun` is left out: it unpickles a file, which may run any code.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NoReturn

from toonvision.errors import ConfigError, did_you_mean

_SWITCHES = ("help", "hydra_help", "version", "resolve", "run", "multirun")
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
        kind = "option" if word.startswith("-") else "argument"
        self.error(f"unknown {kind} {word!r}.{did_you_mean(word.partition('=')[0], self.options())}")

    def options(self) -> list[str]:
        """Return the options of the command."""
        return list(dict.fromkeys(re.findall(r"(?<!\S)--?[a-z][\w-]*", self.format_help())))

    def places(self) -> list[str]:
        """Return what stands in each place of the command that is no option, as RUN; the last may be repeated."""
        return re.findall(r"[A-Z][A-Z=]+", re.sub(r"\[-[^]]*\]", "", self.format_usage()))


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

    def parser(self, name: str) -> Parser:
        """Return the parser of the words after the command's name."""
        program = f"toonvision {name}".strip()
        usage = f"{program} {self.usage}" if self.usage else None
        parser = Parser(program, usage=usage, description=self.summary, add_help=self.has_help)
        self.declare(parser)
        return parser

    def run(self, name: str, words: Sequence[str]) -> int:
        """Parse the words after the command's name, and run it. Options and other words may come in any order."""
        parser = self.parser(name)
        arguments, unknown = parser.parse_known_intermixed_args(words)
        if unknown and not self.passes_flags:
            parser.refuse(unknown[0])
        arguments.flags = unknown
        return self.call(arguments)


def add_hydra_flags(parser: argparse.ArgumentParser) -> None:
    """Declare the overrides and Hydra's flags, all but `--help`."""
    parser.add_argument(
        "overrides",
        nargs="*",
        default=[],
        metavar="OVERRIDE",
        help="group=option or key=value; the directory of a run stands for its overrides",
    )
    modes = parser.add_mutually_exclusive_group()
    modes.add_argument("--cfg", "-c", choices=["job", "hydra", "all"], help="show the configuration, and do not run")
    modes.add_argument("--info", "-i", nargs="?", const="all", choices=_INFO, help="show how Hydra composes it")
    modes.add_argument("--multirun", "-m", action="store_true", help="sweep over values separated by commas")
    modes.add_argument("--run", "-r", action="store_true", help="run one job, which is the default")
    modes.add_argument("--shell-completion", "-sc", action="store_true", help=argparse.SUPPRESS)
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


def add_search(parser: argparse.ArgumentParser) -> None:
    """Declare the overrides and all flags of Hydra, `--help` among them."""
    parser.add_argument("--help", "-h", action="store_true", help="show the commands and the config groups")
    add_hydra_flags(parser)
