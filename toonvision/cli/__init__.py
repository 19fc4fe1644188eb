"""The command line: its commands, by what they are about, and `main`.

Each command declares its arguments next to the function that runs it. What it does is in the rooms below.
"""

from toonvision.cli.commands import COMMANDS, main

__all__ = ["COMMANDS", "main"]
