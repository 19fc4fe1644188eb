"""What the terminal shows while a run goes on: a line for each trial and, on a terminal, a live one for the running."""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType

from rich.console import Console, Group
from rich.live import Live
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.text import Text

from toonvision.narrowing.evidence import Narrowing
from toonvision.record.conclusion import Step, changes_in_words
from toonvision.record.observer import Observer
from toonvision.trial.objective import Objective
from toonvision.trial.trial import Outcome, Trial, TrialStatus

STYLES = {
    TrialStatus.COMPLETED: "green",
    TrialStatus.PRUNED: "cyan",
    TrialStatus.FAILED: "red",
    TrialStatus.INFEASIBLE: "yellow",
    TrialStatus.INTERRUPTED: "yellow",
}


class ConsoleProgress(Observer):
    """Shows a run on a console; without a terminal, one plain line a trial is all.

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
        self.what = "trial"
        self.role = ""
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

    def learned(self, count: int, of: int) -> None:
        """Print how much is known before the first trial."""
        self.console.print(f"warm start: {count} of {of} trials of the earlier run lie in this space", soft_wrap=True)

    def round(
        self, name: str, narrowed: Sequence[str], *, known: int, of: int, narrowing: Narrowing | None = None
    ) -> None:
        """Print that another round begins, and on what."""
        what = f"narrowed {', '.join(narrowed)}" if narrowed else "nothing to narrow beyond chance"
        told = f"{what}; {known} of {of} results so far lie in the space"
        self.console.print(f"round {escape(name)}: {told}", soft_wrap=True)

    def known(self, trial: Trial) -> None:
        """Count a trial that had ended before the run was resumed, without a line of its own."""
        completed = trial.status is TrialStatus.COMPLETED
        if completed and trial.outcome.score is not None and self._is_better(trial.outcome.score):
            self.best = trial
        if trial.status is not TrialStatus.INFEASIBLE:
            self.completed += 1
            self._bar.update(self._task, completed=self.completed)

    def begin(self, trial: Trial, planned: int | None) -> None:
        """Show which trial has begun; the total counts trials that could be built."""
        self._bar.update(self._task, total=planned)
        self._show(f"trial {trial.id}", "starting")

    def epoch(self, trial: Trial, metrics: dict[str, float]) -> None:
        """Show the epoch and the metrics of the running trial, finalist or step."""
        self._show(f"{self.what} {trial.id}", _epoch(metrics))

    def retry(self, trial: Trial, outcome: Outcome) -> None:
        """Print why a trial runs again."""
        told = f"{outcome.reason}: {escape(outcome.error or '')}"
        self.console.print(f"{self.what} {trial.id}           [yellow]runs again[/]  {told}", soft_wrap=True)

    def end(self, trial: Trial) -> None:
        """Print a line that stays."""
        self.known(trial)
        total = self._bar.tasks[0].total
        of = f"{self.completed}/{total:.0f}" if total else f"{self.completed}"
        status = f"[{STYLES.get(trial.status, 'default')}]{trial.status.value:<10}[/]"
        self.console.print(f"trial {trial.id}  {of:>7}  {status}  {self._outcome(trial)}", soft_wrap=True)

    def finalists(self, count: int, seeds: int) -> None:
        """Print that the best trials are trained again."""
        self._begin("finalist", "Training the finalists", count)
        self.console.print(f"Training {count} finalists with {seeds} fresh seeds each", soft_wrap=True)

    def finalist(self, trial: Trial, outcome: Outcome) -> None:
        """Print a line that stays: the fresh score beside that of the search."""
        self._count()
        told = f"{self.name} {outcome.score:.4f}" if outcome.error is None else f"is out: {escape(outcome.error)}"
        self.console.print(f"finalist {trial.id}  {told}  in the search {trial.outcome.score:.4f}", soft_wrap=True)

    def path(self, count: int, seeds: int) -> None:
        """Print that the steps from the baseline to the chosen values are trained."""
        self._begin("step", "Training the path", count)
        self.console.print(
            f"Training {count} steps of the path from the baseline to the chosen values with {seeds} fresh seeds each",
            soft_wrap=True,
        )

    def step(self, step: Step) -> None:
        """Print a line that stays: what has changed, and the score with it."""
        self._count()
        outcome = step.outcome
        told = f"{self.name} {outcome.score:.4f}" if outcome.error is None else f"is out: {escape(outcome.error)}"
        self.console.print(f"step {step.number}  {told}  {escape(', '.join(changes_in_words(step)))}", soft_wrap=True)

    def _begin(self, what: str, description: str, count: int) -> None:
        self.what, self.trained = what, 0
        self._bar.reset(self._task, description=description, total=count)

    def _count(self) -> None:
        self.trained += 1
        self._bar.update(self._task, completed=self.trained)

    def retraining(self, role: str, epochs: int, metrics: dict[str, float]) -> None:
        """Show the epoch of the model that is trained on train + validation."""
        if role != self.role:
            self.role = role
            what = f"Training the {role} model on train + validation"
            self._bar.reset(self._task, description=what, total=epochs)
            self.console.print(f"{what}, at most {epochs} epochs", soft_wrap=True)
        self._bar.update(self._task, completed=int(metrics["epoch"]) + 1)
        self._show(role, _epoch(metrics))

    def _show(self, who: str, state: str) -> None:
        self._state.plain = "  ".join(filter(None, (self._best(), who, state)))

    def _outcome(self, trial: Trial) -> str:
        outcome = trial.outcome
        if outcome.error is not None:
            return escape(outcome.error.partition(". Received")[0])  # the whole of it is in the record
        return f"{self.name} {outcome.score:.4f}  {outcome.epochs} epochs  {outcome.seconds:.1f} s  {self._best()}"

    def _is_better(self, score: float) -> bool:
        best = self.best.outcome.score if self.best else None
        return best is None or self.objective.is_better(score, best)

    def _best(self) -> str:
        return "" if self.best is None else f"best {self.best.outcome.score:.4f} ({self.best.id})"


def _epoch(metrics: dict[str, float]) -> str:
    shown = "  ".join(f"{name} {value:.4g}" for name, value in metrics.items() if name not in ("epoch", "execution"))
    return f"epoch {int(metrics['epoch']) + 1}  {shown}"
