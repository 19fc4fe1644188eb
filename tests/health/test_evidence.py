"""The evidence of the trials on each hyperparameter."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.article_trials import SPACE, article_trials
from tests.health.made_results import made_results
from toonvision.health.evidence import gather_evidence
from toonvision.record.results import Results
from toonvision.trial.trial import Trial


def searched(trials: list[Trial]) -> Results:
    results = made_results(trials)
    return replace(results, config=results.config.model_copy(update={"search_space": SPACE}))


@pytest.mark.parametrize(("trials", "used"), [(20, 20), (100, 100), (101, 51), (300, 100)])
def test_at_most_a_hundred_trials_at_even_distances_are_tested(trials: int, used: int) -> None:
    evidence = gather_evidence(searched(article_trials(0, count=trials)))
    assert evidence
    assert evidence.count.total == used


def test_the_space_is_not_cut() -> None:
    evidence = gather_evidence(searched(article_trials(0)))
    assert evidence
    assert evidence.space == SPACE
    assert any(each.open and each.open.is_supported for each in evidence.evidence)


@pytest.mark.parametrize("trials", [0, 19])
def test_few_trials_are_no_evidence(trials: int) -> None:
    assert gather_evidence(searched(article_trials(0, count=trials))) is None
