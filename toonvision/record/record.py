"""The record: an Optuna study behind the verbs begin, report and finish (a trial), and update (the run)."""

from __future__ import annotations

import contextlib
import datetime
import math
import time
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import optuna
from optuna.exceptions import ExperimentalWarning, StorageInternalError
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial, TrialState
from pydantic import TypeAdapter
from sqlalchemy.exc import SQLAlchemyError

from toonvision.config.node import Node
from toonvision.errors import ConfigError, Problem, StorageError
from toonvision.record.interruption import uninterrupted
from toonvision.record.reading import (
    FORMAT,
    FORMAT_KEY,
    STATE,
    STUDY,
    holds_record,
    readable,
    state_of,
    study_of,
    trial_of,
)
from toonvision.record.run_state import RunState
from toonvision.record.storage import close_storage, new_storage, open_storage
from toonvision.search_space.distribution import distribution
from toonvision.search_space.space import Space, Values, complete, hyperparameters, within
from toonvision.trial.objective import Objective
from toonvision.trial.trial import ONLY_ROUND, KnownPoint, Outcome, PriorResult, Promotion, Trial, TrialStatus

_RESULTS = TypeAdapter(list[PriorResult])
_POINTS = TypeAdapter(list[KnownPoint])
_KNOWN = "known"
_FIRST = "first"
_SPACE = "space/"  # before the name of a round
_DIRECTIONS = {"min": StudyDirection.MINIMIZE, "max": StudyDirection.MAXIMIZE}
_STATES = {
    TrialStatus.COMPLETED: TrialState.COMPLETE,
    TrialStatus.PRUNED: TrialState.PRUNED,
    TrialStatus.RUNNING: TrialState.RUNNING,
}


class Record:
    """The record of a run: each trial, written before its work starts and when it has ended.

    Every ask of the oracle and every tell is counted, so that a fresh oracle can be driven through the same.

    Attributes:
        directory: of the run.
        state: the state of the run as a whole.
        known: the results of an earlier search, with which this one began.
        first: the known points, which are tried before the oracle is asked.
        spaces: the narrowed search space of every later round that has begun, by the round's name.
    """

    def __init__(
        self, storage: optuna.storages.BaseStorage, directory: Path, *, space: Space, objective: Objective
    ) -> None:
        self._storage, self._study, self.directory = storage, study_of(storage, directory), directory
        self._space, self._objective = space, objective
        self._distributions = {name: distribution(entry) for name, entry in hyperparameters(space).items()}
        frozen = storage.get_all_trials(self._study, deepcopy=False)
        self._ids = {trial.number: trial._trial_id for trial in frozen}
        stored = storage.get_study_user_attrs(self._study)
        self.known = _RESULTS.validate_python(stored.get(_KNOWN, ()))
        self.first = _POINTS.validate_python(stored.get(_FIRST, ()))
        self.state = state_of(stored)
        self.spaces = {key.removeprefix(_SPACE): space for key, space in stored.items() if key.startswith(_SPACE)}
        self._events = 1 + max((max(t.asked, t.reported_at or 0) for t in map(trial_of, frozen)), default=-1)

    @classmethod
    def create(
        cls,
        storage: Node,
        directory: Path,
        *,
        space: Space,
        objective: Objective,
        state: RunState | None = None,
        known: Sequence[PriorResult] = (),
        first: Sequence[KnownPoint] = (),
    ) -> Record:
        """Begin a record: it is there with all of this, or not at all.

        Args:
            storage: the storage of the study; `{directory}` in its strings is the run's directory.
            directory: the run's.
            space: the search space, from which the distributions of the study are made.
            objective: the study has a direction and a value for every objective.
            state: of the run; None for one of which nothing is known yet.
            known: the results of an earlier search, with which this one begins, resumed or not.
            first: the known points, which are tried before the oracle is asked, also after a resume.

        Raises:
            ConfigError: if the directory already holds a record.
            StorageError: if it holds a damaged one, or none can be written.
        """
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        hint = "Nothing was begun: choose a directory that can be written."
        with _writable(directory, hint), new_storage(storage, directory) as opened:
            if holds_record(storage, directory):
                raise ConfigError(
                    Problem(
                        "hydra.run.dir",
                        "a directory without a run in it",
                        f"{str(directory)!r}, which holds the record of one",
                        f"Go on with it by toonvision resume {directory}, or choose another directory.",
                    )
                )
            named = objective.directions
            study = opened.create_new_study([_DIRECTIONS[direction] for direction in named.values()], STUDY)
            with warnings.catch_warnings(action="ignore", category=ExperimentalWarning):  # the axes of optuna-dashboard
                optuna.load_study(study_name=STUDY, storage=opened).set_metric_names(list(named))
            attributes = {
                FORMAT_KEY: FORMAT,
                STATE: asdict(state or RunState()),
                _KNOWN: [asdict(result) for result in known],
                _FIRST: [asdict(point) for point in first],
            }
            for key, value in attributes.items():
                opened.set_study_user_attr(study, key, value)
        return cls(open_storage(storage, directory), directory, space=space, objective=objective)

    @classmethod
    def reopen(cls, storage: Node, directory: Path, *, space: Space, objective: Objective) -> Record:
        """Open the record of a run that has stopped, to continue it.

        Raises:
            ConfigError: if there is none, or a newer version wrote it.
            StorageError: if it holds what toonvision never writes.
        """
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        opened = open_storage(storage, directory)
        with readable(directory):
            record = cls(opened, directory, space=space, objective=objective)
            opened.set_study_user_attr(record._study, FORMAT_KEY, FORMAT)  # what is written from now on
        for trial in record.trials:  # whose process was killed between the two writes of `finish`
            frozen = opened.get_trial(record._ids[trial.number])
            if trial.has_ended and not frozen.state.is_finished():
                record._close(trial.number, trial.outcome)
        return record

    @property
    def trials(self) -> list[Trial]:
        """Every trial as the storage holds it now, in the order asked."""
        return [trial_of(frozen) for frozen in self._storage.get_all_trials(self._study, deepcopy=False)]

    def begin(
        self,
        values: Values,
        promotion: Promotion | None,
        *,
        slot: int,
        round: str = ONLY_ROUND,
        source: str | None = None,
    ) -> Trial:
        """Write a RUNNING trial with these values, in one transaction, and return it.

        Args:
            values: of the active hyperparameters.
            promotion: the oracle's budget, if it gave one.
            slot: in which it runs.
            round: of the search, by its name.
            source: of a known point; None for values that the oracle proposed.

        Raises:
            StorageError: if the record cannot be written, for example to a full disk; so do all methods that write.
        """
        names = [name for name in values if name in self._distributions]
        asked, budget = self._count(), asdict(promotion) if promotion else None
        proposal = {"promotion": budget, "slot": slot, "asked": asked, "round": round}
        if source is not None:  # Optuna has no parameters outside of their distributions
            proposal |= {"source": source, "values": values}
            names = names if within(self._space, complete(self._space, values)) else []
        template = FrozenTrial(
            number=-1,
            trial_id=-1,
            state=TrialState.RUNNING,
            value=None,
            datetime_start=datetime.datetime.now(),
            datetime_complete=None,
            params={name: values[name] for name in names},
            distributions={name: self._distributions[name] for name in names},
            user_attrs={"proposal": proposal},
            system_attrs={},
            intermediate_values={},
        )
        with self._writing():
            number = len(self._ids)  # nothing else writes to the study, and asking for the number is one more query
            self._ids[number] = self._storage.create_new_trial(self._study, template_trial=template)
        return Trial(number, values, Outcome(TrialStatus.RUNNING), promotion, slot, asked, round=round, source=source)

    def report(self, number: int, epoch: int, value: float) -> None:
        """Write the objective of one epoch of a running trial; a value that is not finite is left out."""
        if math.isfinite(value):
            with self._writing():
                self._storage.set_trial_intermediate_value(self._ids[number], epoch, value)

    def retry(self, trial: Trial) -> None:
        """Write after which failures a trial, which stays RUNNING, runs again."""
        with self._writing():
            self._storage.set_trial_user_attr(self._ids[trial.number], "retried", list(trial.retried))

    def finish(self, trial: Trial, outcome: Outcome, *, elapsed: float) -> Trial:
        """Write the outcome of a trial, and close it unless it will run again.

        Args:
            trial: that has ended.
            outcome: of the trial.
            elapsed: seconds of the search so far.
        """
        reported_at = None if outcome.status is TrialStatus.INTERRUPTED else self._count()
        # The outcome is one write: if the process is killed before the next write, `reopen` closes the trial.
        ended = time.time()
        stored = {**asdict(outcome), "told": reported_at, "elapsed": elapsed, "ended": ended}
        with self._writing():
            self._storage.set_trial_user_attr(self._ids[trial.number], "outcome", stored)
            if reported_at is not None:
                self._close(trial.number, outcome)
        return replace(trial, outcome=outcome, reported_at=reported_at, elapsed=elapsed, ended=ended)

    def _close(self, number: int, outcome: Outcome) -> None:
        values = self._objective.reached(outcome)
        state = _STATES.get(outcome.status, TrialState.FAIL)
        if values is None and state is TrialState.COMPLETE:
            state = TrialState.FAIL  # for Optuna: a further objective is not a finite number
        self._storage.set_trial_state_values(self._ids[number], state, values)

    def _count(self) -> int:
        self._events += 1
        return self._events - 1

    def begin_round(self, name: str, space: Space) -> None:
        """Write the narrowed space with which a later round begins, resumed or not."""
        with self._writing():
            self._storage.set_study_user_attr(self._study, _SPACE + name, space)
        self.spaces[name] = dict(space)

    def update(self, **changes: Any) -> None:
        """Write what changes in the state of the run (the fields of `RunState`); nothing else writes it."""
        state = replace(self.state, **changes)
        with self._writing():
            self._storage.set_study_user_attr(self._study, STATE, asdict(state))
        self.state = state

    def close(self) -> None:
        """Close the storage, so that the whole record is in its file."""
        with uninterrupted():
            close_storage(self._storage)

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        hint = f"What it holds is complete. When it can be written again: toonvision resume {self.directory}"
        with _writable(self.directory, hint):
            yield


@contextlib.contextmanager
def _writable(directory: Path, hint: str) -> Iterator[None]:
    """Write without an interrupt; raise StorageError where the storage cannot, for example on a full disk."""
    try:
        with uninterrupted():
            yield
    except (StorageInternalError, SQLAlchemyError, OSError) as error:
        # SQLite's message, of the error of SQLAlchemy that Optuna raises, or has caught.
        received = str(getattr(error, "orig", None) or error.__cause__ or error).splitlines()[0]
        raise StorageError(Problem(str(directory), "a record that can be written", received, hint)) from error
