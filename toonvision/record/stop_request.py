"""Requests to stop a search, or one of its trials, from another process: files in the directory of the run.

Only the directory is shared, so a request reaches a search on another machine, too. The search looks for requests while
its trials run, obeys them and removes their files.
"""

from __future__ import annotations

import shutil
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from toonvision.trial.trial import trial_id

FOLDER = "stop_requests"
_SEARCH = "search"  # the file that asks for the end of the search; others have the id of a trial


@dataclass(frozen=True, slots=True)
class StopRequests:
    """What a search has been asked.

    Attributes:
        search: whether the whole search is to end.
        trials: numbers of the trials that are to end.
    """

    search: bool = False
    trials: Collection[int] = ()


def ask(directory: Path, trial: int | None = None) -> None:
    """Ask the search in the run's directory to end, or to end the trial with this number."""
    folder = directory / FOLDER
    folder.mkdir(exist_ok=True)
    (folder / (_SEARCH if trial is None else trial_id(trial))).touch()


def asked(directory: Path) -> StopRequests:
    """Return the requests that have not been obeyed."""
    try:
        names = [path.name for path in (directory / FOLDER).iterdir()]
    except OSError:  # there is none, or a network drive fails for a moment
        return StopRequests()
    return StopRequests(_SEARCH in names, tuple(sorted(int(name) for name in names if name.isdecimal())))


def forget(directory: Path, trial: int | None = None) -> None:
    """Remove the request for this trial, or all requests."""
    if trial is None:
        shutil.rmtree(directory / FOLDER, ignore_errors=True)
    else:
        (directory / FOLDER / trial_id(trial)).unlink(missing_ok=True)
