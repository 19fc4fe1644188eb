"""The best score so far."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.recorded_run import recorded_run
from toonvision.record.results import Results
from toonvision.report.anytime import Steps, by_epochs, by_seconds, curve
from toonvision.trial.trial import Outcome, Trial, TrialStatus


@pytest.fixture
def run(tmp_path: Path) -> Results:
    """A run whose second trial ended last, and whose third one failed."""
    outcomes = [
        Outcome(TrialStatus.FAILED, error="on purpose", epochs=1),
        Outcome(TrialStatus.COMPLETED, score=0.3, epochs=5),
        Outcome(TrialStatus.PRUNED, score=0.01, epochs=2),
        Outcome(TrialStatus.COMPLETED, score=0.5, epochs=3),
    ]
    results = recorded_run(tmp_path / "run", [Trial(number, {}, outcome) for number, outcome in enumerate(outcomes)])
    elapsed = (1.0, 9.0, 2.0, 4.0)
    trials = [replace(trial, elapsed=seconds) for trial, seconds in zip(results.trials, elapsed, strict=True)]
    return replace(results, trials=trials)


def test_every_epoch_counts_and_only_completed_trials_have_a_score(run: Results) -> None:
    assert by_epochs(run) == Steps([6, 11], [0.5, 0.3])
    assert by_seconds(run) == Steps([4, 9], [0.5, 0.3])


def test_a_maximized_score_rises(run: Results) -> None:
    objective = run.config.objective.model_copy(update={"direction": "max"})
    turned = replace(run, config=run.config.model_copy(update={"objective": objective}))
    assert by_seconds(turned).best == [0.5, 0.5]


def test_a_curve_begins_where_all_runs_have_a_score_and_each_score_holds_until_the_next() -> None:
    found = curve([Steps([1, 5], [0.8, 0.4]), Steps([2, 3], [0.6, 0.2])])
    assert found.positions == [2, 3, 5]
    assert found.mean == pytest.approx([0.7, 0.5, 0.3])
    assert found.low == [0.6, 0.2, 0.2]
    assert found.high == [0.8, 0.8, 0.4]


def test_runs_without_a_score_have_no_curve() -> None:
    assert curve([Steps([1], [0.8]), Steps([], [])]).positions == []
    assert curve([]).positions == []
