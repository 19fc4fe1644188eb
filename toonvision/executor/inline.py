"""One trial at a time in the search's own process, in a thread, so that the search can watch it like any other."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor


class InlineExecutor(ThreadPoolExecutor):
    """A pool of one thread: Keras keeps its session and its seeds by process, so that two trials would share them."""

    workers = 1

    def __init__(self) -> None:
        super().__init__(self.workers, thread_name_prefix="trial")
