"""The limits of a search, and what is left when one is reached."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests import simulation
from tests.simulation import SimulatedTrials, resume, score
from toonvision.record.run_state import RunStatus
from toonvision.trial.budget import Budget
from toonvision.trial.objective import Direction, Objective
from toonvision.trial.trial import Outcome, Trial, TrialStatus

LOSS = Objective(name="val_loss", direction="min")


def ended(*scores: float | None) -> list[Trial]:
    """Trials with these scores; None for one that failed."""
    outcomes = [Outcome(TrialStatus.COMPLETED, s) if s is not None else Outcome(TrialStatus.FAILED) for s in scores]
    return [Trial(number, {}, outcome) for number, outcome in enumerate(outcomes)]


@pytest.mark.parametrize(
    ("scores", "direction", "spent"),
    [
        ([], "min", False),
        ([0.5, 0.4, 0.6], "min", False),
        ([0.5, 0.4, 0.6, 0.4], "min", True),
        ([0.5, 0.4, None, 0.6], "min", False),
        ([0.5, 0.4, 0.3], "max", True),
        ([0.5, 0.4, 0.7], "max", False),
    ],
)
def test_patience_counts_completed_trials_since_the_best(
    scores: Sequence[float | None], direction: Direction, spent: bool
) -> None:
    assert bool(Budget(patience=2).is_spent(ended(*scores), Objective(name="score", direction=direction))) is spent


def test_what_was_pruned_is_no_better_than_the_best() -> None:
    pruned = [Trial(number, {}, Outcome(TrialStatus.PRUNED, 0.1)) for number in (2, 3)]
    assert (
        Budget(patience=3).is_spent([*ended(0.5, 0.6), *pruned], LOSS)
        == "budget.patience: 3 trials without a better score"
    )
    assert Budget(patience=4).is_spent([*ended(0.5, 0.6), *pruned], LOSS) is None


def test_trials_that_could_not_be_built_are_not_counted() -> None:
    trials = [
        *ended(0.5, None),
        Trial(2, {}, Outcome(TrialStatus.INFEASIBLE)),
        Trial(3, {}, Outcome(TrialStatus.RUNNING)),
    ]
    assert Budget(trials=4).is_spent(trials, LOSS) is None
    assert Budget(trials=3).is_spent(trials, LOSS) == "budget.trials: 3 trials are run"


def test_a_budget_without_limits_is_never_spent() -> None:
    assert Budget().is_spent(ended(*[0.5] * 1000), LOSS) is None
    assert Budget().is_over(1e9) is None


def test_a_search_ends_after_so_many_trials_whatever_its_tuner_says(tmp_path: Path) -> None:
    results = simulation.run(tmp_path / "run", "tuner=hyperband", "training.epochs=3", "budget.trials=3")
    assert len([trial for trial in results.trials if trial.status is not TrialStatus.INFEASIBLE]) == 3
    assert results.state.ended_by == "budget.trials: 3 trials are run"
    assert results.state.status is RunStatus.COMPLETED


def test_a_search_that_no_longer_improves_ends(tmp_path: Path) -> None:
    results = simulation.run(tmp_path / "run", "budget.patience=2", "tuner.max_trials=40")
    scores = [score(trial) for trial in results.trials]
    assert scores.index(min(scores)) == len(scores) - 3
    assert results.state.ended_by == "budget.patience: 2 trials without a better score"


def test_a_search_that_is_out_of_time_reports_what_it_has_and_goes_on_with_more(tmp_path: Path) -> None:
    trials = SimulatedTrials(epoch_seconds=0.2)
    results = simulation.run(tmp_path / "run", "budget.minutes=0.02", "tuner.max_trials=400", trials=trials)
    assert results.state.status is RunStatus.COMPLETED
    assert results.state.ended_by == "budget.minutes: 0.02 minutes are over"
    assert results.state.comparison is not None
    *others, last = results.trials
    assert {trial.status for trial in others} == {TrialStatus.COMPLETED}
    assert last.status in (TrialStatus.INTERRUPTED, TrialStatus.COMPLETED)
    again = resume(tmp_path / "run")
    assert again.trials[: len(results.trials)] == results.trials
    assert len(again.trials) <= len(results.trials) + 1  # the last one may have ended a moment before the limit
    more = resume(tmp_path / "run", "budget.minutes=null", f"budget.trials={len(again.trials) + 1}")
    assert len(more.trials) == len(again.trials) + 1
    assert {trial.status for trial in more.trials} == {TrialStatus.COMPLETED}
    elapsed = [trial.elapsed or 0.0 for trial in more.trials]
    assert elapsed == sorted(elapsed)
