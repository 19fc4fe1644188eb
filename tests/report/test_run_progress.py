"""What is counted from the events of a run."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from tests.configuration import configured
from toonvision.record.observer import (
    EpochEnded,
    Event,
    FinalEpochEnded,
    FinalistTrained,
    FinalTrainingEnded,
    FinalTrainingsStarted,
    FreshTrainingsStarted,
    RoundStarted,
    RunConcluded,
    RunOpened,
    StepTrained,
    TrialEnded,
    TrialRetried,
    TrialStarted,
)
from toonvision.record.results import Results
from toonvision.record.run_state import RunState, Step
from toonvision.report.run_progress import RunProgress, in_words
from toonvision.trial.objective import Objective
from toonvision.trial.trial import FinalFindings, Outcome, Reason, Trial, TrialStatus

COMPLETED = Outcome(TrialStatus.COMPLETED, 0.5, (0.5,), epochs=3, seconds=1.0)
FAILED = Outcome(TrialStatus.FAILED, error="ValueError: no", reason=Reason.RAISED)
INFEASIBLE = Outcome(TrialStatus.INFEASIBLE, error="too large", reason=Reason.INFEASIBLE)
STOPPED = Outcome(TrialStatus.PRUNED, error="stopped by the user", reason=Reason.STOPPED_BY_USER)


@dataclass
class Clock:
    """A clock that a test sets."""

    now: float = 0.0

    def __call__(self) -> float:
        return self.now


def progress_of(*events: Event, clock: Clock | None = None) -> RunProgress:
    progress = RunProgress(Objective(name="val_loss", direction="min"), clock=clock or Clock())
    for event in events:
        progress.notify(event)
    return progress


def opened(*outcomes: Outcome) -> RunOpened:
    trials = [Trial(number, {}, outcome) for number, outcome in enumerate(outcomes)]
    return RunOpened(Results(Path("run"), configured(), trials, RunState()))


def trial(number: int, outcome: Outcome = COMPLETED) -> Trial:
    return Trial(number, {"units": 64, "rate": 0.25}, outcome)


def epoch(number: int, epoch: int, *, execution: int = 0, trainings: int = 1) -> EpochEnded:
    return EpochEnded(trial(number), {"epoch": epoch, "execution": execution, "val_loss": 1.0}, 10, trainings)


def test_trials_are_counted_by_how_they_ended_and_infeasible_ones_do_not_count_as_done() -> None:
    endings = [TrialEnded(trial(number, one)) for number, one in enumerate((FAILED, INFEASIBLE, STOPPED, COMPLETED))]
    progress = progress_of(opened(COMPLETED, replace(COMPLETED, status=TrialStatus.RUNNING)), *endings)
    counts = {"completed": 2, "failed": 1, "infeasible": 1, "stopped by the user": 1}
    assert dict(progress.counts) == counts
    assert (progress.stage.before, progress.stage.done) == (1, 4)


def test_the_best_trial_is_the_completed_one_with_the_best_score() -> None:
    scores = (0.5, 0.25, 0.75)
    progress = progress_of(*(TrialEnded(trial(n, replace(COMPLETED, score=one))) for n, one in enumerate(scores)))
    pruned = trial(3, replace(COMPLETED, status=TrialStatus.PRUNED, score=0.1))
    progress.notify(TrialEnded(pruned))
    assert progress.best == trial(1, replace(COMPLETED, score=0.25))
    assert [one.subject for one in progress.ended] == ["trial 0003", "trial 0002", "trial 0001", "trial 0000"]


def test_a_training_runs_from_its_start_to_its_end_with_its_last_epoch() -> None:
    progress = progress_of(TrialStarted(trial(0), 5), TrialStarted(trial(1), 5), epoch(1, 2))
    assert [(one.subject, one.epoch, one.epochs) for one in progress.running.values()] == [
        ("trial 0000", 0, None),
        ("trial 0001", 3, 10),
    ]
    progress.notify(TrialEnded(trial(1)))
    assert list(progress.running) == [0]
    progress.notify(TrialRetried(trial(0), FAILED))
    assert progress.notes[-1].startswith("trial 0000")


def test_the_share_of_a_training_counts_all_trainings_of_the_trial() -> None:
    progress = progress_of(epoch(0, 4, execution=1, trainings=2))
    (one,) = progress.running.values()
    assert one.share == 0.75
    assert progress_of(TrialStarted(trial(0), None)).running[0].share == 0


def test_the_time_left_follows_from_what_this_session_has_done_and_from_running_epochs() -> None:
    clock = Clock()
    progress = progress_of(opened(*[COMPLETED] * 10), TrialStarted(trial(10), 14), clock=clock)
    assert progress.seconds_left() is None
    clock.now = 30.0
    progress.notify(epoch(10, 4))
    assert progress.seconds_left() == 30 / 0.5 * 3.5
    progress.notify(TrialEnded(trial(10)))
    assert progress.seconds_left() == 30 * 3
    assert progress_of(TrialStarted(trial(0), None), TrialEnded(trial(0))).seconds_left() is None


def test_each_stage_has_its_total_its_results_and_its_time() -> None:
    clock = Clock()
    events: list[Event] = [
        opened(),
        TrialEnded(trial(0)),
        RoundStarted("refine", ["units"], 1, 1),
        FreshTrainingsStarted("finalist", 2, 3),
        epoch(0, 1),
        FinalistTrained(trial(0), COMPLETED),
        FreshTrainingsStarted("step", 4, 3),
        epoch(1, 1),
        StepTrained(Step(1, {"units": (4, 8)}, {}, 1, FAILED)),
        FinalTrainingsStarted("train", 10),
        FinalTrainingsStarted("train + validation", 10),
        FinalEpochEnded("tuned", 3042, 100, {"epoch": 0, "loss": 1.0}),
        FinalTrainingEnded("tuned", 3042, replace(COMPLETED, final=FinalFindings(best_epoch=2))),
        RunConcluded(Results(Path("run"), configured(), [], RunState())),
    ]
    progress, subjects = progress_of(clock=clock), []
    for event in events:
        clock.now += 1
        progress.notify(event)
        subjects += [one.subject for one in progress.running.values()]
    assert subjects == ["finalist 0000", "step 1", "tuned, seed 3042"]
    stages = [(one.name, one.done, one.total, (one.ended or 0) - one.started) for one in progress.stages]
    assert stages == [
        ("Searching, round refine", 1, None, 3),
        ("Finalists", 1, 2, 3),
        ("Path", 1, 4, 3),  # the stage after it has ended nothing
        ("Final models, on train + validation", 1, 10, 3),
    ]
    assert [one.note for one in progress.ended] == [
        "best epoch 2",
        "units: 4 -> 8",
        "in the search 0.5000",
        "units 64, rate 0.25",
    ]
    assert progress.failure is not None
    assert progress.failure.subject == "step 1"


def test_values_are_readable() -> None:
    assert in_words({"units": 64, "rate": 0.123456789, "name": "relu"}) == "units 64, rate 0.1235, name relu"
