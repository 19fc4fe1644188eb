"""What an earlier run has found out: its trials whose values lie in the space of a new search, as known results."""

from __future__ import annotations

from pathlib import Path

from toonvision.config import Config
from toonvision.errors import ConfigError
from toonvision.objective import directions, reached
from toonvision.results import Results
from toonvision.search_space import complete, within
from toonvision.trial import Known, TrialStatus


def known_results(config: Config, fingerprint: str) -> tuple[list[Known], int]:
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
    _, *also = directions(objective)
    known = []
    for trial in earlier.trials:
        values = complete(earlier.config["search_space"], trial.values)
        scores = reached(trial.outcome, also)
        if trial.status is TrialStatus.COMPLETED and scores is not None and within(config["search_space"], values):
            known.append(Known(values, tuple(scores)))
    return known, len(earlier.trials)
