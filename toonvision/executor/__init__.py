"""Executors that run trials: one file per engine, each a `concurrent.futures.Executor`.

If a worker dies, only its own future raises `BrokenExecutor`, and another worker replaces it.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from contextlib import AbstractContextManager
from typing import Any, Protocol


class TrialExecutor(AbstractContextManager[Any], Protocol):
    """A `concurrent.futures.Executor` with a limit on simultaneous trials.

    Attributes:
        workers: number of trials that run at once.
    """

    workers: int

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Run a function in a worker."""

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Stop the workers."""
