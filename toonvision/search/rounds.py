"""The strategy: the rounds of a search one after the other, each on the space that the earlier ones have narrowed.

The record holds the space of each later round, so that a resumed search goes on in the round, and on the space, in
which it stopped.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from toonvision.config.node import Node
from toonvision.config.schema import RunConfig
from toonvision.narrowing.evidence import Narrowing
from toonvision.narrowing.options import restrict
from toonvision.narrowing.peeling import narrow_space
from toonvision.oracle import create_oracle, planned_trials
from toonvision.record.record import Record
from toonvision.record.results import Results
from toonvision.record.warm_start import completed_results
from toonvision.search.running import Runner
from toonvision.search.search import Round, Search
from toonvision.search_space.space import Space, hyperparameters, within
from toonvision.trial.objective import Objective


def search_rounds(config: RunConfig, directory: Path, *, record: Record, runner: Runner) -> str | None:
    """Run the rounds that have not ended, the first one on the whole space.

    Args:
        config: valid.
        directory: the run's.
        record: of all rounds; each begins with the results of the earlier ones that lie in its space.
        runner: runs the trials of all rounds; its observer sees all rounds as one search.

    Returns:
        The limit of the budget that ended the search, which is over all rounds; None if the last oracle did.

    Raises:
        SearchError: if trial after trial comes to nothing, or an oracle does not propose the record's values again.
        KeyboardInterrupt: after the running trials have been stopped and recorded as INTERRUPTED.
    """
    for trial in record.trials:
        if trial.has_ended:
            runner.observer.known(trial)
    tuners = config.strategy.rounds
    names = list(tuners)
    begun = max((names.index(name) for name in record.spaces), default=0)
    space = config.search_space
    for index, name in enumerate(names):
        before, narrowing = space, None
        if index and name not in record.spaces:
            narrowing = _narrowed(space, Results.load(directory))
        if index:
            space = narrowing.space if narrowing else record.spaces[name]
        if index < begun:
            continue
        earlier = [trial for trial in record.trials if trial.round != name]
        results = [*record.known, *completed_results(earlier, config.search_space, config.objective)]
        known = [result for result in results if within(space, result.values)]
        if index:
            changed = [entry for entry in space if space[entry] != before[entry]]
            runner.observer.round(name, changed, known=len(known), of=len(results), narrowing=narrowing)
        if narrowing:
            record.begin_round(name, space)
        to_come = _planned(list(tuners.values())[index + 1 :], space, config.objective)
        stage = Round(name, _reseeded(tuners[name], index), space, known, to_come)
        search = Search(config, directory, stage=stage, record=record, runner=runner)
        search.run()
        if search.ended_by:
            return search.ended_by
    return None


def _narrowed(space: Space, results: Results) -> Narrowing:
    """Return the space for the next round with the evidence for every cut."""
    assert results.config.strategy.narrowing is not None  # validated: there are several rounds
    options = restrict(results.config.strategy.narrowing, hyperparameters(space))
    return narrow_space(space, results.trials, results.config.objective, options)


def _planned(tuners: Iterable[Node], space: Space, objective: Objective) -> int | None:
    """Return how many trials some oracles would ask for on this space at most, or None if nobody knows."""
    planned = [planned_trials(create_oracle(tuner, space, objective)) for tuner in tuners]
    return None if None in planned else sum(count for count in planned if count is not None)


def _reseeded(tuner: Node, shift: int) -> Node:
    """Return the node with its seeds moved.

    KerasTuner draws a position in each range from the seed, so that a later round would try the places of the first
    one again, one for one, on a smaller map.
    """
    return Node(tuner.target, _shifted(tuner.arguments, shift))


def _shifted(arguments: Mapping[str, Any], shift: int) -> dict[str, Any]:
    moved: dict[str, Any] = {
        key: _shifted(value, shift) if isinstance(value, Mapping) else value for key, value in arguments.items()
    }
    return {**moved, "seed": moved["seed"] + shift} if isinstance(moved.get("seed"), int) else moved
