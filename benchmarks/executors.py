"""The same trials of a small model on several executors, side by side: seconds, waiting, and the parent's memory.

Workers wait for the share of their time that they spend outside of trials, from the first trial's start to the last
one's end: for proposals, for their own start, and for the last trials.
Command: python benchmarks/executors.py [TRIALS] [EXECUTOR ...] [-- OVERRIDE ...]
An executor's own overrides follow it, separated by commas: processes,executor.workers=2
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import psutil
from rich.console import Console

from toonvision.config.compose import compose
from toonvision.config.node import instantiate
from toonvision.executor.processes import ProcessesExecutor
from toonvision.record.observer import Event, TrialEnded
from toonvision.record.record import Record
from toonvision.report.progress import ConsoleProgress
from toonvision.training.backend import load_backend
from toonvision.validation.validate import validate

MEBIBYTE = 2**20


class Meter:
    """An observer that measures the parent's memory as each trial ends."""

    def __init__(self) -> None:
        self.process = psutil.Process()
        self.memory: list[float] = []
        self.started, self.first, self.last, self.busy = float("inf"), 0.0, 0.0, 0.0

    def notify(self, event: Event) -> None:
        """Note the memory, and how long the trial took."""
        if isinstance(event, TrialEnded):
            self.last = time.perf_counter()
            self.first = self.first or self.last
            self.started = min(self.started, self.last - event.trial.outcome.seconds)
            self.busy += event.trial.outcome.seconds
            self.memory.append(self.process.memory_info().rss / MEBIBYTE)


def measure(executor: str, trials: int, overrides: list[str]) -> None:
    """Run one search, and print what it took."""
    from toonvision.job import KERAS  # after the backend has been chosen
    from toonvision.search.rounds import search_rounds
    from toonvision.search.runner import Runner

    name, *own = executor.split(",")
    config = validate(compose([f"executor={name}", *own, f"tuner.max_trials={trials}", *overrides]))
    meter, progress = Meter(), ConsoleProgress(Console(quiet=True), objective=config.objective)
    with tempfile.TemporaryDirectory() as folder:
        record = Record.create(config.storage, Path(folder), space=config.search_space, objective=config.objective)
        started = time.perf_counter()
        with instantiate(config.executor, "executor") as engine:
            if isinstance(engine, ProcessesExecutor):  # as toonvision.run does
                engine.fork_from("toonvision.training.preloaded")
            search_rounds(config, record=record, runner=Runner(engine, [progress, meter], KERAS))
            waiting = 1 - meter.busy / (engine.workers * (meter.last - meter.started))
        seconds = time.perf_counter() - started
    half = len(meter.memory) // 2
    slope = float(np.polyfit(range(half, len(meter.memory)), meter.memory[half:], 1)[0])
    print(
        f"{executor:<40} {seconds:7.1f} s  {seconds / trials:6.2f} s a trial  first trial after "
        f"{meter.first - started:5.1f} s  workers wait {waiting:4.0%}  "
        f"parent {meter.memory[0]:6.0f} -> {meter.memory[-1]:6.0f} MiB, {slope:+.3f} MiB a trial in the second half",
        flush=True,
    )


def main(arguments: list[str]) -> None:
    """Run the searches one after the other."""
    load_backend("tensorflow")
    split = arguments.index("--") if "--" in arguments else len(arguments)
    trials, *executors = arguments[:split] or ["100"]
    for executor in executors or ["inline", "processes,executor.workers=2"]:
        measure(executor, int(trials), ["dataset=digits", "training.epochs=3", *arguments[split + 1 :]])


if __name__ == "__main__":
    main(sys.argv[1:])
