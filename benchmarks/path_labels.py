"""How often a path calls a step better or worse although no step has an effect, and how often it finds an effect.

Command: python benchmarks/path_labels.py [PATHS]
A path of eight steps, seven of them changes, is simulated without training: the loss of each training is log-normal.
Prints a line for each number of seeds and kind of error. The old rule called a step better (worse) if all its seeds
were better (worse) than all seeds of the step before; `gains` is the pooled t test with Holm's correction. The effect
is a loss that one step lowers. `path_labels.md` has the figures.
"""

from __future__ import annotations

import sys

import numpy as np
from numpy.typing import NDArray

from toonvision.verdict.gain import gains

STEPS = 8
SEEDS = (2, 3, 5)
SPREAD = 0.15  # standard deviation of the log of the loss over the seeds
EFFECT = 0.6  # of one step, on the log of the loss
CHANGED = 4  # the step with the effect; it has the same values as those after it
PAIRS = [(step, step - 1) for step in range(1, STEPS)]
KINDS = ("one in ten dead", "variance by step", "equal variance")


def losses(kind: str, seeds: int, effect: float, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return the losses of a path, shape `(steps, seeds)`."""
    spread = SPREAD * (rng.uniform(0.3, 2, size=(STEPS, 1)) if kind == "variance by step" else 1)
    log = rng.normal(size=(STEPS, seeds)) * spread
    log[CHANGED:] -= effect
    if kind == "one in ten dead":
        log[rng.random(log.shape) < 0.1] = 1.5  # a training that learned nothing
    return np.exp(log)


def by_ranges(path: NDArray[np.float64]) -> list[bool]:
    """Return which changes the old rule labels."""
    low, high = path.min(axis=1), path.max(axis=1)
    return [bool(high[step] < low[before] or low[step] > high[before]) for step, before in PAIRS]


def by_gains(path: NDArray[np.float64]) -> list[bool]:
    """Return which changes are significant."""
    return [gain.is_significant for gain in gains([list(group) for group in path], PAIRS, is_loss=True)]


def row(kind: str, seeds: int, paths: int) -> str:
    """Return the line of a kind of error and a number of seeds."""
    rng = np.random.default_rng(1)
    cells: list[str] = []
    for effect in (0.0, EFFECT):
        both = np.array(
            [(by_ranges(path), by_gains(path)) for path in (losses(kind, seeds, effect, rng) for _ in range(paths))]
        )
        chosen = both[:, :, CHANGED - 1].mean(axis=0) if effect else both.any(axis=2).mean(axis=0)
        cells += [f"{share:.3f}" for share in chosen]
    return f"| {' | '.join([kind, str(seeds), *cells])} |"


def main(paths: int) -> None:
    """Print the table."""
    rates = (f"{what}, {rule}" for what in ("any false label", "effect found") for rule in ("old", "new"))
    columns = ("errors", "seeds", *rates)
    print(f"| {' | '.join(columns)} |\n|{' --- |' * len(columns)}")
    for kind in KINDS:
        for seeds in SEEDS:
            print(row(kind, seeds, paths), flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else 2000)
