"""Whether the chosen trial was lucky."""

from __future__ import annotations

from dataclasses import replace
from statistics import fmean

import pytest

from tests.health.made_results import completed, made_results
from toonvision.health import Card, Status
from toonvision.health.fresh_seeds import NAME, fresh_seeds
from toonvision.record.results import Results
from toonvision.record.run_state import Finalist
from toonvision.trial.trial import Outcome, TrialStatus


def trained_again(score: float, *scores: float, objective: str = "val_loss") -> Results:
    results = made_results([completed(0, score)], f"objective={objective}", "finalists.count=1")
    outcome = Outcome(TrialStatus.COMPLETED, score=fmean(scores), scores=scores)
    return replace(results, state=replace(results.state, finalists=(Finalist(0, len(scores), outcome),)))


def test_a_score_among_the_fresh_ones_passes() -> None:
    finding = "Trial 0000 has a val_loss of 0.3 in the search, and of 0.35 on average with 2 fresh seeds (0.3 to 0.4)."
    assert fresh_seeds(trained_again(0.3, 0.3, 0.4)) == Card(NAME, Status.PASSED, finding)


@pytest.mark.parametrize(("objective", "score"), [("val_loss", 0.2), ("val_accuracy", 0.5)])
def test_a_score_that_is_better_by_more_than_the_range_is_a_warning(objective: str, score: float) -> None:
    card = fresh_seeds(trained_again(score, 0.3, 0.4, objective=objective))
    assert card
    assert card.status is Status.WARNING
    assert "finalists.count" in card.action


def test_a_score_that_is_worse_than_the_fresh_ones_passes() -> None:
    card = fresh_seeds(trained_again(0.9, 0.3, 0.4))
    assert card
    assert card.status is Status.PASSED


def test_one_seed_has_no_range() -> None:
    assert fresh_seeds(trained_again(0.2, 0.3)) is None


def test_a_run_without_finalists_has_no_card() -> None:
    assert fresh_seeds(made_results([completed(0, 0.1)])) is None


def test_a_failed_finalist_has_no_card() -> None:
    results = trained_again(0.2, 0.3, 0.4)
    failed = Finalist(0, 2, Outcome(TrialStatus.FAILED))
    assert fresh_seeds(replace(results, state=replace(results.state, finalists=(failed,)))) is None
