"""Where models cannot be built, and which single values go with it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from scipy.stats import hypergeom

from toonvision.search_space.space import Space, hyperparameters
from toonvision.space_check.finding import BuildResult, Count, InfeasibleValue, Reason

MAX_VALUES = 12  # of a hyperparameter; one with more values is left out
SIGNIFICANCE = 0.05  # for all values of the space together


def reasons(results: Iterable[BuildResult]) -> tuple[Reason, ...]:
    """Return the layers at which building fails, the most frequent first."""
    errors = [(result.path, result.error) for result in results if result.error is not None]
    examples = dict(reversed(errors))
    counts = Counter(path for path, _ in errors)
    return tuple(Reason(path, examples[path], count) for path, count in counts.most_common())


def infeasible_values(
    space: Space, results: Sequence[BuildResult], *, is_all: bool, limit: int
) -> tuple[InfeasibleValue, ...]:
    """Return the values that fail more often than the other values of their hyperparameter, the worst first.

    In a random sample a harmless value may fail more often by chance. A value of a sample is therefore returned only
    if Fisher's exact test rejects chance, with Bonferroni's correction for the number of values.

    Args:
        space: a valid search space.
        results: of distinct combinations of its values.
        is_all: whether the space has no other combinations; then no test is needed.
        limit: the most values to return.
    """
    candidates = [
        candidate
        for name in hyperparameters(space)
        for candidate in _candidates(name, [r for r in results if name in r.values])
    ]
    worse = [c for c in candidates if c.excess > 0 and (is_all or _p_value(c) * len(candidates) < SIGNIFICANCE)]
    worse.sort(key=lambda candidate: (-candidate.excess, candidate.name, str(candidate.value)))
    return tuple(worse[:limit])


def _candidates(name: str, results: Sequence[BuildResult]) -> list[InfeasibleValue]:
    """Return each value of a hyperparameter, which is active in all of the results."""
    values = {result.values[name] for result in results}
    return [
        InfeasibleValue(
            name,
            value,
            with_value=Count.of(r for r in results if r.values[name] == value),
            with_others=Count.of(r for r in results if r.values[name] != value),
        )
        for value in (values if len(values) <= MAX_VALUES else ())
    ]


def _p_value(candidate: InfeasibleValue) -> float:
    """Return the probability of as many failures with the value if all values failed alike (Fisher's exact test)."""
    present, others = candidate.with_value, candidate.with_others
    total, failures = present.total + others.total, present.infeasible + others.infeasible
    return float(hypergeom.sf(present.infeasible - 1, total, failures, present.total))
