"""Other ways to tell samplers of trials that did not complete, and other pruners, to be compared in a replay."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import optuna
from optuna.trial import TrialState

from toonvision.oracle.sampler import SamplerOracle
from toonvision.oracle.untried import untried_values
from toonvision.trial.trial import TrialStatus


class PrunedOracle(SamplerOracle):
    """A pruned trial is PRUNED for Optuna, with its objective by epoch."""

    def observe(self, trial: Any, status: TrialStatus, intermediate_values: Mapping[int, float]) -> None:
        """End a trial in the study."""
        if status is TrialStatus.PRUNED:
            self.study.tell(self._numbers.pop(trial.trial_id), state=TrialState.FAIL)
            curve = dict(intermediate_values)
            self._add(trial.hyperparameters.values, TrialState.PRUNED, intermediate_values=curve)
        else:
            super().observe(trial, status, intermediate_values)


class WorstOracle(SamplerOracle):
    """A trial that could not be built has the worst score so far."""

    def observe(self, trial: Any, status: TrialStatus, intermediate_values: Mapping[int, float]) -> None:
        """End a trial in the study."""
        if status is TrialStatus.INFEASIBLE:
            completed = self.study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
            worst = max((known.value for known in completed if known.value is not None), default=None)
            state = TrialState.FAIL if worst is None else TrialState.COMPLETE
            self.study.tell(self._numbers.pop(trial.trial_id), worst, state=state)
        else:
            super().observe(trial, status, intermediate_values)


class StartUpOracle(WorstOracle):
    """As `WorstOracle`, but only trials that could be built count as start-up trials."""

    n_startup_trials = 5  # as in conf/tuner/tpe.yaml

    def observe(self, trial: Any, status: TrialStatus, intermediate_values: Mapping[int, float]) -> None:
        """End a trial in the study; one that could not be built stays RUNNING until the start-up is over."""
        if status is TrialStatus.INFEASIBLE:
            del self._numbers[trial.trial_id]
        else:
            super().observe(trial, status, intermediate_values)
        built = self.study.get_trials(deepcopy=False, states=(TrialState.COMPLETE, TrialState.PRUNED))
        if len(built) >= self.n_startup_trials:
            worst = max(known.value for known in built if known.value is not None)
            running = self.study.get_trials(deepcopy=False, states=(TrialState.RUNNING,))
            for known in running:
                if known.number not in self._numbers.values():
                    self.study.tell(known.number, worst)


class RunningOracle(SamplerOracle):
    """A trial that could not be built stays RUNNING: TPE avoids it, and counts it neither as built nor as good."""

    def observe(self, trial: Any, status: TrialStatus, intermediate_values: Mapping[int, float]) -> None:
        """End a trial in the study."""
        if status is TrialStatus.INFEASIBLE:
            del self._numbers[trial.trial_id]
        else:
            super().observe(trial, status, intermediate_values)


class IgnoringOracle(SamplerOracle):
    """Samplers do not learn from pruned trials."""

    def observe(self, trial: Any, status: TrialStatus, intermediate_values: Mapping[int, float]) -> None:
        """End a trial in the study."""
        super().observe(trial, TrialStatus.FAILED if status is TrialStatus.PRUNED else status, intermediate_values)


class AskingOracle(SamplerOracle):
    """Asks the sampler again, up to ten times, where it proposes tried values."""

    def populate_space(self, trial_id: str) -> dict[str, Any]:
        """Return the next values; STOPPED if all values have been tried."""
        refused = []
        values = None
        for _ in range(10):
            trial = self.study.ask()
            suggested = self._suggest(trial)
            if not self._duplicate(suggested):
                self._numbers[trial_id], values = trial.number, suggested
                break
            refused.append(trial)  # still RUNNING, so that TPE avoids it
        for trial in refused:
            self.study.tell(trial, state=TrialState.FAIL)
        if values is None:
            values = untried_values(self)
            if values is None:
                return {"status": "STOPPED", "values": None}
            self._numbers[trial_id] = self._add(values, TrialState.RUNNING)
        return {"status": "RUNNING", "values": values}


class StartUpHalvingPruner(optuna.pruners.SuccessiveHalvingPruner):
    """Successive halving that stops no trial before some have finished.

    Args:
        n_startup_trials: that finish first.
        keywords: arguments of Optuna's pruner.
    """

    def __init__(self, *, n_startup_trials: int, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.n_startup_trials = n_startup_trials

    def prune(self, study: optuna.Study, trial: optuna.trial.FrozenTrial) -> bool:
        """Return whether to stop a trial; what it has reached counts for the others in any case."""
        is_worse = super().prune(study, trial)
        finished = study.get_trials(deepcopy=False, states=(TrialState.COMPLETE, TrialState.PRUNED))
        return is_worse and len(finished) >= self.n_startup_trials
