"""Oracles of KerasTuner and samplers of Optuna behind one interface: propose, tell, learn, replay.

Running trials is the task of `toonvision.search`; the record of trials is in `toonvision.record`.
"""

from toonvision.oracle.knowledge import learn
from toonvision.oracle.oracle import (
    Proposal,
    count_towards_limit,
    create_oracle,
    planned_epochs,
    planned_trials,
    propose,
    tell,
    waiting_trials,
)
from toonvision.oracle.replay import replay

__all__ = [
    "Proposal",
    "count_towards_limit",
    "create_oracle",
    "learn",
    "planned_epochs",
    "planned_trials",
    "propose",
    "replay",
    "tell",
    "waiting_trials",
]
