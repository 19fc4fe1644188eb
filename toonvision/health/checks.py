"""All health checks of a run, in the order in which reports show them."""

from __future__ import annotations

from toonvision.health.card import Card
from toonvision.health.data_waiting import data_waiting
from toonvision.health.dead_trainings import dead_trainings
from toonvision.health.evidence import gather_evidence
from toonvision.health.failed_trials import failed_trials
from toonvision.health.final_epochs import final_epochs
from toonvision.health.fresh_seeds import fresh_seeds
from toonvision.health.hyperparameter_effects import hyperparameter_effects
from toonvision.health.infeasible_trials import infeasible_trials
from toonvision.health.last_improvement import last_improvement
from toonvision.health.looks import looks
from toonvision.health.pruned_trials import pruned_trials
from toonvision.health.range_ends import range_ends
from toonvision.record.results import Results


def health_cards(results: Results) -> list[Card]:
    """Return the card of every check that applies to the run: first the verdict, then the search, then its trials."""
    evidence = gather_evidence(results)
    found = [
        looks(results),
        final_epochs(results),
        dead_trainings(results),
        fresh_seeds(results),
        last_improvement(results),
        hyperparameter_effects(evidence) if evidence else None,
        range_ends(evidence) if evidence else None,
        infeasible_trials(results),
        failed_trials(results),
        pruned_trials(results),
        data_waiting(results),
    ]
    return [card for card in found if card is not None]
