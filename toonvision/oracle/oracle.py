"""A KerasTuner oracle: creating it on a declared space, asking it for values, and telling it the outcomes."""

from __future__ import annotations

import math
import warnings
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import keras_tuner
from optuna.exceptions import ExperimentalWarning

from toonvision.config.node import Node, instantiate
from toonvision.oracle.hyperband import HyperbandOracle
from toonvision.oracle.promotion import BUDGET, PromotionOracle
from toonvision.oracle.sampler import SamplerOracle
from toonvision.search_space.space import Space, Values, declare
from toonvision.trial.objective import Objective
from toonvision.trial.trial import Outcome, TrialStatus

# KerasTuner would compare the score of a pruned trial with those of whole trainings.
_STATUS = {TrialStatus.COMPLETED: "COMPLETED", TrialStatus.PRUNED: "FAILED", TrialStatus.INFEASIBLE: "INVALID"}


@dataclass(frozen=True, slots=True)
class Proposal:
    """The answer of an oracle to a request for values.

    Attributes:
        status: RUNNING (values are proposed), IDLE (wait for a running trial) or STOPPED.
        trial_id: KerasTuner's id of the trial.
        values: of the active hyperparameters.
        epochs: epochs that the oracle sets for this trial; None if the configuration sets them.
        parent: KerasTuner's id of the trial to continue; None for a fresh start.
        source: of a known point, which no oracle has proposed; else None.
    """

    status: str
    trial_id: str
    values: Values
    epochs: int | None = None
    parent: str | None = None
    source: str | None = None


def create_oracle(tuner: Node, space: Space, objective: Objective) -> keras_tuner.Oracle:
    """Return the oracle that `tuner` names, on the declared space: no model is built to discover hyperparameters.

    Args:
        tuner: the node of the oracle, resolved.
        space: a valid search space.
        objective: KerasTuner would guess the direction, and often wrongly; its own oracles search for the first
            objective only.

    Raises:
        ConfigError: if KerasTuner rejects an entry of the space.
    """
    hp = keras_tuner.HyperParameters()
    declare(space, hp)
    with warnings.catch_warnings(action="ignore", category=ExperimentalWarning):  # Optuna's, of some samplers
        oracle = instantiate(
            tuner,
            "tuner",
            objective=keras_tuner.Objective(objective.name, objective.direction),
            hyperparameters=hp,
            allow_new_entries=False,
            tune_new_entries=False,
            max_retries_per_trial=0,
        )
    if isinstance(oracle, SamplerOracle):
        oracle.also = objective.also
    oracle.verbose = 0
    # The record is the truth: KerasTuner's own files are not written (each save costs more than the one before).
    oracle.save = _nothing
    oracle._save_trial = _nothing
    return oracle


def planned_trials(oracle: keras_tuner.Oracle) -> int | None:
    """Return the largest number of trials that the oracle proposes, or None if it is not known."""
    planned: int | None = getattr(oracle, "planned_trials", None) or oracle.max_trials
    if isinstance(oracle, keras_tuner.oracles.GridSearchOracle):
        space = oracle.get_space().space
        if not any(entry.conditions for entry in space):
            combinations = math.prod(len(list(entry.values)) for entry in space)
            combinations -= len(getattr(oracle, "known", ()))
            planned = combinations if planned is None else min(planned, combinations)
    return planned


def count_towards_limit(oracle: keras_tuner.Oracle, trials: int) -> None:
    """Let the oracle propose so many trials less, because others have run; one without `max_trials` stays as it is."""
    if oracle.max_trials is not None:
        oracle.max_trials = max(0, oracle.max_trials - trials)


def planned_epochs(oracle: keras_tuner.Oracle, trials: int) -> int | None:
    """Return the total epochs of the first `trials` trials, or None if the configuration sets the epochs."""
    return oracle.planned_epochs(trials) if isinstance(oracle, HyperbandOracle | PromotionOracle) else None


def waiting_trials(oracle: keras_tuner.Oracle) -> Collection[str]:
    """Return the ids of the trials that may go on yet when the oracle has stopped, if its limit is raised."""
    return oracle.waiting if isinstance(oracle, PromotionOracle) else ()


def propose(oracle: keras_tuner.Oracle, slot: int) -> Proposal:
    """Ask for the values of another trial, which runs in the free slot `slot`."""
    if oracle.max_trials == 0:  # for KerasTuner, no limit
        return Proposal("STOPPED", "", {})
    trial = oracle.create_trial(f"slot-{slot}")
    values = {name: _python(value) for name, value in trial.hyperparameters.values.items()}
    return Proposal(
        status=str(getattr(trial.status, "value", trial.status)),
        trial_id=trial.trial_id,
        values={name: value for name, value in values.items() if not name.startswith(BUDGET)},
        epochs=values.get("tuner/epochs"),
        parent=values.get("tuner/trial_id"),
    )


def tell(
    oracle: keras_tuner.Oracle, trial_id: str, outcome: Outcome, intermediate_values: Mapping[int, float] | None = None
) -> None:
    """Tell the oracle the outcome of a trial; an infeasible trial does not count towards `max_trials`.

    Args:
        oracle: that proposed the trial.
        trial_id: KerasTuner's.
        outcome: of the trial. KerasTuner's oracles are told the scores of whole trainings only.
        intermediate_values: the objective by epoch, of which TPE learns the best value if the trial was pruned.
    """
    trial = oracle.get_trial(trial_id)
    trial.status = _STATUS.get(outcome.status, "FAILED")
    trial.message = outcome.error
    if trial.status == "COMPLETED":
        goal = _goal(oracle)
        scores = goal.reached(outcome)
        if scores is None:
            trial.status = "FAILED"
        else:
            oracle.update_trial(trial_id, dict(zip(goal.directions, scores, strict=True)))
    if isinstance(oracle, SamplerOracle):
        oracle.observe(trial, outcome.status, intermediate_values or {})
    if outcome.status is TrialStatus.INFEASIBLE and oracle.max_trials:
        oracle.max_trials += 1
    oracle.end_trial(trial)


def _goal(oracle: keras_tuner.Oracle) -> Objective:
    """Return the objectives of an oracle; KerasTuner's own oracles have one."""
    also = getattr(oracle, "also", {})
    return Objective(name=oracle.objective.name, direction=oracle.objective.direction, also=also)


def _nothing(*_: object) -> None:
    """Replace a method that writes files."""


def _python(value: Any) -> Any:
    """Return a NumPy scalar as a Python object."""
    return value.item() if hasattr(value, "item") else value
