"""The search: one ask/tell loop in the parent process, in one thread."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from dataclasses import dataclass, field, replace
from pathlib import Path

from toonvision.budget import Budget
from toonvision.config import Config, Resolver
from toonvision.errors import SearchError
from toonvision.history import HistoryReader
from toonvision.observer import Observer
from toonvision.oracle import Proposal, create_oracle, learn, planned_trials, propose, replay, tell
from toonvision.pruning import Pruning, pruned
from toonvision.record import Record
from toonvision.search_space import complete
from toonvision.trial import (
    HISTORY,
    LOG,
    STOP,
    Outcome,
    Promotion,
    Reason,
    Trial,
    TrialStatus,
    checkpoint,
    trial_directory,
)
from toonvision.worker import death, process_name, run_trial

POLL_SECONDS = 0.2
MAX_CONSECUTIVE_INFEASIBLE = 100
_STOPPED = Outcome(TrialStatus.INTERRUPTED, error="the search was stopped", reason=Reason.STOPPED)


@dataclass(slots=True)
class _Running:
    """A trial at work: its history and what was read of it, when it began, and why the pruner has asked it to stop.

    Once it was asked, what it still trains is not read: how far it comes is chance, and would not come again.
    """

    trial: Trial
    proposal: Proposal
    history: HistoryReader
    began: float = 0.0
    epochs: list[dict[str, float]] = field(default_factory=list)  # of the first execution
    pruned: str | None = None


class Search:
    """One search, from the first question to the oracle to its last answer.

    Args:
        config: valid (see `toonvision.validation`).
        directory: the run's.
        record: where every trial is written before its work starts. If it holds some already, the oracle is rebuilt
            from them, and those that have not ended run again first.
        observer: told of every trial and epoch.

    Attributes:
        ended_by: the limit of the budget that ended the search; None if the oracle did.

    Raises:
        SearchError: if the oracle does not propose the record's values again.
    """

    def __init__(self, config: Config, directory: Path, *, record: Record, observer: Observer) -> None:
        self.config, self.directory, self.record, self.observer = config, directory, record, observer
        self.objective, self.budget = config["objective"], Budget(**config["budget"])
        self.resolve = Resolver(config)
        self.oracle = create_oracle(config["tuner"], config["search_space"], self.objective)
        learn(self.oracle, record.known)
        # KerasTuner's own check would raise inside a lock, and counts what could not be built.
        self.max_consecutive_failed = self.oracle.max_consecutive_failed_trials
        self.oracle.max_consecutive_failed_trials = None
        self.planned = min(filter(None, (planned_trials(self.oracle), self.budget.trials)), default=None)
        proposals = replay(self.oracle, record.trials)
        self.trials = {proposals[trial.number].trial_id: trial for trial in record.trials}  # by KerasTuner's id
        self.ended = sorted((t for t in record.trials if t.has_ended), key=lambda trial: trial.told or 0)
        for trial in self.ended:
            observer.known(trial)
        self.pruning = Pruning(config["pruner"], self.objective, self.ended)
        self.pending = [self._entry(t, proposals[t.number]) for t in record.trials if not t.has_ended]
        self.ended_by: str | None = None
        self._started = time.monotonic() - max((t.elapsed or 0.0 for t in record.trials), default=0.0)

    @property
    def seconds(self) -> float:
        """Wall time of the search, over all its sessions."""
        return time.monotonic() - self._started

    def run(self, executor: Executor) -> None:
        """Ask, run and tell until the oracle stops or the budget is spent.

        Args:
            executor: one of `toonvision.executor`; it is shut down at the end.

        Raises:
            SearchError: if trial after trial fails or cannot be built.
            KeyboardInterrupt: after the running trials have been stopped and recorded as INTERRUPTED.
        """
        running: dict[Future[Outcome], _Running] = {}
        self.slots = executor.workers  # type: ignore[attr-defined] # of every one of ours
        with executor:
            try:
                while not self._is_over() and self._fill(executor, running):
                    done, _ = wait(running, timeout=POLL_SECONDS, return_when=FIRST_COMPLETED)
                    for entry in running.values():
                        self._follow(entry)
                    for future in done:
                        outcome = self._outcome(future, running[future])
                        self._end(running.pop(future), outcome)
                        self._check_failures()
            finally:  # what still runs has come to the end of the time, or of the search
                self._stop(executor, running)
        self._remove_checkpoints()

    def _is_over(self) -> bool:
        self.ended_by = self.budget.is_over(self.seconds) or self.ended_by
        return self.budget.is_over(self.seconds) is not None

    def _fill(self, executor: Executor, running: dict[Future[Outcome], _Running]) -> bool:
        """Start trials in the free slots; return whether any is running."""
        while len(running) < self.slots:
            entry = self.pending.pop(0) if self.pending else self._ask(running)
            if entry is None:
                break
            trial = entry.trial
            self.observer.begin(trial, self.planned)
            (trial_directory(self.directory, trial.number) / STOP).unlink(missing_ok=True)
            self.pruning.begin(trial.number)
            resolved = self.resolve(complete(self.config["search_space"], trial.values))
            # The same seed would only diverge again.
            resolved["seed"] += trial.retried.count(Reason.DIVERGED) * self.config["training"]["executions_per_trial"]
            task = (resolved, str(self.directory), trial.number, trial.promotion, process_name())
            entry.began = time.monotonic()
            running[executor.submit(run_trial, *task)] = entry
        return bool(running)

    def _ask(self, running: dict[Future[Outcome], _Running]) -> _Running | None:
        """Ask the oracle for a trial in a free slot, and record it; None if it has none now."""
        at_work = [entry.trial for entry in running.values()]
        self.ended_by = self.budget.is_spent([*self.ended, *at_work], self.objective["direction"])
        if self.ended_by:
            return None
        taken = {trial.slot for trial in at_work}
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
        return self._entry(self.record.begin(proposal.values, promotion, slot=slot), proposal)

    def _entry(self, trial: Trial, proposal: Proposal) -> _Running:
        return _Running(trial, proposal, HistoryReader(trial_directory(self.directory, trial.number) / HISTORY))

    def _follow(self, entry: _Running) -> None:
        """Read what a running trial has added to its history, and ask it to stop if the pruner says so."""
        number = entry.trial.number
        for metrics in entry.history.new_epochs():
            if metrics["execution"] == 0 and entry.pruned is None:
                epoch, value = int(metrics["epoch"]), metrics[self.objective["name"]]
                entry.epochs.append(metrics)
                self.record.report(number, epoch, value)
                entry.pruned = self.pruning.verdict(number, epoch, value)
                if entry.pruned:
                    (trial_directory(self.directory, number) / STOP).touch()
            self.observer.epoch(entry.trial, metrics)

    def _outcome(self, future: Future[Outcome], entry: _Running) -> Outcome:
        try:
            outcome = future.result()
        except BrokenExecutor as error:
            outcome = death(self.directory, entry.trial.number, error)
            return replace(outcome, seconds=time.monotonic() - entry.began)
        self._follow(entry)
        if entry.pruned and outcome.status in (TrialStatus.COMPLETED, TrialStatus.INTERRUPTED):
            return pruned(outcome, entry.epochs, entry.pruned, self.objective)
        return outcome

    def _end(self, entry: _Running, outcome: Outcome) -> None:
        """Record the outcome, then tell the oracle; or let the trial run again."""
        trial = entry.trial
        self.pruning.end(trial.number, outcome)
        if outcome.reason and trial.retried.count(outcome.reason) < self.config["retries"].get(outcome.reason.key, 0):
            trial = replace(trial, retried=(*trial.retried, outcome.reason))
            self.record.retry(trial)
            self.pending.append(self._entry(trial, entry.proposal))
            self.observer.retry(trial, outcome)
            return
        trial = self.record.finish(trial, outcome, elapsed=self.seconds)
        tell(self.oracle, entry.proposal.trial_id, outcome)
        self.trials[entry.proposal.trial_id] = trial
        self.ended.append(trial)
        self.observer.end(trial)

    def _check_failures(self) -> None:
        """Raise SearchError if too many trials in a row came to nothing."""
        failed, infeasible = failures_in_a_row(self.ended)
        if self.max_consecutive_failed and failed >= self.max_consecutive_failed:
            last = next(t for t in reversed(self.ended) if t.status is TrialStatus.FAILED)
            log = trial_directory(self.directory, last.number) / LOG
            raise SearchError(
                f"{failed} trials in a row failed; the last one, {last.id}, {last.outcome.reason}: {last.outcome.error}"
                + (f" See {log}" if log.exists() else "")
            )
        if infeasible >= MAX_CONSECUTIVE_INFEASIBLE:
            raise SearchError(
                f"{infeasible} proposals in a row could not be built; the last one, {self.ended[-1].id}: "
                f"{self.ended[-1].outcome.error} Narrow the search space, or enlarge dataset.image_size."
            )

    def _stop(self, executor: Executor, running: dict[Future[Outcome], _Running]) -> None:
        """Ask the running trials to stop, wait for them, and record as INTERRUPTED those that have not ended."""
        for future, entry in running.items():
            if not future.cancel():
                folder = trial_directory(self.directory, entry.trial.number)
                folder.mkdir(parents=True, exist_ok=True)
                (folder / STOP).touch()
        try:
            wait(running)
        except KeyboardInterrupt:  # a second one: they are not waited for
            executor.shutdown(wait=False, cancel_futures=True)
            raise
        finally:
            for future, entry in running.items():
                whole = future.done() and not future.cancelled() and future.exception() is None
                outcome = self._outcome(future, entry) if whole else _STOPPED
                if outcome.status is TrialStatus.INTERRUPTED:
                    self.record.finish(entry.trial, _STOPPED, elapsed=self.seconds)
                else:
                    self._end(entry, outcome)
            running.clear()

    def _remove_checkpoints(self) -> None:
        """Delete the weights from which no trial can continue any more."""
        executions = range(int(self.config["training"]["executions_per_trial"]))
        for trial in self.trials.values():
            for execution in executions:
                checkpoint(self.directory, trial.number, execution).unlink(missing_ok=True)


def failures_in_a_row(ended: Sequence[Trial]) -> tuple[int, int]:
    """Return how many trials at the end have failed, and how many could not be built.

    Args:
        ended: in the order in which they ended. Those that could not be built say nothing of those that can.
    """
    infeasible = (trial.status is TrialStatus.INFEASIBLE for trial in reversed(ended))
    built = (trial for trial in reversed(ended) if trial.status is not TrialStatus.INFEASIBLE)
    return _leading(trial.status is TrialStatus.FAILED for trial in built), _leading(infeasible)


def _leading(states: Iterable[bool]) -> int:
    return sum(1 for _ in itertools.takewhile(bool, states))
