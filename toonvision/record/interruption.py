"""Ctrl-C and SIGTERM while the record is written: they wait until the write has ended.

An interrupt in the middle of a transaction leaves a locked database, a lock file without its owner, or a trial that
the storage has and the record does not know.
"""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator
from types import FrameType

_HELD = (signal.SIGINT, signal.SIGTERM)


@contextlib.contextmanager
def uninterrupted() -> Iterator[None]:
    """Hold back signals that end a run until the block has ended; outside of the main thread none arrives."""
    handlers = {each: signal.getsignal(each) for each in _HELD}
    if threading.current_thread() is not threading.main_thread() or None in handlers.values():  # not set by Python
        yield
        return
    received: list[int] = []

    def hold(number: int, frame: FrameType | None) -> None:
        received.append(number)

    try:
        for each in _HELD:
            signal.signal(each, hold)
        yield
    finally:
        for each, handler in handlers.items():
            signal.signal(each, handler)
        if received:
            signal.raise_signal(received[0])
