"""Choosing a trial: its values are retrained, compared with the baseline, and written to `best.yaml`."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from toonvision.record.run_state import Finalist
from toonvision.trial.objective import Objective
from toonvision.trial.trial import Trial, TrialStatus


@dataclass(frozen=True, slots=True)
class Candidate:
    """A trial that may be chosen, and the score by which it is judged."""

    trial: Trial
    score: float


def candidates(trials: Sequence[Trial], finalists: Sequence[Finalist]) -> list[Candidate]:
    """Return the finalists with the mean of their fresh scores; without any, the completed trials with their own.

    The score by which a trial is picked from many flatters it: the luckiest of equals looks best (Smith and Winkler,
    "The Optimizer's Curse", 2006; Cawley and Talbot, "On Over-fitting in Model Selection", 2010). A fresh score has no
    part in the picking. A finalist whose training failed is not a candidate.

    Args:
        trials: of the run, in the order asked.
        finalists: none, or those of these trials that were trained again.
    """
    fresh = [
        Candidate(trials[finalist.number], finalist.outcome.score)
        for finalist in finalists
        if finalist.outcome.status is TrialStatus.COMPLETED and finalist.outcome.score is not None
    ]
    return fresh or [
        Candidate(trial, trial.outcome.score)
        for trial in trials
        if trial.status is TrialStatus.COMPLETED and trial.outcome.score is not None
    ]


def choose(candidates: Sequence[Candidate], *, objective: Objective, tolerance: float) -> Candidate | None:
    """Return the candidate with the smallest model among those within the tolerance of the best score.

    Among models of the same size the better one is chosen, and among equals the earliest.

    Args:
        candidates: in the order asked.
        objective: of the search.
        tolerance: in the unit of the objective.

    Returns:
        None if there are no candidates.
    """
    return min(_near(candidates, objective, tolerance), key=lambda c: _size_first(c, objective), default=None)


def shortlist(candidates: Sequence[Candidate], *, objective: Objective, tolerance: float) -> list[Candidate]:
    """Return the candidates in the order in which they should be trained again.

    The best one comes first, then those that `choose` would prefer, the smallest first, then the rest, the best first.
    Trials with the same values, as Hyperband's promoted trials and their parents, count once, with the best score.

    Args:
        candidates: in the order asked.
        objective: of the search.
        tolerance: in the unit of the objective.
    """
    ranked = sorted(candidates, key=lambda c: _cost(c, objective))
    distinct = [c for i, c in enumerate(ranked) if all(c.trial.values != d.trial.values for d in ranked[:i])]
    near = sorted(_near(distinct, objective, tolerance), key=lambda c: _size_first(c, objective))
    return list({c.trial.number: c for c in (*distinct[:1], *near, *distinct)}.values())


def _near(candidates: Sequence[Candidate], objective: Objective, tolerance: float) -> list[Candidate]:
    best = min((_cost(c, objective) for c in candidates), default=0.0)
    gaps = [(c, _cost(c, objective) - best) for c in candidates]
    return [c for c, gap in gaps if gap <= tolerance or math.isclose(gap, tolerance)]  # 0.97 - 0.95 is above 0.02


def _cost(candidate: Candidate, objective: Objective) -> float:
    return objective.cost(candidate.score)


def _size_first(candidate: Candidate, objective: Objective) -> tuple[int, float]:
    return candidate.trial.outcome.parameters or 0, _cost(candidate, objective)
