"""The strategy: the rounds of a search one after the other, each on the space that the earlier ones have narrowed.

The record holds the space of each later round, so that a resumed search goes on in the round, and on the space, in
which it stopped.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from toonvision.config.node import Node
from toonvision.config.schema import RunConfig
from toonvision.narrowing.evidence import Narrowing
from toonvision.narrowing.options import restrict
from toonvision.narrowing.peeling import narrow_space
from toonvision.oracle import create_oracle, planned_trials
from toonvision.record.observer import RoundStarted
from toonvision.record.record import Record
from toonvision.record.warm_start import prior_results
from toonvision.search.round import Round, restore, restore_points
from toonvision.search.runner import Runner
from toonvision.search.search import Search
from toonvision.search_space.space import Space, hyperparameters, within
from toonvision.trial.objective import Objective
from toonvision.trial.trial import PriorResult


def search_rounds(config: RunConfig, *, record: Record, runner: Runner) -> str | None:
    """Run the rounds that have not ended, the first one on the whole space.

    Args:
        config: valid.
        record: of all rounds; each begins with the results of the earlier ones that lie in its space.
        runner: runs the trials of all rounds; its observers see all rounds as one search.

    Returns:
        The limit of the budget that ended the search, which is over all rounds, or the user; None if the last oracle
        did.

    Raises:
        SearchError: if trial after trial fails or cannot be built, or an oracle does not propose the record's values
            again.
        KeyboardInterrupt: after the running trials have stopped and are recorded as INTERRUPTED.
    """
    names = list(config.strategy.rounds)
    if ended_by := _run_first_points(config, record, runner):
        return ended_by
    spaces = [config.search_space, *(record.spaces[name] for name in names if name in record.spaces)]
    for index in range(len(spaces) - 1, len(names)):  # the round in which the search stopped, and those after it
        narrowing = None
        if index == len(spaces):
            narrowing = _narrow(config, spaces[-1], record)
            spaces.append(narrowing.space)
        results = _results_before(config, names[index], record)
        stage = _round(config, index, spaces[index], results)
        if index:
            narrowed = [entry for entry in stage.space if stage.space[entry] != spaces[index - 1][entry]]
            runner.notify(RoundStarted(stage.name, narrowed, len(stage.known), len(results), narrowing))
        if narrowing:
            record.begin_round(stage.name, stage.space)
        search = Search(config, stage, restore(config, stage, record.trials), record=record, runner=runner)
        search.run()
        if search.ended_by:
            return search.ended_by
    return None


def _run_first_points(config: RunConfig, record: Record, runner: Runner) -> str | None:
    """Run the known points that have not ended; return the limit of the budget that stopped them, if one did.

    They end before the oracle is asked, so that it learns from them, and in a replay from the same.
    """
    begun = [trial for trial in record.trials if trial.source is not None]
    if all(trial.has_ended for trial in begun) and len(begun) == len(record.first):
        return None
    stage = _round(config, 0, config.search_space, ())
    state = restore_points(config, stage, begun, points=record.first)
    search = Search(config, stage, state, record=record, runner=runner)
    search.run()
    return search.ended_by


def _narrow(config: RunConfig, space: Space, record: Record) -> Narrowing:
    """Return the space of the next round with the evidence for every cut."""
    assert config.strategy.narrowing is not None  # validated: there are several rounds
    options = restrict(config.strategy.narrowing, hyperparameters(space))
    return narrow_space(space, record.trials, config.objective, options, config.strategy.rounds)


def _round(config: RunConfig, index: int, space: Space, results: Sequence[PriorResult]) -> Round:
    names, tuners = zip(*config.strategy.rounds.items(), strict=True)
    return Round(
        name=names[index],
        tuner=_reseeded(tuners[index], index),
        space=space,
        known=[result for result in results if within(space, result.values)],
        to_come=_planned(tuners[index + 1 :], space, config.objective),
    )


def _results_before(config: RunConfig, name: str, record: Record) -> list[PriorResult]:
    """Return the results of the warm start, of the known points and of all rounds but this one."""
    earlier = [trial for trial in record.trials if not trial.is_proposed_in(name)]
    return [*record.known, *prior_results(earlier, config.search_space, config.objective)]


def _planned(tuners: Iterable[Node], space: Space, objective: Objective) -> int | None:
    """Return how many trials some oracles ask for on this space at most, or None if it is unknown."""
    planned = [planned_trials(create_oracle(tuner, space, objective)) for tuner in tuners]
    return None if None in planned else sum(count for count in planned if count is not None)


def _reseeded(tuner: Node, shift: int) -> Node:
    """Return the node with its seeds moved.

    KerasTuner draws a position in each range from the seed. With the same seed, a later round would try the same
    positions as the first one, on a smaller range.
    """
    return Node(tuner.target, _shifted(tuner.arguments, shift))


def _shifted(arguments: Mapping[str, Any], shift: int) -> dict[str, Any]:
    moved: dict[str, Any] = {
        key: _shifted(value, shift) if isinstance(value, Mapping) else value for key, value in arguments.items()
    }
    return {**moved, "seed": moved["seed"] + shift} if isinstance(moved.get("seed"), int) else moved
