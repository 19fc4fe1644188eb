"""Which trials are informative, and which of them count as good."""

from __future__ import annotations

import pytest

from tests.narrowing.made_trials import LOSS, RATE, completed, narrowed
from toonvision.config.schema import NarrowingOptions
from toonvision.narrowing.observation import observations
from toonvision.narrowing.peeling import narrow_space
from toonvision.trial.objective import Direction, Objective
from toonvision.trial.trial import Outcome, Promotion, Reason, Trial, TrialStatus


@pytest.mark.parametrize(("direction", "good"), [("min", {0, 1}), ("max", {2, 3})])
def test_a_threshold_follows_the_direction_of_the_objective(direction: Direction, good: set[int]) -> None:
    ended = [completed(number, {"rate": 0.1 * number}, lambda v: v["rate"]) for number in range(4)]
    found = narrow_space(
        {"rate": RATE}, ended, Objective(name="val_loss", direction=direction), NarrowingOptions(threshold=0.15)
    )
    assert found.evidence[0].good == tuple(0.1 * number for number in sorted(good))


def ending(number: int, status: TrialStatus, reason: Reason | None = None, score: float | None = None) -> Trial:
    return Trial(number, {"rate": 0.5}, Outcome(status, score=score, reason=reason))


@pytest.mark.parametrize(
    ("trial", "is_informative"),
    [
        (ending(9, TrialStatus.PRUNED, Reason.PRUNED, score=-1.0), True),
        (ending(9, TrialStatus.INFEASIBLE, Reason.INFEASIBLE), True),
        (ending(9, TrialStatus.FAILED, Reason.DIVERGED), True),
        (ending(9, TrialStatus.FAILED, Reason.OUT_OF_MEMORY), True),
        (ending(9, TrialStatus.FAILED, Reason.TIMED_OUT), True),
        (ending(9, TrialStatus.FAILED, Reason.RAISED), False),
        (ending(9, TrialStatus.FAILED, Reason.WORKER_DIED), False),
        (ending(9, TrialStatus.INTERRUPTED, Reason.STOPPED), False),
        (ending(9, TrialStatus.PRUNED, Reason.STOPPED_BY_USER, score=-1.0), False),
        (ending(9, TrialStatus.RUNNING), False),
    ],
    ids=lambda value: f"{value.status} {value.outcome.reason}" if isinstance(value, Trial) else "",
)
def test_a_trial_without_a_score_is_informative_if_its_values_are_the_cause(trial: Trial, is_informative: bool) -> None:
    ended = [completed(number, {"rate": 0.1}, lambda _: 1.0, number) for number in range(4)]
    found = narrowed({"rate": RATE}, [*ended, trial], quantile=0.5)
    assert found.evidence[0].rest.count(0.5) == int(is_informative)
    assert 0.5 not in found.evidence[0].good


@pytest.mark.parametrize(("status", "good"), [(TrialStatus.PRUNED, 4), (TrialStatus.INFEASIBLE, 2)])
def test_infeasible_trials_do_not_count_towards_the_quantile(status: TrialStatus, good: int) -> None:
    ended = [completed(number, {"rate": 0.1}, lambda _: 1.0, number) for number in range(4)]
    found = narrowed({"rate": RATE}, [*ended, *(ending(number, status) for number in range(4, 8))], quantile=0.5)
    assert found.count.good == good


def test_only_the_last_trial_of_a_promoted_configuration_counts() -> None:
    first = completed(0, {"rate": 0.1}, lambda _: 0.5)
    second = Trial(1, {"rate": 0.1}, Outcome(TrialStatus.COMPLETED, score=0.2), Promotion(9, 3, parent=0))
    found = narrowed({"rate": RATE}, [first, second, completed(2, {"rate": 0.2}, lambda _: 0.4)], quantile=0.5)
    assert (found.count.total, found.bound, found.evidence[0].good) == (2, 0.2, (0.1,))


def reaching(number: int, epochs: int, score: float) -> Trial:
    outcome = Outcome(TrialStatus.PRUNED, score=score, epochs=epochs, reason=Reason.PRUNED)
    return Trial(number, {"rate": 0.5}, outcome)


def test_pruned_trials_rank_below_completed_ones_by_their_epochs_and_then_their_scores() -> None:
    order = [
        *(completed(number, {"rate": 0.1}, lambda _: 9.0, number) for number in range(2)),
        *(reaching(2, 5, 0.6), reaching(3, 5, 0.7), reaching(4, 1, 0.2)),
        *(ending(number, TrialStatus.INFEASIBLE) for number in (5, 6)),
    ]
    found = observations(list(reversed(order)), {"rate": RATE}, LOSS, NarrowingOptions())
    assert sorted(observation.rank for observation in found) == [1, 2, 3, 4, 5, 6.5, 6.5]
    assert [found[place].rank for place in range(2)] == [1, 2]


def test_the_trend_over_time_of_a_sampler_that_learns_is_taken_out() -> None:
    better_and_better = [completed(number, {"rate": 0.1}, lambda _: 1.0, -number) for number in range(20)]
    plain = observations(better_and_better, {"rate": RATE}, LOSS, NarrowingOptions())
    learned = observations(better_and_better, {"rate": RATE}, LOSS, NarrowingOptions(), ["search"])
    assert [observation.rank for observation in plain] == list(range(1, 21))
    assert sum(observation.rank for observation in learned) == pytest.approx(0)
    assert max(abs(observation.rank) for observation in learned) < 6 < max(abs(o.rank - 10.5) for o in plain)
    assert [observation.good for observation in learned] == [observation.good for observation in plain]
