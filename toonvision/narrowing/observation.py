"""What a trial says about its values: that they are good, that they are not, or nothing."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from toonvision.config.schema import NarrowingOptions
from toonvision.search_space.space import Space, Values, complete
from toonvision.trial.objective import Objective
from toonvision.trial.trial import Reason, Trial, TrialStatus

# A bug or a machine fails with any values; these failures are the values' own.
_TELLING = (Reason.DIVERGED, Reason.OUT_OF_MEMORY, Reason.TIMED_OUT)


@dataclass(frozen=True, slots=True)
class Observation:
    """A trial that speaks.

    Attributes:
        values: for every name of the space, None for what is inactive.
        good: whether it is among the good ones.
        score: of a completed trial, None of every other.
        cost: the score, low is good whatever the direction; infinite without a score.
    """

    values: Values
    good: bool
    score: float | None
    cost: float


def observations(
    trials: Sequence[Trial], space: Space, objective: Objective, options: NarrowingOptions
) -> list[Observation]:
    """Return what the trials say, the completed ones first and of these the best first; among equals the earliest.

    A trial that was pruned, or whose values made it diverge, time out or run out of memory, is not good. Neither is one
    that could not be built; it does not count towards the quantile, for it cost nothing. Of a configuration that
    Hyperband has promoted, the last trial speaks. Whatever else failed, or has not ended, says nothing.

    Args:
        trials: of one search.
        space: whose names are wanted.
        objective: of several objectives the first one decides.
        options: what counts as good.
    """
    promoted = {trial.promotion.parent for trial in trials if trial.promotion and _speaks(trial)}
    speaking = [trial for trial in trials if _speaks(trial) and trial.number not in promoted]
    completed = [t for t in speaking if t.status is TrialStatus.COMPLETED]
    costs = {t.number: objective.cost(t.outcome.score) for t in completed if t.outcome.score is not None}
    ranked = sorted((t for t in speaking if t.number in costs), key=lambda t: costs[t.number])
    others = [t for t in speaking if t.number not in costs]
    built = len(ranked) + sum(t.status is not TrialStatus.INFEASIBLE for t in others)
    if options.threshold is not None:
        good = {t.number for t in ranked if costs[t.number] < objective.cost(options.threshold)}
    else:
        last = min(math.ceil(options.quantile * built), len(ranked))
        good = {t.number for t in ranked if costs[t.number] <= costs[ranked[last - 1].number]}
    return [
        Observation(
            complete(space, trial.values),
            good=trial.number in good,
            score=trial.outcome.score if trial.number in costs else None,
            cost=costs.get(trial.number, math.inf),
        )
        for trial in (*ranked, *others)
    ]


def _speaks(trial: Trial) -> bool:
    if trial.status is TrialStatus.FAILED:
        return trial.outcome.reason in _TELLING
    return trial.status in (TrialStatus.COMPLETED, TrialStatus.PRUNED, TrialStatus.INFEASIBLE)
