"""The path from the baseline to the chosen values, one change a step, each step trained: which change earned what.

Fawcett and Hoos, "Analysing differences between algorithm configurations through ablation" (2016), take as the next
change the one that helps most, for which all that are left must be tried. Here the importance of the hyperparameters
sets the order, so that n changes cost n + 1 trainings, not about n * n / 2. The test set has no part in it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from toonvision.config.schema import NarrowingOptions
from toonvision.narrowing.importance import importances
from toonvision.narrowing.observation import observations
from toonvision.record.conclusion import Conclusion, Step
from toonvision.record.results import Results
from toonvision.search.fresh_seeds import Afresh, train_afresh
from toonvision.search.running import Runner
from toonvision.search_space.space import Space, Values, complete, is_active, is_hyperparameter, is_same
from toonvision.trial.trial import Outcome, Trial, TrialStatus

FOLDER = "path"
FRESH = 2000  # added to the seed; the finalists have counted up from 1000
_TO_COME = Outcome(TrialStatus.RUNNING)


def train_path(results: Results, *, runner: Runner, keep: Callable[[Conclusion], None]) -> None:
    """Train the steps that have not been trained yet, or in vain, with the same seeds, if `path.seeds` asks for any.

    Args:
        results: of the search and the finalists, with the steps so far.
        runner: of the search; its observer receives their epochs, and each that has ended.
        keep: called with the conclusion as it is with each step that has ended, and first without another path's.

    Raises:
        KeyboardInterrupt: after the running trainings have been stopped; they begin again on resume.
    """
    seeds = results.config.path.seeds
    if not seeds:
        return
    planned = {step.number: step for step in _planned(results)}
    known = (
        step
        for step in results.conclusion.path
        if step.number in planned and step.outcome.status is not TrialStatus.FAILED
    )
    ended = {step.number: step for step in known if replace(step, outcome=_TO_COME) == planned[step.number]}
    keep(replace(results.conclusion, path=tuple(ended.values())))
    pending = [Trial(number, step.values, _TO_COME) for number, step in planned.items() if number not in ended]
    if not pending:
        return
    runner.observer.path(len(pending), seeds)

    def end(trial: Trial, outcome: Outcome) -> None:
        ended[trial.number] = replace(planned[trial.number], outcome=outcome)
        path = tuple(ended[number] for number in sorted(ended))
        keep(replace(results.conclusion, path=path))
        runner.observer.step(ended[trial.number])

    how = Afresh(results.config, results.directory / FOLDER, seeds, FRESH)
    train_afresh(pending, how, runner=runner, on_end=end)


def _planned(results: Results) -> list[Step]:
    space, objective = results.config.search_space, results.config.objective
    return plan_steps(
        space,
        results.config.baseline,
        chosen=results.best_values(),
        importance=importances(space, observations(results.trials, space, objective, NarrowingOptions())),
        seeds=results.config.path.seeds,
    )


def plan_steps(
    space: Space, baseline: Values, *, chosen: Values, importance: Mapping[str, float], seeds: int
) -> list[Step]:
    """Return the steps, none of them trained: the baseline itself, then one for each value that is another in the end.

    The most important change comes first, but after those that its condition depends on. What exists only by a change,
    and has no value in the baseline, is part of the change; what does not exist in the end is never one.

    Args:
        space: the search space.
        baseline: values to begin with; those it lacks are the space's fixed ones, or None.
        chosen: a value for every name of the space, None for what is inactive.
        importance: of hyperparameters, by name; empty if unknown: then the order is the space's.
        seeds: with how many each step is to be trained.
    """
    values = complete(space, baseline)
    steps = [Step(0, {}, values, seeds, _TO_COME)]
    differing = [n for n in space if _exists(n, space, chosen) and not is_same(values[n], chosen[n])]
    pending = _ordered(differing, space, importance)
    while pending:
        before, values = values, {**values, pending[0]: chosen[pending[0]]}
        for name in space:  # in which what a condition depends on stands before
            is_new = _exists(name, space, values) and not _exists(name, space, before)
            if name in pending and is_new and values[name] is None:
                values[name] = chosen[name]
        changes = {name: (before[name], values[name]) for name in pending if values[name] != before[name]}
        pending = [name for name in pending if name not in changes]
        existing = {name: value if _exists(name, space, values) else None for name, value in values.items()}
        steps.append(Step(len(steps), changes, existing, seeds, _TO_COME))
    return steps


def _ordered(names: Sequence[str], space: Space, importance: Mapping[str, float]) -> list[str]:
    left = sorted(names, key=lambda name: -importance.get(name, 0.0))
    ordered: list[str] = []
    while left:
        first = next(name for name in left if _above(name, space).isdisjoint(left))
        left.remove(first)
        ordered.append(first)
    return ordered


def _when(name: str, space: Space) -> Mapping[str, Sequence[Any]]:
    return space[name].get("when", {}) if is_hyperparameter(space[name]) else {}


def _above(name: str, space: Space) -> set[str]:
    """What the condition of an entry depends on, and what the conditions of these do."""
    return set().union(*({parent} | _above(parent, space) for parent in _when(name, space)))


def _exists(name: str, space: Space, values: Values) -> bool:
    when = _when(name, space)
    return is_active(when, values) and all(_exists(parent, space, values) for parent in when)
