"""Stopping hopeless trials: Optuna's pruners on any oracle and any executor.

A pruner sees each trial's objective by epoch, from the history that the trial writes, in a study of its own.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import optuna
from optuna.exceptions import ExperimentalWarning
from optuna.pruners import BasePruner
from optuna.study import StudyDirection
from optuna.trial import TrialState

from toonvision.config.node import Node, instantiate
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
        trials: that have ended, with their intermediate values.
    """

    def __init__(self, pruner: Node, objective: Objective, *, epochs: int, trials: Iterable[Trial]) -> None:
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        self.objective = objective
        with warnings.catch_warnings(action="ignore", category=ExperimentalWarning):
            self._pruner: BasePruner = instantiate(_with_first_rung(pruner, epochs), "pruner")
        # The name is fixed, because HyperbandPruner draws a trial's bracket from it.
        self._study = optuna.create_study(
            study_name="pruning", direction=_DIRECTIONS[objective.direction], pruner=self._pruner
        )
        self._asked: dict[int, optuna.Trial] = {}
        for trial in trials:
            self.begin(trial.number)
            for epoch, value in trial.intermediate_values.items():
                self.verdict(trial.number, epoch, value)
            self.end(trial.number, trial.outcome)

    def begin(self, number: int) -> None:
        """Start a trial; a trial that runs again starts anew."""
        self._asked[number] = self._study.ask()

    def verdict(self, number: int, epoch: int, value: float) -> str | None:
        """Return why a trial is to be stopped after this epoch, or None.

        Args:
            number: the trial's.
            epoch: from 0; for a pruner, whose resources are epochs trained, from 1.
            value: of the objective.
        """
        if not math.isfinite(value):
            return None
        self._asked[number].report(value, epoch + 1)
        with warnings.catch_warnings(action="ignore"):  # WilcoxonPruner's, of a best trial with fewer epochs
            if not self._asked[number].should_prune():
                return None
        return f"{type(self._pruner).__name__}: {self.objective.name} {value:.4g} after epoch {epoch + 1}"

    def end(self, number: int, outcome: Outcome) -> None:
        """Let the pruner use a trial that has ended when it judges others."""
        state = _STATES.get(outcome.status, TrialState.FAIL)
        self._study.tell(self._asked.pop(number), outcome.score if state is TrialState.COMPLETE else None, state)


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
        epochs: the lines of its first execution's history, the last one being that of the verdict.
        verdict: why it was stopped.
        objective: of the search.
    """
    name = objective.name
    finite = [metrics for metrics in epochs if math.isfinite(metrics[name])]
    at_best = dict(min(finite, key=lambda metrics: objective.cost(metrics[name])))
    score, last = at_best[name], int(epochs[-1]["epoch"]) + 1
    return replace(
        outcome,
        status=TrialStatus.PRUNED,
        score=score,
        scores=(score,),
        metrics={key: value for key, value in at_best.items() if key not in POSITION},
        epochs=len(epochs),
        last_epoch=last,
        error=verdict,
        reason=Reason.PRUNED,
    )
