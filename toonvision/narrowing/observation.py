"""Informative trials: those whose outcome depends on their values, each good or not, and ranked.

The trials of a sampler that learns get better with time, and so do the values that it prefers, whether they matter or
not. Of those, the rank is replaced by its residual on the logarithm of the trial's number.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from toonvision.config.schema import NarrowingOptions
from toonvision.search_space.space import Space, Values, complete
from toonvision.trial.objective import Objective
from toonvision.trial.trial import Reason, Trial, TrialStatus

_COMPLETED = 0  # first in the result of a trial
Numbers = NDArray[np.float64]

# Failures that depend on the values; a bug or a broken machine fails with any values.
_INFORMATIVE = (Reason.DIVERGED, Reason.OUT_OF_MEMORY, Reason.TIMED_OUT)


@dataclass(frozen=True, slots=True)
class Observation:
    """An informative trial.

    Attributes:
        values: a value for every name of the space; None for inactive names.
        good: whether the trial counts as good.
        score: score of a completed trial; None for other trials.
        rank: of the trial among all informative ones, low is good: the completed trials by their scores, the pruned
            ones by their epochs and then their scores so far, the others. Equal results have equal ranks. If a sampler
            has learned, it is the residual of the trend over time, which can be negative.
    """

    values: Values
    good: bool
    score: float | None
    rank: float


def observations(
    trials: Sequence[Trial],
    space: Space,
    objective: Objective,
    options: NarrowingOptions,
    learning: Collection[str] = (),
) -> list[Observation]:
    """Return the informative trials: the completed ones from best to worst, then the others.

    Completed, pruned and infeasible trials are informative, and trials that diverged, timed out or ran out of memory.
    A trial that the user has stopped is not: the reason need not be its values.
    Only completed trials can be good. Infeasible trials cost nothing and do not count towards the quantile. If
    Hyperband promotes a trial, only the trial that continues it counts.

    Args:
        trials: the trials of one search.
        space: the space whose names the values get.
        objective: the objective; the first of several decides.
        options: which trials count as good.
        learning: the rounds whose values depend on earlier scores, by name.
    """
    promoted = {trial.promotion.parent for trial in trials if trial.promotion and _is_informative(trial)}
    informative = [trial for trial in trials if _is_informative(trial) and trial.number not in promoted]
    ranked = sorted(informative, key=lambda trial: _result(trial, objective))
    results = [_result(trial, objective) for trial in ranked]
    costs = [result[1] for result in results if result[0] == _COMPLETED]
    if options.threshold is not None:
        good = sum(cost < objective.cost(options.threshold) for cost in costs)
    else:
        built = sum(trial.status is not TrialStatus.INFEASIBLE for trial in ranked)
        last = min(math.ceil(options.quantile * built), len(costs))
        good = sum(cost <= costs[last - 1] for cost in costs)
    order = {result: place for place, result in enumerate(dict.fromkeys(results))}
    ranks = np.asarray(rankdata([order[result] for result in results]), dtype=np.float64)
    if any(trial.round in learning and trial.source is None for trial in ranked):
        ranks = _without_trend(ranks, [trial.number for trial in ranked])
    return [
        Observation(
            complete(space, trial.values),
            good=place < good,
            score=trial.outcome.score if place < len(costs) else None,
            rank=float(ranks[place]),
        )
        for place, trial in enumerate(ranked)
    ]


def _result(trial: Trial, objective: Objective) -> tuple[float, ...]:
    """Return what trials are ranked by, less is better."""
    score = math.inf if trial.outcome.score is None else objective.cost(trial.outcome.score)
    if trial.status is TrialStatus.COMPLETED and trial.outcome.score is not None:
        return _COMPLETED, score
    if trial.status is TrialStatus.PRUNED:
        return 1, -trial.outcome.epochs, score
    return (2,)


def _without_trend(ranks: Numbers, numbers: Sequence[int]) -> Numbers:
    """Return the residuals of the ranks on the logarithm of the trials' numbers."""
    time = np.log1p(np.array(numbers, dtype=np.float64))
    time -= time.mean()
    residuals: Numbers = ranks - ranks.mean() - (ranks @ time) / (time @ time or 1.0) * time
    return residuals


def _is_informative(trial: Trial) -> bool:
    if trial.status is TrialStatus.FAILED:
        return trial.outcome.reason in _INFORMATIVE
    return trial.is_pruned or trial.status in (TrialStatus.COMPLETED, TrialStatus.INFEASIBLE)
