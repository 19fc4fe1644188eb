"""The path from the baseline to the chosen values, one change a step, each step trained: which change earned what.

Fawcett and Hoos, "Analysing differences between algorithm configurations through ablation" (2016), take as the next
change the one that helps most, and try all remaining changes to find it. Here the importance of the hyperparameters
sets the order, so that n changes cost n + 1 trainings, not about n * n / 2. The test set is not used.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from toonvision.narrowing.importance import trial_importances
from toonvision.record.observer import FreshTrainingsStarted, StepTrained
from toonvision.record.results import Results
from toonvision.record.run_state import Step
from toonvision.search.fresh_seeds import FreshSeeds, train_with_fresh_seeds
from toonvision.search.runner import Runner
from toonvision.search_space.space import Space, Values, complete, is_active, is_hyperparameter, is_same
from toonvision.trial.trial import Outcome, Trial, TrialStatus

FOLDER = "path"
SHIFT = 2000  # of the seed; the seeds of the finalists count up from a shift of 1000
_TO_COME = Outcome(TrialStatus.RUNNING)


def train_path(results: Results, *, runner: Runner, on_change: Callable[[tuple[Step, ...]], None]) -> None:
    """Train the steps of the path that have no score yet, or whose training failed, if `path.seeds` asks for a path.

    Args:
        results: of the search and the finalists, with the steps so far.
        runner: of the search; its observers receive the epochs and each step.
        on_change: called with the steps so far whenever one has ended, and first without the steps of another path.

    Raises:
        KeyboardInterrupt: after the running trainings have stopped; what has ended is kept for a resumed run.
    """
    seeds = results.config.path.seeds
    if not seeds:
        return
    planned = {step.number: step for step in _planned(results)}
    trained = {step.number: step for step in results.state.path if _is_trained(step, planned.get(step.number))}
    on_change(tuple(trained.values()))
    pending = [Trial(number, step.values, _TO_COME) for number, step in planned.items() if number not in trained]
    if not pending:
        return
    runner.notify(FreshTrainingsStarted("step", len(pending), seeds))

    def end(trial: Trial, outcome: Outcome) -> None:
        trained[trial.number] = replace(planned[trial.number], outcome=outcome)
        on_change(tuple(trained[number] for number in sorted(trained)))
        runner.notify(StepTrained(trained[trial.number]))

    fresh = FreshSeeds(results.config, results.directory / FOLDER, seeds, SHIFT)
    train_with_fresh_seeds(pending, fresh, runner=runner, on_end=end)


def _is_trained(step: Step, planned: Step | None) -> bool:
    """Whether a step that the record has is the planned one, and has been trained."""
    return step.outcome.status is not TrialStatus.FAILED and replace(step, outcome=_TO_COME) == planned


def _planned(results: Results) -> list[Step]:
    space, objective = results.config.search_space, results.config.objective
    within = [trial for trial in results.trials if results.is_within(trial)]
    return plan_steps(
        space,
        results.config.baseline,
        chosen=results.best_values(),
        importance=trial_importances(within, space, objective),
        seeds=results.config.path.seeds,
    )


def plan_steps(
    space: Space, baseline: Values, *, chosen: Values, importance: Mapping[str, float], seeds: int
) -> list[Step]:
    """Return the steps before their training: the baseline, then one for each value that differs in the chosen ones.

    The most important change comes first, but after the changes that its condition depends on. If a change activates a
    hyperparameter that has no value in the baseline, that value is part of the change. A hyperparameter that is
    inactive in the chosen values is never a change.

    Args:
        space: the search space.
        baseline: values to begin with; a name that they lack has the space's fixed value, or None.
        chosen: a value for every name of the space, None for an inactive hyperparameter.
        importance: of hyperparameters, by name; if it is empty, the steps have the order of the space.
        seeds: number of trainings of each step.
    """
    values = complete(space, baseline)
    steps = [Step(0, {}, values, seeds, _TO_COME)]
    differing = [n for n in space if _exists(n, space, chosen) and not is_same(values[n], chosen[n])]
    pending = _ordered(differing, space, importance)
    while pending:
        before, values = values, {**values, pending[0]: chosen[pending[0]]}
        for name in space:  # a condition refers only to names before it
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
    """Return the names on which the condition of an entry depends, and those on which their conditions depend."""
    return set().union(*({parent} | _above(parent, space) for parent in _when(name, space)))


def _exists(name: str, space: Space, values: Values) -> bool:
    when = _when(name, space)
    return is_active(when, values) and all(_exists(parent, space, values) for parent in when)
