"""Oracles: KerasTuner's, created on the declared space and driven through their public methods."""

from toonvision.oracle.knowledge import learn
from toonvision.oracle.oracle import Proposal, create_oracle, planned_epochs, planned_trials, propose, tell
from toonvision.oracle.replay import replay

__all__ = ["Proposal", "create_oracle", "learn", "planned_epochs", "planned_trials", "propose", "replay", "tell"]
