"""What the user reads after Ctrl-C."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from toonvision.config.later import Later
from toonvision.config.sweep import is_sweep
from toonvision.console import explained

if TYPE_CHECKING:
    from toonvision.report import summary
else:
    summary = Later("report.summary")

INTERRUPTED = 130


def interrupted(directory: Path) -> int:
    """Print how to go on, if the run or the sweep can be resumed, and return the exit code."""
    # Neither a run before its record nor a training can resume.
    resumable = (directory / summary.SUMMARY).is_file() or is_sweep(directory)
    hint = f". To go on: toonvision resume {shlex.quote(str(directory))}" if resumable else ""
    return explained(f"interrupted{hint}", INTERRUPTED)
