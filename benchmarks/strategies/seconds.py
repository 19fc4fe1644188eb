"""Measure the seconds of a training of each task: to start, and for an epoch. They are those of `tasks.py`.

Command: TF_NUM_INTRAOP_THREADS=1 python -m benchmarks.strategies.seconds [dataset.path=FOLDER]
An architecture is trained twice: at first TensorFlow traces it, then it does not. The second training tells what an
epoch takes, the difference what a start takes. Medians of some architectures.
"""

from __future__ import annotations

import random
import statistics
import sys
import time

from benchmarks.strategies.tabulate import train
from benchmarks.strategies.tasks import TASKS, Task
from toonvision.config.compose import compose
from toonvision.dataset import load_dataset
from toonvision.search_space.space import combinations, complete
from toonvision.training.backend import load_backend
from toonvision.validation.validate import validate

ARCHITECTURES = 8


def measure(task: Task, overrides: list[str]) -> tuple[float, float]:
    """Return the median seconds to start a training, and of an epoch."""
    config = validate(compose([*task.overrides, "~training.callbacks.early_stopping", *overrides]))
    load_backend(config.backend)
    dataset, epochs = load_dataset(config.default_trial.dataset), config.default_trial.training.epochs
    starts, each = [], []
    for values in random.Random(0).sample(list(combinations(config.search_space)), ARCHITECTURES + 1):
        trial = config.resolve(complete(config.search_space, values))
        began = time.perf_counter()
        model, _ = train(trial, dataset, None)
        traced = time.perf_counter()
        train(trial, dataset, model)
        second = time.perf_counter() - traced
        starts.append(traced - began - second)
        each.append(second / epochs)
    return statistics.median(starts[1:]), statistics.median(each[1:])  # the first one warms up


if __name__ == "__main__":
    for of in TASKS:
        start, epoch = measure(of, sys.argv[1:] if of.needs else [])
        print(f"{of.name}: {start:.2f} s to start, {epoch:.3f} s an epoch", flush=True)
