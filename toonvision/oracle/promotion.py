"""A sampler whose trials pause at a rung: the best go on from their weights (ASHA, Li et al., 2020)."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import keras_tuner
import optuna
from optuna.samplers import BaseSampler

from toonvision.oracle.sampler import SamplerOracle
from toonvision.search_space.space import Values
from toonvision.trial.objective import Objective
from toonvision.trial.trial import TrialStatus

BUDGET = "tuner/"  # prefix of KerasTuner's names for the budget, such as tuner/epochs, among the values


@dataclass(slots=True)
class _Training:
    """A trial as a training up to a rung.

    Attributes:
        first: id of the trial with which the training of these values began.
        rung: up to which it goes.
        values: of the trial.
        score: the best one so far, also of the trials before; None without any.
        is_there: whether it has completed its rung, so that it can go on.
        is_promoted: whether another trial has gone on from here.
    """

    first: str
    rung: int
    values: Values
    score: float | None = None
    is_there: bool = False
    is_promoted: bool = False


class PromotionOracle(SamplerOracle):
    """Asynchronous successive halving with promotions, of the values that a sampler proposes.

    New values are trained up to the first rung, and wait there with their weights. Whenever a worker is free, the best
    training that belongs to the best `1 / factor` of its rung goes on to the next rung, the highest rung first; if none
    does, the sampler is asked for new values. A training that a pruner would have stopped may go on later. When there
    are no new values any more, at least one goes on from each rung.

    The sampler learns the best score so far of all values, as it does of pruned trials.

    Args:
        sampler: of Optuna.
        max_epochs: of a whole training: the last rung.
        min_epochs: the first rung; None for a fifth of `max_epochs`.
        factor: one of so many goes on, for up to so many times the epochs.
        keywords: arguments of `keras_tuner.Oracle`; `max_trials` counts new values, and promotions come in addition.
    """

    def __init__(
        self, sampler: BaseSampler, *, max_epochs: int, min_epochs: int | None = None, factor: int = 3, **keywords: Any
    ) -> None:
        first = min(max_epochs, min_epochs or max(1, max_epochs // 5))
        higher = itertools.takewhile(lambda epochs: epochs < max_epochs, (first * factor**n for n in itertools.count()))
        self.rungs = [*higher, max_epochs]
        self.factor = factor
        self._limit: int | None = None
        self._trainings: dict[str, _Training] = {}  # by KerasTuner's id of the trial
        self._places: dict[str, int] = {}  # of the trials with new values in the study
        super().__init__(sampler, **keywords)

    @property
    def max_trials(self) -> int | None:
        """So many trials KerasTuner may ask for now: new values, promotions so far, and one that is due."""
        return None if self._limit is None else self._limit + self._promotions

    @max_trials.setter
    def max_trials(self, value: int | None) -> None:
        self._limit = None if value is None else value - self._promotions

    @property
    def _promotions(self) -> int:
        return sum(training.rung > 0 for training in self._trainings.values()) + (self._due() is not None)

    @property
    def waiting(self) -> list[str]:
        """Ids of the trials that may go on yet, with a larger `max_trials` at least; their weights are needed."""
        last = len(self.rungs) - 1
        found = self._trainings.items()
        return [trial for trial, one in found if one.is_there and one.rung < last and not one.is_promoted]

    @property
    def planned_trials(self) -> int | None:
        """Number of trials with the promotions of a search in which a third, say, goes on; None without a limit."""
        return None if self._limit is None else sum(self._sizes(self._limit))

    def planned_epochs(self, trials: int) -> int:
        """Return the epochs of `trials` trials, which promotions share as in a whole search."""
        new = self._limit or trials
        sizes = self._sizes(new)
        before = [0, *self.rungs]
        epochs = sum(size * (rung - last) for size, rung, last in zip(sizes, self.rungs, before, strict=False))
        return round(epochs * trials / sum(sizes)) if new else 0

    def _sizes(self, new: int) -> list[int]:
        """Return how many trainings reach each rung, of so many new values."""
        return [max(min(new, 1), new // self.factor**rung) for rung in range(len(self.rungs))]

    def _compute_values_hash(self, values: Values) -> str:
        plain = {name: value for name, value in values.items() if not name.startswith(BUDGET)}
        return str(super()._compute_values_hash(plain))

    def populate_space(self, trial_id: str) -> dict[str, Any]:
        """Return the values of a training that goes on, or new ones; STOPPED if there are none now."""
        parent = self._due() if self.recalled is None else self._recalled_parent(self.recalled)
        if parent is not None:
            last = self._trainings[parent]
            last.is_promoted = True
            training = _Training(last.first, last.rung + 1, last.values, last.score)
            budget = {"tuner/trial_id": parent, "tuner/initial_epoch": self.rungs[last.rung]}
        else:
            proposed = super().populate_space(trial_id)
            if proposed["status"] != "RUNNING":
                return proposed
            training, budget = _Training(trial_id, 0, proposed["values"]), {"tuner/initial_epoch": 0}
        self._trainings[trial_id] = training
        values = {**training.values, **budget, "tuner/epochs": self.rungs[training.rung]}
        return {"status": "RUNNING", "values": values}

    def _recalled_parent(self, values: Values) -> str | None:
        """Return what has gone on in the record; a larger limit may have changed since what is due."""
        identity = self._compute_values_hash(values)
        same = [trial for trial, one in self._trainings.items() if self._compute_values_hash(one.values) == identity]
        return same[-1] if same else None

    def _due(self) -> str | None:
        """Return the trial that goes on next, of the highest rung; None if there is none."""
        below = range(len(self.rungs) - 2, -1, -1)
        for ranked in map(self._ranked, below):
            for trial in ranked[: len(ranked) // self.factor]:
                if not self._trainings[trial].is_promoted:
                    return trial
        if self._is_at_end:  # the best one goes on to the last rung, however few there are
            highest = next((ranked for ranked in map(self._ranked, range(len(self.rungs) - 1, -1, -1)) if ranked), [])
            if highest and self._trainings[highest[0]].rung < len(self.rungs) - 1:
                return highest[0]
        return None

    def _ranked(self, rung: int) -> list[str]:
        """Return the trials that have completed a rung, the best one first."""
        costs = {
            trial: self._goal.cost(training.score)
            for trial, training in self._trainings.items()
            if training.rung == rung and training.is_there and training.score is not None
        }
        return sorted(costs, key=lambda trial: costs[trial])

    @property
    def _is_at_end(self) -> bool:
        """Whether there are no new values any more, and nothing runs."""
        new = sum(training.rung == 0 for training in self._trainings.values())
        return self._limit is not None and new >= self._limit and not self.ongoing_trials

    @property
    def _goal(self) -> Objective:
        return Objective(name=self.objective.name, direction=self.objective.direction)

    def observe(
        self, trial: keras_tuner.engine.trial.Trial, status: TrialStatus, intermediate_values: Mapping[int, float]
    ) -> None:
        """End a trial in the study; a better score of a promoted one takes the place of the one before."""
        training = self._trainings[trial.trial_id]
        is_new = training.first == trial.trial_id
        if is_new:
            self._places[trial.trial_id] = self._numbers[trial.trial_id]
            super().observe(trial, status, intermediate_values)
        if trial.status != "COMPLETED":
            return
        training.is_there = True
        scores = [trial.metrics.get_best_value(name) for name in (self.objective.name, *self.also)]
        if training.score is None or self._goal.is_better(scores[0], training.score):
            training.score = scores[0]
            if not is_new:
                self._correct(self._places[training.first], scores)

    def _correct(self, number: int, scores: list[float]) -> None:
        """Replace the scores of a trial in the study: Optuna has no way to change them, so the study is made anew."""
        known = self.study.get_trials()
        known[number].values = scores
        study = optuna.create_study(sampler=self.sampler, directions=self.study.directions)
        study.add_trials(known)
        self.study = study
