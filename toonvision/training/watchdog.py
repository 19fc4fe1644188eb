"""What a trial may take at most: seconds and memory, watched from a thread beside the training.

A process of its own is ended where the training does not end itself; the search's process never is.
"""

from __future__ import annotations

import faulthandler
import os
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import IO

import psutil

from toonvision.trial.trial import HISTORY, LOG, STOP, Reason

POLL_SECONDS = 0.1
GRACE_SECONDS = 10.0  # in which a training that is out of time must come to the end of a batch
GIBIBYTE = 2**30


class StoppedError(Exception):
    """A training that breaks off at the end of a batch."""

    def __init__(self, reason: Reason, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class Watchdog:
    """Watches one trial, from entering to leaving.

    Args:
        folder: the trial's, with an empty history in it.
        timeout: seconds that the trial may take, or None.
        memory_limit: GiB that the process may hold, or None.
        may_exit: whether this process is the trial's own. Then it ends where the training does not end itself in time
            (with the traceback of every thread in the trial's log), where the memory's limit is exceeded, where the
            process that started it is gone, and where another process has started the same trial anew.
    """

    def __init__(self, folder: Path, *, timeout: float | None, memory_limit: float | None, may_exit: bool) -> None:
        self.folder, self.timeout, self.memory_limit, self.may_exit = folder, timeout, memory_limit, may_exit
        self._exceeded: StoppedError | None = None
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True, name=f"watchdog-{folder.name}")

    def __enter__(self) -> Watchdog:
        self._started, self._parent = time.monotonic(), os.getppid()
        self._history: IO[bytes] = (self.folder / HISTORY).open("rb")  # held open, so that no other takes its inode
        self._log: IO[bytes] | None = None
        if self.may_exit and self.timeout is not None:
            # From C: it needs neither the interpreter's lock nor a process that still answers.
            self._log = (self.folder / LOG).open("ab")
            faulthandler.dump_traceback_later(self.timeout + GRACE_SECONDS, exit=True, file=self._log)
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._ended.set()
        self._thread.join()
        if self._log is not None:
            faulthandler.cancel_dump_traceback_later()
            self._log.close()
        self._history.close()

    def check(self) -> None:
        """Raise StoppedError if the trial is to end: it was asked to, or a limit is exceeded."""
        if self._exceeded is not None:
            raise self._exceeded
        if (self.folder / STOP).exists():
            raise StoppedError(Reason.STOPPED, "the search was stopped")

    def _watch(self) -> None:
        process = psutil.Process()
        while not self._ended.wait(POLL_SECONDS):
            used = process.memory_info().rss / GIBIBYTE
            if self.memory_limit is not None and used > self.memory_limit:
                told = f"training.memory_limit: {self.memory_limit} GiB are allowed, {used:.2f} are in use"
                if self.may_exit:
                    (self.folder / LOG).write_text(f"{Reason.OUT_OF_MEMORY}: {told}\n", encoding="utf-8")
                    os._exit(1)
                self._exceeded = StoppedError(Reason.OUT_OF_MEMORY, told)
            if self.timeout is not None and time.monotonic() - self._started > self.timeout:
                told = f"training.timeout: {self.timeout:g} seconds are over"
                self._exceeded = StoppedError(Reason.TIMED_OUT, told)
            if self.may_exit and (os.getppid() != self._parent or self._is_replaced()):
                os._exit(1)

    def _is_replaced(self) -> bool:
        try:
            return (self.folder / HISTORY).stat().st_ino != os.fstat(self._history.fileno()).st_ino
        except FileNotFoundError:
            return True
