"""Which trial was chosen, and why: the finalists' fresh scores, and a sentence."""

from __future__ import annotations

import math
from dataclasses import dataclass

from rich.box import SIMPLE_HEAD
from rich.markup import escape
from rich.table import Table

from toonvision.record.conclusion import Finalist
from toonvision.record.results import Results
from toonvision.trial.trial import Outcome, Trial, TrialStatus


@dataclass(frozen=True, slots=True)
class Ranked:
    """A finalist beside what it was in the search.

    Attributes:
        trial: as the search has left it.
        score: the mean of its fresh scores; None if it is out.
        scores: each of them.
        failure: why it is out; None if it is not.
    """

    trial: Trial
    score: float | None
    scores: tuple[float, ...]
    failure: str | None


def ranked(results: Results) -> list[Ranked]:
    """Return the finalists, the best one first, and last those that are out, whatever they had reached."""
    cost = results.config.objective.cost
    rows = [_ranked(results.trials[finalist.number], finalist) for finalist in results.finalists]
    return sorted(rows, key=lambda row: math.inf if row.score is None else cost(row.score))


def _ranked(trial: Trial, finalist: Finalist) -> Ranked:
    outcome = finalist.outcome
    if _counts(finalist):
        return Ranked(trial, outcome.score, outcome.scores, None)
    return Ranked(trial, None, (), failure(outcome))


def finalists_table(results: Results) -> Table:
    """Return the table of the finalists: the fresh scores beside that of the search."""
    name = results.config.objective.name
    table = Table(title="Finalists, trained again with fresh seeds", title_justify="left", box=SIMPLE_HEAD)
    table.add_column("trial", no_wrap=True)
    for column in (f"{name}, mean", "each", "in the search", "parameters"):
        table.add_column(column, justify="right")
    for row in ranked(results):
        trial, score = row.trial, "out" if row.score is None else f"{row.score:.4f}"
        each = escape(row.failure or ", ".join(f"{one:.4f}" for one in row.scores))
        table.add_row(trial.id, score, each, f"{trial.outcome.score:.4f}", f"{trial.outcome.parameters:,}")
    return table


def choice(results: Results) -> str | None:
    """Return why a trial is the chosen one; None where it is simply the one with the best score."""
    chosen, tolerance = results.chosen(), results.config.select.tolerance
    if chosen is None or (not results.finalists and not tolerance):
        return None
    by = "mean of fresh scores" if any(map(_counts, results.finalists)) else "score"
    what = f"the smallest model within {tolerance:g} of the best {by}" if tolerance else f"the best {by}"
    return f"Chosen: trial {chosen.id}, {what}."


def _counts(finalist: Finalist) -> bool:
    return finalist.outcome.status is TrialStatus.COMPLETED


def failure(outcome: Outcome) -> str:
    """Return why a training came to nothing, in one line."""
    return f"{outcome.reason}: {outcome.error}".partition(". Received")[0]
