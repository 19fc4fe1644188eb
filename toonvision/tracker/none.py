"""No tracker: the run's directory is all."""

from __future__ import annotations

from toonvision.record.observer import Observer


class NoTracker(Observer):
    """Keeps nothing."""
