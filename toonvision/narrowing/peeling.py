"""From a space and its trials to the next space: cuts, one at a time, as long as one is beyond chance.

The good trials are found once, among all. Each step then looks at the trials that lie in the space as cut so far, tests
each hyperparameter on those in which it was active, makes the clearest cut and begins again: a box is peeled as in PRIM
(Friedman and Fisher, "Bump hunting in high-dimensional data", 1999), and peeling stops as a conditional inference tree
does (Hothorn, Hornik and Zeileis, "Unbiased recursive partitioning", 2006): when the smallest p-value, times the number
of hyperparameters, is above 0.05. So what is left to cut is the same question whichever space it is asked of, and
narrowing a narrowed space by the same trials changes nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.stats import rankdata

from toonvision.config.schema import NarrowingOptions
from toonvision.narrowing.entry import Entry, as_text, cut_off, is_ordered, level, restricted
from toonvision.narrowing.evidence import ALPHA, LEVELS, Cut, Edge, Evidence, Narrowing
from toonvision.narrowing.importance import importances
from toonvision.narrowing.observation import Observation, observations
from toonvision.narrowing.options import allows, check_names
from toonvision.narrowing.rank_statistic import Count, Part, Ranked, better_end, worst_part
from toonvision.search_space.space import Space, hyperparameters, is_hyperparameter, is_same, possible_values, within
from toonvision.trial.objective import Objective
from toonvision.trial.trial import Trial


@dataclass(frozen=True, slots=True)
class _Tried:
    """The values of one hyperparameter that were tried: from which to which each level goes, and their trials."""

    entry: Entry
    values: tuple[tuple[Any, Any], ...]
    ranked: Ranked


def narrow_space(
    space: Space, trials: Sequence[Trial], objective: Objective, options: NarrowingOptions | None = None
) -> Narrowing:
    """Return the next search space, and the evidence for it.

    It lies in the old one and holds the best trial. What cannot be tested, say for want of trials, stays. The
    p-values hold for trials whose values were drawn at random; of an algorithm that learns, they flatter.

    Args:
        space: that was searched, valid.
        trials: of the search; those that lie outside of the space only help to say what a good score is.
        objective: of several objectives the first one counts.
        options: what counts as good, and which cuts are wanted.

    Raises:
        ConfigError: if the options are out of place.
    """
    options = options or NarrowingOptions()
    check_names(options, hyperparameters(space))
    spoken = observations(trials, space, objective, options)
    inside = [observation for observation in spoken if within(space, observation.values)]
    box, cuts, peeled = dict(space), [], inside
    while True:
        found = _cuts(box, peeled)
        wanted = [one for one in found.values() if allows(options, one.name)]
        cut = min(wanted, key=lambda one: (one.p, -one.worse), default=None)
        if cut is None or not cut.is_supported:
            break
        box = _consistent({**box, cut.name: cut.entry})
        peeled = [observation for observation in peeled if within(box, observation.values)]
        cuts.append(cut)
    edges, weights = _edges(space, inside), importances(space, inside)
    evidence = tuple(
        Evidence(
            name,
            before=entry,
            after=box[name],
            good=_values(name, [o for o in inside if o.good]),
            rest=_values(name, [o for o in inside if not o.good]),
            importance=weights.get(name),
            cuts=tuple(cut for cut in cuts if cut.name == name),
            open=found.get(name),
            edge=edges.get(name),
        )
        for name, entry in hyperparameters(space).items()
    )
    good = [o.score for o in spoken if o.good]
    return Narrowing(box, evidence, options, Count(len(good), len(spoken)), good[-1] if good else None)


def _cuts(space: Space, observations: Sequence[Observation]) -> dict[str, Cut]:
    """The clearest cut of each hyperparameter, with the p-value that holds for all of them together (Bonferroni).

    Those that may not be cut count, too: whoever refuses a cut has seen it.
    """
    tried = {name: _tried(name, entry, observations) for name, entry in hyperparameters(space).items()}
    tested = sum(len(of.values) > 1 for of in tried.values())
    cuts = {}
    for name, of in tried.items():
        part = worst_part(of.ranked, ordered=is_ordered(of.entry))
        if part is not None:
            cuts[name] = _cut(name, of, replace(part, p=min(1.0, tested * part.p)))
    return cuts


def _cut(name: str, of: _Tried, part: Part) -> Cut:
    removed = of.ranked.count(part.levels)
    everything = of.ranked.count(range(len(of.values)))
    rest = Count(everything.good - removed.good, everything.total - removed.total)
    first, last = part.levels.start, part.levels.stop - 1
    if not is_ordered(of.entry):
        left = restricted(of.entry, [v for v in possible_values(of.entry) or () if v != of.values[first][0]])
        where = as_text(of.values[first][0])
    elif first == 0:
        left = cut_off(of.entry, kept=of.values[last + 1][0], removed=of.values[last][1])
        where = f"below {as_text(_ends(left)[0])}"
    else:
        left = cut_off(of.entry, kept=of.values[first - 1][1], removed=of.values[first][0])
        where = f"above {as_text(_ends(left)[1])}"
    return Cut(name, where, left, removed=removed, rest=rest, worse=part.worse, p=part.p)


def _edges(space: Space, observations: Sequence[Observation]) -> dict[str, Edge]:
    """The ends of ranges, and of ordered choices, at which trials are the best, beyond chance."""
    tried = {name: _tried(name, entry, observations) for name, entry in hyperparameters(space).items()}
    tested = sum(len(of.values) > 1 for of in tried.values())
    edges = {}
    for name, of in tried.items():
        part = better_end(of.ranked) if is_ordered(of.entry) else None
        if part is not None and tested * part.p <= ALPHA:
            at_upper = part.levels.start > 0
            where, value = ("upper" if at_upper else "lower"), _ends(of.entry)[at_upper]
            edges[name] = Edge(where, value, of.ranked.count(part.levels), tested * part.p)
    return edges


def _tried(name: str, entry: Entry, observations: Sequence[Observation]) -> _Tried:
    """The values that were tried; where there are many, neighbours in groups of about equal counts."""
    active = [observation for observation in observations if observation.values[name] is not None]
    values = [level(entry, observation.values[name]) for observation in active]
    total, passed = len(values), 0
    distinct = Counter(values)
    groups: dict[int, tuple[Any, Any]] = {}
    index: dict[Any, int] = {}
    for position, value in enumerate(sorted(distinct)):
        key = position if len(distinct) <= LEVELS or not is_ordered(entry) else LEVELS * passed // total
        groups[key] = (groups[key][0] if key in groups else value, value)
        index[value] = len(groups) - 1
        passed += distinct[value]
    ranked = Ranked(
        np.array([index[value] for value in values], dtype=np.intp),
        np.asarray(rankdata([observation.cost for observation in active]), dtype=np.float64),
        np.array([observation.good for observation in active], dtype=np.bool_),
    )
    return _Tried(entry, tuple(groups.values()), ranked)


def _ends(entry: Entry) -> tuple[Any, Any]:
    """The lowest and the highest value that KerasTuner can give."""
    possible = possible_values(entry)
    return (entry["min_value"], entry["max_value"]) if possible is None else (min(possible), max(possible))


def _values(name: str, observations: Sequence[Observation]) -> tuple[Any, ...]:
    return tuple(sorted(o.values[name] for o in observations if o.values[name] is not None))


def _consistent(space: Space) -> dict[str, Any]:
    """The space with what follows from a cut: `when` names only values that are left, or the entry is null."""
    active = hyperparameters(space)
    possible = {name: possible_values(entry) for name, entry in active.items()}
    consistent = dict(space)
    for name, entry in space.items():
        if is_hyperparameter(entry) and "when" in entry:
            when = {parent: _left(allowed, possible.get(parent)) for parent, allowed in entry["when"].items()}
            consistent[name] = {**entry, "when": when} if name in active else None
    return consistent


def _left(allowed: list[Any], possible: Sequence[Any] | None) -> list[Any]:
    """The values that are left, as the parent now has them: of a float with steps the last bits depend on its start."""
    if possible is None:
        return allowed
    return [value for value in possible if any(is_same(value, other) for other in allowed)]
