"""Kills a search with SIGKILL at random moments, resumes it each time, and lets it end at last.

Usage: python kill_search.py DIRECTORY KILLS SECONDS OVERRIDE ...; kills within so many seconds of each start, or, every
second time, within a quarter of them after the first epoch's end, and prints at each kill how many trials have ended.
Keras is imported once, before the processes that are killed are forked, so that the kills fall into their work.
"""

from __future__ import annotations

import importlib
import os
import random
import shutil
import signal
import sys
import time
from pathlib import Path

import toonvision
from toonvision.errors import ConfigError
from toonvision.record.results import Results
from toonvision.training.backend import load_backend


def go_on(directory: Path, overrides: list[str]) -> None:
    try:
        toonvision.resume(directory)
    except ConfigError:  # killed before there was a record
        toonvision.run(toonvision.compose(overrides), directory)


def ended(directory: Path) -> int:
    try:
        return sum(trial.has_ended for trial in Results.load(directory).trials)
    except ConfigError:
        return 0


def at_work(directory: Path, since: float) -> bool:
    """Whether a trial has ended an epoch since then."""
    histories = (path.stat() for path in directory.glob("trials/*/history.csv"))
    return any(history.st_size and history.st_mtime > since for history in histories)


def main(directory: Path, kills: int, seconds: float, overrides: list[str]) -> None:
    load_backend("tensorflow")
    importlib.import_module("toonvision.job")  # here, not in each process

    moments = random.Random(3)
    while kills:
        child = os.fork()
        if child == 0:
            go_on(directory, overrides)
            os._exit(0)
        started, within = time.time(), seconds
        if kills % 2:
            within /= 4
            while not at_work(directory, started) and Path(f"/proc/{child}/cwd").exists():
                time.sleep(0.02)
        time.sleep(moments.uniform(0.0, within))
        if os.waitpid(child, os.WNOHANG) != (0, 0):  # a fast machine: it has ended, so another one is killed
            shutil.rmtree(directory)
            continue
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        sys.stdout.write(f"{ended(directory)}\n")
        kills -= 1
    go_on(directory, overrides)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), sys.argv[4:])
