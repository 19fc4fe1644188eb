"""The report of a run on the terminal."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from toonvision.record.results import Results
from toonvision.report import terminal
from toonvision.trial.trial import Outcome, Reason, Trial, TrialStatus


def test_the_terminal_shows_the_best_trials_and_both_models(varied: Results) -> None:
    file = io.StringIO()
    terminal.show(varied, Console(width=120, file=file))
    text = file.getvalue()
    assert "The best 2 of 5 trials" in text
    assert all(word in text for word in ("0000", "0004", "baseline", "tuned (trial 0000)", "summary.json"))
    assert f"toonvision train {varied.directory} search_space=best" in text


def test_the_terminal_shows_the_warnings_and_counts_the_passed_checks(varied: Results) -> None:
    file = io.StringIO()
    failed = replace(varied, trials=[trial for trial in varied.trials if trial.status is TrialStatus.FAILED])
    terminal.show(failed, Console(width=120, file=file))
    text = file.getvalue()
    assert "Warning, failed trials: 1 of 1 trials failed, 1 of them with the reason: raised.\n  Read " in text
    assert "infeasible" not in text
    assert "1 health check passed." in text


def test_a_trial_that_the_user_has_stopped_is_counted_as_that(varied: Results) -> None:
    file = io.StringIO()
    stopped = Outcome(TrialStatus.PRUNED, error="stopped by the user", reason=Reason.STOPPED_BY_USER)
    pruned = replace(stopped, reason=Reason.PRUNED)
    more = [Trial(5, {}, stopped), Trial(6, {}, pruned)]
    terminal.show(replace(varied, trials=[*varied.trials, *more]), Console(width=120, file=file))
    assert "2 completed, 1 failed, 1 infeasible, 1 pruned, 1 running, 1 stopped by the user in" in file.getvalue()


def test_three_next_commands_name_the_directory_of_the_run(finished: Results) -> None:
    file = io.StringIO()
    terminal.show(replace(finished, directory=Path("runs/a b")), Console(width=500, file=file))
    commands = [line.split("  # ")[0].strip() for line in file.getvalue().split("Next:\n")[1].splitlines()]
    assert commands == [
        "toonvision tensorboard 'runs/a b'",
        "toonvision train 'runs/a b' search_space=best seed=1",
        "toonvision resume 'runs/a b' tuner.max_trials=6",
    ]
