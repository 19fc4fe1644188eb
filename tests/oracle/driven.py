"""Oracles driven as the search drives them, with results that depend on the values only."""

from __future__ import annotations

import math
import random
from dataclasses import replace
from typing import Any

from tests.configuration import configured
from toonvision.oracle import Proposal, create_oracle, propose, replay, tell
from toonvision.search_space.space import Space, Values
from toonvision.trial.objective import Objective
from toonvision.trial.trial import Outcome, Trial, TrialStatus

OBJECTIVE = Objective(name="val_loss", direction="min")
SPACE: Space = {
    "filters": {"hp": "Int", "min_value": 4, "max_value": 30, "step": 4},
    "units": {"hp": "Int", "min_value": 1, "max_value": 300, "sampling": "log"},
    "batch": {"hp": "Int", "min_value": 2, "max_value": 40, "step": 2, "sampling": "log"},
    "rate": {"hp": "Float", "min_value": 1e-5, "max_value": 1e-1, "sampling": "log"},
    "decay": {"hp": "Float", "min_value": 0.1, "max_value": 0.9, "sampling": "reverse_log"},
    "dropout": {"hp": "Float", "min_value": 0.0, "max_value": 0.9, "step": 0.1},
    "kernel": {"hp": "Choice", "values": [5, 3, 7]},
    "activation": {"hp": "Choice", "values": ["relu", "tanh", "elu"]},
    "level": {"hp": "Choice", "values": [1, 2], "ordered": False},
    "bias": {"hp": "Boolean"},
    "constant": {"hp": "Fixed", "value": 3},
    "hidden": {"hp": "Int", "min_value": 1, "max_value": 8, "when": {"bias": [True]}},
    "scale": {"hp": "Float", "min_value": 0.5, "max_value": 2.0, "when": {"hidden": [5, 6, 7, 8]}},
}
SMALL: Space = {"a": {"hp": "Int", "min_value": 0, "max_value": 2}, "b": {"hp": "Boolean"}}


def oracle_of(tuner: str, space: Space = SPACE, *, max_trials: int | str = 25, seed: int = 42) -> Any:
    config = configured(f"tuner={tuner}", f"tuner.max_trials={max_trials}", f"seed={seed}")
    oracle = create_oracle(config.tuner, space, OBJECTIVE)
    oracle.max_consecutive_failed_trials = None  # as the search, which counts them itself
    return oracle


def outcome_of(values: Values) -> Outcome:
    """What comes of a trial: some cannot be built, some fail, the others have a score."""
    if values.get("kernel") == 7:
        return Outcome(TrialStatus.INFEASIBLE, error="cannot be built")
    if values.get("activation") == "tanh":
        return Outcome(TrialStatus.FAILED, error="diverged")
    numbers = [float(value) for value in values.values() if not isinstance(value, str)]
    return Outcome(TrialStatus.COMPLETED, score=math.sqrt(sum(numbers)), parameters=100)


def search(oracle: Any, slots: int, known: list[Trial] | None = None, stop: int | None = None) -> list[Trial]:
    """Drive an oracle as the search does, results in any order, until it stops or `stop` trials have ended.

    Args:
        oracle: a fresh one.
        slots: how many trials run at once.
        known: the trials of a search that stopped.
        stop: after so many ended trials.
    """
    trials = {trial.number: trial for trial in known or []}
    proposals: dict[int, Proposal] = replay(oracle, known or [])
    events = 1 + max((max(t.asked, t.reported_at or 0) for t in trials.values()), default=-1)
    while stop is None or sum(t.has_ended for t in trials.values()) < stop:
        running = [trial for trial in trials.values() if not trial.has_ended]
        while len(running) < slots:
            slot = min(set(range(slots)) - {trial.slot for trial in running})
            proposal = propose(oracle, slot)
            if proposal.status != "RUNNING":
                break
            begun = Trial(len(trials), proposal.values, Outcome(TrialStatus.RUNNING), slot=slot, asked=events)
            events += 1
            running.append(begun)
            trials[begun.number], proposals[begun.number] = begun, proposal
        if not running:
            break
        # Which ends first depends on nothing but which are running.
        ended = random.Random(str([trial.number for trial in running])).choice(running)
        outcome = outcome_of(ended.values)
        tell(oracle, proposals[ended.number].trial_id, outcome)
        trials[ended.number] = replace(ended, outcome=outcome, reported_at=events)
        events += 1
    return list(trials.values())
