"""Light functions that tests submit to executors and workers can import."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

import psutil

from toonvision.training.watchdog import Watchdog


def add(a: int, b: int) -> int:
    return a + b


def fail(message: str) -> None:
    raise ValueError(message)


def leave(code: int) -> None:
    os._exit(code)


def be_killed() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def exceed_memory(folder: str) -> None:
    """Allocate 0.5 GiB under a limit of 0.1 GiB more than now, as the trial with this folder."""
    limit = psutil.Process().memory_info().rss / 2**30 + 0.1
    with Watchdog(Path(folder), timeout=None, memory_limit=limit, may_exit=True):
        block = b"1" * 2**29
        time.sleep(60)
        del block


def process_id(seconds: float = 0.0) -> int:
    time.sleep(seconds)
    return os.getpid()


def imported(*names: str) -> list[str]:
    """Return those of the modules that this process has imported."""
    return [name for name in names if name in sys.modules]


def wait_for(file: str, began: str) -> int:
    """Append the process id to `began`, wait until `file` exists, and return the process id."""
    note(began)
    while not Path(file).exists():
        time.sleep(0.02)
    return os.getpid()


def wait_with(file: str, began: str, variable: str) -> str | None:
    wait_for(file, began)
    return os.environ.get(variable)


def note(file: str) -> int:
    """Append the process id to a file, and return it."""
    with Path(file).open("a", encoding="utf-8") as text:
        text.write(f"{os.getpid()}\n")
    return os.getpid()


def note_and_be_killed(file: str) -> None:
    note(file)
    be_killed()


def surroundings(*names: str) -> tuple[str, str, dict[str, str | None]]:
    """Return the working directory, the module search path, and these environment variables."""
    return str(Path.cwd()), os.pathsep.join(sys.path), {name: os.environ.get(name) for name in names}
