"""The leaderboard on the terminal: for each dataset and objective the runs, and the groups that differ by seed only."""

from __future__ import annotations

import os
from collections.abc import Sequence
from numbers import Integral
from pathlib import Path

import pandas as pd
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from toonvision.console import readable
from toonvision.record.results import Results
from toonvision.report.cell import shown
from toonvision.report.groups import CONFIDENCE, groups
from toonvision.report.options import SEED, differing_options

AFTER_OVERRIDES = 2  # the place of the first column of an option
_CAPTION = (
    "Sorted by the validation score. The mean on the test examples, with its interval over them, is of all trainings "
    "of the tuned values; choosing the best of several runs by it makes it look better than it is."
)


def show(frame: pd.DataFrame, runs: Sequence[Results], console: Console) -> None:
    """Print the tables of a leaderboard; nothing if it is empty.

    Args:
        frame: the leaderboard.
        runs: of the leaderboard.
        console: to print on.
    """
    if frame.empty:
        return
    by_name = {str(run.directory): run for run in runs}
    for _, part in frame.groupby(["dataset", "objective"], sort=False, dropna=False):
        console.print(leaderboard_table(part))
        if found := groups_table([by_name[name] for name in part["run"]]):
            console.print(found)
    console.print(_CAPTION, style="dim", soft_wrap=True)


def leaderboard_table(frame: pd.DataFrame) -> Table:
    """Return the leaderboard of one dataset and one objective, without what all runs have in common."""
    table = Table(title=_title("Leaderboard", frame), title_justify="left", box=SIMPLE_HEAD)
    base = list(frame.columns)
    shown = frame.drop(columns=base[AFTER_OVERRIDES : base.index("dataset")])  # the overrides name the options, too
    if len(frame) > 1:
        parent = os.path.commonpath([Path(run).absolute().parent for run in frame["run"]])
        shown["run"] = [os.path.relpath(run, parent) for run in frame["run"]]
        shared = set.intersection(*(set(overrides.split()) for overrides in frame["overrides"]))
        own = [[word for word in text.split() if word not in shared] for text in frame["overrides"]]
        shown["overrides"] = [" ".join(words) for words in own]
    ends = zip(*(shown[name] for name in ("test_mean", "test_low", "test_high")), strict=True)
    shown["test_mean"] = [
        f"{readable(m)} ({readable(low, 3)} to {readable(high, 3)})" if pd.notna(low) else m for m, low, high in ends
    ]
    in_the_file = ["test_saved", "test_low", "test_high", "loss", "epochs"]
    shown = shown.drop(columns=in_the_file).dropna(axis="columns", how="all")
    if shown.get("measure", pd.Series()).nunique() == 1:
        measure = shown["measure"].dropna().iloc[0]
        shown = shown.rename(columns={"test_mean": f"mean {measure}", "baseline_mean": "baseline"})
    shared_columns = ("dataset", "status", "objective", "overrides", "measure")
    shown = shown.drop(columns=[name for name in shared_columns if name in shown and shown[name].nunique() == 1])
    for name in shown.columns:
        text = name in ("run", "overrides", "dataset", "status", "objective", "measure")
        table.add_column(
            str(name).replace("_", " "),
            justify="left" if text else "right",
            no_wrap=name != "overrides",
            overflow="fold",
        )
    for row in shown.itertuples(index=False):
        table.add_row(*(_cell(value) for value in row))
    return table


def groups_table(runs: Sequence[Results]) -> Table | None:
    """Return the groups of runs that differ by their seed only, the best mean first; None if no group has two seeds.

    Args:
        runs: of one dataset and one objective, at least one.
    """
    found = groups(runs)
    if all(len({run.config.seed for run in group.runs}) == 1 for group in found):
        return None
    options = {name: values for name, values in differing_options(runs).items() if name != SEED}
    place = {id(run): index for index, run in enumerate(runs)}
    table = Table(title="Runs that differ by their seed only", title_justify="left", box=SIMPLE_HEAD)
    for name in options or ["run"]:
        table.add_column(shown(name), overflow="fold")
    score, interval = f"mean {runs[0].config.objective.name}", f"{CONFIDENCE:.0%} interval"
    for name in ("seeds", score, interval, "mean rank", "better than the next"):
        table.add_column(name, justify="right", no_wrap=name == interval)
    for group in found:
        values = [options[name][place[id(group.runs[0])]] for name in options] or [str(group.runs[0].directory)]
        between = f"{readable(group.interval[0])} to {readable(group.interval[1])}" if group.interval else "-"
        chance = "-" if group.chance is None else f"{group.chance:.0%}"
        cells = [_cell(one) for one in (*values, len(group.runs), group.mean)]
        table.add_row(*cells, between, _cell(group.mean_rank), chance)
    return table


def _title(name: str, frame: pd.DataFrame) -> str:
    """Return the title of a table, with the dataset and the objective where all runs have the same."""
    same = (frame[column].iloc[0] for column in ("dataset", "objective") if frame[column].nunique(dropna=False) == 1)
    return shown(" · ".join([name, *(str(value) for value in same if pd.notna(value))]))


def _cell(value: object) -> str:
    if value is None or value is pd.NA or value != value:  # NaN differs from itself
        return "-"
    if isinstance(value, Integral):  # NumPy's too
        return f"{int(value):,}"
    return readable(value) if isinstance(value, float) else shown(str(value))
