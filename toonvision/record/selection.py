"""Which trial is the chosen one: its values are retrained, compared with the baseline, and written to `best.yaml`."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from toonvision.record.conclusion import Finalist
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
    part in the picking. A finalist whose training came to nothing is out.

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


def choose(of: Sequence[Candidate], *, objective: Objective, tolerance: float) -> Candidate | None:
    """Return the smallest model of those whose score is within the tolerance of the best; None of none.

    Of models of one size the better one is chosen, and of equals the earliest.

    Args:
        of: the candidates.
        objective: of the search.
        tolerance: in the objective's own unit.
    """
    return min(_near(of, objective, tolerance), key=lambda c: _size_first(c, objective), default=None)


def shortlist(of: Sequence[Candidate], *, objective: Objective, tolerance: float) -> list[Candidate]:
    """Return the candidates in the order in which they are worth another look.

    First the best one, by which the others are measured; then those that `choose` would prefer, the smallest first;
    then the rest, the best first. Of trials with the same values (Hyperband's, a promoted one and its parents) the best
    one only.

    Args:
        of: the candidates.
        objective: of the search.
        tolerance: in the objective's own unit.
    """
    ranked = sorted(of, key=lambda c: _cost(c, objective))
    distinct = [c for i, c in enumerate(ranked) if all(c.trial.values != d.trial.values for d in ranked[:i])]
    near = sorted(_near(distinct, objective, tolerance), key=lambda c: _size_first(c, objective))
    return list({c.trial.number: c for c in (*distinct[:1], *near, *distinct)}.values())


def _near(of: Sequence[Candidate], objective: Objective, tolerance: float) -> list[Candidate]:
    best = min((_cost(c, objective) for c in of), default=0.0)
    behind = [(c, _cost(c, objective) - best) for c in of]
    return [c for c, by in behind if by <= tolerance or math.isclose(by, tolerance)]  # 0.97 - 0.95 is above 0.02


def _cost(candidate: Candidate, objective: Objective) -> float:
    return objective.cost(candidate.score)


def _size_first(candidate: Candidate, objective: Objective) -> tuple[int, float]:
    return candidate.trial.outcome.parameters or 0, _cost(candidate, objective)
