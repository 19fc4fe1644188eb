"""Whether final trainings learned nothing, so that the means of the verdict compare failures."""

from __future__ import annotations

from toonvision.health.card import Card, Status
from toonvision.record.results import Results
from toonvision.verdict.words import learned_nothing

NAME = "Dead trainings"


def dead_trainings(results: Results) -> Card | None:
    """Warn if a final model is not better than the best constant answer.

    Returns:
        None without a comparison.
    """
    if results.comparison is None:
        return None
    verdict = results.comparison.verdict
    roles = {"baseline": verdict.baseline, "tuned values": verdict.tuned}
    counts = {role: (verdict.dead(scores), len(verdict.of(scores).seeds)) for role, scores in roles.items()}
    if not any(dead for dead, _ in counts.values()):
        return Card(
            NAME, Status.PASSED, f"0 of {sum(total for _, total in counts.values())} final trainings learned nothing."
        )
    listed = " and ".join(f"{dead} of {total} of the {role}" for role, (dead, total) in counts.items() if dead)
    return Card(
        NAME,
        Status.WARNING,
        f"Of the final trainings, {listed} {learned_nothing(verdict)}",
        "The means of the verdict count them. Lower the learning rate or raise training.retrain.epochs; a higher "
        "training.retrain.seeds shows how often it happens.",
    )
