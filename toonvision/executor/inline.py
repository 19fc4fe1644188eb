"""One trial at a time in the process of the search."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor

from toonvision.executor.resources import cores, environment, jobs_at_once


class InlineExecutor(ThreadPoolExecutor):
    """A pool of one thread, because Keras keeps its session and its seed per process.

    A thread lets the search watch the trial as with any other executor.
    """

    workers = 1

    def __init__(self) -> None:
        if jobs_at_once() > 1:  # Keras, which is not imported yet, would use all cores
            os.environ.update(environment(cores()))
        super().__init__(self.workers, thread_name_prefix="trial")
