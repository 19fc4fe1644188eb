"""What is known before a search: trials of an earlier one whose values lie in the new space, as known results."""

from __future__ import annotations

from collections.abc import Sequence

from toonvision.config.schema import RunConfig
from toonvision.errors import ConfigError, Problem
from toonvision.record.results import Results
from toonvision.search_space.space import Space, complete, within
from toonvision.trial.objective import Objective
from toonvision.trial.trial import PriorResult, Trial, TrialStatus


def known_results(earlier: Results, config: RunConfig, fingerprint: str) -> tuple[list[PriorResult], int]:
    """Return the known results of the run that `warm_start` names, and how many trials it has.

    Args:
        earlier: that run.
        config: of the new run, valid.
        fingerprint: of the new run's data.

    Raises:
        ConfigError: if its scores are of other data or another objective.
    """
    objective = config.objective
    other = earlier.config.objective
    if (other.name, other.direction) != (objective.name, objective.direction):
        expected = f"a run of the same objective, {objective.name} ({objective.direction})"
        raise ConfigError(Problem("warm_start", expected, f"one of {other.name} ({other.direction})"))
    if earlier.state.fingerprint != fingerprint:
        expected = f"a run on the same data, of fingerprint {fingerprint}"
        received = f"one on data of fingerprint {earlier.state.fingerprint}"
        raise ConfigError(Problem("warm_start", expected, received, "Their scores cannot be compared."))
    results = prior_results(earlier.trials, earlier.config.search_space, objective)
    known = [result for result in results if within(config.search_space, result.values)]
    if earlier.config.constraints != config.constraints:  # what did not fit there may fit here
        known = [result for result in known if result.status is not TrialStatus.INFEASIBLE]
    return known, len(earlier.trials)


def prior_results(trials: Sequence[Trial], space: Space, objective: Objective) -> list[PriorResult]:
    """Return the results of the trials that have completed, were pruned or could not be built, in this order.

    Of a configuration that Hyperband has promoted, the last trial counts: its score is that of the longest training.
    The score of a pruned trial is left out: it is not comparable with that of a whole training.

    Args:
        trials: of one search.
        space: of that search, which has more names than the values of a trial.
        objective: of the search that is to learn from them.
    """
    completed = [trial for trial in trials if trial.status is TrialStatus.COMPLETED]
    promoted = {trial.promotion.parent for trial in completed if trial.promotion}
    last = [trial for trial in completed if trial.number not in promoted]
    reaching = [(complete(space, trial.values), objective.reached(trial.outcome)) for trial in last]
    known = [PriorResult(values, tuple(scores)) for values, scores in reaching if scores is not None]
    for status in (TrialStatus.PRUNED, TrialStatus.INFEASIBLE):
        for trial in trials:
            if trial.status is status:
                curve = dict(trial.intermediate_values)
                known.append(PriorResult(complete(space, trial.values), status=status, intermediate_values=curve))
    return known
