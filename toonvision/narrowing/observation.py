"""Informative trials: those whose outcome depends on their values, each good or not."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from toonvision.config.schema import NarrowingOptions
from toonvision.search_space.space import Space, Values, complete
from toonvision.trial.objective import Objective
from toonvision.trial.trial import Reason, Trial, TrialStatus

# Failures that depend on the values; a bug or a broken machine fails with any values.
_INFORMATIVE = (Reason.DIVERGED, Reason.OUT_OF_MEMORY, Reason.TIMED_OUT)


@dataclass(frozen=True, slots=True)
class Observation:
    """An informative trial.

    Attributes:
        values: a value for every name of the space; None for inactive names.
        good: whether the trial counts as good.
        score: score of a completed trial; None for other trials.
        cost: the score with low as good, independent of the direction; infinite without a score.
    """

    values: Values
    good: bool
    score: float | None
    cost: float


def observations(
    trials: Sequence[Trial], space: Space, objective: Objective, options: NarrowingOptions
) -> list[Observation]:
    """Return the informative trials: the completed ones from best to worst, then the others.

    Completed, pruned and infeasible trials are informative, and trials that diverged, timed out or ran out of memory.
    Only completed trials can be good. Infeasible trials cost nothing and do not count towards the quantile. If
    Hyperband promotes a trial, only the trial that continues it counts.

    Args:
        trials: the trials of one search.
        space: the space whose names the values get.
        objective: the objective; the first of several decides.
        options: which trials count as good.
    """
    promoted = {trial.promotion.parent for trial in trials if trial.promotion and _is_informative(trial)}
    informative = [trial for trial in trials if _is_informative(trial) and trial.number not in promoted]
    completed = [t for t in informative if t.status is TrialStatus.COMPLETED]
    costs = {t.number: objective.cost(t.outcome.score) for t in completed if t.outcome.score is not None}
    ranked = sorted((t for t in informative if t.number in costs), key=lambda t: costs[t.number])
    others = [t for t in informative if t.number not in costs]
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


def _is_informative(trial: Trial) -> bool:
    if trial.status is TrialStatus.FAILED:
        return trial.outcome.reason in _INFORMATIVE
    return trial.status in (TrialStatus.COMPLETED, TrialStatus.PRUNED, TrialStatus.INFEASIBLE)
