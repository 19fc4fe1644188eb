"""Selection of a trial by scores, model sizes, and the fresh scores of finalists."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toonvision.record.run_state import Finalist
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


def chosen(pool: list[Candidate], objective: Objective = MINIMIZE, tolerance: float = 0.0) -> int | None:
    found = choose(pool, objective=objective, tolerance=tolerance)
    return found.trial.number if found else None


def listed(pool: list[Candidate], objective: Objective = MINIMIZE, tolerance: float = 0.0) -> list[int]:
    return [candidate.trial.number for candidate in shortlist(pool, objective=objective, tolerance=tolerance)]


@pytest.mark.parametrize(
    ("scores_and_sizes", "objective", "tolerance", "expected"),
    [
        ([(0.5, 9), (0.4, 9), (0.6, 1)], MINIMIZE, 0.0, 1),
        ([(0.5, 9), (0.4, 9), (0.6, 1)], MAXIMIZE, 0.0, 2),
        ([(0.4, 9), (0.4, 5), (0.4, 5)], MINIMIZE, 0.0, 1),  # equal scores: the smallest, then the earliest
        ([(0.10, 9), (0.12, 5), (0.13, 1)], MINIMIZE, 0.02, 1),
        ([(0.97, 9), (0.95, 5), (0.94, 1)], MAXIMIZE, 0.02, 1),  # 0.97 - 0.95 is above 0.02
        ([(0.10, 9), (0.12, 5), (0.11, 5)], MINIMIZE, 0.02, 2),  # equal sizes: the better score
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
def test_no_model_within_the_tolerance_is_smaller_than_the_chosen_one(
    scores_and_sizes: list[tuple[float, int]], objective: Objective, tolerance: float
) -> None:
    pool = candidates(trials(*scores_and_sizes), ())
    selected = choose(pool, objective=objective, tolerance=tolerance)
    assert selected is not None
    best = objective.best(candidate.score for candidate in pool)
    assert abs(selected.score - best) <= tolerance + 1e-9
    sizes = [size(candidate) for candidate in pool if abs(candidate.score - best) <= tolerance]
    assert size(selected) <= min(sizes)
    numbers = listed(pool, objective, tolerance)
    assert sorted(numbers) == list(range(len(pool)))
    assert pool[numbers[0]].score == best


def test_only_completed_trials_can_be_chosen() -> None:
    completed = trials((0.5, 9))[0]
    others = [
        Trial(1, {}, Outcome(TrialStatus.PRUNED, 0.1)),
        Trial(2, {}, Outcome(TrialStatus.FAILED, error="on purpose")),
    ]
    assert [candidate.trial for candidate in candidates([completed, *others], ())] == [completed]


def test_finalists_are_ranked_by_their_fresh_scores() -> None:
    pool = trials((0.1, 9), (0.2, 9), (0.3, 9))
    finalists = [
        Finalist(0, 2, Outcome(TrialStatus.COMPLETED, 0.4, (0.3, 0.5))),
        Finalist(1, 2, Outcome(TrialStatus.COMPLETED, 0.25, (0.2, 0.3))),
    ]
    assert chosen(candidates(pool, finalists)) == 1


def test_a_finalist_whose_training_failed_is_not_chosen() -> None:
    pool = trials((0.1, 9), (0.2, 9), (0.3, 9))
    failed = Finalist(0, 2, Outcome(TrialStatus.FAILED, 0.05, (0.05,), error="the loss is no longer a finite number"))
    fresh = Finalist(1, 2, Outcome(TrialStatus.COMPLETED, 0.9, (0.9, 0.9)))
    assert chosen(candidates(pool, [failed, fresh])) == 1
    assert chosen(candidates(pool, [failed])) == 0  # without a finalist, by the scores of the search


def test_the_shortlist_has_the_best_trial_first_then_the_smallest_within_the_tolerance() -> None:
    pool = candidates(trials((0.30, 1), (0.10, 9), (0.12, 5), (0.11, 7), (0.20, 1)), ())
    assert listed(pool) == [1, 3, 2, 4, 0]
    assert listed(pool, tolerance=0.02) == [1, 2, 3, 4, 0]
    assert listed(pool, MAXIMIZE) == [0, 4, 2, 3, 1]


def test_the_shortlist_lists_equal_values_only_once() -> None:
    short, promoted, other = trials((0.3, 9), (0.1, 9), (0.2, 9))
    promoted = Trial(1, short.values, promoted.outcome)
    assert listed(candidates([short, promoted, other], ())) == [1, 2]
