"""Whether the chosen trial was lucky: its score of the search beside the scores of its fresh seeds."""

from __future__ import annotations

from statistics import fmean

from toonvision.console import readable
from toonvision.health.card import Card, Status
from toonvision.record.results import Results

NAME = "Luck of the chosen trial"
_MIN_SEEDS = 2  # one score has no spread


def fresh_seeds(results: Results) -> Card | None:
    """Warn if the score of the search is better than the mean of the fresh ones by more than their range.

    Without any selection, chance gives this to one trial in four with two fresh seeds, and in eight with three.

    Returns:
        None if the chosen trial was not trained again with at least two seeds.
    """
    chosen, objective = results.chosen(), results.config.objective
    again = {finalist.number: finalist.outcome.scores for finalist in results.finalists}
    if chosen is None or chosen.outcome.score is None or len(again.get(chosen.number, ())) < _MIN_SEEDS:
        return None
    seeds = "seeds" if results.config.default_trial.training.resampling.trainings == 1 else "trainings"
    score, fresh = chosen.outcome.score, again[chosen.number]
    mean, low, high = fmean(fresh), min(fresh), max(fresh)
    searched, again_on_average, least, most = (readable(value) for value in (score, mean, low, high))
    finding = (
        f"Trial {chosen.id} has a {objective.name} of {searched} in the search, and of {again_on_average} on average "
        f"with {len(fresh)} fresh {seeds} ({least} to {most})."
    )
    if objective.cost(mean) - objective.cost(score) <= high - low:
        return Card(NAME, Status.PASSED, finding)
    return Card(
        NAME,
        Status.WARNING,
        finding,
        "Report the fresh scores. Scores of this search are partly luck: raise finalists.count, or "
        "training.executions_per_trial.",
    )
