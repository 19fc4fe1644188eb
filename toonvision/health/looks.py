"""How often the test set was looked at, which makes its scores those of less unseen data."""

from __future__ import annotations

from toonvision.health.card import Card, Status
from toonvision.record.results import Results
from toonvision.verdict.test_looks import looks_in_words, read_looks

NAME = "Looks at the test set"
_MANY = 5  # looks of all runs; the best of five is better than their mean by 1.2 standard deviations


def looks(results: Results) -> Card | None:
    """Warn if other values were looked at before in this run, or if all runs together looked often.

    Returns:
        None if the run has not looked.
    """
    taken = read_looks(results.directory)
    if not taken:
        return None
    is_guided = any(look.subjects != taken[-1].subjects for look in taken)
    if not is_guided and (taken[-1].number or 1) < _MANY:
        return Card(NAME, Status.PASSED, looks_in_words(taken))
    return Card(
        NAME,
        Status.WARNING,
        looks_in_words(taken),
        "Choose by validation scores only. For a claim about unseen data, compare once on a new test set.",
    )
