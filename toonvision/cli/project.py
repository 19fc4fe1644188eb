"""The command that begins a project of the user's own: init."""

from __future__ import annotations

import argparse
import shlex
import sys
from pathlib import Path

from toonvision.config.project import create_project
from toonvision.config.trust import is_trusted, trust_directory
from toonvision.console import console, print_lines


def add_init(parser: argparse.ArgumentParser) -> None:
    """Declare the directory of the project, and the answer to the question whether it is trusted."""
    parser.add_argument("directory", type=Path, metavar="DIR", help="a new or an empty directory")
    answers = parser.add_mutually_exclusive_group()
    answers.add_argument("--trust", action="store_true", default=None, help="trust it without a question")
    answers.add_argument("--no-trust", action="store_false", dest="trust", help="do not trust it, without a question")


def init(arguments: argparse.Namespace) -> int:
    """Write a project, trust it if the user agrees, and return the exit code."""
    directory: Path = arguments.directory
    files = create_project(directory)
    print_lines(f"Written to {directory.resolve()}:", *(f"  {file.relative_to(directory)}" for file in files))
    if is_trusted(directory):
        print_lines("", "It is trusted already: toonvision trust --list")
        is_ready = True
    else:
        is_ready = _agreed() if arguments.trust is None else arguments.trust
        if is_ready:
            print_lines(f"Trusted, with all below it: {trust_directory(directory)}")
    print_lines("", "Next:", *_next_commands(directory, is_ready=is_ready))
    return 0


def _agreed() -> bool:
    """Ask whether the project is trusted; without a terminal, it is not."""
    print_lines("", "Its options name Python code, my_project.py. toonvision runs it only if you trust the project.")
    if not sys.stdin.isatty():
        return False
    try:
        answer = console.input("Trust it, with all that will be in its directory? [Y/n] ", markup=False)
    except EOFError:
        print_lines("")
        return False
    return answer.strip().lower() in ("", "y", "yes")


def _next_commands(directory: Path, *, is_ready: bool) -> list[str]:
    """Return the commands that make sense next, each with its purpose."""
    enter = [] if directory.resolve() == Path.cwd() else [(f"cd {shlex.quote(str(directory))}", "")]
    trust = [] if is_ready else [("toonvision trust", "let it run its own Python code")]
    commands = [
        *enter,
        *trust,
        ("toonvision experiment=mine", "search, then compare with the baseline"),
        ("pytest", "its own test"),
    ]
    width = max(len(command) for command, _ in commands)
    return [f"  {command:<{width}}  # {purpose}" if purpose else f"  {command}" for command, purpose in commands]
