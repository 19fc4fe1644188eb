"""Replay every strategy on every task, and print the tables of strategies.md.

Command: python -m benchmarks.strategies [RUNS [COMPARISON ...]]
RUNS is the number of replays of each strategy on each task, 50 if it is left out. What has been replayed is kept in
outputs/strategies.csv; delete it after a change of what is replayed. KerasTuner's Bayesian is a comparison of its own,
`10 bayesian`: a search takes a minute.
"""

from __future__ import annotations

import csv
import os
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

from benchmarks.strategies.replay import Curves, Steps, replay
from benchmarks.strategies.report import print_comparison
from benchmarks.strategies.strategies import COMPARISONS
from benchmarks.strategies.tasks import TASKS

RESULTS = Path("outputs/strategies.csv")
Key = tuple[str, str, str, int, int]  # comparison, task, strategy, workers, seed


def main(runs: int, names: list[str]) -> None:
    """Replay what has not been replayed, and print the tables."""
    results = _read() if RESULTS.exists() else {}
    wanted = list(_keys(runs, names))
    RESULTS.parent.mkdir(exist_ok=True)
    with ProcessPoolExecutor(initializer=_quiet) as pool, RESULTS.open("a", newline="") as file:
        futures = {pool.submit(_replay, key): key for key in wanted if key not in results}
        for future in as_completed(futures):
            key = futures[future]
            results[key] = future.result()
            steps: list[tuple[object, ...]] = [*results[key]]
            csv.writer(file).writerows([*key, *step] for step in steps or [("", "", "")])
            file.flush()
    for name in names:
        of_comparison = {key[1:]: results[key] for key in wanted if key[0] == name}
        print_comparison(COMPARISONS[name], [task for task in TASKS if task.table.exists()], of_comparison)


def _keys(runs: int, names: list[str]) -> Iterator[Key]:
    for name in names:
        comparison = COMPARISONS[name]
        for seed in range(1, runs + 1):
            for task in TASKS:
                for strategy in comparison.strategies if task.table.exists() else ():
                    for workers in (1, 2) if strategy in comparison.parallel else (1,):
                        yield name, task.name, strategy, workers, seed


def _replay(key: Key) -> Steps:
    name, of_task, strategy, workers, seed = key
    comparison, task = COMPARISONS[name], next(task for task in TASKS if task.name == of_task)
    curves = Curves.read(task.table)
    return replay(
        task,
        comparison.overrides(strategy, curves.epochs),
        seed,
        epochs=comparison.whole * curves.epochs,
        workers=workers,
        most_parameters=curves.smallest(1 - comparison.infeasible),
    )


def _read() -> dict[Key, Steps]:
    results: dict[Key, Steps] = {}
    with RESULTS.open(newline="") as file:
        for name, task, strategy, workers, seed, *step in csv.reader(file):
            steps = results.setdefault((name, task, strategy, int(workers), int(seed)), [])
            if step[0]:
                steps.append((int(step[0]), float(step[1]), float(step[2])))
    return results


def _quiet() -> None:
    os.environ["OMP_NUM_THREADS"] = "1"


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else 50, sys.argv[2:] or ["default", "promotion", "rounds", "infeasible"])
