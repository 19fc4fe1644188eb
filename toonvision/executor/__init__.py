"""Where trials run: adapters that make a `concurrent.futures.Executor` of an engine, one file an engine.

A worker that dies makes its own future, and no other, raise `BrokenExecutor`, and is replaced.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from contextlib import AbstractContextManager
from typing import Any, Protocol


class TrialExecutor(AbstractContextManager[Any], Protocol):
    """What a search needs of a `concurrent.futures.Executor`, and how many trials may run on it at once.

    Attributes:
        workers: that number.
    """

    workers: int

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Run a call in a worker."""

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the workers."""
