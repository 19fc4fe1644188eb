"""Which values are to blame for the models that cannot be built, found by experiment.

A random sample alone would also accuse the innocent: in 200 of the default space 82 failed, and 10 of the 15
with `dropout_1_rate: 0.5`. So values of a failure are taken back to those of a model that can be built, one by one, as
in delta debugging (Zeller and Hildebrandt, 2002, https://doi.org/10.1109/32.988498), and what remains is to blame.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

from toonvision.search_space.space import (
    Space,
    Values,
    defaults,
    fixed_values,
    hyperparameters,
    is_active,
    possible_values,
)
from toonvision.space_check.finding import Blame, Condition, Count, Reason, Tried

MOST_VALUES = 12  # of a hyperparameter, to be listed one by one
CanBuild = Callable[[Values], bool]


def reasons(tried: Iterable[Tried]) -> tuple[Reason, ...]:
    """Return in which layers building failed, the most frequent first."""
    split = [t.error.partition(": ") for t in tried if t.error is not None]
    examples = {where: example for where, _, example in reversed(split)}
    counts = Counter(where for where, _, _ in split)
    return tuple(Reason(where, examples[where], count) for where, count in counts.most_common())


def smallest_causes(space: Space, tried: Sequence[Tried], can_build: CanBuild) -> tuple[list[Values], Values]:
    """Return for failures the fewest of their values that cannot be built, and the values all else was set to.

    A failure for which the cause of an earlier one accounts has none of its own.

    Args:
        space: valid.
        tried: some of its combinations.
        can_build: tells of any other; a failure whose experiment it ends by raising TimeoutError is the last.
    """
    reference = _reference(space, tried, can_build)
    if reference is None:
        return [], {}
    rates = _rates(tried)
    suspects: set[str] = set()
    causes: list[Values] = []
    rules: list[tuple[Condition, ...]] = []
    for t in tried:
        failure = t.values
        if t.error is None or any(_holds(rule, t) for rule in rules):
            continue
        failing = {name: rates[name, value] for name, value in failure.items() if reference.get(name) != value}
        names = sorted(failing, key=failing.__getitem__)
        try:
            kept = [name for name in names if name in suspects]
            if can_build(_carry(space, failure, kept, reference)):
                kept = names
            for name in list(kept):
                fewer = [other for other in kept if other != name]
                if not can_build(_carry(space, failure, fewer, reference)):
                    kept = fewer
        except TimeoutError:
            break
        suspects.update(kept)
        causes.append({name: failure[name] for name in failure if name in kept})
        rules.append(_widened(space, causes[-1], reference, tried))
    return causes, reference


def single_values(tried: Sequence[Tried], names: Collection[str], most: int) -> tuple[Blame, ...]:
    """Return the single values of these hyperparameters that fail more often than others, the worst first."""
    blames = []
    for name in names:
        values = {t.values[name] for t in tried if name in t.values}
        if len(values) <= MOST_VALUES:
            blames += [Blame.of((Condition(name, "=", value),), tried) for value in values]
    worse = [blame for blame in blames if _lift(blame) > 0]
    worse.sort(key=lambda blame: (-_lift(blame), blame.conditions[0].name, str(blame.conditions[0].value)))
    return tuple(worse[:most])


def combinations(
    space: Space, tried: Sequence[Tried], causes: Sequence[Values], reference: Values, *, most: int
) -> tuple[tuple[Blame, ...], int]:
    """Return the causes that account for most failures, widened to bounds, and how many failures are left over.

    Args:
        space: valid.
        tried: some of its combinations.
        causes: the fewest values that fail, for some failures (see `smallest_causes`).
        reference: the values they were found against; a bound leads away from them.
        most: causes to return.
    """
    failures = [t for t in tried if t.error is not None]
    rules = list(dict.fromkeys(_widened(space, cause, reference, tried) for cause in causes))
    found: list[Blame] = []
    while rules and failures and len(found) < most:
        explained = {rule: sum(_holds(rule, t) for t in failures) for rule in rules}
        best = max(rules, key=lambda rule: (explained[rule], -len(rule)))
        if not explained[best]:
            break
        found.append(Blame.of(best, tried))
        failures = [t for t in failures if not _holds(best, t)]
        rules.remove(best)
    return tuple(found), len(failures)


def _reference(space: Space, tried: Sequence[Tried], can_build: CanBuild) -> Values | None:
    """Values that can be built, the defaults or those that fail least; with one for every name."""
    built = [t.values for t in tried if t.error is None]
    default = {name: value for name, value in defaults(space).items() if name in hyperparameters(space)}
    default = {name: value for name, value in default.items() if value is not None}
    rates = _rates(tried)
    built.sort(key=lambda values: sum(rates[item] for item in values.items()) / max(1, len(values)))
    candidates = ([default] if can_build(default) else []) + built
    return {name: value for values in reversed(candidates) for name, value in values.items()} if candidates else None


def _carry(space: Space, failure: Values, names: Collection[str], reference: Values) -> Values:
    """The reference with the failure's values of these names, and only what is active then."""
    values: Values = {}
    fixed = fixed_values(space)
    for name, entry in hyperparameters(space).items():
        if is_active(entry.get("when"), fixed | values):
            other = reference.get(name, failure.get(name))
            values[name] = failure[name] if name in names and name in failure else other
    return values


def _rates(tried: Sequence[Tried]) -> dict[tuple[str, Any], float]:
    with_it: dict[tuple[str, Any], list[Tried]] = {}
    for t in tried:
        for item in t.values.items():
            with_it.setdefault(item, []).append(t)
    return {item: Count.of(there).share for item, there in with_it.items()}


def _widened(space: Space, cause: Values, reference: Values, tried: Sequence[Tried]) -> tuple[Condition, ...]:
    """The cause as bounds, if nothing within them could be built; otherwise as it is."""
    wide = tuple(_bound(space[name], name, value, reference.get(name)) for name, value in cause.items())
    if any(t.error is None and _holds(wide, t) for t in tried):
        return tuple(Condition(name, "=", value) for name, value in cause.items())
    return wide


def _bound(entry: Mapping[str, Any], name: str, value: Any, reference: Any) -> Condition:
    is_ordered = isinstance(value, int | float) and not isinstance(value, bool) and reference not in (None, value)
    if not is_ordered:
        return Condition(name, "=", value)
    relation = ">=" if value > reference else "<="
    possible = possible_values(entry)
    outermost = possible is not None and value == (max(possible) if relation == ">=" else min(possible))
    return Condition(name, "=" if outermost else relation, value)


def _holds(rule: tuple[Condition, ...], t: Tried) -> bool:
    return all(condition.holds(t.values) for condition in rule)


def _lift(blame: Blame) -> float:
    return blame.present.share - blame.absent.share
