"""How many trials have a model that cannot be built."""

from __future__ import annotations

from toonvision.config.schema import RunConfig
from toonvision.health.card import Card, Status
from toonvision.record.results import Results
from toonvision.trial.trial import TrialStatus

NAME = "Infeasible trials"
_MOST = 0.5  # an infeasible trial takes milliseconds; above a half, an oracle learns more of bounds than of scores


def infeasible_trials(results: Results) -> Card | None:
    """Warn if most trials are infeasible; None if no trial has ended."""
    ended = [trial for trial in results.trials if trial.has_ended]
    if not ended:
        return None
    count = sum(trial.status is TrialStatus.INFEASIBLE for trial in ended)
    finding = f"{count} of {len(ended)} trials are infeasible."
    if count <= _MOST * len(ended):
        return Card(NAME, Status.PASSED, finding)
    return Card(
        NAME,
        Status.WARNING,
        finding,
        "Run `toonvision check` with the overrides of this run: it names the values to blame. Then "
        f"{' or '.join(_remedies(results.config))}.",
    )


def _remedies(config: RunConfig) -> list[str]:
    """Return what helps, of the keys that the run has."""
    remedies = ["narrow search_space"]
    if any(path.startswith("dataset.image_size") for path in config.settings(["dataset"])):
        remedies.append("raise dataset.image_size")
    if config.constraints.max_parameters is not None:
        remedies.append("raise constraints.max_parameters")
    return remedies
