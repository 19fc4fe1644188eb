"""A sampler of Optuna as a KerasTuner oracle, with a study in memory that is independent of the record."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

import keras_tuner
import optuna
from optuna.samplers import BaseSampler
from optuna.study import StudyDirection
from optuna.trial import TrialState

from toonvision.oracle.untried import untried_near
from toonvision.search_space.distribution import Dimension
from toonvision.search_space.space import Values
from toonvision.trial.objective import Direction, Objective
from toonvision.trial.trial import PriorResult, TrialStatus

# TPE and random search support conditional hyperparameters. Other samplers ignore a hyperparameter that some trials
# lack. They are asked for all hyperparameters, and the inactive ones are left out of the values.
_OF_CONDITIONS = (optuna.samplers.TPESampler, optuna.samplers.RandomSampler)
# Samplers whose proposal costs a fit: a replay takes the values of the record.
_COSTLY = (optuna.samplers.GPSampler,)
_DIRECTIONS = {"min": StudyDirection.MINIMIZE, "max": StudyDirection.MAXIMIZE}


class SamplerOracle(keras_tuner.Oracle):
    """Asks a sampler of Optuna for values, and tells it the outcomes.

    No values are proposed twice: a random walk leads away from those that have been tried. It costs nothing; another
    proposal would cost as much as the first.

    To TPE a pruned trial has its best score so far, which is a little better than what Optuna does with one that is
    PRUNED (`benchmarks/strategies.md`), and one that could not be built violates a constraint. To the other samplers a
    pruned trial is a failed one, because its score does not compare with those of whole trainings, and one that could
    not be built has the worst score so far.

    Args:
        sampler: the sampler.
        keywords: arguments of `keras_tuner.Oracle`.

    Attributes:
        also: names and directions of further objectives; `keras_tuner.Oracle` supports the first objective only.
        recalled: values of the record to propose while the oracle is rebuilt.
    """

    def __init__(self, sampler: BaseSampler, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.sampler = sampler
        self.also: Mapping[str, Direction] = {}
        self.recalled: Values | None = None
        self._numbers: dict[str, int] = {}  # of running trials in the study, by KerasTuner's id

    @functools.cached_property
    def study(self) -> optuna.Study:
        """The study in memory; running trials are RUNNING there, so that TPE proposes other values."""
        directions = [_DIRECTIONS[direction] for direction in (self.objective.direction, *self.also.values())]
        return optuna.create_study(sampler=self.sampler, directions=directions)

    def populate_space(self, trial_id: str) -> dict[str, Any]:
        """Return the next values; STOPPED if all values have been tried."""
        values = self.recalled if isinstance(self.sampler, _COSTLY) else None
        if values is None:
            trial = self.study.ask()
            values = self._suggest(trial)
            if not self._duplicate(values):
                self._numbers[trial_id] = trial.number
                return {"status": "RUNNING", "values": values}
            self.study.tell(trial, state=TrialState.FAIL)
            values = untried_near(self, values)
        if values is None:
            return {"status": "STOPPED", "values": None}
        self._numbers[trial_id] = self._add(values, TrialState.RUNNING)
        return {"status": "RUNNING", "values": values}

    def _suggest(self, trial: optuna.Trial) -> Values:
        """Ask for the hyperparameters in declared order, and return the values of the active ones."""
        values: Values = {}
        for hyperparameter in self.hyperparameters.space:
            is_active = all(condition.is_active(values) for condition in hyperparameter.conditions)
            if is_active or not isinstance(self.sampler, _OF_CONDITIONS):
                value = Dimension.of(hyperparameter).suggest(trial)
                values |= {hyperparameter.name: value} if is_active else {}
        return values

    def update_trial(self, trial_id: str, metrics: Mapping[str, float], step: int = 0) -> Any:
        """Report metrics, with the directions of further objectives, which KerasTuner would guess."""
        known = self.trials[trial_id].metrics
        for name, direction in self.also.items():
            if not known.exists(name):
                known.register(name, direction)
        return super().update_trial(trial_id, metrics, step)

    def observe(
        self, trial: keras_tuner.engine.trial.Trial, status: TrialStatus, intermediate_values: Mapping[int, float]
    ) -> None:
        """End a trial in the study.

        Args:
            trial: as KerasTuner's oracle has it, with its scores if it has completed with them.
            status: of the trial.
            intermediate_values: the objective by epoch.
        """
        number, scores = self._numbers.pop(trial.trial_id), self._assumed(status, intermediate_values)
        if trial.status == "COMPLETED":
            scores = [trial.metrics.get_best_value(name) for name in (self.objective.name, *self.also)]
        self.study.tell(number, scores, state=None if scores else TrialState.FAIL)
        if self._is_tpe and status is TrialStatus.INFEASIBLE:
            values = trial.hyperparameters.values
            self.learn(values, PriorResult(values, status=status))

    @property
    def _is_tpe(self) -> bool:
        return isinstance(self.sampler, optuna.samplers.TPESampler)

    def _assumed(self, status: TrialStatus, intermediate_values: Mapping[int, float]) -> list[float] | None:
        """Return the scores that the sampler learns for a trial that did not complete; None for none."""
        if status is TrialStatus.INFEASIBLE and not self._is_tpe:
            return self._worst()
        if status is TrialStatus.PRUNED and self._is_tpe and not self.also and intermediate_values:
            objective = Objective(name=self.objective.name, direction=self.objective.direction)
            return [objective.best(intermediate_values.values())]
        return None

    def _worst(self) -> list[float] | None:
        """Return the worst known score of each objective; None without a completed trial."""
        completed = self.study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
        goals = [
            Objective(name=name, direction=direction)
            for name, direction in {self.objective.name: self.objective.direction, **self.also}.items()
        ]
        columns = zip(*(trial.values for trial in completed), strict=True)
        return [max(column, key=goal.cost) for goal, column in zip(goals, columns, strict=False)] or None

    def learn(self, values: Values, result: PriorResult) -> None:
        """Add a result of an earlier search to the study; CMA-ES, NSGA-II and QMC ignore it."""
        if result.status is TrialStatus.INFEASIBLE and self._is_tpe:
            self._add(values, TrialState.PRUNED, constraints={"infeasible": 1.0})
        elif scores := list(result.scores) or self._assumed(result.status, result.intermediate_values):
            self._add(values, TrialState.COMPLETE, values=scores)

    def _add(self, values: Values, state: TrialState, /, **outcome: Any) -> int:
        """Add a trial to the study without asking the sampler, and return its number.

        Args:
            values: of the active hyperparameters.
            state: of the trial.
            outcome: further arguments of `optuna.trial.create_trial`.
        """
        space = [
            hyperparameter
            for hyperparameter in self.hyperparameters.space
            if hyperparameter.name in values or not isinstance(self.sampler, _OF_CONDITIONS)
        ]
        dimensions = {hyperparameter.name: Dimension.of(hyperparameter) for hyperparameter in space}
        known = {name: values.get(name, searched.hyperparameter.default) for name, searched in dimensions.items()}
        template = optuna.trial.create_trial(
            state=state,
            params={name: searched.suggestion(known[name]) for name, searched in dimensions.items()},
            distributions={name: searched.distribution for name, searched in dimensions.items()},
            **outcome,
        )
        self.study.add_trial(template)
        return len(self.study.get_trials(deepcopy=False)) - 1
