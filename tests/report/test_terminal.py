"""The report of a run on the terminal."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from toonvision.record.results import Results
from toonvision.report import terminal
from toonvision.trial.trial import TrialStatus


def test_the_terminal_shows_the_best_trials_and_both_models(varied: Results) -> None:
    file = io.StringIO()
    terminal.show(varied, Console(width=120, file=file))
    text = file.getvalue()
    assert "The best 2 of 5 trials" in text
    assert all(word in text for word in ("0000", "0004", "baseline", "tuned (trial 0000)", "summary.json"))
    assert "toonvision train 'hydra.searchpath=[file://" in text


def test_the_terminal_shows_the_warnings_and_counts_the_passed_checks(varied: Results) -> None:
    file = io.StringIO()
    failed = replace(varied, trials=[trial for trial in varied.trials if trial.status is TrialStatus.FAILED])
    terminal.show(failed, Console(width=120, file=file))
    text = file.getvalue()
    assert "Warning, failed trials: 1 of 1 trials failed, 1 of them with the reason: raised.\n  Read " in text
    assert "infeasible" not in text
    assert "1 health check passed." in text


def test_the_next_commands_keep_the_overrides_of_the_run(finished: Results) -> None:
    given = ["dataset=digits", "hydra.run.dir=mine", "tuner.max_trials=4", "search_space.optimizer=SGD", "seed=3"]
    given += ["search_space@baseline=toonvision_cnn_baseline", "training.epochs=2"]
    file = io.StringIO()
    terminal.show(replace(finished, overrides=given, directory=Path("runs/a b")), Console(width=500, file=file))
    shown = file.getvalue()
    kept = "dataset=digits tuner.max_trials=4 search_space@baseline=toonvision_cnn_baseline training.epochs=2"
    assert f"toonvision train 'hydra.searchpath=[file://runs/a b]' {kept} search_space=best seed=1 " in shown
    others = "dataset=digits search_space.optimizer=SGD seed=3 search_space@baseline=toonvision_cnn_baseline"
    assert f"toonvision {others} training.epochs=2 tuner=bayesian " in shown
    assert "toonvision resume 'runs/a b' tuner.max_trials=6 " in shown
