"""When the best score was last improved: too early for a working sampler, or too late for a finished search."""

from __future__ import annotations

import shlex

from toonvision.health.card import Card, Status
from toonvision.record.results import Results
from toonvision.record.run_state import RunStatus

NAME = "Last improvement"
_MIN_TRIALS = 10  # of fewer, a tenth is less than one
# The best of random trials lies in the first fifth of one search in five, and in the last tenth of one in ten.
_EARLY = 0.2
_LATE = 0.9


def last_improvement(results: Results) -> Card | None:
    """Warn if the last improvement was in the first fifth or in the last tenth of the trials.

    Returns:
        None with few trials, while the search runs, and with several objectives, which have no single best trial.
    """
    ended = [trial for trial in results.trials if trial.has_ended]
    best = next(iter(results.best(1)), None)
    is_over = results.state.status is not RunStatus.RUNNING
    if best is None or len(ended) < _MIN_TRIALS or not is_over or results.config.objective.also:
        return None
    position = ended.index(best) + 1
    after = f"{len(ended) - position} of {len(ended)} trials came after it"
    if position > _LATE * len(ended):
        finding = f"The search was still improving: trial {best.id} is the best, and {after}."
        return Card(NAME, Status.WARNING, finding, _more_trials(results))
    finding = f"No improvement since trial {best.id}: {after}."
    if position > _EARLY * len(ended):
        return Card(NAME, Status.PASSED, finding)
    return Card(
        NAME,
        Status.WARNING,
        finding,
        "More trials of this kind will hardly help. Take another option of tuner, change search_space, or end "
        "such searches sooner with budget.patience.",
    )


def resume_command(results: Results) -> str | None:
    """Return the command that adds trials to the run; None if its tuner has no `max_trials`, or its round is over."""
    tuner = results.config.tuner
    count = tuner.arguments.get("max_trials")
    if not count or list(results.config.strategy.rounds.values())[-1] != tuner:
        return None
    return f"toonvision resume {shlex.quote(str(results.directory))} tuner.max_trials={3 * count}"


def _more_trials(results: Results) -> str:
    """Return what to do, with a command or a key at its end that can be copied."""
    if command := resume_command(results):
        return f"More trials may help: {command}"
    return f"A longer search may help: start it with warm_start={shlex.quote(str(results.directory))}"
