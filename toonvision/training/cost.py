"""What a trained model costs to keep and to use: parameters, size on the disk, seconds a batch."""

from __future__ import annotations

import statistics
import time
from pathlib import Path

import keras
import numpy as np

from toonvision.dataset import Examples, Split, each_input
from toonvision.verdict import Cost

_WARM_UP = 3  # batches: the first one traces the model, the next ones fill the caches
_REPEATS = 30


def measure_cost(model: keras.Model, path: Path, examples: Split, batch_size: int) -> Cost:
    """Measure a model that has been saved.

    Args:
        model: built.
        path: of its file.
        examples: to predict; they are repeated if they do not fill a batch.
        batch_size: examples a batch.

    Returns:
        The median over many batches, so that what else the machine did for a moment does not count.
    """
    first = examples.beginning(batch_size).x
    batch = each_input(lambda x: np.resize(x, (batch_size, *x.shape[1:])), first)
    seconds = [_seconds(model, batch) for _ in range(_WARM_UP + _REPEATS)][_WARM_UP:]
    return Cost(
        parameters=model.count_params(),
        file_bytes=path.stat().st_size,
        batch_seconds=statistics.median(seconds),
        batch_size=batch_size,
    )


def _seconds(model: keras.Model, batch: Examples) -> float:
    started = time.perf_counter()
    model.predict_on_batch(batch)  # it returns NumPy's arrays, and so has waited for the device
    return time.perf_counter() - started
