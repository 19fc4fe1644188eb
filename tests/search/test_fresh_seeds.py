"""Training with fresh seeds: other seeds in another folder, and an end for each trial."""

from __future__ import annotations

import threading
from pathlib import Path

from tests import simulation
from tests.configuration import configured
from tests.executor.waiting import SECONDS
from tests.simulation import FAILED, SPACE, Call, Failing, SimulatedTrials
from toonvision.config.schema import TrialConfig
from toonvision.executor import TrialExecutor
from toonvision.executor.inline import InlineExecutor
from toonvision.record.observer import EpochEnded, Event, TrialRetried
from toonvision.search.fresh_seeds import FreshSeeds, train_with_fresh_seeds
from toonvision.search.runner import Runner
from toonvision.trial.trial import Outcome, Reason, Trial, TrialStatus

COMPLETED = Outcome(TrialStatus.COMPLETED, 0.3, (0.3,), {"val_loss": 0.3}, 1, 1, 10, 1.0)


class TwoThreads(InlineExecutor):
    """Runs two trials at once."""

    workers = 2


class Listening:
    """Keeps all events; at the first epoch of a trial, the user may press Ctrl-C."""

    def __init__(self, interrupted: int | None = None) -> None:
        self.events: list[Event] = []
        self.interrupted = interrupted

    @property
    def epochs(self) -> list[tuple[int, float, float]]:
        return [
            (event.trial.number, event.metrics["execution"], event.metrics["epoch"])
            for event in self.events
            if isinstance(event, EpochEnded)
        ]

    @property
    def retried(self) -> list[TrialRetried]:
        return [event for event in self.events if isinstance(event, TrialRetried)]

    def notify(self, event: Event) -> None:
        self.events.append(event)
        if isinstance(event, EpochEnded) and event.trial.number == self.interrupted:
            self.interrupted = None
            raise KeyboardInterrupt


def trial(number: int) -> Trial:
    return Trial(number, {"learning_rate": 0.01}, COMPLETED)


def train(
    seeds: FreshSeeds, trials: SimulatedTrials, listening: Listening, executor: TrialExecutor, *, count: int = 3
) -> list[tuple[int, Outcome]]:
    """Train so many trials, and return each that has ended with its outcome, as far as it came."""
    ended: list[tuple[int, Outcome]] = []
    runner = Runner(executor, (listening,), simulation.trainer(trials))
    with executor:
        try:
            train_with_fresh_seeds(
                [trial(number) for number in range(count)],
                seeds,
                runner=runner,
                on_end=lambda trial, outcome: ended.append((trial.number, outcome)),
            )
        except KeyboardInterrupt:
            assert listening.interrupted is None
    return ended


def test_only_the_seed_the_training_and_the_constraints_are_others(tmp_path: Path) -> None:
    before = configured(*SPACE, "constraints.max_parameters=9", "training.timeout=10").default_trial
    after = FreshSeeds(configured(*SPACE), tmp_path, count=4, shift=1000).apply(before)
    changed = [name for name in TrialConfig.model_fields if getattr(after, name) != getattr(before, name)]
    assert changed == ["seed", "training", "constraints"]
    assert after.seed == before.seed + 1000


def test_each_trial_is_trained_once_with_every_seed(tmp_path: Path) -> None:
    trials, listening = SimulatedTrials(), Listening()
    seeds = FreshSeeds(configured(*SPACE, "training.epochs=2"), tmp_path / "again", count=2, shift=1000)
    ended = train(seeds, trials, listening, InlineExecutor(), count=2)
    assert [(call.folder, call.number, call.fold, call.seed) for call in trials.calls] == [
        *(("again", number, fold, 1042 + fold) for number in (0, 1) for fold in (0, 1))
    ]
    assert [(number, len(outcome.scores)) for number, outcome in ended] == [(0, 2), (1, 2)]
    assert listening.epochs == [(n, execution, epoch) for n in (0, 1) for execution in (0, 1) for epoch in (0, 1)]


def test_a_training_that_failed_runs_again_is_announced_and_ends_once(tmp_path: Path) -> None:
    trials, listening = SimulatedTrials(instead=Failing(numbers=[1], times=1)), Listening()
    seeds = FreshSeeds(configured(*SPACE, "retries.raised=1"), tmp_path, count=1, shift=1000)
    ended = train(seeds, trials, listening, InlineExecutor())
    assert [call.number for call in trials.calls] == [0, 1, 2, 1]
    assert [(number, outcome.status.value) for number, outcome in ended] == [
        *((0, "COMPLETED"), (2, "COMPLETED"), (1, "COMPLETED"))
    ]
    (event,) = listening.retried
    assert (event.trial.number, event.trial.retried, event.outcome) == (1, (Reason.RAISED,), FAILED)


def test_a_training_that_fails_too_often_ends_with_its_failure(tmp_path: Path) -> None:
    trials, listening = SimulatedTrials(instead=Failing(numbers=[0])), Listening()
    seeds = FreshSeeds(configured(*SPACE, "retries.raised=1"), tmp_path, count=1, shift=1000)
    assert train(seeds, trials, listening, InlineExecutor(), count=1) == [(0, FAILED)]
    assert len(trials.calls) == 2
    assert len(listening.retried) == 1


def test_a_training_that_was_interrupted_is_not_passed_on(tmp_path: Path) -> None:
    trials = SimulatedTrials(instead=Failing(COMPLETED, numbers=[0]), epoch_seconds=0.001)
    seeds = FreshSeeds(configured(*SPACE, "training.epochs=5000"), tmp_path, count=1, shift=1000)
    assert train(seeds, trials, Listening(interrupted=1), InlineExecutor()) == [(0, COMPLETED)]
    assert [call.number for call in trials.calls] == [0, 1]


def test_as_many_are_trained_at_once_as_the_executor_has_workers(tmp_path: Path) -> None:
    both = threading.Barrier(2, timeout=SECONDS)

    def meet(call: Call) -> None:
        both.wait()

    seeds = FreshSeeds(configured(*SPACE), tmp_path, count=1, shift=1000)
    ended = train(seeds, SimulatedTrials(instead=meet), Listening(), TwoThreads(), count=4)
    assert sorted(number for number, _ in ended) == [0, 1, 2, 3]


def test_the_time_that_a_trial_may_take_is_that_of_its_trainings(tmp_path: Path) -> None:
    limits = ("training.executions_per_trial=2", "constraints.max_parameters=9")
    kfold = ("resampling=kfold", "training.resampling.folds=2")
    for more, expected in (
        (("training.timeout=10",), 5.0),  # of each training, which are tasks of their own
        (("training.timeout=null",), None),
        (("training.timeout=10", *kfold), 2.5),
        (("training.timeout=10", *kfold, "training.resampling.parallel=true"), 10.0),  # as it was
        (("training.timeout=10", "resampling=reshuffled"), 30.0),  # of all in turn
    ):
        config = configured(*limits, *more)
        trained = FreshSeeds(config, tmp_path, count=6, shift=0).apply(config.default_trial)
        assert (trained.training.timeout, trained.training.executions_per_trial) == (expected, 6)
        assert trained.training.resampling.parallel is (trained.training.resampling.method != "reshuffled")
        assert trained.constraints.max_parameters is None
