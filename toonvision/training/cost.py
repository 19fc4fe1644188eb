"""How long a trained model takes to use."""

from __future__ import annotations

import statistics
import time

import keras
import numpy as np

from toonvision.dataset import Examples, Split, each_input

_WARM_UP = 3  # batches: the first one traces the model, the next ones fill the caches
_REPEATS = 30


def batch_seconds(model: keras.Model, examples: Split, batch_size: int) -> float:
    """Return the median time of many full batches, so that what else the machine did for a moment does not count.

    Args:
        model: built.
        examples: to predict; they are repeated if they do not fill a batch.
        batch_size: examples a batch.
    """
    first = examples.beginning(batch_size).x
    batch = each_input(lambda x: np.resize(x, (batch_size, *x.shape[1:])), first)
    return statistics.median([_seconds(model, batch) for _ in range(_WARM_UP + _REPEATS)][_WARM_UP:])


def _seconds(model: keras.Model, batch: Examples) -> float:
    started = time.perf_counter()
    model.predict_on_batch(batch)  # it returns NumPy's arrays, and so has waited for the device
    return time.perf_counter() - started
