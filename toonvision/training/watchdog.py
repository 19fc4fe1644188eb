"""What a trial may take at most: seconds and memory, watched from a thread beside the training.

A process of its own is ended where the training does not end itself; the search's process never is. Before a process
ends, the outcome of its trial is in `outcome.json` beside the log, for `toonvision.training.worker.death` to read.
"""

from __future__ import annotations

import faulthandler
import json
import os
import threading
import time
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import IO

import psutil

from toonvision.trial.trial import HISTORY, LOG, OUTCOME, STOP, Outcome, Reason, TrialStatus

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
            # The traceback is written from C, even where Python's lock is not free. Python may not run by then, so the
            # outcome is written now; it counts once the log is not empty.
            self._leave(
                Reason.TIMED_OUT,
                "training.timeout: the trial did not end in time, nor when asked to; its traceback is in "
                f"{self.folder / LOG}",
            )
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
            (self.folder / OUTCOME).unlink(missing_ok=True)
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
                message = f"training.memory_limit: {self.memory_limit} GiB are allowed, {used:.2f} are in use"
                if self.may_exit:
                    self._leave(Reason.OUT_OF_MEMORY, message)
                    (self.folder / LOG).write_text(f"{Reason.OUT_OF_MEMORY}: {message}\n", encoding="utf-8")
                    os._exit(1)
                self._exceeded = StoppedError(Reason.OUT_OF_MEMORY, message)
            if self.timeout is not None and time.monotonic() - self._started > self.timeout:
                message = f"training.timeout: {self.timeout:g} seconds are over"
                self._exceeded = StoppedError(Reason.TIMED_OUT, message)
            if self.may_exit and (os.getppid() != self._parent or self._is_replaced()):
                os._exit(1)

    def _leave(self, reason: Reason, error: str) -> None:
        """Write the outcome of the trial, as which the end of this process is read."""
        outcome = Outcome(TrialStatus.FAILED, error=error, reason=reason)
        unfinished = self.folder / f".{OUTCOME}"
        unfinished.write_text(json.dumps(asdict(outcome)), encoding="utf-8")
        unfinished.replace(self.folder / OUTCOME)

    def _is_replaced(self) -> bool:
        try:
            return (self.folder / HISTORY).stat().st_ino != os.fstat(self._history.fileno()).st_ino
        except FileNotFoundError:
            return True
