"""Measures of how well probabilities rank the examples of two classes, vectorized for the bootstrap.

scikit-learn has the first two for one set of predictions at a time.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from toonvision.verdict.measure import Floats


def area_under_roc(positive: NDArray[np.bool_], probabilities: Floats) -> Floats:
    """Return the area under the ROC curve: how often a positive example is ranked above a negative one.

    Args:
        positive: shape `(..., n)`.
        probabilities: shape `(seeds, ..., n)`.

    Returns:
        Shape `(seeds, ...)`; 0.5 where a class has no example.
    """
    ranks = rankdata(probabilities, axis=-1)
    positives = positive.sum(axis=-1)
    pairs = positives * (positive.shape[-1] - positives)
    above = (ranks * positive).sum(axis=-1) - positives * (positives + 1) / 2
    return np.asarray(np.divide(above, pairs, out=np.full(above.shape, 0.5), where=pairs > 0))


def average_precision(positive: NDArray[np.bool_], probabilities: Floats) -> Floats:
    """Return the mean precision over the recall, without interpolation; equal probabilities are one step.

    Args and Returns: as `area_under_roc`; 0 where there is no positive example.
    """
    order = np.argsort(-probabilities, axis=-1, kind="stable")
    ranked = np.take_along_axis(np.broadcast_to(positive, probabilities.shape), order, axis=-1)
    values = np.take_along_axis(probabilities, order, axis=-1)
    hits = ranked.cumsum(axis=-1)
    ends = np.ones(values.shape, dtype=bool)  # of each step
    ends[..., :-1] = values[..., :-1] != values[..., 1:]
    reached = np.maximum.accumulate(np.where(ends, hits, 0), axis=-1)
    before = np.concatenate([np.zeros((*reached.shape[:-1], 1), dtype=reached.dtype), reached[..., :-1]], axis=-1)
    precision = hits / np.arange(1, values.shape[-1] + 1)
    total = np.where(ends, precision * (hits - before), 0.0).sum(axis=-1)
    return np.asarray(total / np.maximum(positive.sum(axis=-1), 1))


def roc_values(labels: NDArray[np.integer], probabilities: Floats) -> Floats:
    """Return a value for each example whose mean is the area under the ROC curve.

    The variance of this mean is that of DeLong, DeLong and Clarke-Pearson (1988), "Comparing the Areas under Two or
    More Correlated Receiver Operating Characteristic Curves".

    Args:
        labels: 0 or 1, shape `(n,)`.
        probabilities: shape `(seeds, n)`.

    Returns:
        Shape `(seeds, n)`; all 0.5 where a class has no example.
    """
    positive = labels == 1
    n, positives = len(labels), int(positive.sum())
    if positives in (0, n):
        return np.full(probabilities.shape, 0.5)
    values = np.empty(probabilities.shape)
    for one, other, sign in ((positive, ~positive, 1), (~positive, positive, -1)):
        own, others = sign * probabilities[:, one], sign * probabilities[:, other]
        within, among = rankdata(own, axis=-1), rankdata(np.concatenate([own, others], axis=-1), axis=-1)
        placements = (among[:, : own.shape[1]] - within) / others.shape[1]  # share of the other class ranked below
        area = placements.mean(axis=-1, keepdims=True)
        values[:, one] = area + n / own.shape[1] * (placements - area)
    return values
