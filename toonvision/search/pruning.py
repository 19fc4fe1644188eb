"""Stopping hopeless trials: Optuna's pruners on any oracle and any executor.

A pruner sees each trial's objective by epoch, from the history that the trial writes, in a study of its own. Of folds,
it sees the mean: see `toonvision.search.folds`.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from statistics import fmean

import optuna
from optuna.exceptions import ExperimentalWarning
from optuna.pruners import BasePruner
from optuna.study import Study, StudyDirection
from optuna.trial import TrialState

from toonvision.config.node import Node, instantiate
from toonvision.console import readable
from toonvision.search.folds import Point, points_of
from toonvision.trial.history import POSITION
from toonvision.trial.objective import Objective
from toonvision.trial.trial import Outcome, Reason, Trial, TrialStatus

_STATES = {TrialStatus.COMPLETED: TrialState.COMPLETE, TrialStatus.PRUNED: TrialState.PRUNED}
_DIRECTIONS = {"min": StudyDirection.MINIMIZE, "max": StudyDirection.MAXIMIZE}


class Pruning:
    """Decides after each epoch of a trial whether to stop it.

    Args:
        pruner: names a class of `optuna.pruners`.
        objective: of the search.
        epochs: of a whole training, from which the first rung of successive halving is derived.
        folds: on which each trial is trained; no trial is stopped in the first one of several.
        trials: that have ended, with their intermediate values or curves.
    """

    def __init__(
        self, pruner: Node, objective: Objective, *, epochs: int, folds: int = 1, trials: Iterable[Trial]
    ) -> None:
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        self.objective = objective
        node = _with_first_rung(pruner, epochs)
        self._studies = {count: _study(node, objective) for count in range(min(2, folds), folds + 1)}
        self._asked: dict[int, dict[int, optuna.Trial]] = {}
        for trial in trials:
            self.begin(trial.number)
            for point in points_of(trial, objective):
                self.verdict(trial.number, point)
            self.end(trial.number, trial.outcome)

    def begin(self, number: int) -> None:
        """Start a trial; a trial that runs again starts anew."""
        self._asked[number] = {folds: study.ask() for folds, study in self._studies.items()}

    def verdict(self, number: int, point: Point) -> str | None:
        """Return why a trial is to be stopped after this epoch, or None.

        Args:
            number: the trial's.
            point: its objective; the epochs of a pruner, whose resources are epochs trained, count from 1.
        """
        asked, epoch = self._asked[number].get(point.folds), point.epoch + 1
        if asked is None or not math.isfinite(point.value):
            return None
        asked.report(point.value, epoch)
        with warnings.catch_warnings(action="ignore"):  # WilcoxonPruner's, of a best trial with fewer epochs
            if not asked.should_prune():
                return None
        what = self.objective.name if point.folds == 1 else f"mean {self.objective.name} of {point.folds} folds"
        return f"{type(asked.study.pruner).__name__}: {what} {readable(point.value)} after epoch {epoch}"

    def end(self, number: int, outcome: Outcome) -> None:
        """Let the pruner use a trial that has ended when it judges others."""
        state = _STATES.get(outcome.status, TrialState.FAIL)
        for folds, asked in self._asked.pop(number).items():
            self._studies[folds].tell(asked, outcome.score if state is TrialState.COMPLETE else None, state)


def _study(pruner: Node, objective: Objective) -> Study:
    with warnings.catch_warnings(action="ignore", category=ExperimentalWarning):
        created: BasePruner = instantiate(pruner, "pruner")
    # The name is fixed, because HyperbandPruner draws a trial's bracket from it.
    return optuna.create_study(study_name="pruning", direction=_DIRECTIONS[objective.direction], pruner=created)


def _with_first_rung(pruner: Node, epochs: int) -> Node:
    """Return the pruner with a `min_resource` of a fifth of the epochs, if it is null (benchmarks/strategies.md)."""
    if pruner.arguments.get("min_resource", 1) is not None:
        return pruner
    return Node(pruner.target, {**pruner.arguments, "min_resource": max(1, epochs // 5)})


def pruned(outcome: Outcome, epochs: Sequence[Mapping[str, float]], verdict: str, objective: Objective) -> Outcome:
    """Return the outcome of a trial that the pruner has stopped: that of its epochs up to the verdict.

    After the verdict, a trial trains on until it sees the request to stop, or it ends before. Those epochs are chance.
    Without them, the same seed gives the same search.

    Args:
        outcome: as the worker returned it.
        epochs: the lines of its history that were judged, the last one being that of the verdict.
        verdict: why it was stopped.
        objective: of the search.
    """
    name = objective.name
    finite = [metrics for metrics in epochs if math.isfinite(metrics[name])]
    folds = [list(rows) for _, rows in groupby(finite, key=lambda metrics: metrics["execution"])]
    at_best = [min(rows, key=lambda metrics: objective.cost(metrics[name])) for rows in folds]
    means = {key: fmean(metrics[key] for metrics in at_best) for key in at_best[0] if key not in POSITION}
    return replace(
        outcome,
        status=TrialStatus.PRUNED,
        score=means[name],
        scores=tuple(metrics[name] for metrics in at_best),
        metrics=means,
        epochs=len(epochs),
        last_epoch=1 + max(int(metrics["epoch"]) for metrics in epochs),
        error=verdict,
        reason=Reason.PRUNED,
    )


def stopped_by_user(outcome: Outcome) -> Outcome:
    """Return the outcome of a trial that the user has stopped: PRUNED, for another reason.

    The oracle learns from it as from a pruned one, and does not propose the values again.

    Args:
        outcome: as the worker returned it, INTERRUPTED.
    """
    return replace(outcome, status=TrialStatus.PRUNED, error="stopped by the user", reason=Reason.STOPPED_BY_USER)
