"""`run_trial`: one trial in whatever process it is given to. The only thing that crosses a process border.

It can be imported without Keras, which reads its backend's name at import.
"""

from __future__ import annotations

import os
import shutil
import socket
import time
import traceback
from dataclasses import replace
from pathlib import Path

from pydantic import TypeAdapter

from toonvision.config.schema import TrialConfig
from toonvision.errors import ToonvisionError, room_on_disk
from toonvision.training.backend import load_backend
from toonvision.training.watchdog import Watchdog
from toonvision.trial.trial import (
    HISTORY,
    LOG,
    OUTCOME,
    Outcome,
    Promotion,
    Reason,
    TrialStatus,
    progress_file,
    tensorboard_directory,
    trial_directory,
)


def run_trial(config: TrialConfig, directory: str, number: int, promotion: Promotion | None, searcher: str) -> Outcome:
    """Build, train and score one trial; its failure is returned, not raised.

    Args:
        config: of the trial.
        directory: the run's; the trial writes below `trials/` and `tensorboard/` there.
        number: the trial's.
        promotion: the budget and the checkpoint to go on from, if the oracle sets them.
        searcher: the name of the search's process (see `process_name`), which a trial's limits do not end.

    Raises:
        ToonvisionError: if the data, the configuration or the disk are at fault, so that no other trial would fare
            better.
    """
    load_backend(config.backend, deterministic=config.deterministic)
    from toonvision.training.execute import execute  # Keras reads its backend's name at import, so not at the top

    started = time.monotonic()
    folder, training = trial_directory(Path(directory), number), config.training
    limits = {"timeout": training.timeout, "memory_limit": training.memory_limit}
    try:
        with room_on_disk(Path(directory)):
            _clear(Path(directory), number)
            with Watchdog(folder, **limits, may_exit=process_name() != searcher) as watchdog:
                outcome = execute(config, Path(directory), number, promotion, watchdog)
    except ToonvisionError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever a training raises is the outcome of its trial
        (folder / LOG).write_text(traceback.format_exc(), encoding="utf-8")
        outcome = _failure(error)
    if outcome.status is not TrialStatus.INTERRUPTED:
        progress_file(Path(directory), number).unlink(missing_ok=True)
    return replace(outcome, seconds=outcome.seconds + time.monotonic() - started)


def process_name() -> str:
    """Return what tells this process from every other one of the cluster."""
    return f"{socket.gethostname()}:{os.getpid()}"


def death(directory: Path, number: int, error: BaseException) -> Outcome:
    """Return the outcome of a trial whose process has died: the one that the process left, if it ended itself.

    Args:
        directory: the run's.
        number: the trial's.
        error: the executor's.
    """
    folder = trial_directory(directory, number)
    log, left = folder / LOG, folder / OUTCOME
    if left.is_file() and log.is_file() and log.stat().st_size:
        return TypeAdapter(Outcome).validate_json(left.read_bytes())
    return Outcome(TrialStatus.FAILED, error=f"its process has died: {error}", reason=Reason.WORKER_DIED)


def _clear(run: Path, number: int) -> None:
    """Put an empty history in the trial's folder, in the place of what an earlier attempt has left but its progress."""
    folder = trial_directory(run, number)
    folder.mkdir(parents=True, exist_ok=True)
    if (folder / OUTCOME).exists():  # a limit was exceeded: it starts from the beginning
        progress_file(run, number).unlink(missing_ok=True)
    for name in (HISTORY, LOG, OUTCOME):
        (folder / name).unlink(missing_ok=True)
    (folder / HISTORY).touch()
    shutil.rmtree(tensorboard_directory(run, number), ignore_errors=True)


def _failure(error: Exception) -> Outcome:
    exhausted = isinstance(error, MemoryError) or type(error).__name__ == "ResourceExhaustedError"
    message = f"{type(error).__name__}: {str(error).strip() or 'no message'}".splitlines()[0]
    reason = Reason.OUT_OF_MEMORY if exhausted else Reason.RAISED
    return Outcome(TrialStatus.FAILED, error=message, reason=reason)
