"""Waits for what a worker does, and reads what it wrote."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

SECONDS = 60.0  # timeout of a test


def lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


def until(condition: Callable[[], object]) -> None:
    """Wait until something is so."""
    given_up = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < given_up
        time.sleep(0.02)
