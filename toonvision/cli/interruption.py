"""What the user reads after Ctrl-C."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from toonvision.config.later import Later
from toonvision.console import explained

if TYPE_CHECKING:
    from toonvision.report import summary
else:
    summary = Later("report.summary")

INTERRUPTED = 130


def interrupted(directory: Path) -> int:
    """Print how to go on, if the run can be resumed, and return the exit code."""
    resumable = (directory / summary.SUMMARY).is_file()  # neither a run before its record nor a training can resume
    hint = f". To go on: toonvision resume {shlex.quote(str(directory))}" if resumable else ""
    return explained(f"interrupted{hint}", INTERRUPTED)
