"""Whether the score depends on any hyperparameter."""

from __future__ import annotations

from toonvision.health.card import Card, Status
from toonvision.narrowing.evidence import Narrowing

NAME = "Hyperparameter effects"
# With the trends of the article's search, a cut was supported in 12 of 12 searches of 40 trials, in 9 of 12 of 30 and
# in 4 of 12 of 20.
_MIN_TRIALS = 40


def hyperparameter_effects(evidence: Narrowing) -> Card | None:
    """Warn if no hyperparameter has values whose trials are significantly worse; None with too few trials."""
    clearest = min((each.open for each in evidence.evidence if each.open), key=lambda cut: cut.p, default=None)
    total = evidence.count.total
    if clearest is None or total < _MIN_TRIALS:
        return None
    p = f"p = {clearest.p:.2g}"
    if clearest.is_supported:
        finding = f"{clearest.name} explains scores most clearly: trials {clearest.where} are worse ({p})."
        return Card(NAME, Status.PASSED, finding)
    return Card(
        NAME,
        Status.WARNING,
        f"No hyperparameter explains the scores of {total} trials; the clearest is {clearest.name} ({p}).",
        "Chance may have chosen the best trial. Reduce the noise with training.executions_per_trial=3, choose with "
        "finalists.count=5 finalists.seeds=3, or widen search_space.",
    )
