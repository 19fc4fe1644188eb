"""The finalists: the best trials, trained afresh before one of them is chosen."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import replace

from toonvision.afresh import Afresh, train_afresh
from toonvision.conclusion import Finalist
from toonvision.observer import Observer
from toonvision.results import Results
from toonvision.trial import Outcome, Trial, TrialStatus

FOLDER = "finalists"
FRESH = 1000  # added to the seed


def train_finalists(
    results: Results, *, executor: Executor, observer: Observer, keep: Callable[[Finalist], None]
) -> None:
    """Train the trials of the shortlist that have not been trained again yet, or in vain, on the search's executor.

    Args:
        results: of the search, with the finalists so far.
        executor: whoever has made it shuts it down.
        observer: told of their epochs, and of each that has ended.
        keep: called with each finalist as soon as it has ended, to write it down.

    Raises:
        KeyboardInterrupt: after the running trainings have been stopped; they begin again on resume.
    """
    count, seeds = (results.config["finalists"][key] for key in ("count", "seeds"))
    known = {
        finalist.number
        for finalist in results.conclusion.finalists
        if finalist.seeds >= seeds and finalist.outcome.status is not TrialStatus.FAILED
    }
    pending = [
        replace(trial, promotion=None, retried=()) for trial in results.shortlist(count) if trial.number not in known
    ]
    if not pending:
        return
    observer.finalists(len(pending), seeds)

    def end(trial: Trial, outcome: Outcome) -> None:
        keep(Finalist(trial.number, seeds, outcome))
        observer.finalist(results.trials[trial.number], outcome)

    how = Afresh(results.config, results.directory / FOLDER, seeds, FRESH)
    train_afresh(pending, how, executor=executor, observer=observer, on_end=end)
