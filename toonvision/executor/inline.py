"""One trial at a time in the process of the search."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor


class InlineExecutor(ThreadPoolExecutor):
    """A pool of one thread, because Keras keeps its session and its seed per process.

    A thread lets the search watch the trial as with any other executor.
    """

    workers = 1

    def __init__(self) -> None:
        super().__init__(self.workers, thread_name_prefix="trial")
