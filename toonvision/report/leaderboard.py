"""The leaderboard of several runs: at the end of a sweep, and for `toonvision compare RUN RUN`.

It is sorted by validation scores. Who chooses a run by its errors on the test set has used the test set for choosing.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from rich.console import Console

from toonvision.config.read import read_config, recorded_overrides
from toonvision.errors import ConfigError, ToonvisionError
from toonvision.record.results import Results
from toonvision.record.run_state import RunState, RunStatus
from toonvision.report import leaderboard_table
from toonvision.report.cell import without_formulas
from toonvision.report.groups import deciding_scores, fresh_score, score
from toonvision.report.leaderboard_table import AFTER_OVERRIDES
from toonvision.report.options import differing_options
from toonvision.report.page import leaderboard_page
from toonvision.report.summary import SUMMARY

LEADERBOARD, PAGE = "leaderboard.csv", "leaderboard.html"
_NO_RECORD = "It ended before its first trial. Its error was printed when it ended; toonvision resume starts it again."


def leaderboard(runs: Sequence[Results]) -> pd.DataFrame:
    """Return one row for each run, sorted by dataset, by objective and by its score on the validation examples.

    Each option in which the runs differ has a column of its own, after the overrides.
    The score is that of the finalists, `fresh_score`, where all runs of a dataset and an objective have one, else that
    of the search. Runs without a score come last.
    """
    groups = itertools.groupby(sorted(runs, key=_group), key=_group)
    ranked = [run for _, group in groups for run in _ranked(list(group))]
    frame = pd.DataFrame([_row(run) for run in ranked])
    for place, (name, values) in enumerate(differing_options(ranked).items(), start=AFTER_OVERRIDES):
        frame.insert(place, option_column(name, frame), pd.Series(values, dtype="string"))
    return frame.astype({"parameters": "Int64"})


def option_column(name: str, frame: pd.DataFrame) -> str:
    """Return the name of the column of an option, which another column may have."""
    return f"option.{name}" if name in frame else name


def show_runs(runs: Sequence[Results], console: Console) -> None:
    """Show the leaderboard of any runs."""
    leaderboard_table.show(leaderboard(runs), runs, console)


def show_leaderboard(directory: Path, console: Console) -> Path:
    """Write the leaderboard of a sweep, show it unless it is empty, and return the path of its page, or of its file."""
    runs = sweep_runs(directory)
    frame = write_leaderboard(runs, directory)
    leaderboard_table.show(frame, runs, console)
    return directory / (PAGE if runs else LEADERBOARD)


def write_leaderboard(runs: Sequence[Results], directory: Path) -> pd.DataFrame:
    """Write the table and the page of all runs of a sweep, and return the table; it is empty if there are no runs.

    Args:
        runs: of the sweep.
        directory: of the sweep.
    """
    frame = leaderboard(runs) if runs else pd.DataFrame()
    without_formulas(frame).to_csv(directory / LEADERBOARD, index=False)
    if runs:
        leaderboard_page.write(runs, directory / PAGE)
    return frame


def sweep_runs(directory: Path) -> list[Results]:
    """Return the searches of a sweep, also those that ended before their record or whose record cannot be read."""
    folders = (path.parents[1] for path in directory.rglob(".hydra/config.yaml"))
    ordered = sorted(folders, key=lambda folder: [(len(part), part) for part in folder.parts])  # 2 before 10
    return [run for folder in ordered if (run := _run(folder)) is not None]


def _run(folder: Path) -> Results | None:
    """Return a run; None for a training without a search."""
    try:
        return Results.load(folder)
    except ToonvisionError as error:
        if (folder / SUMMARY).is_file() and isinstance(error, ConfigError):
            return None
        message = _NO_RECORD if isinstance(error, ConfigError) else str(error)
    try:
        config, overrides = read_config(folder), recorded_overrides(folder)
    except ToonvisionError:
        return None
    return Results(folder, config, [], RunState(status=RunStatus.FAILED, error=message), overrides)


def _group(run: Results) -> tuple[str, str]:
    return run.state.dataset or "", run.config.objective.name


def _ranked(runs: list[Results]) -> list[Results]:
    """Return the runs of one dataset and one objective, the best one first."""
    scores = deciding_scores(runs)
    costs = [math.inf if s is None else run.config.objective.cost(s) for run, s in zip(runs, scores, strict=True)]
    return [run for _, run in sorted(zip(costs, runs, strict=True), key=lambda pair: pair[0])]


def _row(run: Results) -> dict[str, object]:
    state, comparison = run.state, run.comparison
    verdict = comparison.verdict if comparison else None
    tuned = verdict.of(verdict.tuned) if verdict else None
    name = verdict.decisive.name if verdict else None
    return {
        "run": str(run.directory),
        "overrides": " ".join(run.overrides),
        "dataset": state.dataset,
        "status": state.status.value,
        "objective": run.config.objective.name,
        "score": score(run),
        "fresh_score": fresh_score(run),
        "measure": name,
        "test_mean": tuned.mean if tuned else None,
        "test_low": tuned.interval[0] if tuned and tuned.interval else None,
        "test_high": tuned.interval[1] if tuned and tuned.interval else None,
        "test_saved": comparison.tuned.scores[name] if comparison and name else None,
        "baseline_mean": verdict.of(verdict.baseline).mean if verdict else None,
        "loss": comparison.tuned.loss if comparison else None,
        "parameters": comparison.tuned.parameters if comparison else None,
        "trials": len(run.trials),
        "epochs": sum(trial.outcome.epochs for trial in run.trials),
        "seconds": round(state.seconds, 1),
    }
