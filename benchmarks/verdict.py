"""How often the verdict's interval holds, and how often its tests say that two configurations differ.

Command: python benchmarks/verdict.py [RUNS]
Each training is wrong on each example by chance: by the example's rate of error, the same in both roles, and by a level
of the training. Prints a line for each spread of these levels: the standard deviation of the errors over the trainings;
how often McNemar's test of the median models of three seeds rejects; and, for three, five and ten seeds, how often the
95 % interval of the difference covers the true one, zero, and how often its test rejects. Then the same where the tuned
configuration is better: how often the tests find it. `verdict.md` has the figures.
"""

from __future__ import annotations

import sys

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit
from scipy.stats import norm

from toonvision.verdict.difference import difference
from toonvision.verdict.mcnemar import mcnemar

EXAMPLES, HARD = 197, 1.5  # the test set of cogs; spread of the examples' error rates, on the logit scale
CENTRE = -3.0  # of the same; some 20 errors
# Of the trainings, on the logit scale, and the share of them that learn nothing.
SPREADS = ((0.0, 0.0), (0.15, 0.0), (0.3, 0.0), (0.6, 0.0), (1.0, 0.0), (0.15, 0.1))
BETTER = 0.8  # logits
SEEDS = (3, 5, 10)
CONFIDENCE = 0.95


def answers(
    seeds: int, easy: NDArray[np.float64], spread: float, dead: float, rng: np.random.Generator
) -> NDArray[np.bool_]:
    """Return whether each of `seeds` trainings is wrong on each example, shape `(seeds, n)`."""
    rates = expit(easy + rng.normal(scale=spread, size=(seeds, 1)))
    rates[rng.random(seeds) < dead] = 0.75  # of four classes
    wrong: NDArray[np.bool_] = rng.random((seeds, len(easy))) < rates
    return wrong


def row(spread: float, dead: float, better: float, runs: int) -> str:
    """Return the line of one spread; the tuned role is better by so much on the logit scale."""
    rng = np.random.default_rng(1)
    errors, gaps, cells, rejected = list[float](), list[float](), list[str](), 0
    for seeds in SEEDS:
        covered = refused = 0
        for _ in range(runs):
            easy = CENTRE + HARD * norm.ppf(rng.random(EXAMPLES))
            roles = [answers(seeds, easy - shift, spread, dead, rng) for shift in (0.0, better)]
            found = difference(*(role.astype(np.float64) for role in roles), confidence=CONFIDENCE)
            errors.append(float(roles[0].sum(axis=1).var(ddof=1)))
            gaps.append(found.value)
            covered += found.interval is None or found.interval[0] <= 0 <= found.interval[1]
            refused += found.p_value is not None and found.p_value < 1 - CONFIDENCE
            if seeds == SEEDS[0]:
                first, second = (role[np.argsort(role.sum(axis=1))[seeds // 2]] for role in roles)
                rejected += mcnemar(first, second).p_value < 1 - CONFIDENCE
        cells += [f"{covered / runs:.3f}", f"{refused / runs:.3f}"] if not better else [f"{refused / runs:.3f}"]
    deviation = f"{np.mean(errors) ** 0.5:.1f}{', one in ten dead' if dead else ''}"
    mean = [f"{np.mean(gaps):.1f}"] if better else []
    return f"| {' | '.join([deviation, *mean, f'{rejected / runs:.3f}', *cells])} |"


def head(*columns: str) -> str:
    """Return the head of a table."""
    return f"| {' | '.join(columns)} |\n|{' --- |' * len(columns)}"


def main(runs: int) -> None:
    """Print both tables."""
    both = [f"{seeds} seeds {what}" for seeds in SEEDS for what in ("cover", "reject")]
    print(head("deviation of errors", "McNemar rejects", *both))
    for spread, dead in SPREADS:
        print(row(spread, dead, 0.0, runs), flush=True)
    print()
    found = (f"{seeds} seeds find it" for seeds in SEEDS)
    print(head("deviation of errors", "fewer errors", "McNemar finds it", *found))
    for spread, dead in SPREADS:
        print(row(spread, dead, BETTER, runs), flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else 2000)
