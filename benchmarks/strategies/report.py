"""The tables of a comparison: anytime regret, paired tests, probability of being better, and mean ranks.

Regret is relative: 1 is that of the middle configuration of the task, 0 that of the best one. The anytime regret of a
search is the mean of its regret over all that it may spend, be it epochs or simulated seconds.
"""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata, wilcoxon

from benchmarks.strategies.replay import Curves, Steps
from benchmarks.strategies.strategies import Comparison
from benchmarks.strategies.tasks import Task

PARTS = (1 / 6, 1 / 3, 2 / 3, 1.0)
Floats = NDArray[np.float64]


def print_comparison(
    comparison: Comparison, tasks: Sequence[Task], results: Mapping[tuple[str, str, int, int], Steps]
) -> None:
    """Print all tables of a comparison.

    Args:
        comparison: of which.
        tasks: in their order.
        results: the steps by task, strategy, workers and seed.
    """
    runs = max(seed for *_, seed in results)
    print(f"\n## {comparison.title}\n\n{runs} runs of each strategy on each task.")
    ranks: dict[str, list[Floats]] = {}
    for task in tasks:
        runs_of = {
            (strategy, workers): [results[task.name, strategy, workers, seed] for seed in range(1, runs + 1)]
            for of_task, strategy, workers, seed in results
            if of_task == task.name and seed == 1
        }
        _print_task(comparison, task, runs_of, ranks)
    _print_ranks(comparison, ranks)


def _print_task(
    comparison: Comparison,
    task: Task,
    runs: Mapping[tuple[str, int], Sequence[Steps]],
    ranks: dict[str, list[Floats]],
) -> None:
    """Print the table of a task, and add its ranks; `runs` are those of each strategy and number of workers."""
    curves = Curves.read(task.table)
    limit = comparison.whole * curves.epochs
    seconds = comparison.whole * (task.start_seconds + curves.epochs * task.epoch_seconds)
    middle = curves.middle(curves.smallest(1 - comparison.infeasible))
    names = list(comparison.strategies)
    by_epochs = {name: anytime(runs[name, 1], 0, limit, middle) for name in names}
    reference = by_epochs[comparison.reference]
    ps = corrected({name: _paired(by_epochs[name], reference) for name in names}, comparison.reference)
    print(f"\n### {task.name}\n")
    shares = " | ".join(f"at {part:.0%}" for part in PARTS)
    print(f"| strategy | {shares} | anytime | p (Holm) | better than the reference |\n|{'---|' * (len(PARTS) + 4)}")
    for name in sorted(names, key=lambda name: by_epochs[name].mean()):
        medians = [statistics.median(_at(run, part * limit, middle) for run in runs[name, 1]) for part in PARTS]
        against = f"{ps[name]:.2g}" if name in ps else "reference"
        chance = _chance(by_epochs[name], reference) if name in ps else ""
        cells = " | ".join(f"{median:.3f}" for median in medians)
        print(f"| {name} | {cells} | {by_epochs[name].mean():.3f} | {against} | {chance} |")
    _collect(ranks, "anytime, epochs", [by_epochs[name] for name in names])
    _collect(ranks, "at the end", [[_at(run, limit, middle) for run in runs[name, 1]] for name in names])
    _collect(ranks, "anytime, seconds", [anytime(runs[name, 1], 1, seconds, middle) for name in names])
    if comparison.parallel:
        two = [anytime(runs[name, 2], 1, seconds / 2, middle) for name in comparison.parallel]
        _collect(ranks, "anytime, seconds, 2 workers", two)


def _print_ranks(comparison: Comparison, ranks: Mapping[str, list[Floats]]) -> None:
    means = {measure: np.mean(of_tasks, axis=0) for measure, of_tasks in ranks.items()}
    print(f"\n### Mean ranks\n\n| strategy | {' | '.join(ranks)} |\n|{'---|' * (len(ranks) + 1)}")
    names = list(comparison.strategies)
    for index in np.argsort(means["anytime, epochs"]):
        cells = []
        for measure, mean in means.items():
            of = list(comparison.parallel) if measure.endswith("workers") else names
            cells.append(f"{mean[of.index(names[index])]:.1f}" if names[index] in of else "")
        print(f"| {names[index]} | {' | '.join(cells)} |")


def _collect(ranks: dict[str, list[Floats]], measure: str, regrets: Sequence[Floats | Sequence[float]]) -> None:
    """Add the mean rank of each strategy over the runs of a task; `regrets` has those of each strategy."""
    ranks.setdefault(measure, []).append(rankdata(regrets, axis=0).mean(axis=1))


def anytime(runs: Sequence[Steps], of: int, limit: float, middle: float) -> Floats:
    """Return the mean regret of each run over all that it may spend, as a part of the regret `middle`.

    Args:
        runs: the steps of each.
        of: 0 for epochs, 1 for simulated seconds.
        limit: that a run may spend.
        middle: the regret of the middle configuration, which counts until the first step.
    """
    areas = []
    for run in runs:
        positions = [0.0, *(min(step[of], limit) for step in run), limit]
        regrets = [1.0, *(step[2] / middle for step in run)]
        areas.append(float(np.dot(np.diff(positions), regrets)) / limit)
    return np.array(areas)


def _at(run: Steps, epochs: float, middle: float) -> float:
    return next((step[2] / middle for step in reversed(run) if step[0] <= epochs), 1.0)


def _paired(one: Floats, other: Floats) -> float:
    return 1.0 if np.allclose(one, other) else float(wilcoxon(one, other).pvalue)


def corrected(ps: Mapping[str, float], reference: str) -> dict[str, float]:
    """Return the p-values after Holm's correction, without the reference, which is not compared with itself."""
    others = {name: p for name, p in ps.items() if name != reference}
    found, least = {}, 0.0
    for place, name in enumerate(sorted(others, key=lambda name: others[name])):
        least = max(least, min(1.0, (len(others) - place) * others[name]))
        found[name] = least
    return found


def _chance(one: Floats, other: Floats) -> str:
    """Return the probability that a run of one strategy is better than one of the other, with a bootstrap interval."""
    generator = np.random.default_rng(0)
    wins = (one[:, None] < other) + 0.5 * (one[:, None] == other)
    draws = [
        wins[np.ix_(generator.integers(0, len(one), len(one)), generator.integers(0, len(other), len(other)))].mean()
        for _ in range(1000)
    ]
    low, high = np.quantile(draws, [0.025, 0.975])
    return f"{wins.mean():.2f} ({low:.2f} to {high:.2f})"
