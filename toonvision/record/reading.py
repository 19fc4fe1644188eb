"""Reading a record: its trials and the state of the run, checked against what toonvision writes."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import optuna
from optuna.distributions import FloatDistribution
from optuna.exceptions import StorageInternalError
from optuna.trial import FrozenTrial
from pydantic import TypeAdapter
from sqlalchemy.exc import SQLAlchemyError

from toonvision.config.node import Node
from toonvision.errors import ConfigError, Problem, StorageError
from toonvision.record.earlier import as_now
from toonvision.record.run_state import RunState
from toonvision.record.storage import close_storage, no_record, read_storage
from toonvision.search_space.distribution import reached
from toonvision.trial.trial import Trial, TrialStatus

STUDY = "toonvision"
FORMAT = 2  # of the record; a newer one has a higher number, and version 0.1.0 wrote none
FORMAT_KEY = "format"  # the study's attributes
STATE = "conclusion"
_TRIAL, _STATE = TypeAdapter(Trial), TypeAdapter(RunState)
# What SQLAlchemy, Optuna and pydantic raise for a file that is no record, is damaged, or holds other things.
_UNREADABLE = (
    ArithmeticError,
    AttributeError,
    LookupError,
    RecursionError,
    RuntimeError,
    SQLAlchemyError,
    StorageInternalError,
    TypeError,
    ValueError,
)


def load(storage: Node, directory: Path) -> tuple[list[Trial], RunState]:
    """Return every trial of the run in `directory`, in the order asked, and the state of the run.

    Raises:
        ConfigError: if there is no record.
        StorageError: if it cannot be read, or holds what toonvision never writes.
    """
    with _reading(storage, directory) as opened:
        study = study_of(opened, directory)
        trials = [trial_of(frozen) for frozen in opened.get_all_trials(study, deepcopy=False)]
        return trials, state_of(opened.get_study_user_attrs(study))


def load_study(storage: Node, directory: Path) -> optuna.Study:
    """Return the trials of the run in `directory` as a study in memory, for Optuna's own analyses.

    Raises:
        ConfigError: if there is no record.
        StorageError: if it cannot be read.
    """
    with _reading(storage, directory) as opened:
        identifier = study_of(opened, directory)
        study = optuna.create_study(directions=opened.get_study_directions(identifier))
        trials = opened.get_all_trials(identifier)
        _widen(trials)
        study.add_trials(trials)
        return study


def _widen(trials: Sequence[FrozenTrial]) -> None:
    """Let the ranges of earlier versions end with a step that is not below any value; see `reached`."""
    ranges: dict[str, FloatDistribution] = {}
    for trial in trials:
        for name, value in trial.params.items():
            known = ranges.get(name, trial.distributions[name])
            if isinstance(known, FloatDistribution) and known.step and value > known.high:
                ranges[name] = FloatDistribution(known.low, reached(known.low, value, known.step), step=known.step)
    for trial in trials:
        trial.distributions |= {name: wider for name, wider in ranges.items() if name in trial.params}


def holds_record(storage: Node, directory: Path) -> bool:
    """Whether there is a record in `directory`, of whatever version.

    Raises:
        StorageError: if it cannot be read.
    """
    with contextlib.suppress(ConfigError), _reading(storage, directory) as opened:
        return any(study.study_name == STUDY for study in opened.get_all_studies())
    return False


@contextlib.contextmanager
def _reading(storage: Node, directory: Path) -> Iterator[optuna.storages.BaseStorage]:
    """Open a record to read it, and close it."""
    with readable(directory):
        opened = read_storage(storage, directory)
        try:
            yield opened
        finally:
            close_storage(opened)


@contextlib.contextmanager
def readable(directory: Path) -> Iterator[None]:
    """Raise StorageError for a record that is damaged, or holds what toonvision never writes."""
    try:
        yield
    except _UNREADABLE as error:
        cause = error.__cause__ or error
        received = str(getattr(cause, "orig", None) or cause)  # of SQLAlchemy's error, SQLite's message
        lines = [line.strip() for line in received.splitlines()[:3]]
        message = f"{type(error).__name__}: {'. '.join(lines)}"
        raise StorageError(Problem(str(directory), "a record that toonvision has written", message)) from error


def study_of(storage: optuna.storages.BaseStorage, directory: Path) -> int:
    """Return the id of the run's study, or raise ConfigError if there is none or a newer version wrote it."""
    try:
        study = storage.get_study_id_from_name(STUDY)
    except KeyError as error:
        raise no_record(directory) from error
    found = storage.get_study_user_attrs(study).get(FORMAT_KEY, 0)
    if not isinstance(found, int) or found > FORMAT:
        raise ConfigError(
            Problem(
                str(directory),
                f"a record of format {FORMAT} or older",
                f"format {found!r}, of a newer version of toonvision",
                "Update toonvision to read this run.",
            )
        )
    return study


def state_of(stored: Mapping[str, object]) -> RunState:
    """Return the state of the run from the attributes of its study."""
    state = stored.get(STATE, {})
    if isinstance(state, Mapping) and "comparison" in state:
        state = {**state, "comparison": as_now(state["comparison"])}
    return _STATE.validate_python(state)


def trial_of(frozen: FrozenTrial) -> Trial:
    """Return a trial of the study as a trial of the run, every field checked by its type."""
    outcome = frozen.user_attrs.get("outcome") or {"status": TrialStatus.RUNNING}
    proposal = frozen.user_attrs["proposal"]
    # Epochs of an earlier training of the trial that came further are still there.
    last = outcome.get("last_epoch", math.inf)
    trial = _TRIAL.validate_python(
        {
            "number": frozen.number,
            "values": frozen.params,
            "outcome": outcome,
            **proposal,
            "reported_at": outcome.get("told"),
            "elapsed": outcome.get("elapsed"),
            "ended": outcome.get("ended"),
            "retried": frozen.user_attrs.get("retried", ()),
            "intermediate_values": {e: v for e, v in sorted(frozen.intermediate_values.items()) if e < last},
        }
    )
    if not all(map(math.isfinite, (trial.outcome.score or 0.0, *trial.outcome.scores))):
        raise ValueError(f"trial {trial.id} has the score {trial.outcome.score}")
    return trial
