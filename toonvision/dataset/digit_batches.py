"""The digits of scikit-learn in batches, as an example of a function for `dataset=function`.

Nothing in it is toonvision's but the source: `dataset.build._target_=toonvision.dataset.digit_batches.batches`.
"""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from toonvision.dataset import digits

Batch = tuple[NDArray[Any], NDArray[Any]]


def batches(split: str, batch_size: int = 32) -> list[Batch]:
    """Return the batches of a split.

    Args:
        split: train, validation or test.
        batch_size: examples a batch.
    """
    dataset = digits.load(image_size=(8, 8))
    chosen = {"train": dataset.train, "validation": dataset.validation, "test": dataset.test}[split]
    starts = range(0, len(chosen), batch_size)
    return [(chosen.x[start : start + batch_size], chosen.y[start : start + batch_size]) for start in starts]
