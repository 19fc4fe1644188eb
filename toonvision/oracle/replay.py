"""Rebuilding an oracle from the record: the same asks and tells, in the order in which they happened.

A fresh oracle with the same seed and space proposes the same trials again if it receives the same calls. So a resumed
search continues as if it had not stopped, without KerasTuner's own files.
"""

from __future__ import annotations

from collections.abc import Sequence

import keras_tuner

from toonvision.errors import Problem, SearchError
from toonvision.oracle.bayesian import BayesianOptimizationOracle
from toonvision.oracle.oracle import Proposal, propose, tell
from toonvision.oracle.sampler import SamplerOracle
from toonvision.trial.trial import Trial


def replay(oracle: keras_tuner.Oracle, trials: Sequence[Trial]) -> dict[int, Proposal]:
    """Drive a fresh oracle through the trials of a record, and return its proposal for each trial number.

    Raises:
        SearchError: if it proposes other values than the record has, for example with another version of KerasTuner.
    """
    asks = [(trial.asked, trial, True) for trial in trials]
    tells = [(trial.reported_at, trial, False) for trial in trials if trial.reported_at is not None]
    proposals: dict[int, Proposal] = {}
    for _, trial, is_ask in sorted([*asks, *tells], key=lambda event: event[0]):
        if is_ask:
            proposals[trial.number] = _ask_again(oracle, trial)
        else:
            tell(oracle, proposals[trial.number].trial_id, trial.outcome, trial.intermediate_values)
    return proposals


def _ask_again(oracle: keras_tuner.Oracle, trial: Trial) -> Proposal:
    recalls = isinstance(oracle, BayesianOptimizationOracle | SamplerOracle)
    if recalls:
        oracle.recalled = dict(trial.values)
    proposal = propose(oracle, trial.slot)
    if recalls:
        oracle.recalled = None
    if proposal.values != trial.values:
        raise SearchError(
            Problem(
                "",
                f"the oracle to propose the values of trial {trial.id} again",
                f"{proposal.values!r}, while the record has {trial.values!r}",
                "Are these the versions of toonvision, KerasTuner and Optuna that the run began with?",
            )
        )
    return proposal
