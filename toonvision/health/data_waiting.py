"""Whether trainings wait for their data."""

from __future__ import annotations

import statistics

from toonvision.health.card import Card, Status
from toonvision.record.results import Results
from toonvision.trial.history import DATA_WAITING

NAME = "Waiting for data"
_MOST = 0.2  # of an epoch


def data_waiting(results: Results) -> Card | None:
    """Warn if the epochs of the trials wait for more than a fifth of their seconds.

    Returns:
        None if no trial has measured it: examples in arrays are there at once.
    """
    shares = [share for trial in results.trials if (share := trial.outcome.metrics.get(DATA_WAITING)) is not None]
    if not shares:
        return None
    share = statistics.median(shares)
    finding = f"An epoch waits for its data in {share:.0%} of its seconds (median of {len(shares)} trials)."
    if share <= _MOST:
        return Card(NAME, Status.PASSED, finding)
    return Card(
        NAME,
        Status.WARNING,
        finding,
        "Make the batches cheaper: a lighter training.augmentation, more workers of a keras.utils.PyDataset, or "
        "prefetch() and parallel map() of a tf.data.Dataset. Faster epochs are more trials.",
    )
