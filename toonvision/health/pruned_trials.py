"""Whether the pruner stops almost every trial at its first chance."""

from __future__ import annotations

from toonvision.health.card import Card, Status
from toonvision.record.results import Results

NAME = "Pruned trials"
_MOST = 0.75  # successive halving stops two thirds there by design, with its reduction_factor of 3
_MIN_TRIALS = 10  # the share of fewer is mostly chance
_KEYS = ("min_resource", "n_warmup_steps", "n_startup_steps", "n_startup_trials")  # of Optuna's pruners


def pruned_trials(results: Results) -> Card | None:
    """Warn if most trials are pruned at the first epoch at which any is; None with few trials or none pruned."""
    pruned = [trial.outcome.epochs for trial in results.trials if trial.is_pruned]
    scored = len(pruned) + len(results.completed)
    if not pruned or scored < _MIN_TRIALS:
        return None
    first = min(pruned)
    count = pruned.count(first)
    finding = f"{count} of {scored} trials were pruned at the first chance, after epoch {first}."
    if count <= _MOST * scored:
        return Card(NAME, Status.PASSED, finding)
    keys = [f"pruner.{key}" for key in _KEYS if key in results.config.pruner.arguments]
    remedy = f"Raise {' or '.join(keys)}" if keys else "Take pruner=median"
    return Card(
        NAME,
        Status.WARNING,
        finding,
        f"{remedy}: so early, scores say little about the end of a training.",
    )
