"""Searches that are killed by SIGKILL at random moments and go on each time, against one that is left alone.

Command: python benchmarks/kills.py [KILLS [SEARCH ...]]
Kills each search so often, 25 times unless said, in as many runs as it takes, and lets each run end. Prints for each
search the kills; the runs; in how many different places the kills fell, counting trials, folds, finalists and steps of
the path that had ended; and how many of these were lost, doubled, or other than those of the search that was left
alone. Ends with 1 if any was.

Keras is imported once, before the processes that are killed are forked, so that the kills fall into their work.
"""

from __future__ import annotations

import functools
import importlib
import math
import os
import random
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import toonvision
from toonvision.errors import ConfigError
from toonvision.record.results import Results
from toonvision.search.runner import Trainer
from toonvision.training.backend import load_backend

SMALL = ("dataset=breast_cancer", "model=mlp", "training.epochs=2", "training.retrain={epochs:1,seeds:1}")
RANDOM = ("tuner=random_search", "tuner.max_trials=12")
SEARCHES = {
    "inline": (*RANDOM, "executor=inline"),
    "hyperband": ("executor=inline", "tuner=hyperband", "training.epochs=4", "tuner.factor=2"),
    # What is pruned depends on which of two trials is the first to end an epoch.
    "processes": (*RANDOM, "pruner=none", "executor=processes", "executor.workers=2"),
    "folds": (
        *("tuner=random_search", "tuner.max_trials=4", "pruner=none", "executor=processes", "executor.workers=2"),
        *("resampling=kfold", "training.resampling.folds=3", "training.resampling.parallel=true"),
    ),
    "coarse_to_fine": (
        *("executor=inline", "strategy=coarse_to_fine", "strategy.rounds.explore.max_trials=8", "tuner=random_search"),
        *("tuner.max_trials=4", "finalists.count=2", "path.seeds=1"),
    ),
}
SHARE = 0.3  # of the time of the search that is left alone, within which a kill comes after each start
DIFFERENCES = ("lost", "doubled", "other")


def go_on(directory: Path, overrides: list[str], trainer: Trainer | None) -> int:
    """Start a process that begins or resumes the run in this directory, and return its number."""
    child = os.fork()
    if child == 0:
        try:
            toonvision.resume(directory, trainer=trainer)
        except ConfigError:  # killed before there was a record
            toonvision.run(toonvision.compose(overrides), directory, trainer=trainer)
        os._exit(0)
    return child


def has_ended(child: int) -> bool:
    """Whether a process that was started here has ended."""
    return os.waitpid(child, os.WNOHANG) != (0, 0)


def parts(directory: Path) -> dict[str, tuple[object, ...]]:
    """Return all that has ended in a run, by its name: its trials, finalists, steps of the path and final models."""
    try:
        results = Results.load(directory)
    except ConfigError:
        return {}
    ended = [trial for trial in results.trials if trial.has_ended]
    found: list[tuple[str, tuple[object, ...]]] = [
        *((f"trial {t.id}", (t.round, dict(t.values), t.status, t.outcome.scores)) for t in ended),
        *((f"finalist {f.number}", (f.outcome.scores,)) for f in results.state.finalists),
        *((f"step {step.number}", (step.changes, step.outcome.scores)) for step in results.state.path),
    ]
    if results.comparison:
        found += [("comparison", (results.comparison.tuned.values,))]
    reports = [trial.reported_at for trial in ended]
    if len(dict(found)) < len(found) or len(set(reports)) < len(reports):
        found += [("doubled", ())]
    return dict(found)


def same(one: object, other: object) -> bool:
    """Whether two parts are equal; a thread more or less rounds otherwise."""
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-6)
    if isinstance(one, tuple | list) and isinstance(other, tuple | list):
        return len(one) == len(other) and all(map(same, one, other))
    return one == other


def differences(run: Path, whole: Path) -> tuple[int, int, int]:
    """Return how many parts of a run are lost, doubled, or other than those of the run that was left alone."""
    expected, received = parts(whole), parts(run)
    doubled = int(received.pop("doubled", None) is not None)
    other = sum(not same(part, expected.get(name)) for name, part in received.items())
    return len(expected.keys() - received.keys()), doubled, other


def at_work(directory: Path, since: float) -> bool:
    """Whether a trial has ended an epoch since then."""
    folders = (directory, *directory.glob("trials/*/folds"), directory / "finalists", directory / "path")
    histories = (path.stat() for folder in folders for path in folder.glob("trials/*/history.csv"))
    return any(history.st_size and history.st_mtime > since for history in histories)


def killed(run: Path, start: Callable[[Path], int], seconds: float, moments: random.Random) -> Iterator[int]:
    """Kill a search again and again until it has ended; yield at each kill how many parts had ended.

    Each second kill comes within a quarter of the time after the first epoch's end.
    """
    for number in range(10**6):
        started, within, child = time.time(), seconds, start(run)
        if number % 2:
            within /= 4
            while not at_work(run, started) and Path(f"/proc/{child}/cwd").exists():
                time.sleep(0.02)
        time.sleep(moments.uniform(0.0, within))
        if has_ended(child):
            return
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        yield len(parts(run)) + len(list(run.glob("trials/*/folds/*.json")))


def main(kills: int, searches: list[str], trainer: Trainer | None = None) -> int:
    """Print the line of each search, and return the exit code; the tests give a trainer that simulates."""
    # Of what a killed search could not clean up.
    os.environ["PYTHONWARNINGS"] = "ignore::UserWarning:loky.backend.resource_tracker"
    if trainer is None:
        load_backend("tensorflow")
    importlib.import_module("toonvision.job")  # here, not in each process
    wrong = False
    print(f"{'search':<15} kills  runs places " + " ".join(f"{name:>7}" for name in DIFFERENCES))
    for search in searches:
        overrides = [*SMALL, "report.formats.page=null", *SEARCHES[search]]
        start = functools.partial(go_on, overrides=overrides, trainer=trainer)
        moments, left, found = random.Random(3), list[int](), [0, 0, 0]
        with tempfile.TemporaryDirectory() as folder:
            whole, runs = Path(folder, "whole"), 0
            os.waitpid(start(whole), 0)
            seconds = SHARE * Results.load(whole).state.seconds
            while len(left) < kills:
                run, runs = Path(folder, f"{runs}"), runs + 1
                for ended in killed(run, start, seconds, moments):
                    left.append(ended)
                    if len(left) == kills:
                        os.waitpid(start(run), 0)
                        break
                found = [sum(pair) for pair in zip(found, differences(run, whole), strict=True)]
        wrong = wrong or any(found)
        print(
            f"{search:<15} {kills:>5} {runs:>5} {len(set(left)):>6} " + " ".join(f"{n:>7}" for n in found), flush=True
        )
    return int(wrong)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if sys.argv[1:] else 25, sys.argv[2:] or list(SEARCHES)))
