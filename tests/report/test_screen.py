"""The screen of a run fits every terminal, and shows what it must."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace

import pytest
from rich.console import Console, ConsoleDimensions, RenderableType

from tests.report.test_run_progress import (
    COMPLETED,
    FAILED,
    INFEASIBLE,
    STOPPED,
    Clock,
    epoch,
    opened,
    progress_of,
    trial,
)
from toonvision.record.observer import (
    EpochEnded,
    Event,
    FinalEpochEnded,
    FinalistTrained,
    FinalTrainingEnded,
    FinalTrainingsStarted,
    FreshTrainingsStarted,
    RoundStarted,
    StepTrained,
    TrialEnded,
    TrialRetried,
    TrialStarted,
    WarmStarted,
)
from toonvision.record.run_state import Step
from toonvision.report.run_progress import RunProgress
from toonvision.report.screen import last_frame, screen
from toonvision.trial.trial import FinalFindings, Outcome, Trial, TrialStatus

Draw = Callable[[RunProgress, ConsoleDimensions], RenderableType]
LONG = {f"model.blocks.{name}_with_a_long_name": "[red]\x1b[31m" + name * 40 + "\nsecond line" for name in "abcdef"}


def drawn(progress: RunProgress, width: int = 80, height: int = 24, draw: Draw = screen) -> list[str]:
    """Return the lines of the screen; none is wider than the terminal."""
    console = Console(width=width, height=height, file=io.StringIO(), record=True, force_terminal=True)
    console.print(draw(progress, console.size))
    lines = [line.rstrip() for line in console.export_text().splitlines()]
    assert max(map(len, lines)) <= width
    return lines


def long_search(trials: int, running: int) -> RunProgress:
    """Return a search with trials of every ending, retries and rounds, and values that are too long."""
    outcomes = [COMPLETED, FAILED, INFEASIBLE, STOPPED, replace(COMPLETED, status=TrialStatus.PRUNED)]
    outcomes[1] = replace(FAILED, error="x" * 300 + "\n\x1b[2J[bold]second line")
    events: list[Event] = [opened(), WarmStarted(3, 10)]
    for number in range(trials):
        one = Trial(number, LONG, outcomes[number % len(outcomes)])
        events += [TrialStarted(one, 300), TrialRetried(one, outcomes[1]), TrialEnded(one)]
    events += [RoundStarted("refine", list(LONG), 4, 9)] if trials else []
    for number in range(trials, trials + running):
        metrics = {"epoch": 3, "execution": 0, **{f"val_{name}": 0.123456 for name in LONG}, "val_loss": 0.5}
        one = Trial(number, LONG, Outcome(TrialStatus.RUNNING))
        events += [TrialStarted(one, 300), EpochEnded(one, metrics, 100, 1)]
    return progress_of(*events)


@pytest.mark.parametrize("running", [0, 1, 40])
@pytest.mark.parametrize("trials", [0, 1, 200])
@pytest.mark.parametrize("size", [(80, 24), (120, 40), (40, 10), (200, 60), (80, 4), (20, 2)])
def test_the_screen_is_lower_than_the_terminal(size: tuple[int, int], trials: int, running: int) -> None:
    lines = drawn(long_search(trials, running), *size)
    assert len(lines) <= size[1] - 1
    assert not any(symbol in "".join(lines) for symbol in "\x1b\n")
    if trials == 200:
        assert len(lines) >= size[1] - 2


def test_the_screen_of_a_search_shows_the_stage_the_counts_the_best_trial_and_what_runs() -> None:
    clock = Clock()
    events: list[Event] = [opened(), TrialStarted(trial(0), 10), TrialEnded(trial(0)), TrialEnded(trial(1, FAILED))]
    progress = progress_of(*events, TrialStarted(trial(2), 10), epoch(2, 4), TrialStarted(trial(3), 10), clock=clock)
    clock.now = 50.0
    lines = drawn(progress)
    assert lines[0].startswith("Searching  ━")
    assert lines[0].endswith("  2/10  0:00:50  about 0:02:30 left")
    assert lines[1:10] == [
        "1 completed, 1 failed",
        "Last failure: trial 0001, raised: ValueError: no",
        "Best val_loss 0.5000, trial 0000: units 64, rate 0.25",
        "",
        "trial 0002  epoch  5/10  val_loss 1",
        "trial 0003  starting",
        "",
        "latest first             val_loss  epochs     time",
        "trial 0001  failed            -       0  0:00:00  raised: ValueError: no",
    ]
    assert lines[10:] == ["trial 0000  completed    0.5000       3  0:00:01  units 64, rate 0.25"]


def test_later_stages_show_their_trainings_and_the_stages_before() -> None:
    progress = progress_of(opened(), TrialEnded(trial(0)), FreshTrainingsStarted("finalist", 2, 3))
    progress.notify(epoch(0, 4, execution=1, trainings=3))
    assert "Finalists  ━" in drawn(progress)[0]
    assert drawn(progress)[1] == "Before: Searching 1 in 0:00:00"
    assert "finalist 0000  training 2/3  epoch  5/10  val_loss 1" in drawn(progress)
    progress.notify(FinalistTrained(trial(0), COMPLETED))
    progress.notify(FreshTrainingsStarted("step", 4, 3))
    progress.notify(StepTrained(Step(1, {"units": (4, 8)}, {}, 1, COMPLETED)))
    assert "Path  ━" in drawn(progress)[0]
    progress.notify(FinalTrainingsStarted("train", 10))
    progress.notify(FinalEpochEnded("tuned", 3042, 100, {"epoch": 29, "loss": 0.25}))
    assert "Final models, on train  ━" in drawn(progress)[0]
    assert "tuned, seed 3042  epoch  30/100  loss 0.25" in drawn(progress)
    progress.notify(FinalTrainingEnded("tuned", 3042, replace(COMPLETED, final=FinalFindings(best_epoch=12))))
    assert any(line.endswith("units: 4 -> 8") for line in drawn(progress))
    assert any(line.startswith("tuned, seed 3042") and line.endswith("best epoch 12") for line in drawn(progress))


def test_too_many_running_trainings_are_counted() -> None:
    progress = progress_of(*(TrialStarted(trial(number), None) for number in range(40)))
    lines = drawn(progress)
    assert sum(line.startswith("trial ") for line in lines) + int(lines[-1].split()[1]) == 40


def test_what_remains_are_the_stages_the_best_trial_and_the_notes() -> None:
    progress = progress_of(opened(), WarmStarted(3, 10), TrialStarted(trial(0), 5), TrialEnded(trial(0)))
    progress.notify(TrialStarted(trial(1), 5))
    assert drawn(progress, draw=last_frame) == [
        "Searching  1/5  0:00:00",
        "1 completed",
        "Best val_loss 0.5000, trial 0000: units 64, rate 0.25",
        "warm start: 3 of 10 trials of the earlier run lie in this space",
    ]
