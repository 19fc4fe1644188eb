"""How many trials failed, and why."""

from __future__ import annotations

import pytest

from tests.health.made_results import ended, made_results
from toonvision.health import Card, Status
from toonvision.health.failed_trials import NAME, failed_trials
from toonvision.trial.trial import Reason, TrialStatus

FAILED, COMPLETED, RUNNING = TrialStatus.FAILED, TrialStatus.COMPLETED, TrialStatus.RUNNING


def test_a_tenth_of_the_trials_passes() -> None:
    results = made_results(ended(FAILED, *[COMPLETED] * 9))
    assert failed_trials(results) == Card(NAME, Status.PASSED, "1 of 10 trials failed.")


@pytest.mark.parametrize(
    ("reason", "words", "action"),
    [
        (Reason.DIVERGED, "diverged", "Lower the highest learning rate in search_space."),
        (Reason.RAISED, "raised", "Read run/trials/0001/worker.log."),
        (None, "unknown", "Read run/trials/0001/worker.log."),
    ],
)
def test_more_are_a_warning_with_the_most_frequent_reason(reason: Reason | None, words: str, action: str) -> None:
    results = made_results(ended(COMPLETED, FAILED, FAILED, *[COMPLETED] * 9, reason=reason))
    finding = f"2 of 12 trials failed, 2 of them with the reason: {words}."
    assert failed_trials(results) == Card(NAME, Status.WARNING, finding, action)


def test_a_run_without_ended_trials_has_no_card() -> None:
    assert failed_trials(made_results(ended(RUNNING))) is None
