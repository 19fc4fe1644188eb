"""The objective of a cross-validated trial by epoch, while its folds are trained one after another.

The pruner judges the mean over the folds so far, at the same epoch of each, from the second fold on: the first alone
says little. Each number of folds is judged apart. So a mean of two folds is compared with those of the same two folds
of other trials, and the settings of a pruner stay in epochs. Optuna's maintainers, too, advise means over folds
(optuna#4373). A cross-validation that may stop early finds better values in the same time (Bergman, Purucker and Hutter
2024, arXiv:2405.03389).

Folds in step, one epoch of each in turn, could all be judged from the first epoch. But a call of Keras's `fit` trains
one model to its end, with the generators of the process and with callbacks that begin anew at each call. Several in
turn need all models and optimizers in memory, and a checkpoint of all of them, and have other scores.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from statistics import fmean
from typing import NamedTuple

from toonvision.trial.objective import Objective
from toonvision.trial.trial import Trial

Curves = tuple[tuple[float, ...], ...]


class Point(NamedTuple):
    """The objective of a trial after an epoch.

    Attributes:
        folds: that it is the mean of.
        epoch: of the last one of them, from 0.
        value: the mean. A fold that ended before this epoch counts by its best value, which is its score.
    """

    folds: int
    epoch: int
    value: float


def curves_of(rows: Iterable[Mapping[str, float]], name: str) -> Curves:
    """Return a metric by epoch of each training, in the order in which they began."""
    found: dict[float, list[float]] = {}
    for row in rows:
        found.setdefault(row["execution"], []).append(row[name])
    return tuple(map(tuple, found.values()))


def last_point(curves: Sequence[Sequence[float]], objective: Objective) -> Point:
    """Return the objective after the last epoch of the last of these folds."""
    *before, last = curves
    epoch = len(last) - 1
    others = (curve[epoch] if epoch < len(curve) else objective.best(curve) for curve in before)
    return Point(len(curves), epoch, fmean((*others, last[-1])))


def points_of(trial: Trial, objective: Objective) -> Iterator[Point]:
    """Yield what the pruner has seen of a trial that has ended, in its order."""
    curves = trial.outcome.curves
    if not curves:
        yield from (Point(1, epoch, value) for epoch, value in trial.intermediate_values.items())
    for fold, curve in enumerate(curves):
        for epoch in range(len(curve)):
            yield last_point([*curves[:fold], curve[: epoch + 1]], objective)
