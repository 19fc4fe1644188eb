"""The progress of a run on the console: one line for each trial and, on a terminal, live lines and a progress bar."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from types import TracebackType

from rich.console import Console, Group
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.text import Text

from toonvision.console import readable
from toonvision.record.observer import (
    EpochEnded,
    Event,
    FinalEpochEnded,
    FinalistTrained,
    FinalTrainingEnded,
    FinalTrainingsStarted,
    FreshTrainingsStarted,
    KnownPointsGiven,
    RoundStarted,
    RunConcluded,
    RunOpened,
    StepTrained,
    TrialEnded,
    TrialRetried,
    TrialStarted,
    WarmStarted,
)
from toonvision.record.run_state import changes_in_words
from toonvision.report.cell import shown
from toonvision.report.choice import LINE
from toonvision.trial.objective import Objective
from toonvision.trial.trial import KnownPoint, Outcome, Trial, TrialStatus

STYLES = {
    TrialStatus.COMPLETED: "green",
    TrialStatus.PRUNED: "cyan",
    TrialStatus.FAILED: "red",
    TrialStatus.INFEASIBLE: "yellow",
    TrialStatus.INTERRUPTED: "yellow",
}
_FRESH = {  # the label of the progress bar, and the subject of the first line
    "finalist": ("Training the finalists", "finalists"),
    "step": ("Training the path", "steps of the path from the baseline to the chosen values"),
}


class ConsoleProgress:
    """Shows the progress of a run on a console; without a terminal, only one plain line for each trial.

    Args:
        console: to print on.
        objective: of the search.
    """

    def __init__(self, console: Console, *, objective: Objective) -> None:
        self.console = console
        self.objective, self.name = objective, objective.name
        self.best: Trial | None = None
        self.completed = 0
        self.trained = 0
        self.kind = "trial"
        self._running: dict[object, str] = {}  # a live line for each running training
        self._state = Text(no_wrap=True, overflow="ellipsis")
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
            speed_estimate_period=3600.0,
        )
        self._task = self._bar.add_task("Searching", total=None)
        self._live = Live(Group(self._state, self._bar), console=console, transient=True)

    def __enter__(self) -> ConsoleProgress:
        self._live.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._live.stop()

    def notify(self, event: Event) -> None:
        """Print a line for each result, and show the current state in the live line."""
        match event:
            case WarmStarted(known, total):
                self._print(f"warm start: {known} of {total} trials of the earlier run lie in this space")
            case KnownPointsGiven(points):
                for point in points:
                    self._print(_point(point))
            case RunOpened(results):
                for trial in results.trials:
                    self._count_trial(trial)
            case RoundStarted():
                self._print(_round(event))
            case TrialStarted(trial, planned):
                self._bar.update(self._task, total=planned)
                self._show(trial.number, f"trial {trial.id}  starting")
            case EpochEnded(trial, metrics):
                self._show(trial.number, f"{self.kind} {trial.id}  {_epoch(metrics)}")
            case TrialRetried(trial, outcome):
                reason = f"{outcome.reason}: {shown(outcome.error or '')}"
                self._print(f"{self.kind} {trial.id}           [yellow]runs again[/]  {reason}")
            case TrialEnded(trial):
                self._end_trial(trial)
            case FreshTrainingsStarted():
                self._begin_fresh(event)
            case FinalistTrained(trial, outcome):
                self._count_fresh(trial.number)
                score = f"in the search {trial.outcome.score:.4f}"
                self._print(f"finalist {trial.id}  {self._fresh_score(outcome)}  {score}")
            case StepTrained(step):
                self._count_fresh(step.number)
                changes = shown(", ".join(changes_in_words(step)))
                self._print(f"step {step.number}  {self._fresh_score(step.outcome)}  {changes}")
            case FinalTrainingsStarted(examples, count):
                self._begin_final(examples, count)
            case FinalEpochEnded(role, seed, epochs, metrics):
                self._show((role, seed), f"{role}, seed {seed}, at most {epochs} epochs  {_epoch(metrics)}")
            case FinalTrainingEnded():
                self._end_final(event)
            case RunConcluded():
                pass

    def _print(self, line: str) -> None:
        self.console.print(line, soft_wrap=True)

    def _count_trial(self, trial: Trial) -> None:
        """Count a trial that has ended; the total counts feasible trials."""
        if not trial.has_ended:
            return
        completed = trial.status is TrialStatus.COMPLETED
        if completed and trial.outcome.score is not None and self._is_better(trial.outcome.score):
            self.best = trial
        if trial.status is not TrialStatus.INFEASIBLE:
            self.completed += 1
            self._bar.update(self._task, completed=self.completed)

    def _end_trial(self, trial: Trial) -> None:
        self._count_trial(trial)
        self._show(trial.number, None)
        total = self._bar.tasks[0].total
        progress = f"{self.completed}/{total:.0f}" if total else f"{self.completed}"
        status = f"[{STYLES.get(trial.status, 'default')}]{trial.status.value:<10}[/]"
        self._print(f"trial {trial.id}  {progress:>7}  {status}  {self._outcome(trial)}")
        if trial.source is not None and trial.status is not TrialStatus.COMPLETED:
            self._print(f"first: the values of {shown(trial.source)} have no score; the search goes on without them")

    def _begin_fresh(self, event: FreshTrainingsStarted) -> None:
        self.kind, self.trained = event.kind, 0
        description, subject = _FRESH[event.kind]
        self._bar.reset(self._task, description=description, total=event.count)
        self._print(f"Training {event.count} {subject} with {event.seeds} fresh seeds each")

    def _count_fresh(self, key: object) -> None:
        self.trained += 1
        self._show(key, None)
        self._bar.update(self._task, completed=self.trained)

    def _fresh_score(self, outcome: Outcome) -> str:
        return f"{self.name} {outcome.score:.4f}" if outcome.error is None else f"failed: {shown(outcome.error)}"

    def _begin_final(self, examples: str, count: int) -> None:
        self.kind, self.trained = "training", 0
        description = f"Training on {examples}"
        self._bar.reset(self._task, description=description, total=count)
        purpose = ", to choose the number of epochs" if examples == "train" else ""
        self._print(f"{description}: {count} {'trainings' if count > 1 else 'training'}{purpose}")

    def _end_final(self, event: FinalTrainingEnded) -> None:
        self._count_fresh((event.role, event.seed))
        outcome = event.outcome
        epoch = outcome.final.best_epoch if outcome.final else None
        best = "" if epoch is None else f"  best epoch {epoch}"
        self._print(f"{event.role:<8} seed {event.seed}  {_epochs(outcome)}  {outcome.seconds:.1f} s{best}")

    def _show(self, key: object, line: str | None) -> None:
        """Show the live line of a training; None removes it."""
        self._running.pop(key, None) if line is None else self._running.update({key: line})
        self._state.plain = "\n".join(filter(None, (self._best(), *self._running.values())))

    def _outcome(self, trial: Trial) -> str:
        outcome = trial.outcome
        if outcome.error is not None:
            return shown(textwrap.shorten(outcome.error, LINE, placeholder=" ..."))
        return f"{self.name} {outcome.score:.4f}  {_epochs(outcome)}  {outcome.seconds:.1f} s  {self._best()}"

    def _is_better(self, score: float) -> bool:
        best = self.best.outcome.score if self.best else None
        return best is None or self.objective.is_better(score, best)

    def _best(self) -> str:
        return "" if self.best is None else f"best {self.best.outcome.score:.4f} ({self.best.id})"


def _epochs(outcome: Outcome) -> str:
    return f"{outcome.epochs} epoch{'s' * (outcome.epochs != 1)}"


def _point(point: KnownPoint) -> str:
    outside = ", ".join(f"{name} {point.values[name]}" for name in point.outside if name in point.values)
    note = f", outside of the search space: {outside}" if outside else ""
    return shown(f"first: the values of {point.source}{note}")


def _round(event: RoundStarted) -> str:
    change = f"narrowed {', '.join(event.narrowed)}" if event.narrowed else "no significant cut"
    return f"round {shown(event.name)}: {change}; {event.known} of {event.total} results so far lie in the space"


def _epoch(metrics: Mapping[str, float]) -> str:
    values = {name: value for name, value in metrics.items() if name not in ("epoch", "execution")}
    shown = "  ".join(f"{name} {readable(value)}" for name, value in values.items())
    return f"epoch {int(metrics['epoch']) + 1}  {shown}"
