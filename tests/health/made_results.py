"""Results of a run whose trials are given, without a directory of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from tests.configuration import configured
from tests.synthetic_run import judged
from toonvision.record.results import Results
from toonvision.record.run_state import RunState, RunStatus
from toonvision.search_space.space import complete
from toonvision.trial.trial import Outcome, Reason, Trial, TrialStatus
from toonvision.verdict import Verdict
from toonvision.verdict.comparison import Comparison


def made_results(trials: Sequence[Trial], *overrides: str, directory: Path = Path("run")) -> Results:
    """Return a completed run on digits."""
    state = RunState(RunStatus.COMPLETED)
    return Results(directory, configured("dataset=digits", *overrides), trials, state)


def completed(number: int, score: float) -> Trial:
    return Trial(number, {"conv_1_filters": 8}, Outcome(TrialStatus.COMPLETED, score=score, parameters=10))


def ended(*statuses: TrialStatus, reason: Reason | None = None, epochs: int = 1) -> list[Trial]:
    """Return a trial of each status; the score of a completed one is its number."""
    outcomes = (
        Outcome(
            status,
            score=number if status is TrialStatus.COMPLETED else None,
            epochs=epochs,
            last_epoch=epochs,
            reason=None if status is TrialStatus.COMPLETED else reason,
        )
        for number, status in enumerate(statuses)
    )
    return [Trial(number, {}, outcome) for number, outcome in enumerate(outcomes)]


def compared(verdict: Verdict, *overrides: str) -> Results:
    """Return a run with this verdict; both models trained for two epochs."""
    results = made_results([completed(0, 0.5)], *overrides)
    baseline = complete(results.config.search_space, results.config.baseline)
    comparison = Comparison(
        verdict.examples, judged(baseline, wrong=1), judged(results.best_values(), wrong=1), verdict
    )
    return replace(results, state=replace(results.state, comparison=comparison))
