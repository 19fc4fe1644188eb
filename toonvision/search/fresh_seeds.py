"""Training afresh: trials from scratch with seeds that nothing has been chosen by, in a folder of their own.

Which trials these are, and what their outcomes mean, is left to whoever has them trained.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from toonvision.config.schema import Constraints, RunConfig, TrialConfig
from toonvision.search.running import Attempts, Runner, retried
from toonvision.search_space.space import complete
from toonvision.trial.trial import Outcome, Trial, TrialStatus


@dataclass(frozen=True, slots=True)
class Afresh:
    """How trials are trained afresh.

    Attributes:
        config: valid, of the run.
        directory: in which each trial has its folder, so that what the search has left stays as it is.
        seeds: with how many each is trained.
        ahead: added to the seed, which the executions and the retries of the search have counted up from.
    """

    config: RunConfig
    directory: Path
    seeds: int
    ahead: int

    def apply(self, trial: TrialConfig) -> TrialConfig:
        """Return the configuration with which a trial is trained; constraints apply only to what a search chooses."""
        training = trial.training
        timeout = training.timeout  # of a trial, whose executions it counts together
        if timeout is not None:
            timeout *= self.seeds / training.executions_per_trial
        changed = training.model_copy(update={"executions_per_trial": self.seeds, "timeout": timeout})
        return trial.model_copy(
            update={"seed": trial.seed + self.ahead, "training": changed, "constraints": Constraints()}
        )


def train_afresh(
    trials: Sequence[Trial], how: Afresh, *, runner: Runner, on_end: Callable[[Trial, Outcome], None]
) -> None:
    """Train each trial for all its epochs, as many at once as the executor has workers.

    Args:
        trials: numbered differently; what they are short of has the space's fixed value, or is inactive.
        how: with which seeds, and where.
        runner: of the search; its observer receives their epochs and retries.
        on_end: called with each trial that has ended, unless it was INTERRUPTED or is to run again.

    Raises:
        KeyboardInterrupt: after the running trainings have been stopped.
    """
    pending, config = list(trials), how.config

    def end(trial: Trial, outcome: Outcome) -> None:
        if outcome.status is TrialStatus.INTERRUPTED:
            return
        if again := retried(trial, outcome, config.retries):
            pending.append(again)
            runner.observer.retry(again, outcome)
            return
        on_end(trial, outcome)

    def fill() -> bool:
        while pending and len(attempts.trials) < attempts.slots:
            trial = pending.pop(0)
            attempts.start(trial, how.apply(config.resolve(complete(config.search_space, trial.values))))
        return bool(attempts.trials)

    attempts = Attempts(runner, how.directory, on_epoch=runner.observer.epoch, on_end=end)
    attempts.run(fill)
