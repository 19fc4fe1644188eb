"""Which trial is chosen, and why: the fresh scores of the finalists, and a sentence."""

from __future__ import annotations

import math
import textwrap
from dataclasses import dataclass

from rich.box import SIMPLE_HEAD
from rich.table import Table

from toonvision.record.first_points import BASELINE
from toonvision.record.results import Results
from toonvision.record.run_state import Finalist
from toonvision.report.cell import shown
from toonvision.trial.trial import Outcome, Trial, TrialStatus

_SHARED = "The fresh scores and those of the path have other seeds, but the validation examples of the search."
_RESHUFFLED = "The fresh scores have other seeds, and other validation examples than those of the search."
LINE = 160  # characters of an error that a table or a line of progress shows; the record has all of it


@dataclass(frozen=True, slots=True)
class Ranked:
    """A finalist and its trial of the search.

    Attributes:
        trial: the trial of the search.
        score: mean of the fresh scores; None if the finalist failed.
        scores: the fresh scores.
        failure: why the finalist failed; None if it did not.
    """

    trial: Trial
    score: float | None
    scores: tuple[float, ...]
    failure: str | None


def ranked(results: Results) -> list[Ranked]:
    """Return the finalists, the best one first and failed ones last."""
    cost = results.config.objective.cost
    rows = [_ranked(results.trials[finalist.number], finalist) for finalist in results.finalists]
    return sorted(rows, key=lambda row: math.inf if row.score is None else cost(row.score))


def _ranked(trial: Trial, finalist: Finalist) -> Ranked:
    outcome = finalist.outcome
    if _completed(finalist):
        return Ranked(trial, outcome.score, outcome.scores, None)
    return Ranked(trial, None, (), failure(outcome))


def finalists_table(results: Results) -> Table:
    """Return the finalists as a table: their fresh scores and the score of the search."""
    name = results.config.objective.name
    table = Table(title="Finalists, trained again with fresh seeds", title_justify="left", box=SIMPLE_HEAD)
    table.add_column("trial", no_wrap=True)
    for column in (f"{name}, mean", "each", "in the search", "parameters"):
        table.add_column(column, justify="right")
    for row in ranked(results):
        trial, mean = row.trial, "failed" if row.score is None else f"{row.score:.4f}"
        each = shown(row.failure or ", ".join(f"{score:.4f}" for score in row.scores))
        table.add_row(trial.id, mean, each, f"{trial.outcome.score:.4f}", f"{trial.outcome.parameters:,}")
    return table


def choice(results: Results) -> str | None:
    """Return why a trial is chosen, and how far fresh scores reach; None if it was proposed and has the best score."""
    chosen, tolerance = results.chosen(), results.config.select.tolerance
    if chosen is None:
        return None
    source = chosen.source and (chosen.source if chosen.source != BASELINE else "the baseline")
    if not results.finalists and not tolerance:
        won = f"The values of {source} won: no trial of the search was better on the validation examples."
        return won if source else None
    measure = "mean of fresh scores" if any(map(_completed, results.finalists)) else "score"
    reason = f"the smallest model within {tolerance:g} of the best {measure}" if tolerance else f"the best {measure}"
    chosen_by = f"Chosen: trial {chosen.id}, {reason}." + (f" It has the values of {source}." if source else "")
    if not results.finalists:
        return chosen_by
    is_reshuffled = results.config.default_trial.training.resampling.method == "reshuffled"
    return f"{chosen_by} {_RESHUFFLED if is_reshuffled else _SHARED}"


def _completed(finalist: Finalist) -> bool:
    return finalist.outcome.status is TrialStatus.COMPLETED


def failure(outcome: Outcome) -> str:
    """Return why a training failed, in one line."""
    return textwrap.shorten(f"{outcome.reason}: {outcome.error}", LINE, placeholder=" ...")
