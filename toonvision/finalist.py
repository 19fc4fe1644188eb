"""The finalists: the best trials, trained again with fresh seeds before one of them is chosen.

Each is one training more by `finalists.seeds`, in a folder of its own below `finalists/`, so that what the search has
left stays as it is.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import replace

from toonvision.attempt import Attempts, retried
from toonvision.conclusion import Finalist
from toonvision.config import Config, Resolver
from toonvision.observer import Observer
from toonvision.results import Results
from toonvision.search_space import complete
from toonvision.trial import Outcome, Trial, TrialStatus

FOLDER = "finalists"
FRESH = 1000  # added to the seed, which the executions and the retries of the search have counted up from


def train_finalists(
    results: Results, *, executor: Executor, observer: Observer, keep: Callable[[Finalist], None]
) -> None:
    """Train the trials of the shortlist that have not been trained again yet, on the executor of the search.

    Args:
        results: of the search, with the finalists so far.
        executor: whoever has made it shuts it down.
        observer: told of their epochs, and of each that has ended.
        keep: called with each finalist as soon as it has ended, to write it down.

    Raises:
        KeyboardInterrupt: after the running trainings have been stopped; they begin again on resume.
    """
    config, settings = results.config, results.config["finalists"]
    known = {finalist.number for finalist in results.conclusion.finalists if finalist.seeds >= settings["seeds"]}
    pending = [
        replace(trial, promotion=None, retried=())
        for trial in results.shortlist(settings["count"])
        if trial.number not in known
    ]
    if not pending:
        return
    observer.finalists(len(pending), settings["seeds"])
    resolve = Resolver(config)

    def end(trial: Trial, outcome: Outcome) -> None:
        if outcome.status is TrialStatus.INTERRUPTED:
            return
        if again := retried(trial, outcome, config["retries"]):
            pending.append(again)
            observer.retry(again, outcome)
            return
        keep(Finalist(trial.number, settings["seeds"], outcome))
        observer.finalist(results.trials[trial.number], outcome)

    attempts = Attempts(executor, results.directory / FOLDER, on_epoch=observer.epoch, on_end=end)
    try:
        while pending or attempts.trials:
            while pending and len(attempts.trials) < attempts.slots:
                trial = pending.pop(0)
                resolved = resolve(complete(config["search_space"], trial.values))
                attempts.start(trial, _with_fresh_seeds(resolved, settings["seeds"]))
            attempts.poll()
    finally:
        attempts.stop()


def _with_fresh_seeds(resolved: Config, seeds: int) -> Config:
    training = {**resolved["training"], "executions_per_trial": seeds}
    return {**resolved, "seed": resolved["seed"] + FRESH, "training": training}
