"""Training with fresh seeds: from scratch, with seeds by which nothing has been chosen, in a folder of its own.

Several workers share the trainings of one trial, so that none waits at the end for another with two to go.

Which trials these are, and what their outcomes mean, is left to the caller.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from toonvision.config.schema import Constraints, Retries, RunConfig, TrialConfig
from toonvision.record.observer import EpochEnded, TrialRetried
from toonvision.search.runner import Runner
from toonvision.search.running import OnEnd, OnEpoch, RunningTrials, retried
from toonvision.search_space.space import complete
from toonvision.trial.trial import Outcome, Trial, TrialStatus


@dataclass(frozen=True, slots=True)
class FreshSeeds:
    """The seeds with which trials are trained again, and where.

    Attributes:
        config: of the run, valid.
        directory: in which each trial has its folder, so that what the search has left stays as it is.
        count: trainings of each trial.
        shift: added to the run's seed; the executions and the retries of the search count up from that seed.
    """

    config: RunConfig
    directory: Path
    count: int
    shift: int

    def apply(self, trial: TrialConfig) -> TrialConfig:
        """Return the configuration with which a trial is trained: by several workers, one training each.

        Constraints apply only to what a search chooses. A reshuffled split depends on the number of the trial, which
        the task of one training does not have, so one worker does all of them.
        """
        training, resampling = trial.training, trial.training.resampling
        parallel = resampling.method != "reshuffled"
        timeout = training.timeout  # of a trial, for all its trainings in turn
        if timeout is not None and not resampling.parallel:
            timeout *= (1 / resampling.trainings if parallel else self.count) / training.executions_per_trial
        changed = training.model_copy(
            update={
                "executions_per_trial": self.count,
                "timeout": timeout,
                "resampling": resampling.model_copy(update={"parallel": parallel}),
            }
        )
        return trial.model_copy(
            update={"seed": trial.seed + self.shift, "training": changed, "constraints": Constraints()}
        )


def train_with_fresh_seeds(trials: Sequence[Trial], seeds: FreshSeeds, *, runner: Runner, on_end: OnEnd) -> None:
    """Train each trial for all its epochs, as many trainings at once as the executor has workers.

    Args:
        trials: with different numbers; a name that their values lack has the space's fixed value, or is inactive.
        seeds: with which they are trained, and where.
        runner: of the search; its observers receive their epochs and retries.
        on_end: called with each trial that has ended, unless it was INTERRUPTED or will run again.

    Raises:
        KeyboardInterrupt: after the running trainings have stopped.
    """
    config = seeds.config

    trainings = [(trial, seeds.apply(config.resolve(complete(config.search_space, trial.values)))) for trial in trials]
    how = {trial.number: one.training for trial, one in trainings}

    def follow(trial: Trial, metrics: dict[str, float]) -> None:
        training = how[trial.number]
        runner.notify(EpochEnded(trial, metrics, training.epochs, training.trainings_per_trial))

    train_all(trainings, seeds.directory, runner=runner, retries=config.retries, on_epoch=follow, on_end=on_end)


def train_all(
    trainings: Sequence[tuple[Trial, TrialConfig]],
    directory: Path,
    *,
    runner: Runner,
    retries: Retries,
    on_epoch: OnEpoch,
    on_end: OnEnd,
) -> None:
    """Train each trial with its configuration, as many at once as the executor has workers.

    Args:
        trainings: trials with different numbers.
        directory: in which each trial has its folder.
        runner: its observers receive the retries.
        retries: how often a trial may run again.
        on_epoch: called with each trial that has completed an epoch, and its metrics.
        on_end: called with each trial that has ended, unless it was INTERRUPTED or will run again.

    Raises:
        ToonvisionError: of a trial, if no other would fare better.
        KeyboardInterrupt: after the running trainings have stopped.
    """
    pending = [trial for trial, _ in trainings]
    configs = {trial.number: config for trial, config in trainings}

    def end(trial: Trial, outcome: Outcome) -> None:
        if outcome.status is TrialStatus.INTERRUPTED:
            return
        if again := retried(trial, outcome, retries):
            pending.append(again)
            runner.notify(TrialRetried(again, outcome))
            return
        on_end(trial, outcome)

    running = RunningTrials(runner, directory, on_epoch=on_epoch, on_end=end)

    def fill() -> bool:
        while pending and running.has_free_slot:
            trial = pending.pop(0)
            running.start(trial, configs[trial.number])
        return bool(running.trials)

    running.run(fill)
