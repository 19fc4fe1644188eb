"""Which trial was chosen, and why, for the terminal: the finalists' fresh scores, and a sentence."""

from __future__ import annotations

import math

from rich.box import SIMPLE_HEAD
from rich.markup import escape
from rich.table import Table

from toonvision.conclusion import Finalist
from toonvision.results import Results
from toonvision.trial import TrialStatus


def finalists_table(results: Results) -> Table:
    """Return the table of the finalists, the best one first: the fresh scores beside that of the search."""
    name, direction = results.config["objective"]["name"], results.config["objective"]["direction"]
    table = Table(title="Finalists, trained again with fresh seeds", title_justify="left", box=SIMPLE_HEAD)
    table.add_column("trial", no_wrap=True)
    for column in (f"{name}, mean", "each", "in the search", "parameters"):
        table.add_column(column, justify="right")
    for finalist in sorted(results.finalists, key=lambda f: _rank(f, direction)):
        trial, outcome = results.trials[finalist.number], finalist.outcome
        fresh = ["out", escape(f"{outcome.reason}: {outcome.error}".partition(". Received")[0])]
        if _counts(finalist):
            fresh = [f"{outcome.score:.4f}", ", ".join(f"{score:.4f}" for score in outcome.scores)]
        table.add_row(trial.id, *fresh, f"{trial.outcome.score:.4f}", f"{trial.outcome.parameters:,}")
    return table


def choice(results: Results) -> str | None:
    """Return why a trial is the chosen one; None where it is simply the one with the best score."""
    chosen, tolerance = results.chosen(), results.config["select"]["tolerance"]
    if chosen is None or (not results.finalists and not tolerance):
        return None
    by = "mean of fresh scores" if any(map(_counts, results.finalists)) else "score"
    what = f"the smallest model within {tolerance:g} of the best {by}" if tolerance else f"the best {by}"
    return f"Chosen: trial {chosen.id}, {what}."


def _counts(finalist: Finalist) -> bool:
    return finalist.outcome.status is TrialStatus.COMPLETED


def _rank(finalist: Finalist, direction: str) -> float:
    """The place of a finalist; one that is out is last, whatever it had reached."""
    score = finalist.outcome.score
    if not _counts(finalist) or score is None:
        return math.inf
    return score if direction == "min" else -score
