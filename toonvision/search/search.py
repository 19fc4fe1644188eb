"""The search: one ask/tell loop in the parent process, in one thread."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from toonvision.config.node import Node
from toonvision.config.schema import RunConfig
from toonvision.errors import SearchError
from toonvision.oracle import create_oracle, learn, planned_trials, propose, replay, tell
from toonvision.record.record import Record
from toonvision.search.pruning import Pruning, pruned
from toonvision.search.running import STOPPED, Attempts, Runner, retried
from toonvision.search_space.space import Space, complete
from toonvision.trial.trial import (
    LOG,
    Outcome,
    PriorResult,
    Promotion,
    Trial,
    TrialStatus,
    checkpoints,
    trial_directory,
)

MAX_CONSECUTIVE_INFEASIBLE = 100


@dataclass(frozen=True, slots=True)
class Round:
    """One round of a search: an oracle of its own on a space of its own.

    Attributes:
        name: its key in `strategy.rounds`.
        tuner: the resolved node that names the oracle.
        space: to search; every value of it is one of the configuration's `search_space`, too.
        known: results to begin with.
        to_come: trials that are planned for the rounds after it; None if nobody knows.
    """

    name: str
    tuner: Node
    space: Space
    known: Sequence[PriorResult] = ()
    to_come: int | None = 0


class Search:
    """One round of a search, from the first question to its oracle to the last answer.

    Args:
        config: valid (see `toonvision.validation.validate`).
        directory: the run's.
        stage: the round.
        record: where every trial is written before its work starts. If it holds some of this round, the oracle is
            rebuilt from them, and those that have not ended run again first.
        runner: runs the trials, and has the observer that receives every trial and epoch.

    Attributes:
        ended_by: the limit of the budget that ended the search; None if the oracle did.

    Raises:
        SearchError: if the oracle does not propose the record's values again.
    """

    def __init__(self, config: RunConfig, directory: Path, *, stage: Round, record: Record, runner: Runner) -> None:
        self.config, self.directory, self.record = config, directory, record
        self.runner, self.observer = runner, runner.observer
        self.objective, self.budget = config.objective, config.budget
        self.stage = stage
        self.oracle = create_oracle(stage.tuner, stage.space, self.objective)
        learn(self.oracle, stage.known)
        # KerasTuner's own check would raise inside a lock, and counts what could not be built.
        self.max_consecutive_failed = self.oracle.max_consecutive_failed_trials
        self.oracle.max_consecutive_failed_trials = None
        trials = record.trials
        own = [trial for trial in trials if trial.round == stage.name]
        self.planned = self._planned([trial for trial in trials if trial.round != stage.name])
        proposals = replay(self.oracle, own)
        self.oracle_ids = {number: proposal.trial_id for number, proposal in proposals.items()}  # KerasTuner's
        self.trials = {self.oracle_ids[trial.number]: trial for trial in own}
        self.ended = sorted(
            (t for t in trials if t.has_ended), key=lambda trial: trial.reported_at or 0
        )  # in any round
        self._earlier = len(self.ended)  # of other rounds and sessions, whose failures are not held against this one
        self.pruning = Pruning(config.pruner, self.objective, self.ended)
        self.epochs: dict[int, list[dict[str, float]]] = {}  # of the first executions of the running trials
        self.verdicts: dict[int, str] = {}  # why the pruner has asked a running trial to stop
        self.pending = [trial for trial in own if not trial.has_ended]
        self.ended_by: str | None = None
        self._started = time.monotonic() - max((t.elapsed or 0.0 for t in trials), default=0.0)

    @property
    def seconds(self) -> float:
        """Wall time of the search, over all its sessions."""
        return time.monotonic() - self._started

    def run(self) -> None:
        """Ask, run and tell until the oracle stops or the budget is spent.

        Raises:
            SearchError: if trial after trial fails or cannot be built.
            KeyboardInterrupt: after the running trials have been stopped and recorded as INTERRUPTED.
        """
        self.attempts = Attempts(self.runner, self.directory, on_epoch=self._follow, on_end=self._end)
        self.attempts.run(self._fill)
        if self.ended_by is None:  # with a larger budget, trials may still continue from theirs
            self._remove_checkpoints()

    def _planned(self, earlier: Sequence[Trial]) -> int | None:
        """Trials of all rounds, as far as is known; those that cannot be built do not count."""
        own, to_come = planned_trials(self.oracle), self.stage.to_come
        built = sum(trial.status is not TrialStatus.INFEASIBLE for trial in earlier)
        planned = None if own is None or to_come is None else built + own + to_come
        return min((limit for limit in (planned, self.budget.trials) if limit is not None), default=None)

    def _fill(self) -> bool:
        """Start trials in the free slots; return whether any is running, unless the time is over."""
        self._check_failures()
        if over := self.budget.is_over(self.seconds):
            self.ended_by = over
            return False
        while len(self.attempts.trials) < self.attempts.slots:
            trial = self.pending.pop(0) if self.pending else self._ask()
            if trial is None:
                break
            self.observer.begin(trial, self.planned)
            self.pruning.begin(trial.number)
            self.attempts.start(trial, self.config.resolve(complete(self.config.search_space, trial.values)))
        return bool(self.attempts.trials)

    def _ask(self) -> Trial | None:
        """Ask the oracle for a trial in a free slot, and record it; None if it has none now."""
        at_work = self.attempts.trials
        self.ended_by = self.budget.is_spent([*self.ended, *at_work], self.objective)
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
        trial = self.record.begin(proposal.values, promotion, slot=slot, round=self.stage.name)
        self.oracle_ids[trial.number] = proposal.trial_id
        return trial

    def _follow(self, trial: Trial, metrics: dict[str, float]) -> None:
        """Record what a running trial has reached in an epoch, and ask it to stop if the pruner says so."""
        number = trial.number
        # Once it was asked, what it still trains is not read: how far it comes is chance, and would not come again.
        if metrics["execution"] == 0 and number not in self.verdicts:
            epoch, value = int(metrics["epoch"]), metrics[self.objective.name]
            self.epochs.setdefault(number, []).append(metrics)
            self.record.report(number, epoch, value)
            # A trial with a budget is the oracle's to stop, and may be continued from where it really stands.
            if not trial.promotion and (verdict := self.pruning.verdict(number, epoch, value)):
                self.verdicts[number] = verdict
                self.attempts.ask_to_stop(number)
        self.observer.epoch(trial, metrics)

    def _end(self, trial: Trial, outcome: Outcome) -> None:
        """Record the outcome, then tell the oracle; or let the trial run again."""
        epochs, verdict = self.epochs.pop(trial.number, []), self.verdicts.pop(trial.number, None)
        if verdict and outcome is not STOPPED and outcome.status in (TrialStatus.COMPLETED, TrialStatus.INTERRUPTED):
            outcome = pruned(outcome, epochs, verdict, self.objective)
        if outcome.status is TrialStatus.INTERRUPTED:
            self.record.finish(trial, STOPPED, elapsed=self.seconds)
            return
        self.pruning.end(trial.number, outcome)
        if again := retried(trial, outcome, self.config.retries):
            self.record.retry(again)
            self.pending.append(again)
            self.observer.retry(again, outcome)
            return
        trial = self.record.finish(trial, outcome, elapsed=self.seconds)
        tell(self.oracle, self.oracle_ids[trial.number], outcome)
        self.trials[self.oracle_ids[trial.number]] = trial
        self.ended.append(trial)
        self.observer.end(trial)

    def _check_failures(self) -> None:
        """Raise SearchError if too many trials in a row came to nothing."""
        failed, infeasible = failures_in_a_row(self.ended[self._earlier :])
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
                f"{self.ended[-1].outcome.error} Narrow the search space, enlarge dataset.image_size, or raise "
                "constraints.max_parameters where it is set."
            )

    def _remove_checkpoints(self) -> None:
        """Delete the weights from which no trial can continue any more."""
        for trial in self.trials.values():
            for path in checkpoints(self.directory, trial.number):
                path.unlink()


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
