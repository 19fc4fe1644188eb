"""The search of one round: an ask/tell loop in the parent process, in one thread."""

from __future__ import annotations

import itertools
import math
import shutil
import time
from collections.abc import Iterable, Sequence
from dataclasses import replace

from toonvision.config.schema import RunConfig
from toonvision.errors import SearchError
from toonvision.oracle import Proposal, propose, tell, waiting_trials
from toonvision.record import stop_request
from toonvision.record.first_points import BASELINE
from toonvision.record.observer import EpochEnded, TrialEnded, TrialRetried, TrialStarted
from toonvision.record.record import Record
from toonvision.search.folds import curves_of, last_point
from toonvision.search.pruning import pruned, stopped_by_user
from toonvision.search.round import Round, RoundState, RoundTrial
from toonvision.search.runner import Runner
from toonvision.search.running import STOPPED, RunningTrials, retried
from toonvision.search_space.space import complete
from toonvision.trial.trial import (
    LOG,
    Outcome,
    Promotion,
    Trial,
    TrialStatus,
    checkpoints,
    folds_directory,
    progress_file,
    trial_directory,
)

MAX_CONSECUTIVE_INFEASIBLE = 100
BY_USER = "the user (toonvision stop)"


class Search:
    """The search of one round, from the first question to its oracle to the last answer.

    Args:
        config: of the run, valid.
        stage: the round.
        state: of the round, restored from the record; its pending trials run first.
        record: every trial is written there before its work starts.
        runner: runs the trials; its observers receive every trial and epoch.

    Attributes:
        ended_by: the limit of the budget that ended the search, or the user; None if the oracle did.
    """

    def __init__(self, config: RunConfig, stage: Round, state: RoundState, *, record: Record, runner: Runner) -> None:
        self.config, self.stage, self.state, self.record, self.runner = config, stage, state, record, runner
        self.objective, self.budget = config.objective, config.budget
        self.folds = config.default_trial.training.resampling.trainings
        self.running = RunningTrials(runner, record.directory, on_epoch=self._follow, on_end=self._end)
        self.ended_by: str | None = None
        self._started = time.monotonic() - state.seconds
        self._ended_before = len(state.ended)  # in other rounds and sessions; this one may fail as often again

    @property
    def seconds(self) -> float:
        """Wall time of the search, over all its sessions."""
        return time.monotonic() - self._started

    @property
    def planned(self) -> int | None:
        """Trials of all rounds that can be built, or None if it is unknown."""
        limits = (self.state.planned, self.budget.trials)
        return min((limit for limit in limits if limit is not None), default=None)

    def run(self) -> None:
        """Ask, run and tell until the oracle stops, the budget is spent, or the user ends the search.

        Raises:
            SearchError: if trial after trial fails or cannot be built.
            KeyboardInterrupt: after the running trials have stopped and are recorded as INTERRUPTED.
        """
        try:
            self.running.run(self._fill)
        except KeyboardInterrupt:
            for trial in self.record.trials:  # recorded, and interrupted before they were started
                if trial.status is TrialStatus.RUNNING:
                    self.record.finish(trial, STOPPED, elapsed=self.seconds)
            raise
        if self.ended_by is None:  # with a larger budget, trials may still continue from theirs
            self._remove_checkpoints()

    def _fill(self) -> bool:
        """Start trials in the free slots; return whether any is running, unless the search is to end now."""
        self._check_failures()
        if over := self.budget.is_over(self.seconds) or self._obey():
            self.ended_by = over
            return False
        while self.running.has_free_slot:
            trial = self.state.pending.pop(0) if self.state.pending else self._ask()
            if trial is None:
                break
            self.runner.notify(TrialStarted(trial, self.planned))
            self.state.pruning.begin(trial.number)
            self.running.start(trial, self.config.resolve(complete(self.config.search_space, trial.values)))
        return bool(self.running.trials)

    def _obey(self) -> str | None:
        """Ask the trials to stop that the user does not want; return why the search ends if the user says so."""
        directory = self.record.directory
        requests = stop_request.asked(directory)
        if requests.search:
            stop_request.forget(directory)
            return BY_USER
        running = {trial.number for trial in self.running.trials}
        for number in requests.trials:
            if number in running:
                self.state.trials[number].is_unwanted = True
                self.running.ask_to_stop(number)
            if not any(trial.number == number for trial in self.state.pending):  # else it runs soon
                stop_request.forget(directory, number)
        return None

    def _ask(self) -> Trial | None:
        """Ask the oracle for a trial in a free slot, and record it; None if it has none now."""
        running = self.running.trials
        self.ended_by = self.budget.is_spent([*self.state.ended, *running], self.objective)
        if self.ended_by:
            return None
        taken = {trial.slot for trial in running}
        slot = next(slot for slot in itertools.count() if slot not in taken)
        proposal = propose(self.state.oracle, slot) if self.state.oracle else self._next_point()
        if proposal.status != "RUNNING":
            return None
        promotion, source = self._promotion(proposal), proposal.source
        trial = self.record.begin(proposal.values, promotion, slot=slot, round=self.stage.name, source=source)
        self.state.trials[trial.number] = RoundTrial(trial, proposal.trial_id)
        return trial

    def _next_point(self) -> Proposal:
        """Return the next known point as a proposal; STOPPED after the last one."""
        if not self.state.points:
            return Proposal("STOPPED", "", {})
        point = self.state.points.pop(0)
        return Proposal("RUNNING", "", point.values, source=point.source)

    def _promotion(self, proposal: Proposal) -> Promotion | None:
        if proposal.epochs is None:
            return None
        parent = self.state.parent(proposal.parent)
        # A parent that stopped early continues where it stands, not where its budget would have ended.
        initial = parent.outcome.last_epoch if parent else 0
        return Promotion(proposal.epochs, initial, parent.number if parent else None)

    def _follow(self, trial: Trial, metrics: dict[str, float]) -> None:
        """Record what a running trial has reached in an epoch, and ask it to stop if the pruner says so."""
        entry = self.state.trials[trial.number]
        # After the verdict, epochs are not read: how many more there are is chance, and differs from run to run.
        if metrics["execution"] < self.folds and entry.verdict is None:
            entry.epochs.append(metrics)
            epoch = int(metrics["epoch"])
            point = last_point(curves_of(entry.epochs, self.objective.name), self.objective)
            entry.curve[epoch] = point.value
            self.record.report(trial.number, epoch, point.value)
            # The oracle stops a trial with a budget, and may continue it from where it really stands. A known point is
            # to be known by its whole training.
            if not trial.promotion and trial.source is None and not entry.is_unwanted:
                entry.verdict = self.state.pruning.verdict(trial.number, point)
                if entry.verdict:
                    self.running.ask_to_stop(trial.number)
        training = self.running.training(trial.number)
        epochs = trial.promotion.epochs if trial.promotion else training.epochs
        self.runner.notify(EpochEnded(trial, metrics, epochs, training.trainings_per_trial))

    def _end(self, trial: Trial, outcome: Outcome) -> None:
        """Record the outcome, then tell the oracle; or let the trial run again."""
        entry = self.state.trials[trial.number]
        ended = outcome.status in (TrialStatus.COMPLETED, TrialStatus.INTERRUPTED) and outcome is not STOPPED
        if entry.verdict and ended:
            outcome = pruned(outcome, entry.epochs, entry.verdict, self.objective)
        if entry.is_unwanted and outcome.status is TrialStatus.INTERRUPTED:
            outcome = stopped_by_user(outcome)
        if outcome.status is TrialStatus.INTERRUPTED:
            self.record.finish(trial, STOPPED, elapsed=self.seconds)
            return
        if self.folds > 1 and outcome.score is not None:
            outcome = replace(outcome, curves=curves_of(entry.epochs, self.objective.name))
        self.state.pruning.end(trial.number, outcome)
        if not entry.is_unwanted and (again := retried(trial, outcome, self.config.retries)):
            self.record.retry(again)
            self.state.trials[trial.number] = RoundTrial(again, entry.oracle_id)
            self.state.pending.append(again)
            self.runner.notify(TrialRetried(again, outcome))
            return
        # Of a trial that was pruned, or died.
        progress_file(self.record.directory, trial.number).unlink(missing_ok=True)
        shutil.rmtree(folds_directory(self.record.directory, trial.number), ignore_errors=True)
        trial = self.record.finish(trial, outcome, elapsed=self.seconds)
        if self.state.oracle:
            finite = {epoch: value for epoch, value in entry.curve.items() if math.isfinite(value)}  # as in the record
            tell(self.state.oracle, entry.oracle_id, outcome, finite)
        self.state.trials[trial.number] = RoundTrial(trial, entry.oracle_id)
        self.state.ended.append(trial)
        self.runner.notify(TrialEnded(trial))

    def _check_failures(self) -> None:
        """Raise SearchError if the baseline could not be built, or too many trials in a row failed or could not be."""
        ended, most = self.state.ended, self.state.max_failed
        for trial in ended:
            # One that exceeds a constraint was built, and has parameters.
            is_unbuilt = trial.status is TrialStatus.INFEASIBLE and trial.outcome.parameters is None
            if trial.source == BASELINE and is_unbuilt:
                raise SearchError(
                    f"The baseline cannot be built, so nothing could be compared with it: {trial.outcome.error} "
                    "Choose a model that takes these examples, such as model=mlp for a table, or another baseline."
                )
        failed, infeasible = failures_in_a_row(ended[self._ended_before :])
        if most and failed >= most:
            last = next(trial for trial in reversed(ended) if trial.status is TrialStatus.FAILED)
            log = trial_directory(self.record.directory, last.number) / LOG
            raise SearchError(
                f"{failed} trials in a row failed; the last one, {last.id}, {last.outcome.reason}: {last.outcome.error}"
                + (f" See {log}" if log.exists() else "")
            )
        if infeasible >= MAX_CONSECUTIVE_INFEASIBLE:
            raise SearchError(
                f"{infeasible} proposals in a row could not be built; the last one, {ended[-1].id}: "
                f"{ended[-1].outcome.error} Narrow the search space, enlarge dataset.image_size, or raise "
                "constraints.max_parameters where it is set."
            )

    def _remove_checkpoints(self) -> None:
        """Delete the weights from which no trial can continue any more, also if the limit is raised later."""
        waiting = waiting_trials(self.state.oracle) if self.state.oracle else ()
        for number, entry in self.state.trials.items():
            for path in checkpoints(self.record.directory, number) if entry.oracle_id not in waiting else ():
                path.unlink()


def failures_in_a_row(ended: Sequence[Trial]) -> tuple[int, int]:
    """Return how many trials at the end have failed, and how many could not be built.

    Args:
        ended: in the order in which they ended. Those that could not be built say nothing about those that can.
    """
    infeasible = (trial.status is TrialStatus.INFEASIBLE for trial in reversed(ended))
    built = (trial for trial in reversed(ended) if trial.status is not TrialStatus.INFEASIBLE)
    return _leading(trial.status is TrialStatus.FAILED for trial in built), _leading(infeasible)


def _leading(states: Iterable[bool]) -> int:
    return sum(1 for _ in itertools.takewhile(bool, states))
