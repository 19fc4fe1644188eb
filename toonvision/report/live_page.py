"""The page of a run as it is now: rendered to memory from the record, which is opened only to read."""

from __future__ import annotations

import hashlib
import json
import threading
import time
from pathlib import Path

from toonvision.errors import ToonvisionError
from toonvision.record.results import Results
from toonvision.report.page.page import render

_SCRIPT = Path(__file__).parent / "page" / "watch.js"
PAUSE = 1.0  # seconds between two looks at the record
_SHARE = 0.2  # of one core at most: the run needs the others


class LivePage:
    """The page of a run and its version, which changes when a trial begins or ends, and with the state of the run.

    Nothing is written. Several threads may use it.

    Args:
        directory: of the run.
        pause: the least seconds between two looks at the record.

    Raises:
        ToonvisionError: if there is no run, or its record cannot be read.
    """

    def __init__(self, directory: Path, *, pause: float = PAUSE) -> None:
        self._directory, self._pause = directory, pause
        self._lock = threading.Lock()
        self._seconds = 0.0  # of the last rendering
        self._html: tuple[str, bytes] | None = None  # with its version
        self._load()

    @property
    def results(self) -> Results:
        """The run at the last look."""
        return self._results

    def version(self) -> str:
        """Return the version of the run now, or that of the last look if it was a moment ago."""
        with self._lock:
            self._refresh()
            return self._version

    def html(self) -> bytes:
        """Return the page in UTF-8.

        Raises:
            ToonvisionError: if the page cannot be drawn.
        """
        with self._lock:
            self._refresh()
            if self._html is None or self._html[0] != self._version:
                started = time.monotonic()
                script = f"const version = {json.dumps(self._version)};\n{_SCRIPT.read_text(encoding='utf-8')}"
                page = render(self._results, live=script).encode("utf-8", errors="replace")
                self._html = (self._version, page)
                self._wait(time.monotonic() - started)
            return self._html[1]

    def _refresh(self) -> None:
        """Look at the record, unless it was looked at a moment ago or cannot be read now."""
        if time.monotonic() >= self._next:
            try:
                self._load()
            except ToonvisionError:  # for example of a network drive; what was read before is still true
                self._wait(0.0)

    def _load(self) -> None:
        started = time.monotonic()
        self._results = Results.load(self._directory)
        self._version = version_of(self._results)
        self._wait(time.monotonic() - started)

    def _wait(self, seconds: float) -> None:
        """Set the time of the next look, after so many seconds of work."""
        self._next = time.monotonic() + max(self._pause, seconds / _SHARE if self._pause else 0.0)


def version_of(results: Results) -> str:
    """Return a text that is the same for the same trials, by their status, and the same state of the run."""
    state = results.state
    stages = (state.status, state.ended_by, state.is_search_over, state.error, state.finalists, state.path)
    trials = [(trial.number, trial.status, trial.ended) for trial in results.trials]
    return hashlib.sha256(repr((trials, stages, state.comparison)).encode()).hexdigest()[:16]
