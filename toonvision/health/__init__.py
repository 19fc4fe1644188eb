"""Health checks of a search: one module for each check, which judges recorded results and returns a card.

Showing the cards is the task of `toonvision.report`; what a search space costs before a run is in
`toonvision.space_check`.
"""

from toonvision.health.card import Card, Status
from toonvision.health.checks import health_cards

__all__ = ["Card", "Status", "health_cards"]
