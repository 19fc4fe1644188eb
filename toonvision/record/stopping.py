"""Asking a run that another process works on to end its search, or one of its trials."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path

from toonvision.config.folders import refuse_links
from toonvision.config.read import read_config
from toonvision.errors import ConfigError, Problem
from toonvision.record import reading, stop_request
from toonvision.record.run_lock import is_locked
from toonvision.record.run_state import RunStatus
from toonvision.trial.trial import Trial, TrialStatus, trial_id


def stop_run(directory: Path, trial: int | None = None) -> str:
    """Ask the search in the run's directory to end, or to end one trial; return what follows, in words.

    Args:
        directory: of the run.
        trial: the number of a running trial; None for the whole search.

    Raises:
        ConfigError: if there is no run, no process works on it, its search has ended, or the trial does not run.
    """
    refuse_links(directory)
    trials, state = reading.load(read_config(directory).storage, directory)
    run = shlex.quote(str(directory))
    if not is_locked(directory):
        hint = f"To go on with it: toonvision resume {run}"
        raise ConfigError(Problem("", "a run that a process works on", f"{run}, on which none does", hint))
    if state.is_search_over and state.status is RunStatus.RUNNING:
        hint = f"Ctrl-C in its terminal interrupts them; toonvision resume {run} goes on with them."
        received = f"{run}, whose search has ended and whose final trainings go on"
        raise ConfigError(Problem("", "a run whose search goes on", received, hint))
    if trial is not None:
        _check_runs(trials, trial)
    stop_request.ask(directory, trial)
    if trial is not None:
        return f"Trial {trial_id(trial)} ends after its current batch, and counts as stopped by the user."
    return (
        "The search ends: running trials stop after their current batch, and the run goes on with the best trials so "
        f"far, as at the end of its budget. To search on later: toonvision resume {run}"
    )


def _check_runs(trials: Sequence[Trial], number: int) -> None:
    """Raise ConfigError if the trial does not run, with those that do."""
    status = next((trial.status for trial in trials if trial.number == number), None)
    if status is TrialStatus.RUNNING:
        return
    running = ", ".join(trial.id for trial in trials if trial.status is TrialStatus.RUNNING) or "none now"
    received = f"{trial_id(number)}, which {'has not begun' if status is None else f'is {status}'}"
    raise ConfigError(Problem("TRIAL", f"a trial that is running ({running})", received))
