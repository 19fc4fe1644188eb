"""Whether trainings wait for their data."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.health.made_results import completed, made_results
from toonvision.health import Status
from toonvision.health.data_waiting import data_waiting
from toonvision.trial.history import DATA_WAITING
from toonvision.trial.trial import Trial


def waited(number: int, share: float) -> Trial:
    trial = completed(number, 0.5)
    return replace(trial, outcome=replace(trial.outcome, metrics={DATA_WAITING: share}))


def test_arrays_are_not_waited_for() -> None:
    assert data_waiting(made_results([completed(0, 0.5)])) is None


@pytest.mark.parametrize(("shares", "status"), [((0.0, 0.2, 0.9), Status.PASSED), ((0.1, 0.21, 0.9), Status.WARNING)])
def test_the_median_above_a_fifth_is_a_warning(shares: tuple[float, ...], status: Status) -> None:
    card = data_waiting(made_results([waited(number, share) for number, share in enumerate(shares)]))
    assert card
    assert card.status is status
    assert card.finding.startswith(f"An epoch waits for its data in {shares[1]:.0%} of its seconds (median of 3")
    assert ("training.augmentation" in card.action) == (status is Status.WARNING)
