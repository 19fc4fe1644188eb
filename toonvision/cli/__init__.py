"""The command line: its commands, by what they are about, and `main`.

Each command declares its arguments next to the function that runs it. What it does is in the rooms below. The table of
commands is imported at its first use, which takes a second: a word is completed without it.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from toonvision.cli.completion import complete
from toonvision.config.later import Later

if TYPE_CHECKING:
    from toonvision.cli import commands as table
    from toonvision.cli.commands import COMMANDS
else:
    table = Later("cli.commands")

__all__ = ["COMMANDS", "main"]

_WORDS = ["completion", "words"]  # as the script of `toonvision completion` calls this


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; see `toonvision.cli.commands.main`."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if words[:2] == _WORDS and len(words) > 3:
        sys.stdout.writelines(f"{word}\n" for word in complete(words[2:]))
        return 0
    return table.main(words)


def __getattr__(name: str) -> Any:
    if name == "COMMANDS":
        return table.COMMANDS
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
