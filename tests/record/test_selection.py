"""Which trial is the chosen one, by scores, sizes and what finalists have shown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toonvision.record.conclusion import Finalist
from toonvision.record.selection import Candidate, candidates, choose, shortlist
from toonvision.trial.trial import Outcome, Trial, TrialStatus


def trials(*scores_and_sizes: tuple[float, int]) -> list[Trial]:
    return [
        Trial(number, {"x": number}, Outcome(TrialStatus.COMPLETED, score, parameters=size))
        for number, (score, size) in enumerate(scores_and_sizes)
    ]


def chosen(of: list[Candidate], direction: str = "min", tolerance: float = 0.0) -> int | None:
    found = choose(of, direction=direction, tolerance=tolerance)
    return found.trial.number if found else None


def listed(of: list[Candidate], direction: str = "min", tolerance: float = 0.0) -> list[int]:
    return [candidate.trial.number for candidate in shortlist(of, direction=direction, tolerance=tolerance)]


@pytest.mark.parametrize(
    ("scores_and_sizes", "direction", "tolerance", "expected"),
    [
        ([(0.5, 9), (0.4, 9), (0.6, 1)], "min", 0.0, 1),
        ([(0.5, 9), (0.4, 9), (0.6, 1)], "max", 0.0, 2),
        ([(0.4, 9), (0.4, 5), (0.4, 5)], "min", 0.0, 1),  # of equally good ones the smallest, then the earliest
        ([(0.10, 9), (0.12, 5), (0.13, 1)], "min", 0.02, 1),
        ([(0.97, 9), (0.95, 5), (0.94, 1)], "max", 0.02, 1),  # 0.97 - 0.95 is above 0.02
        ([(0.10, 9), (0.12, 5), (0.11, 5)], "min", 0.02, 2),  # of one size the better one
        ([], "min", 0.1, None),
    ],
)
def test_the_smallest_model_within_the_tolerance_is_chosen(
    scores_and_sizes: list[tuple[float, int]], direction: str, tolerance: float, expected: int | None
) -> None:
    assert chosen(candidates(trials(*scores_and_sizes), ()), direction, tolerance) == expected


@given(
    st.lists(st.tuples(st.floats(0.0, 2.0), st.integers(1, 9)), min_size=1, max_size=12),
    st.sampled_from(["min", "max"]),
    st.floats(0.0, 1.0),
)
def test_what_is_chosen_is_within_the_tolerance_and_no_other_there_is_smaller(
    scores_and_sizes: list[tuple[float, int]], direction: str, tolerance: float
) -> None:
    of = candidates(trials(*scores_and_sizes), ())
    found = choose(of, direction=direction, tolerance=tolerance)
    best = min(c.score for c in of) if direction == "min" else max(c.score for c in of)
    assert abs(found.score - best) <= tolerance + 1e-9
    inside = [c.trial.outcome.parameters for c in of if abs(c.score - best) <= tolerance]
    assert found.trial.outcome.parameters <= min(inside)
    names = listed(of, direction, tolerance)
    assert sorted(names) == list(range(len(of)))
    assert of[names[0]].score == best


def test_only_what_has_completed_may_be_chosen() -> None:
    completed = trials((0.5, 9))[0]
    others = [
        Trial(1, {}, Outcome(TrialStatus.PRUNED, 0.1)),
        Trial(2, {}, Outcome(TrialStatus.FAILED, error="on purpose")),
    ]
    assert [candidate.trial for candidate in candidates([completed, *others], ())] == [completed]


def test_finalists_are_judged_by_their_fresh_scores() -> None:
    of = trials((0.1, 9), (0.2, 9), (0.3, 9))
    finalists = [
        Finalist(0, 2, Outcome(TrialStatus.COMPLETED, 0.4, (0.3, 0.5))),
        Finalist(1, 2, Outcome(TrialStatus.COMPLETED, 0.25, (0.2, 0.3))),
    ]
    assert chosen(candidates(of, finalists)) == 1


def test_a_finalist_that_came_to_nothing_is_out() -> None:
    of = trials((0.1, 9), (0.2, 9), (0.3, 9))
    failed = Finalist(0, 2, Outcome(TrialStatus.FAILED, 0.05, (0.05,), error="the loss is no longer a finite number"))
    fresh = Finalist(1, 2, Outcome(TrialStatus.COMPLETED, 0.9, (0.9, 0.9)))
    assert chosen(candidates(of, [failed, fresh])) == 1
    assert chosen(candidates(of, [failed])) == 0  # nobody is left: the scores of the search decide


def test_the_shortlist_has_the_best_first_and_then_what_would_be_chosen() -> None:
    of = candidates(trials((0.30, 1), (0.10, 9), (0.12, 5), (0.11, 7), (0.20, 1)), ())
    assert listed(of) == [1, 3, 2, 4, 0]
    assert listed(of, tolerance=0.02) == [1, 2, 3, 4, 0]
    assert listed(of, direction="max") == [0, 4, 2, 3, 1]


def test_the_shortlist_has_no_values_twice() -> None:
    short, promoted, other = trials((0.3, 9), (0.1, 9), (0.2, 9))
    promoted = Trial(1, short.values, promoted.outcome)
    assert listed(candidates([short, promoted, other], ())) == [1, 2]
