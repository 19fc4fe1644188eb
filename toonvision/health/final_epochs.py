"""Whether a final model was still learning when its epochs were over, which is unfair to it in the comparison."""

from __future__ import annotations

from toonvision.config.schema import RunConfig
from toonvision.health.card import Card, Status
from toonvision.record.results import Results
from toonvision.verdict.comparison import ModelScores

NAME = "Length of the final trainings"
_LAST = 5  # epochs; the default early stopping waits as long
_FALL = 0.02  # share of the loss; less over the last epochs is noise of batches and dropout


def final_epochs(results: Results) -> Card | None:
    """Warn if a model used all `training.retrain.epochs` while its loss was falling; None without a comparison."""
    comparison = results.comparison
    if comparison is None:
        return None
    roles = {"baseline": comparison.baseline, "tuned model": comparison.tuned}
    limits = {role: _limit(results.config, model) for role, model in roles.items()}
    falls = {role: _fall(model) for role, model in roles.items() if model.epochs >= limits[role]}
    falling = {role: fall for role, fall in falls.items() if fall > _FALL}
    if not falling:
        trained = " and ".join(f"the {role} after {model.epochs}" for role, model in roles.items())
        return Card(NAME, Status.PASS, f"Neither loss was still falling when training ended: {trained} epochs.")
    finding = " ".join(
        f"The {role} used all {limits[role]} epochs, and its loss fell by {100 * fall:.0f} % "
        f"between epochs {roles[role].epochs - _window(roles[role])} and {roles[role].epochs}."
        for role, fall in falling.items()
    )
    meaning = "Either could gain" if len(falling) > 1 else f"The comparison is unfair to the {next(iter(falling))}"
    return Card(NAME, Status.WARNING, finding, f"{meaning}: raise training.retrain.epochs.")


def _limit(config: RunConfig, model: ModelScores) -> int:
    return config.resolve(model.values).training.retrain.epochs


def _fall(model: ModelScores) -> float:
    """Return by which share the lowest loss fell in the last epochs; 0 for a single epoch."""
    losses = [loss for loss in model.history.get("loss", []) if loss is not None]
    window = _window(model)
    before, last = losses[:-window], losses[-window:]
    return 1 - min(last) / min(before) if before and last and min(before) > 0 else 0.0


def _window(model: ModelScores) -> int:
    """Return the number of last epochs to judge by: at most half of all."""
    return min(_LAST, max(1, model.epochs // 2))
