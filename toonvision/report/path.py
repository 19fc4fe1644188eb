"""The path from the baseline to the chosen values: the change and the score of each step."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.table import Table

from toonvision.record.results import Results
from toonvision.record.run_state import Step, changes_in_words
from toonvision.report.cell import shown
from toonvision.report.choice import failure
from toonvision.trial.objective import Objective
from toonvision.trial.trial import TrialStatus

TITLE = "From the baseline to the chosen values, one change in each step"


@dataclass(frozen=True, slots=True)
class Earned:
    """A step and its gain.

    Attributes:
        step: with its outcome.
        score: mean over the seeds; None if the training failed.
        difference: of the score to the score of `before`; None if one of the two is missing.
        before: the last step with a score; None if there is none.
        verdict: better (worse) if all seeds are better (worse) than all seeds of `before`, else unclear.
    """

    step: Step
    score: float | None
    difference: float | None = None
    before: Step | None = None
    verdict: str = ""

    @property
    def changes(self) -> list[str]:
        """The changes of the step as text."""
        return changes_in_words(self.step)

    @property
    def seeds(self) -> tuple[float, float] | None:
        """The lowest and the highest score of the seeds; None without a score or with one seed."""
        scores = self.step.outcome.scores
        return None if self.score is None or len(scores) < 2 else (min(scores), max(scores))

    @property
    def in_words(self) -> str:
        """The difference and the verdict, with the number of `before` if that is not the previous step."""
        if self.difference is None or self.before is None:
            return ""
        skips = self.before.number != self.step.number - 1
        return f"{self.difference:+.4f} {self.verdict}" + (f", from step {self.before.number}" if skips else "")

    @property
    def failed(self) -> str | None:
        """Why there is no score."""
        return failure(self.step.outcome) if self.score is None else None


def earned(results: Results) -> list[Earned]:
    """Return the gain of each trained step, in the order of the path."""
    rows: list[Earned] = []
    before: Step | None = None
    for step in results.path:
        score = step.outcome.score if step.outcome.status is TrialStatus.COMPLETED else None
        if score is None or before is None:
            rows.append(Earned(step, score))
        else:
            difference = score - (before.outcome.score or 0.0)
            verdict = _verdict(step, before, results.config.objective)
            rows.append(Earned(step, score, difference, before, verdict))
        before = before if score is None else step
    return rows


def _verdict(step: Step, before: Step, objective: Objective) -> str:
    if step.seeds < 2:
        return "unclear"
    ours, others = ([objective.cost(score) for score in each.outcome.scores] for each in (step, before))
    return "better" if max(ours) < min(others) else "worse" if min(ours) > max(others) else "unclear"


def meaning(results: Results) -> str:
    """Explain how to read the path."""
    objective, seeds = results.config.objective, results.config.path.seeds
    direction = "lower" if objective.direction == "min" else "higher"
    together = any(len(step.changes) > 1 for step in results.path)
    conditional = "A change includes the values that exist only with it. " if together else ""
    text = (
        f"{_better_step(results)}Each step is trained from scratch. Its score is {objective.name} on the validation "
        f"examples; {direction} is better. {conditional}The gain of a change depends on the changes before it: in "
        "another order it can be larger, or zero. A difference within the spread of the seeds means nothing."
    )
    if seeds < 2:
        return f"{text} With one seed, the spread is unknown; path.seeds=2 or more shows it."
    once_in = round(math.comb(2 * seeds, seeds) / 2)  # without an effect, all orders of the scores are equally likely
    return (
        f"{text} A step is called better (worse) if all its seeds are better (worse) than all seeds of the step "
        f"before. This happens by chance once in {once_in} times."
    )


def _better_step(results: Results) -> str:
    """Return a sentence on the best step if it is better than the last one, which has the chosen values."""
    objective = results.config.objective
    *before, last = earned(results)
    scored = [row for row in before if row.score is not None]
    best = min(scored, key=lambda row: objective.cost(row.score or 0.0), default=None)
    if best is None or last.score is None or _verdict(best.step, last.step, objective) != "better":
        return ""
    return (
        f"Step {best.step.number} is better than the chosen values. Its values are in summary.json; they are worth a "
        "run of their own. "
    )


def path_table(results: Results) -> Table:
    """Return the steps as a table for the terminal."""
    table = Table(title=TITLE, title_justify="left", box=SIMPLE_HEAD)
    table.add_column("step", justify="right", no_wrap=True)
    table.add_column("change", overflow="fold")
    for column in (results.config.objective.name, "difference", "seeds", "parameters"):
        table.add_column(column, justify="right", overflow="fold")
    for row in earned(results):
        score = "failed" if row.score is None else f"{row.score:.4f}"
        spread = f"{row.seeds[0]:.4f} to {row.seeds[1]:.4f}" if row.seeds else ""
        parameters = row.step.outcome.parameters
        size = "" if parameters is None else f"{parameters:,}"
        table.add_row(
            str(row.step.number),
            shown("\n".join(row.changes)),
            score,
            shown(row.failed or row.in_words),
            spread,
            size,
        )
    return table


def path_json(results: Results) -> list[dict[str, Any]]:
    """Return the steps as plain data."""
    return [
        {
            "step": row.step.number,
            "changes": {name: {"before": old, "after": new} for name, (old, new) in row.step.changes.items()},
            "values": row.step.values,
            "status": row.step.outcome.status.value,
            "score": row.score,
            "scores": list(row.step.outcome.scores),
            "difference": row.difference,
            "difference_to": row.before and row.before.number,
            "verdict": row.verdict or None,
            "parameters": row.step.outcome.parameters,
            "error": row.step.outcome.error,
        }
        for row in earned(results)
    ]
