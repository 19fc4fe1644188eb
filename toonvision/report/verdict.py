"""The tuned model against the baseline in one sentence."""

from __future__ import annotations

from toonvision.conclusion import Comparison


def sentence(comparison: Comparison) -> str:
    """Return whether the search has helped, by wrong predictions, and what the parameters are beside the baseline's."""
    baseline, tuned = comparison.baseline, comparison.tuned
    difference = baseline.wrong - tuned.wrong
    times = f"{tuned.parameters / baseline.parameters:.2g} times the parameters"
    if difference > 0:
        return f"The tuned model makes {difference} fewer wrong predictions with {times}."
    if difference < 0:
        return f"The tuned model makes {-difference} more wrong predictions than the baseline: the search did not help."
    return f"Both make as many wrong predictions, the tuned model with {times}."
