"""The leaderboard of several runs: at the end of a sweep, and for `toonvision compare RUN RUN`."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from rich.box import SIMPLE_HEAD
from rich.table import Table

from toonvision.record.results import Results
from toonvision.report.cell import shown, without_formulas

LEADERBOARD = "leaderboard.csv"


def leaderboard(runs: Sequence[Results]) -> pd.DataFrame:
    """Return one row for each run, sorted by dataset and by errors of the tuned model; runs without one come last."""
    frame = pd.DataFrame([_row(run) for run in runs])
    frame = frame.astype(dict.fromkeys(("wrong", "baseline_wrong", "parameters"), "Int64"))
    return frame.sort_values(["dataset", "wrong", "loss"], na_position="last", ignore_index=True)


def leaderboard_table(frame: pd.DataFrame) -> Table:
    """Return the leaderboard for the terminal, without what all runs have in common."""
    table = Table(title="Leaderboard: tuned models on the test set", title_justify="left", box=SIMPLE_HEAD)
    shown = frame.copy()
    if len(frame) > 1:
        parent = os.path.commonpath([Path(run).absolute().parent for run in frame["run"]])
        shown["run"] = [os.path.relpath(run, parent) for run in frame["run"]]
        shared = set.intersection(*(set(overrides.split()) for overrides in frame["overrides"]))
        own = [[word for word in text.split() if word not in shared] for text in frame["overrides"]]
        shown["overrides"] = [" ".join(words) for words in own]
    shown = shown.drop(columns=[name for name in ("status", "objective", "overrides") if shown[name].nunique() == 1])
    for name in shown.columns:
        text = name in ("run", "overrides", "dataset", "status", "objective")
        table.add_column(
            str(name).replace("_", " "),
            justify="left" if text else "right",
            no_wrap=name != "overrides",
            overflow="fold",
        )
    for row in shown.itertuples(index=False):
        table.add_row(*(_cell(value) for value in row))
    return table


def write_leaderboard(directory: Path) -> pd.DataFrame:
    """Write and return the leaderboard of all runs of a sweep; it is empty if there are none.

    Args:
        directory: of the sweep.
    """
    runs = [Results.load(path.parent) for path in sorted(directory.glob("*/summary.json"))]
    frame = leaderboard(runs) if runs else pd.DataFrame()
    without_formulas(frame).to_csv(directory / LEADERBOARD, index=False)
    return frame


def _row(run: Results) -> dict[str, object]:
    state, comparison = run.state, run.comparison
    chosen = run.chosen()
    return {
        "run": str(run.directory),
        "overrides": " ".join(run.overrides),
        "dataset": state.dataset,
        "status": state.status.value,
        "objective": run.config.objective.name,
        "score": chosen.outcome.score if chosen else None,
        "wrong": comparison.tuned.wrong if comparison else None,
        "loss": comparison.tuned.loss if comparison else None,
        "baseline_wrong": comparison.baseline.wrong if comparison else None,
        "parameters": comparison.tuned.parameters if comparison else None,
        "trials": len(run.trials),
        "epochs": sum(trial.outcome.epochs for trial in run.trials),
        "seconds": round(state.seconds, 1),
    }


def _cell(value: object) -> str:
    if value is None or value is pd.NA or value != value:  # NaN differs from itself
        return "-"
    return f"{value:.4g}" if isinstance(value, float) else shown(str(value))
