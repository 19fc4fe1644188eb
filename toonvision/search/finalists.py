"""The finalists: the best trials, trained afresh before one of them is chosen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from toonvision.record.conclusion import Conclusion, Finalist
from toonvision.record.results import Results
from toonvision.search.fresh_seeds import Afresh, train_afresh
from toonvision.search.running import Runner
from toonvision.trial.trial import Outcome, Trial, TrialStatus

FOLDER = "finalists"
FRESH = 1000  # added to the seed


def train_finalists(results: Results, *, runner: Runner, keep: Callable[[Conclusion], None]) -> None:
    """Train the trials of the shortlist that have not been trained again yet, or in vain, on the search's executor.

    Args:
        results: of the search, with the finalists so far.
        runner: of the search; its observer receives their epochs, and each that has ended.
        keep: called with the conclusion as it is with each finalist that has ended.

    Raises:
        KeyboardInterrupt: after the running trainings have been stopped; they begin again on resume.
    """
    count, seeds = results.config.finalists.count, results.config.finalists.seeds
    ended = {finalist.number: finalist for finalist in results.conclusion.finalists}
    known = {n for n, one in ended.items() if one.seeds >= seeds and one.outcome.status is not TrialStatus.FAILED}
    pending = [
        replace(trial, promotion=None, retried=()) for trial in results.shortlist(count) if trial.number not in known
    ]
    if not pending:
        return
    runner.observer.finalists(len(pending), seeds)

    def end(trial: Trial, outcome: Outcome) -> None:
        ended[trial.number] = Finalist(trial.number, seeds, outcome)
        keep(replace(results.conclusion, finalists=tuple(ended.values())))
        runner.observer.finalist(results.trials[trial.number], outcome)

    how = Afresh(results.config, results.directory / FOLDER, seeds, FRESH)
    train_afresh(pending, how, runner=runner, on_end=end)
