"""The path from the baseline to the chosen values: the change and the score of each step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.table import Table

from toonvision.console import readable
from toonvision.narrowing.importance import trial_importances
from toonvision.narrowing.learning import learning_rounds
from toonvision.record.results import Results
from toonvision.record.run_state import Step, changes_in_words
from toonvision.report.cell import shown
from toonvision.report.choice import failure
from toonvision.trial.objective import Objective
from toonvision.trial.trial import TrialStatus
from toonvision.verdict.gain import Gain, gains

TITLE = "From the baseline to the chosen values, one change in each step"


@dataclass(frozen=True, slots=True)
class Earned:
    """A step and its gain.

    Attributes:
        step: with its outcome.
        score: mean over the seeds; None if the training failed.
        before: the last step with a score; None if there is none.
        gain: of this step over `before`; None if one of the two has no score.
        verdict: better or worse if the gain is significant, else empty.
    """

    step: Step
    score: float | None
    before: Step | None = None
    gain: Gain | None = None
    verdict: str = ""

    @property
    def changes(self) -> list[str]:
        """The changes of the step as text."""
        return changes_in_words(self.step)

    @property
    def difference(self) -> float | None:
        """Difference of the score to the score of `before`; None if one of the two is missing."""
        return None if self.gain is None or self.before is None else _score(self.step) - _score(self.before)

    @property
    def seeds(self) -> tuple[float, float] | None:
        """The lowest and the highest score of the seeds; None without a score or with one seed."""
        scores = self.step.outcome.scores
        return None if self.score is None or len(scores) < 2 else (min(scores), max(scores))

    @property
    def in_words(self) -> str:
        """The gain, its interval and the verdict, with the number of `before` if that is not the previous step."""
        if self.gain is None or self.before is None:
            return ""
        skips = f", from step {self.before.number}" if self.before.number != self.step.number - 1 else ""
        return f"{gain_in_words(self.gain)}{self.verdict and f' {self.verdict}'}{skips}"

    @property
    def failed(self) -> str | None:
        """Why there is no score."""
        return failure(self.step.outcome) if self.score is None else None


def earned(results: Results) -> list[Earned]:
    """Return the gain of each trained step, in the order of the path."""
    objective, scored = results.config.objective, _scored(results.path)
    pairs = [(index, index - 1) for index in range(1, len(scored))]
    found = {
        scored[ours].number: (scored[before], gain)
        for (ours, before), gain in zip(pairs, _gains(scored, pairs, objective), strict=True)
    }
    rows: list[Earned] = []
    for step in results.path:
        before, gain = found.get(step.number, (None, None))
        score = _score(step) if step in scored else None
        rows.append(Earned(step, score, before, gain, _verdict(gain, objective) if gain else ""))
    return rows


def _scored(path: Sequence[Step]) -> list[Step]:
    return [step for step in path if step.outcome.status is TrialStatus.COMPLETED and step.outcome.score is not None]


def _score(step: Step) -> float:
    assert step.outcome.score is not None  # of a step with a score
    return step.outcome.score


def _gains(steps: Sequence[Step], pairs: Sequence[tuple[int, int]], objective: Objective) -> list[Gain]:
    groups = [step.outcome.scores or (_score(step),) for step in steps]
    return gains(groups, pairs, is_loss=objective.direction == "min")


def _verdict(gain: Gain, objective: Objective) -> str:
    if not gain.is_significant:
        return ""
    return "better" if objective.is_better(gain.value, 0.0) else "worse"


def gain_in_words(gain: Gain) -> str:
    """Return the gain with its interval, in percent if it is relative."""
    numbers = [gain.value, *(gain.interval or ())]
    value, *ends = (_signed(100 * number) if gain.is_relative else f"{number:+,.4f}" for number in numbers)
    unit = " %" if gain.is_relative else ""
    return f"{value}{unit} ({ends[0]} to {ends[1]})" if ends else f"{value}{unit}"


def _signed(number: float) -> str:
    return ("+" if number >= 0 else "") + readable(number, 3)


def meaning(results: Results) -> str:
    """Explain how to read the path."""
    objective, seeds = results.config.objective, results.config.path.seeds
    direction = "lower" if objective.direction == "min" else "higher"
    together = any(len(step.changes) > 1 for step in results.path)
    relative = any(row.gain and row.gain.is_relative for row in earned(results))
    unit = "A difference in percent is the ratio of the geometric means. " if relative else ""
    conditional = "A change includes the values that exist only with it. " if together else ""
    spread = (
        f"{unit}Each difference has its 95 % interval, with the spread of the seeds pooled over all steps. A step is "
        "called better (worse) only if chance alone would call any step of a path so in at most 5 % of the paths (t "
        "test, Holm). A step without a word can still have an effect."
        if seeds > 1
        else "With one seed, the spread is unknown and no step is called better or worse; path.seeds=3 shows it."
    )
    return (
        f"{_better_step(results)}Each step is trained from scratch. Its score is {objective.name} on the validation "
        f"examples; {direction} is better. {spread} {conditional}{_order(results)} The gain of a change depends on the "
        "changes before it: in another order it can be larger, or zero. Finalists and path use the validation examples "
        "by which the search chose the values, so the scores of the chosen values are optimistic."
    )


def _order(results: Results) -> str:
    """Return a sentence on what has decided the order of the steps."""
    within = [trial for trial in results.trials if results.is_within(trial)]
    if not trial_importances(within, results.config.search_space, results.config.objective):
        return "The steps have the order of the search space: the trials show no importance of the hyperparameters."
    weaknesses = []
    if any(trial.status is TrialStatus.PRUNED for trial in within):
        weaknesses.append("trials were pruned")
    if learning_rounds(results.config.strategy.rounds):
        weaknesses.append("the values depend on earlier scores")
    weak = f" That is weak evidence here: {' and '.join(weaknesses)}." if weaknesses else ""
    return f"The steps have the order of the importance of the hyperparameters in this search's trials.{weak}"


def _better_step(results: Results) -> str:
    """Return a sentence on the best step if it is better than the last one, which has the chosen values."""
    objective, scored = results.config.objective, _scored(results.path)
    if not scored or scored[-1] != results.path[-1]:
        return ""
    pairs = [(index, len(scored) - 1) for index in range(len(scored) - 1)]
    compared = zip(scored, _gains(scored, pairs, objective), strict=False)  # the last one is compared with none
    better = [step for step, gain in compared if _verdict(gain, objective) == "better"]
    if not better:
        return ""
    best = min(better, key=lambda step: objective.cost(_score(step)))
    return (
        f"Step {best.number} is better than the chosen values. Its values are in summary.json; they are worth a "
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
            "relative_difference": row.gain.value if row.gain and row.gain.is_relative else None,
            "interval": row.gain and row.gain.interval,
            "p_value": row.gain and row.gain.p_value,
            "verdict": row.verdict or None,
            "parameters": row.step.outcome.parameters,
            "error": row.step.outcome.error,
        }
        for row in earned(results)
    ]
