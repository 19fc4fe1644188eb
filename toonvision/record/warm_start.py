"""What is known before a search: trials of an earlier one whose values lie in the new space, as known results."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from toonvision.config.compose import Config
from toonvision.errors import ConfigError
from toonvision.record.results import Results
from toonvision.search_space.space import Space, complete, within
from toonvision.trial.objective import directions, reached
from toonvision.trial.trial import PriorResult, Trial, TrialStatus


def known_results(config: Config, fingerprint: str) -> tuple[list[PriorResult], int]:
    """Return the known results of the run that `warm_start` names, and how many trials it has.

    Args:
        config: of the new run, valid.
        fingerprint: of the new run's data.

    Raises:
        ConfigError: if there is no such run, or its scores are of other data or another objective.
    """
    if config["warm_start"] is None:
        return [], 0
    earlier = Results.load(Path(config["warm_start"]))
    objective = config["objective"]
    theirs, ours = ({key: of[key] for key in ("name", "direction")} for of in (earlier.config["objective"], objective))
    if theirs != ours:
        raise ConfigError(f"warm_start: expected a run of the same objective, {ours}. Received: one of {theirs}.")
    if earlier.conclusion.fingerprint != fingerprint:
        raise ConfigError(
            f"warm_start: expected a run on the same data, of fingerprint {fingerprint}. Received: one on data of "
            f"fingerprint {earlier.conclusion.fingerprint}. Their scores cannot be compared."
        )
    results = completed_results(earlier.trials, earlier.config["search_space"], objective)
    known = [result for result in results if within(config["search_space"], result.values)]
    return known, len(earlier.trials)


def completed_results(trials: Sequence[Trial], space: Space, objective: Mapping[str, Any]) -> list[PriorResult]:
    """Return the results of the completed trials.

    Of a configuration that Hyperband has promoted, the last trial counts: its score is that of the longest training.

    Args:
        trials: of one search.
        space: of that search, which has more names than the values of a trial.
        objective: the config group of the search that is to learn from them.
    """
    _, *also = directions(objective)
    completed = [trial for trial in trials if trial.status is TrialStatus.COMPLETED]
    promoted = {trial.promotion.parent for trial in completed if trial.promotion}
    last = [trial for trial in completed if trial.number not in promoted]
    reaching = [(complete(space, trial.values), reached(trial.outcome, also)) for trial in last]
    return [PriorResult(values, tuple(scores)) for values, scores in reaching if scores is not None]
