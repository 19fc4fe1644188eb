"""Runs that differ by their seed only, as one row: mean, interval, mean rank, and the chance of being better."""

from __future__ import annotations

import itertools
import json
import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from scipy.stats import rankdata, t

from toonvision.config.read import recorded_config
from toonvision.config.resolve import plain
from toonvision.record.results import Results

CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Group:
    """Runs of one dataset and one objective with the same configuration but for the seed.

    Attributes:
        runs: in the order of their seeds.
        scores: on the validation examples, one for each run; None where a run has none.
        mean: of the scores; None without any.
        interval: of the mean over seeds, by Student's t; None for fewer than two scores.
        mean_rank: among the groups, 1 for the best, over the seeds that all have; None for a single group or no seed.
        chance: that a run is better than one of the next group, over all pairs of their runs; ties count a half.
    """

    runs: tuple[Results, ...]
    scores: tuple[float | None, ...]
    mean: float | None
    interval: tuple[float, float] | None
    mean_rank: float | None = None
    chance: float | None = None

    @property
    def known(self) -> list[float]:
        """The scores that there are."""
        return [score for score in self.scores if score is not None]


def score(run: Results) -> float | None:
    """Return the score of the chosen trial in the search."""
    chosen = run.chosen()
    return chosen.outcome.score if chosen else None


def fresh_score(run: Results) -> float | None:
    """Return the mean score of the chosen trial's trainings with fresh seeds; None if there are none."""
    chosen = run.chosen()
    scores = {finalist.number: finalist.outcome.score for finalist in run.finalists}
    return scores.get(chosen.number) if chosen else None


def deciding_scores(runs: Sequence[Results]) -> list[float | None]:
    """Return the score by which runs are compared: the fresh one if all that have any score have it."""
    scored = [run for run in runs if run.chosen()]
    return [(fresh_score if all(fresh_score(one) is not None for one in scored) else score)(run) for run in runs]


def groups(runs: Sequence[Results]) -> list[Group]:
    """Return the groups of runs of one dataset and one objective, the one with the best mean first."""
    scores = dict(zip(map(id, runs), deciding_scores(runs), strict=True))
    by_key: dict[str, list[Results]] = {}
    for run in runs:
        by_key.setdefault(_identity(run), []).append(run)
    found = [_group(members, [scores[id(run)] for run in members]) for members in map(_by_seed, by_key.values())]
    cost = runs[0].config.objective.cost
    found.sort(key=lambda group: math.inf if group.mean is None else cost(group.mean))
    ranks, chances = _mean_ranks(found), [*(_chance(a, b) for a, b in itertools.pairwise(found)), None]
    return [
        Group(group.runs, group.scores, group.mean, group.interval, rank, chance)
        for group, rank, chance in zip(found, ranks, chances, strict=True)
    ]


def _by_seed(runs: list[Results]) -> list[Results]:
    return sorted(runs, key=lambda run: run.config.seed)


def _identity(run: Results) -> str:
    """Return all that the configuration of a run says but for its seed."""
    tree = {key: value for key, value in plain(recorded_config(run.directory)).items() if key != "seed"}
    return json.dumps(tree, sort_keys=True, default=str)


def _group(runs: Sequence[Results], scores: Sequence[float | None]) -> Group:
    known = [score for score in scores if score is not None]
    mean = statistics.fmean(known) if known else None
    interval = None
    if mean is not None and len(known) > 1:
        half = statistics.stdev(known) / math.sqrt(len(known)) * float(t.ppf((1 + CONFIDENCE) / 2, len(known) - 1))
        interval = (mean - half, mean + half)
    return Group(tuple(runs), tuple(scores), mean, interval)


def _costs(group: Group) -> dict[int, float]:
    """Return the score of each seed as a value of which less is better."""
    pairs = zip(group.runs, group.scores, strict=True)
    return {run.config.seed: run.config.objective.cost(score) for run, score in pairs if score is not None}


def _mean_ranks(found: Sequence[Group]) -> list[float | None]:
    costs = [_costs(group) for group in found if group.known]
    seeds = set.intersection(*map(set, costs)) if len(costs) > 1 else set()
    if not seeds:
        return [None] * len(found)
    by_seed = [rankdata([of_group[seed] for of_group in costs]) for seed in sorted(seeds)]
    means = iter([statistics.fmean(float(ranks[index]) for ranks in by_seed) for index in range(len(costs))])
    return [next(means) if group.known else None for group in found]


def _chance(group: Group, other: Group) -> float | None:
    pairs = list(itertools.product(_costs(group).values(), _costs(other).values()))
    return statistics.fmean((a < b) + 0.5 * (a == b) for a, b in pairs) if len(pairs) > 1 else None
