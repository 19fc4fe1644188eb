"""The chosen trial depends on scores, on sizes, and on the fresh scores of finalists."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toonvision.record.conclusion import Finalist
from toonvision.record.selection import Candidate, candidates, choose, shortlist
from toonvision.trial.objective import Objective
from toonvision.trial.trial import Outcome, Trial, TrialStatus

MINIMIZE = Objective(name="val_loss", direction="min")
MAXIMIZE = Objective(name="val_accuracy", direction="max")


def trials(*scores_and_sizes: tuple[float, int]) -> list[Trial]:
    return [
        Trial(number, {"x": number}, Outcome(TrialStatus.COMPLETED, score, parameters=size))
        for number, (score, size) in enumerate(scores_and_sizes)
    ]


def size(candidate: Candidate) -> int:
    return candidate.trial.outcome.parameters or 0


def chosen(among: list[Candidate], objective: Objective = MINIMIZE, tolerance: float = 0.0) -> int | None:
    found = choose(among, objective=objective, tolerance=tolerance)
    return found.trial.number if found else None


def listed(among: list[Candidate], objective: Objective = MINIMIZE, tolerance: float = 0.0) -> list[int]:
    return [candidate.trial.number for candidate in shortlist(among, objective=objective, tolerance=tolerance)]


@pytest.mark.parametrize(
    ("scores_and_sizes", "objective", "tolerance", "expected"),
    [
        ([(0.5, 9), (0.4, 9), (0.6, 1)], MINIMIZE, 0.0, 1),
        ([(0.5, 9), (0.4, 9), (0.6, 1)], MAXIMIZE, 0.0, 2),
        ([(0.4, 9), (0.4, 5), (0.4, 5)], MINIMIZE, 0.0, 1),  # of equally good ones the smallest, then the earliest
        ([(0.10, 9), (0.12, 5), (0.13, 1)], MINIMIZE, 0.02, 1),
        ([(0.97, 9), (0.95, 5), (0.94, 1)], MAXIMIZE, 0.02, 1),  # 0.97 - 0.95 is above 0.02
        ([(0.10, 9), (0.12, 5), (0.11, 5)], MINIMIZE, 0.02, 2),  # of one size the better one
        ([], MINIMIZE, 0.1, None),
    ],
)
def test_the_smallest_model_within_the_tolerance_is_chosen(
    scores_and_sizes: list[tuple[float, int]], objective: Objective, tolerance: float, expected: int | None
) -> None:
    assert chosen(candidates(trials(*scores_and_sizes), ()), objective, tolerance) == expected


@given(
    st.lists(st.tuples(st.floats(0.0, 2.0), st.integers(1, 9)), min_size=1, max_size=12),
    st.sampled_from([MINIMIZE, MAXIMIZE]),
    st.floats(0.0, 1.0),
)
def test_no_smaller_model_lies_within_the_tolerance(
    scores_and_sizes: list[tuple[float, int]], objective: Objective, tolerance: float
) -> None:
    among = candidates(trials(*scores_and_sizes), ())
    found = choose(among, objective=objective, tolerance=tolerance)
    assert found is not None
    best = objective.best(candidate.score for candidate in among)
    assert abs(found.score - best) <= tolerance + 1e-9
    inside = [size(candidate) for candidate in among if abs(candidate.score - best) <= tolerance]
    assert size(found) <= min(inside)
    numbers = listed(among, objective, tolerance)
    assert sorted(numbers) == list(range(len(among)))
    assert among[numbers[0]].score == best


def test_only_completed_trials_can_be_chosen() -> None:
    completed = trials((0.5, 9))[0]
    others = [
        Trial(1, {}, Outcome(TrialStatus.PRUNED, 0.1)),
        Trial(2, {}, Outcome(TrialStatus.FAILED, error="on purpose")),
    ]
    assert [candidate.trial for candidate in candidates([completed, *others], ())] == [completed]


def test_finalists_are_judged_by_their_fresh_scores() -> None:
    among = trials((0.1, 9), (0.2, 9), (0.3, 9))
    finalists = [
        Finalist(0, 2, Outcome(TrialStatus.COMPLETED, 0.4, (0.3, 0.5))),
        Finalist(1, 2, Outcome(TrialStatus.COMPLETED, 0.25, (0.2, 0.3))),
    ]
    assert chosen(candidates(among, finalists)) == 1


def test_a_finalist_whose_training_failed_is_not_chosen() -> None:
    among = trials((0.1, 9), (0.2, 9), (0.3, 9))
    failed = Finalist(0, 2, Outcome(TrialStatus.FAILED, 0.05, (0.05,), error="the loss is no longer a finite number"))
    fresh = Finalist(1, 2, Outcome(TrialStatus.COMPLETED, 0.9, (0.9, 0.9)))
    assert chosen(candidates(among, [failed, fresh])) == 1
    assert chosen(candidates(among, [failed])) == 0  # without finalists, the scores of the search decide


def test_the_shortlist_begins_with_the_best_then_has_the_smallest_within_the_tolerance() -> None:
    among = candidates(trials((0.30, 1), (0.10, 9), (0.12, 5), (0.11, 7), (0.20, 1)), ())
    assert listed(among) == [1, 3, 2, 4, 0]
    assert listed(among, tolerance=0.02) == [1, 2, 3, 4, 0]
    assert listed(among, MAXIMIZE) == [0, 4, 2, 3, 1]


def test_the_shortlist_has_the_same_values_only_once() -> None:
    short, promoted, other = trials((0.3, 9), (0.1, 9), (0.2, 9))
    promoted = Trial(1, short.values, promoted.outcome)
    assert listed(candidates([short, promoted, other], ())) == [1, 2]
