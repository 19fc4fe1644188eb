"""Whether a final model was still improving at the limit of its epochs, which is unfair to it in the comparison."""

from __future__ import annotations

from toonvision.health.card import Card, Status
from toonvision.record.results import Results
from toonvision.verdict.words import still_improving

NAME = "Length of the final trainings"


def final_epochs(results: Results) -> Card | None:
    """Warn if a model was still improving at its limit; None without a comparison, or if the record does not tell."""
    comparison = results.comparison
    if comparison is None or comparison.baseline.duration is None:
        return None
    roles = {"baseline": comparison.baseline, "tuned": comparison.tuned}
    found = [text for role, model in roles.items() if (text := still_improving(role, model))]
    if not found:
        trained = " and ".join(f"the {role} model {model.epochs}" for role, model in roles.items())
        return Card(NAME, Status.PASSED, f"Neither model was still improving at its limit: {trained} epochs.")
    meaning = "Either could gain" if len(found) > 1 else "Until then, the comparison is unfair to it"
    return Card(NAME, Status.WARNING, " ".join(found), f"{meaning}.")
