"""What only the executor in the process of the search does."""

from __future__ import annotations

import os
import threading

from tests.executor.waiting import SECONDS
from toonvision.executor.inline import InlineExecutor


def test_a_trial_runs_in_a_thread_of_the_process_of_the_search() -> None:
    with InlineExecutor() as executor:
        process, thread = executor.submit(lambda: (os.getpid(), threading.current_thread())).result(SECONDS)
    assert process == os.getpid()
    assert thread is not threading.main_thread()
    assert thread.name.startswith("trial")


def test_one_trial_runs_at_a_time() -> None:
    go, began = threading.Event(), threading.Event()
    with InlineExecutor() as executor:
        first, second = executor.submit(go.wait, SECONDS), executor.submit(began.set)
        assert not began.wait(0.2)
        go.set()
        assert first.result(SECONDS)
        second.result(SECONDS)
    assert began.is_set()
    assert executor.workers == 1
