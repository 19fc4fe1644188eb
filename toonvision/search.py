"""The search: one ask/tell loop in the parent process, in one thread."""

from __future__ import annotations

import csv
import itertools
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from toonvision.config import Config, instantiate, resolve
from toonvision.errors import SearchError
from toonvision.execution import checkpoint, run_trial, trial_directory
from toonvision.oracle import Proposal, create_oracle, planned_trials, propose, replay, tell
from toonvision.record import Record
from toonvision.search_space import complete
from toonvision.training import HISTORY, STOP
from toonvision.trial import Outcome, Promotion, Trial, TrialStatus

POLL_SECONDS = 0.2
MAX_CONSECUTIVE_INFEASIBLE = 100


class Observer(Protocol):
    """Whoever wants to see a run as it goes on."""

    def known(self, trial: Trial) -> None:
        """A trial of the record had ended before the run was resumed."""

    def begin(self, trial: Trial, planned: int | None) -> None:
        """A trial has been recorded and is about to start; `planned` trials are to be run in all, where known."""

    def epoch(self, trial: Trial, metrics: dict[str, float]) -> None:
        """A running trial has ended an epoch; `metrics` holds `epoch`, too."""

    def end(self, trial: Trial) -> None:
        """A trial has ended."""

    def retraining(self, role: str, epochs: int, metrics: dict[str, float]) -> None:
        """The baseline or the tuned model, trained for at most so many epochs, has ended one."""


@dataclass(slots=True)
class _Running:
    """A trial at work, and how far its history has been read."""

    trial: Trial
    proposal: Proposal
    read: int = 0
    header: list[str] = field(default_factory=list)


class Search:
    """One search, from the first question to the oracle to its last answer.

    Args:
        config: valid (see `toonvision.validation`).
        directory: the run's.
        record: where every trial is written before its work starts. If it holds some already, the oracle is rebuilt
            from them, and those that have not ended run again first.
        observer: told of every trial and epoch.

    Raises:
        SearchError: if the oracle does not propose the record's values again.
    """

    def __init__(self, config: Config, directory: Path, *, record: Record, observer: Observer) -> None:
        self.config, self.directory, self.record, self.observer = config, directory, record, observer
        self.oracle = create_oracle(config["tuner"], config["search_space"], config["objective"])
        # KerasTuner's own check would raise inside a lock, and counts what could not be built.
        self.max_consecutive_failed = self.oracle.max_consecutive_failed_trials
        self.oracle.max_consecutive_failed_trials = None
        self.planned = planned_trials(self.oracle)
        self.slots = int(config["executor"].get("max_workers", 1))
        proposals = replay(self.oracle, record.trials)
        self.trials = {proposals[trial.number].trial_id: trial for trial in record.trials}  # by KerasTuner's id
        for trial in record.trials:
            if trial.has_ended:
                observer.known(trial)
        self.pending = [_Running(t, proposals[t.number]) for t in record.trials if not t.has_ended]
        self.failed = self.infeasible = 0  # in a row

    def run(self) -> None:
        """Ask, run and tell until the oracle stops.

        Raises:
            SearchError: if trial after trial fails or cannot be built.
            KeyboardInterrupt: after the running trials have been stopped and recorded as INTERRUPTED.
        """
        running: dict[Future[Outcome], _Running] = {}
        executor: Executor = instantiate(self.config["executor"], "executor")
        with executor:
            try:
                while self._fill(executor, running):
                    done, _ = wait(running, timeout=POLL_SECONDS, return_when=FIRST_COMPLETED)
                    for entry in running.values():
                        self._follow(entry)
                    for future in done:
                        outcome = future.result()
                        self._end(running.pop(future), outcome)
            except BaseException:
                self._stop(running)
                raise
        self._remove_checkpoints()

    def _fill(self, executor: Executor, running: dict[Future[Outcome], _Running]) -> bool:
        """Start trials in the free slots; return whether any is running."""
        while len(running) < self.slots:
            entry = self.pending.pop(0) if self.pending else self._ask(running)
            if entry is None:
                break
            self.observer.begin(entry.trial, self.planned)
            (trial_directory(self.directory, entry.trial.number) / STOP).unlink(missing_ok=True)
            resolved = resolve(self.config, complete(self.config["search_space"], entry.trial.values))
            arguments = (resolved, str(self.directory), entry.trial.number, entry.trial.promotion)
            running[executor.submit(run_trial, *arguments)] = entry
        return bool(running)

    def _ask(self, running: dict[Future[Outcome], _Running]) -> _Running | None:
        """Ask the oracle for a trial in a free slot, and record it; None if it has none now."""
        taken = {entry.trial.slot for entry in running.values()}
        slot = next(slot for slot in itertools.count() if slot not in taken)
        proposal = propose(self.oracle, slot)
        if proposal.status != "RUNNING":
            return None
        promotion = None
        if proposal.epochs is not None:
            parent = self.trials[proposal.parent] if proposal.parent else None
            # A parent that stopped early goes on where it stands, not where its budget would have ended.
            initial = parent.outcome.last_epoch if parent else 0
            promotion = Promotion(proposal.epochs, initial, parent.number if parent else None)
        return _Running(self.record.begin(proposal.values, promotion, slot=slot), proposal)

    def _follow(self, entry: _Running) -> None:
        """Read what a running trial has added to its history."""
        for metrics in _new_lines(trial_directory(self.directory, entry.trial.number) / HISTORY, entry):
            if metrics["execution"] == 0:
                self.record.report(entry.trial.number, int(metrics["epoch"]), metrics[self.oracle.objective.name])
            self.observer.epoch(entry.trial, metrics)

    def _end(self, entry: _Running, outcome: Outcome) -> None:
        """Record the outcome, then tell the oracle."""
        self._follow(entry)
        self.record.finish(entry.trial.number, outcome)
        tell(self.oracle, entry.proposal.trial_id, outcome)
        trial = replace(entry.trial, outcome=outcome)
        self.trials[entry.proposal.trial_id] = trial
        self.observer.end(trial)
        self.infeasible = self.infeasible + 1 if outcome.status is TrialStatus.INFEASIBLE else 0
        if outcome.status is not TrialStatus.INFEASIBLE:  # which says nothing of those that can be built
            self.failed = self.failed + 1 if outcome.status is TrialStatus.FAILED else 0
        if self.max_consecutive_failed and self.failed >= self.max_consecutive_failed:
            raise SearchError(f"{self.failed} trials in a row failed; the last one, {trial.id}: {outcome.error}")
        if self.infeasible >= MAX_CONSECUTIVE_INFEASIBLE:
            raise SearchError(
                f"{self.infeasible} proposals in a row could not be built; the last one, {trial.id}: {outcome.error} "
                "Narrow the search space, or enlarge dataset.image_size."
            )

    def _stop(self, running: dict[Future[Outcome], _Running]) -> None:
        """Ask the running trials to stop, wait for them, and record them as INTERRUPTED."""
        for future, entry in running.items():
            if not future.cancel():
                folder = trial_directory(self.directory, entry.trial.number)
                folder.mkdir(parents=True, exist_ok=True)
                (folder / STOP).touch()
        wait(running)
        for entry in running.values():
            outcome = Outcome(TrialStatus.INTERRUPTED, error="the search was stopped", reason="stopped")
            self.record.finish(entry.trial.number, outcome)

    def _remove_checkpoints(self) -> None:
        """Delete the weights from which no trial can continue any more."""
        executions = range(int(self.config["training"]["executions_per_trial"]))
        for trial in self.trials.values():
            for execution in executions:
                checkpoint(self.directory, trial.number, execution).unlink(missing_ok=True)


def _new_lines(path: Path, entry: _Running) -> Iterator[dict[str, float]]:
    """Yield the lines that have been completed since the last look."""
    if not path.exists():
        return
    with path.open(newline="", encoding="utf-8") as file:
        file.seek(entry.read)
        text = file.read()
    complete_lines = text[: text.rfind("\n") + 1]
    entry.read += len(complete_lines.encode())
    for row in csv.reader(complete_lines.splitlines()):
        if not entry.header:
            entry.header = row
        else:
            yield {name: float(value) for name, value in zip(entry.header, row, strict=True)}
