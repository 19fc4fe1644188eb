"""How many trials failed, and why."""

from __future__ import annotations

from collections import Counter

from toonvision.health.card import Card, Status
from toonvision.record.results import Results
from toonvision.trial.trial import LOG, Reason, TrialStatus, trial_directory

NAME = "Failed trials"
_MOST = 0.1  # single failures belong to a search with extreme values; more of them waste its time
_REMEDIES = {
    Reason.DIVERGED: "Lower the highest learning rate in search_space.",
    Reason.OUT_OF_MEMORY: "Lower training.batch_size, or set constraints.max_parameters.",
    Reason.TIMED_OUT: "Raise training.timeout, or lower training.epochs.",
}


def failed_trials(results: Results) -> Card | None:
    """Warn if more than a tenth of the trials failed; None if no trial has ended."""
    ended = [trial for trial in results.trials if trial.has_ended]
    failed = [trial for trial in ended if trial.status is TrialStatus.FAILED]
    if not ended:
        return None
    finding = f"{len(failed)} of {len(ended)} trials failed"
    if len(failed) <= _MOST * len(ended):
        return Card(NAME, Status.PASSED, f"{finding}.")
    ((reason, count),) = Counter(trial.outcome.reason for trial in failed).most_common(1)
    first = next(trial for trial in failed if trial.outcome.reason is reason)
    log = trial_directory(results.directory, first.number) / LOG
    return Card(
        NAME,
        Status.WARNING,
        f"{finding}, {count} of them with the reason: {reason or 'unknown'}.",
        _REMEDIES.get(reason, f"Read {log}.") if reason else f"Read {log}.",
    )
