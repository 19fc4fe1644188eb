"""How long each side searches until it is as good as random trials of plain KerasTuner are in the end.

Command: python -m benchmarks.time_to_target [TRIALS] [SEEDS] [DATASET HEIGHT WIDTH]
The target of a seed is the best validation loss of its random trials. Seconds are those of the whole process until the
trial that is as good has ended.
"""

from __future__ import annotations

import statistics
import sys
from collections.abc import Sequence
from dataclasses import replace

from benchmarks.sides import ASHA, BAYESIAN, DEFAULT, HYPERBAND, OPTUNA, PLAIN, Outcome, Task, label, machine, run

SIDES = (PLAIN, BAYESIAN, HYPERBAND, OPTUNA, DEFAULT, ASHA)
SHORT = (PLAIN, OPTUNA, DEFAULT, ASHA)


def measure(task: Task, seeds: int, sides: Sequence[str] = SIDES) -> list[str]:
    """Run the sides, of which plain random search is one, in turn with each seed, and return a table."""
    found: dict[str, list[Outcome]] = {side: [] for side in sides}
    for seed in range(1, seeds + 1):
        for side in sides:
            outcome = run(side, replace(task, seed=seed))
            found[side].append(outcome)
            line = f"{task.dataset} seed {seed} {side}: {len(outcome.trials)} trials, {outcome.seconds:.1f} s"
            print(f"{line}, {outcome.best:.4f}", file=sys.stderr, flush=True)
    lines = [
        "| side | s to the target, of each seed | median share of the random search | best loss, of each seed |",
        "| --- | --- | --- | --- |",
    ]
    for side, outcomes in found.items():
        reached = [own.reached(random.best) for own, random in zip(outcomes, found[PLAIN], strict=True)]
        # one that does not reach it searches longer than it did
        shares = [(s or float("inf")) / random.seconds for s, random in zip(reached, found[PLAIN], strict=True)]
        seconds = ", ".join(
            f"not in {own.seconds:.0f}" if s is None else f"{s:.0f}" for s, own in zip(reached, outcomes, strict=True)
        )
        share = statistics.median(shares)
        bests = ", ".join(f"{own.best:.3f}" for own in outcomes)
        lines.append(
            f"| {label(side)} | {seconds} | {'not reached' if share == float('inf') else f'{share:.2f}'} | {bests} |"
        )
    return lines


if __name__ == "__main__":
    given = sys.argv[1:]
    trials, seeds, dataset, height, width = (*given, *("100", "5", "cogs", "150", "50")[len(given) :])
    print(machine())
    print("\n".join(measure(Task(dataset, int(height), int(width), int(trials)), int(seeds))))
