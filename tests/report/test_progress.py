"""What the console prints of each event of a run."""

from __future__ import annotations

import io
import typing
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from tests.configuration import configured
from toonvision.record.observer import (
    EpochEnded,
    Event,
    FinalEpochEnded,
    FinalistTrained,
    FinalTrainingEnded,
    FinalTrainingsStarted,
    FreshTrainingsStarted,
    KnownPointsGiven,
    RoundStarted,
    RunConcluded,
    RunOpened,
    StepTrained,
    TrialEnded,
    TrialRetried,
    TrialStarted,
    WarmStarted,
)
from toonvision.record.results import Results
from toonvision.record.run_state import RunState, Step
from toonvision.report.progress import ConsoleProgress
from toonvision.trial.objective import Objective
from toonvision.trial.trial import FinalFindings, KnownPoint, Outcome, Reason, Trial, TrialStatus

COMPLETED = Outcome(TrialStatus.COMPLETED, 0.5, (0.5,), epochs=3, seconds=1.0)
FAILED = Outcome(TrialStatus.FAILED, error="ValueError: [no]", reason=Reason.RAISED)
ENDED, RUNNING = Trial(0, {}, COMPLETED), Trial(1, {}, Outcome(TrialStatus.RUNNING))
RESULTS = Results(Path("run"), configured(), [ENDED, RUNNING], RunState())
LINES: list[tuple[Event, str]] = [
    (WarmStarted(3, 10), "warm start: 3 of 10 trials of the earlier run lie in this space"),
    (
        KnownPointsGiven([KnownPoint("best.yaml", {"units": 9}, outside=("units",))]),
        "first: the values of best.yaml, outside of the search space: units 9",
    ),
    (RunOpened(RESULTS), ""),
    (RoundStarted("refine", ["units"], 4, 9), "round refine: narrowed units; 4 of 9 results so far lie in the space"),
    (TrialStarted(RUNNING, 5), ""),
    (EpochEnded(RUNNING, {"epoch": 0, "execution": 0, "loss": 1.0}), ""),
    (TrialRetried(RUNNING, FAILED), "trial 0001           runs again  raised: ValueError: [no]"),
    (
        TrialEnded(replace(RUNNING, outcome=replace(COMPLETED, score=0.25))),
        "trial 0001      2/5  COMPLETED   val_loss 0.2500  3 epochs  1.0 s  best 0.2500 (0001)",
    ),
    (FreshTrainingsStarted("finalist", 2, 3), "Training 2 finalists with 3 fresh seeds each"),
    (FinalistTrained(ENDED, FAILED), "finalist 0000  failed: ValueError: [no]  in the search 0.5000"),
    (
        FreshTrainingsStarted("step", 4, 3),
        "Training 4 steps of the path from the baseline to the chosen values with 3 fresh seeds each",
    ),
    (StepTrained(Step(1, {"units": (4, 8)}, {}, 1, COMPLETED)), "step 1  val_loss 0.5000  units: 4 -> 8"),
    (FinalTrainingsStarted("train", 10), "Training on train: 10 trainings, to choose the number of epochs"),
    (FinalEpochEnded("tuned", 3042, 100, {"epoch": 0, "loss": 1.0}), ""),
    (
        FinalTrainingEnded("tuned", 3042, replace(COMPLETED, final=FinalFindings(best_epoch=2))),
        "tuned    seed 3042  3 epochs  1.0 s  best epoch 2",
    ),
    (FinalTrainingsStarted("train + validation", 1), "Training on train + validation: 1 training"),
    (FinalTrainingEnded("baseline", 3042, COMPLETED), "baseline seed 3042  3 epochs  1.0 s"),
    (RunConcluded(RESULTS), ""),
]


def test_each_event_prints_its_line() -> None:
    assert {type(event) for event, _ in LINES} == set(typing.get_args(Event))
    stream = io.StringIO()
    progress = ConsoleProgress(Console(file=stream), objective=Objective(name="val_loss", direction="min"))
    for event, line in LINES:
        stream.truncate(0)
        progress.notify(event)
        assert stream.getvalue().strip("\0\n ") == line


def test_a_terminal_shows_a_live_line_for_each_running_training() -> None:
    progress = ConsoleProgress(Console(file=io.StringIO()), objective=Objective(name="val_loss", direction="min"))

    def live() -> list[str]:
        return progress._state.plain.splitlines()

    second = replace(RUNNING, number=2)
    for event in (TrialStarted(RUNNING, 5), TrialStarted(second, 5)):
        progress.notify(event)
    progress.notify(EpochEnded(RUNNING, {"epoch": 0, "execution": 0, "loss": 1.0}))
    assert live() == ["trial 0001  epoch 1  loss 1", "trial 0002  starting"]
    progress.notify(TrialEnded(replace(RUNNING, outcome=COMPLETED)))
    assert live() == ["best 0.5000 (0001)", "trial 0002  starting"]
    progress.notify(TrialEnded(replace(second, outcome=replace(COMPLETED, score=0.75))))
    progress.notify(FinalEpochEnded("tuned", 3042, 100, {"epoch": 0, "loss": 1.0}))
    assert live()[1:] == ["tuned, seed 3042, at most 100 epochs  epoch 1  loss 1"]
    progress.notify(FinalTrainingEnded("tuned", 3042, replace(COMPLETED, epochs=1)))
    assert live() == ["best 0.5000 (0001)"]
