"""The simplest use of short trainings: many random configurations for one epoch, of which the best ones continue."""

from __future__ import annotations

from typing import Any

import keras_tuner

from toonvision.oracle.untried import untried_values


class OneEpochOracle(keras_tuner.Oracle):
    """Trains `candidates` random configurations for one epoch, then the best `finalists` of them to the end.

    Args:
        candidates: configurations that train for one epoch.
        finalists: of them, that continue.
        max_epochs: of these.
        keywords: arguments of `keras_tuner.Oracle`.
    """

    def __init__(self, *, candidates: int, finalists: int, max_epochs: int, **keywords: Any) -> None:
        super().__init__(max_trials=candidates + finalists, **keywords)
        self.candidates, self.finalists, self.max_epochs = candidates, finalists, max_epochs

    def populate_space(self, trial_id: str) -> dict[str, Any]:
        """Return the next values."""
        begun = len(self.trials)
        if begun < self.candidates:
            values = untried_values(self)
            return {"status": "RUNNING", "values": {**values, "tuner/epochs": 1}} if values else _STOPPED
        short = sorted(self.trials.values(), key=lambda trial: trial.trial_id)[: self.candidates]
        if any(trial.status == "RUNNING" for trial in short):
            return {"status": "IDLE", "values": None}
        ranked = sorted((trial for trial in short if trial.status == "COMPLETED"), key=lambda trial: trial.score)
        place = begun - self.candidates
        if place >= min(self.finalists, len(ranked)):
            return _STOPPED
        parent = ranked[place]
        budget = {"tuner/epochs": self.max_epochs, "tuner/trial_id": parent.trial_id}
        return {"status": "RUNNING", "values": {**parent.hyperparameters.values, **budget}}


_STOPPED = {"status": "STOPPED", "values": None}
