"""The finalists: the best trials, trained again with fresh seeds before one of them is chosen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from toonvision.record.observer import FinalistTrained, FreshTrainingsStarted
from toonvision.record.results import Results
from toonvision.record.run_state import Finalist
from toonvision.search.fresh_seeds import FreshSeeds, train_with_fresh_seeds
from toonvision.search.runner import Runner
from toonvision.trial.trial import Outcome, Trial, TrialStatus

FOLDER = "finalists"
SHIFT = 1000  # of the seed


def train_finalists(results: Results, *, runner: Runner, on_change: Callable[[tuple[Finalist, ...]], None]) -> None:
    """Train the trials of the shortlist that have no fresh score yet, or whose training failed.

    Args:
        results: of the search, with the finalists so far.
        runner: of the search; its observers receive the epochs and each finalist.
        on_change: called with all finalists so far whenever one has ended.

    Raises:
        KeyboardInterrupt: after the running trainings have stopped; what has ended is kept for a resumed run.
    """
    count, seeds = results.config.finalists.count, results.config.finalists.seeds
    finalists = {finalist.number: finalist for finalist in results.state.finalists}
    trained = {f.number for f in finalists.values() if f.seeds >= seeds and f.outcome.status is not TrialStatus.FAILED}
    pending = [
        replace(trial, promotion=None, retried=()) for trial in results.shortlist(count) if trial.number not in trained
    ]
    if not pending:
        return
    runner.notify(FreshTrainingsStarted("finalist", len(pending), seeds))

    def end(trial: Trial, outcome: Outcome) -> None:
        finalists[trial.number] = Finalist(trial.number, seeds, outcome)
        on_change(tuple(finalists.values()))
        runner.notify(FinalistTrained(results.trials[trial.number], outcome))

    fresh = FreshSeeds(results.config, results.directory / FOLDER, seeds, SHIFT)
    train_with_fresh_seeds(pending, fresh, runner=runner, on_end=end)
