"""Derives the next space from a space and its trials: one cut at a time, as long as a cut is significant.

The good trials are determined once, among all trials. Each step takes the trials in the space as cut so far, tests each
hyperparameter on the trials in which it is active, and makes the clearest cut: it peels a box as in PRIM (Friedman and
Fisher, "Bump hunting in high-dimensional data", 1999). It stops as a conditional inference tree does (Hothorn, Hornik
and Zeileis, "Unbiased recursive partitioning", 2006): when the smallest p-value, times the number of hyperparameters,
is above 0.05. Narrowing a narrowed space with the same trials therefore changes nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.stats import rankdata

from toonvision.config.node import Node
from toonvision.config.schema import NarrowingOptions
from toonvision.narrowing.entry import Entry, as_text, cut_off, is_ordered, level, restricted
from toonvision.narrowing.evidence import ALPHA, LEVELS, Cut, Edge, Evidence, Narrowing
from toonvision.narrowing.importance import importances
from toonvision.narrowing.learning import learning_rounds
from toonvision.narrowing.observation import Observation, observations
from toonvision.narrowing.options import allows, check_names
from toonvision.narrowing.rank_statistic import Count, Part, Ranked, better_end, worst_part
from toonvision.search_space.space import Space, hyperparameters, is_hyperparameter, matching, possible_values, within
from toonvision.trial.objective import Objective
from toonvision.trial.trial import Trial


@dataclass(frozen=True, slots=True)
class _Tried:
    """The tried values of one hyperparameter: the first and the last value of each level, and the trials."""

    entry: Entry
    values: tuple[tuple[Any, Any], ...]
    ranked: Ranked


def narrow_space(
    space: Space,
    trials: Sequence[Trial],
    objective: Objective,
    options: NarrowingOptions | None = None,
    rounds: Mapping[str, Node] | None = None,
) -> Narrowing:
    """Return the next search space with the evidence for it.

    The new space is a part of the old one and contains the best trial. Values that cannot be tested, for example
    with few trials, stay.

    Args:
        space: the searched space, valid.
        trials: the trials of the search; those outside the space only help to determine which scores are good.
        objective: the objective; the first of several counts.
        options: which trials count as good, and which cuts are allowed.
        rounds: the tuners of the search, which say whose values depend on earlier scores; None if no values do.

    Raises:
        ConfigError: if the options contain an unknown name.
    """
    options = options or NarrowingOptions()
    check_names(options, hyperparameters(space))
    informative = observations(trials, space, objective, options, learning_rounds(rounds or {}))
    inside = [observation for observation in informative if within(space, observation.values)]
    box, cuts, peeled = dict(space), [], inside
    while True:
        found = _cuts(box, peeled)
        allowed = [cut for cut in found.values() if allows(options, cut.name)]
        cut = min(allowed, key=lambda cut: (cut.p, -cut.worse), default=None)
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
    good = [o.score for o in informative if o.good]
    return Narrowing(box, evidence, options, Count(len(good), len(informative)), good[-1] if good else None)


def _cuts(space: Space, observations: Sequence[Observation]) -> dict[str, Cut]:
    """Return the clearest cut of each hyperparameter, with its p-value for all of them together (Bonferroni).

    Hyperparameters that may not be cut count, too, because the user refuses a cut after seeing it.
    """
    tried = {name: _tried(name, entry, observations) for name, entry in hyperparameters(space).items()}
    tested = sum(len(levels.values) > 1 for levels in tried.values())
    cuts = {}
    for name, levels in tried.items():
        part = worst_part(levels.ranked, ordered=is_ordered(levels.entry))
        if part is not None:
            cuts[name] = _cut(name, levels, replace(part, p=min(1.0, tested * part.p)))
    return cuts


def _cut(name: str, tried: _Tried, part: Part) -> Cut:
    removed = tried.ranked.count(part.levels)
    everything = tried.ranked.count(range(len(tried.values)))
    rest = Count(everything.good - removed.good, everything.total - removed.total)
    first, last = part.levels.start, part.levels.stop - 1
    if not is_ordered(tried.entry):
        left = restricted(tried.entry, [v for v in possible_values(tried.entry) or () if v != tried.values[first][0]])
        where = as_text(tried.values[first][0])
    elif first == 0:
        left = cut_off(tried.entry, kept=tried.values[last + 1][0], removed=tried.values[last][1])
        where = f"below {as_text(_ends(left)[0])}"
    else:
        left = cut_off(tried.entry, kept=tried.values[first - 1][1], removed=tried.values[first][0])
        where = f"above {as_text(_ends(left)[1])}"
    return Cut(name, where, left, removed=removed, rest=rest, worse=part.worse, p=part.p)


def _edges(space: Space, observations: Sequence[Observation]) -> dict[str, Edge]:
    """Return the ends of ranges, and of ordered choices, with significantly better trials."""
    tried = {name: _tried(name, entry, observations) for name, entry in hyperparameters(space).items()}
    tested = sum(len(levels.values) > 1 for levels in tried.values())
    edges = {}
    for name, levels in tried.items():
        part = better_end(levels.ranked) if is_ordered(levels.entry) else None
        if part is not None and tested * part.p <= ALPHA:
            at_upper = part.levels.start > 0
            where, value = ("upper" if at_upper else "lower"), _ends(levels.entry)[at_upper]
            edges[name] = Edge(where, value, levels.ranked.count(part.levels), tested * part.p)
    return edges


def _tried(name: str, entry: Entry, observations: Sequence[Observation]) -> _Tried:
    """Return the tried values; many ordered values are grouped into levels with similar numbers of trials."""
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
        np.asarray(rankdata([observation.rank for observation in active]), dtype=np.float64),
        np.array([observation.good for observation in active], dtype=np.bool_),
    )
    return _Tried(entry, tuple(groups.values()), ranked)


def _ends(entry: Entry) -> tuple[Any, Any]:
    """Return the lowest and the highest value that KerasTuner can give."""
    possible = possible_values(entry)
    return (entry["min_value"], entry["max_value"]) if possible is None else (min(possible), max(possible))


def _values(name: str, observations: Sequence[Observation]) -> tuple[Any, ...]:
    return tuple(sorted(o.values[name] for o in observations if o.values[name] is not None))


def _consistent(space: Space) -> dict[str, Any]:
    """Return the space after a cut: `when` lists only remaining values; an entry that is never active is null."""
    active = hyperparameters(space)
    possible = {name: possible_values(entry) for name, entry in active.items()}
    consistent = dict(space)
    for name, entry in space.items():
        if is_hyperparameter(entry) and "when" in entry:
            when = {
                parent: allowed if (values := possible.get(parent)) is None else matching(values, allowed)
                for parent, allowed in entry["when"].items()
            }
            consistent[name] = {**entry, "when": when} if name in active else None
    return consistent
