"""What the console prints of each event of a run."""

from __future__ import annotations

import contextlib
import io
import sys
import typing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console, ConsoleDimensions

from tests.configuration import configured
from toonvision.errors import SearchError
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
    (EpochEnded(RUNNING, {"epoch": 0, "execution": 0, "loss": 1.0}, 15, 1), ""),
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


OBJECTIVE = Objective(name="val_loss", direction="min")
SHOW_CURSOR, HIDE_CURSOR = "\x1b[?25h", "\x1b[?25l"


def terminal(stream: io.StringIO, **environment: str) -> Console:
    environment = {"TERM": "xterm-256color", **environment}
    return Console(file=stream, width=80, height=24, force_terminal=True, _environ=environment)


def show_all(console: Console) -> str:
    """Show every event, and return what was written."""
    with ConsoleProgress(console, objective=OBJECTIVE) as progress:
        for event, _ in LINES:
            progress.notify(event)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_a_terminal_shows_one_screen_of_which_stages_and_notes_remain() -> None:
    written = show_all(terminal(io.StringIO()))
    assert "first: the values of best.yaml" in written
    last = written.rpartition("Searching, round refine")[2]
    assert "Final models, on train + validation" in last
    assert "trial 0001           runs again" not in last
    assert "trial 0001      2/5" not in written


@pytest.mark.parametrize("error", [None, KeyboardInterrupt, SearchError])
def test_the_cursor_is_visible_at_the_end(error: type[BaseException] | None) -> None:
    stream = io.StringIO()
    with (
        contextlib.suppress(KeyboardInterrupt, SearchError),
        ConsoleProgress(terminal(stream), objective=OBJECTIVE) as progress,
    ):
        progress.notify(RunOpened(RESULTS))
        progress.notify(TrialStarted(RUNNING, 5))
        assert stream.getvalue().rfind(HIDE_CURSOR) > stream.getvalue().rfind(SHOW_CURSOR)
        if error:
            raise error
    written = stream.getvalue()
    assert written.rfind(SHOW_CURSOR) > written.rfind(HIDE_CURSOR)
    assert "Searching  1/5" in written
    assert written.rpartition("\n")[2].replace(SHOW_CURSOR, "") == ""


def test_a_message_of_others_stays_above_the_screen() -> None:
    stream = io.StringIO()
    with ConsoleProgress(terminal(stream), objective=OBJECTIVE) as progress:
        progress.notify(RunOpened(RESULTS))
        sys.stdout.write("a warning\n")
    assert "a warning\n" in stream.getvalue()


def test_a_terminal_of_another_size_is_cleared() -> None:
    stream = io.StringIO()
    console = terminal(stream)
    with ConsoleProgress(console, objective=OBJECTIVE) as progress:
        progress.notify(RunOpened(RESULTS))
        assert "\x1b[2J" not in stream.getvalue()
        console.size = ConsoleDimensions(40, 10)
    assert stream.getvalue().count("\x1b[2J") == 1


def test_a_terminal_without_colors_gets_none() -> None:
    assert "\x1b[3" not in show_all(terminal(io.StringIO(), NO_COLOR="1"))
    assert "\x1b[3" in show_all(terminal(io.StringIO()))


@pytest.mark.parametrize(
    "settings", [{"force_terminal": True, "_environ": {"TERM": "dumb"}}, {"force_jupyter": True}, {}]
)
def test_what_is_no_terminal_with_a_cursor_gets_plain_lines(
    settings: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    stream = io.StringIO()
    written = show_all(Console(file=stream, width=80, **settings)) + capsys.readouterr().out
    if "force_jupyter" not in settings:  # there, rich prints by IPython
        assert [line for line in written.splitlines() if line] == [line for _, line in LINES if line]
    assert "\x1b" not in written


def test_a_quiet_console_leaves_the_output_of_others_alone(capsys: pytest.CaptureFixture[str]) -> None:
    with ConsoleProgress(Console(quiet=True, force_terminal=True), objective=OBJECTIVE) as progress:
        progress.notify(RunOpened(RESULTS))
        sys.stdout.write("of others\n")
    assert capsys.readouterr().out == "of others\n"
