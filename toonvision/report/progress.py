"""The progress of a run on the console: one screen on a terminal, else one plain line for each result."""

from __future__ import annotations

import textwrap
import threading
from types import TracebackType

from rich.console import Console, RenderableType
from rich.live import Live

from toonvision.record.observer import (
    Event,
    FinalistTrained,
    FinalTrainingEnded,
    FinalTrainingsStarted,
    FreshTrainingsStarted,
    StepTrained,
    TrialEnded,
)
from toonvision.record.run_state import changes_in_words
from toonvision.report.cell import shown
from toonvision.report.choice import LINE
from toonvision.report.run_progress import RunProgress, notes
from toonvision.report.screen import STYLES, last_frame, screen
from toonvision.trial.objective import Objective
from toonvision.trial.trial import Outcome, Trial

_REFRESHES = 2.0  # a second
_FRESH = {"finalist": "finalists", "step": "steps of the path from the baseline to the chosen values"}


class ConsoleProgress:
    """Shows the progress of a run on a console.

    On a terminal it is a context manager that redraws one screen in place, from the first event on: what loads the data
    before may have a progress of its own. The screen is no alternate one, so what others print stays above it. At the
    end, the stages, the best trial and the notes remain of it. A file, Jupyter and a dumb terminal get plain lines.

    Args:
        console: to print on.
        objective: of the search.
    """

    def __init__(self, console: Console, *, objective: Objective) -> None:
        self.console, self.name = console, objective.name
        self.progress = RunProgress(objective)
        self._lock = threading.Lock()  # the screen is drawn in a thread of its own
        self._size = console.size
        self._is_over = False
        self._live: Live | None = None
        if console.is_terminal and console.is_interactive and not console.quiet:
            self._live = Live(get_renderable=self._frame, console=console, refresh_per_second=_REFRESHES)

    def __enter__(self) -> ConsoleProgress:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._live:
            self._is_over = True
            self._live.stop()

    def notify(self, event: Event) -> None:
        """Count an event; begin to draw the screen, or print the lines of the event."""
        kind = self.progress.kind
        with self._lock:
            self.progress.notify(event)
        if self._live:
            self._live.start(refresh=True)
            return
        line = self._line(event)
        for text in [*([line] if line else []), *notes(event, kind)]:
            self.console.print(text, soft_wrap=True)

    def _frame(self) -> RenderableType:
        """Return what the terminal shows now."""
        if self.console.size != self._size:  # what was drawn may be wrapped, and so have more lines
            self._size = self.console.size
            self.console.clear()
        with self._lock:
            return (last_frame if self._is_over else screen)(self.progress, self._size)

    def _line(self, event: Event) -> str | None:
        """Return the line of an event; None for one without."""
        match event:
            case TrialEnded(trial):
                return self._trial(trial)
            case FreshTrainingsStarted(kind, count, seeds):
                return f"Training {count} {_FRESH[kind]} with {seeds} fresh seeds each"
            case FinalistTrained(trial, outcome):
                score = f"in the search {trial.outcome.score:.4f}"
                return f"finalist {trial.id}  {self._fresh_score(outcome)}  {score}"
            case StepTrained(step):
                changes = shown(", ".join(changes_in_words(step)))
                return f"step {step.number}  {self._fresh_score(step.outcome)}  {changes}"
            case FinalTrainingsStarted(examples, count):
                purpose = ", to choose the number of epochs" if examples == "train" else ""
                return f"Training on {examples}: {count} {'trainings' if count > 1 else 'training'}{purpose}"
            case FinalTrainingEnded(role, seed, outcome):
                epoch = outcome.final.best_epoch if outcome.final else None
                best = "" if epoch is None else f"  best epoch {epoch}"
                return f"{role:<8} seed {seed}  {_epochs(outcome)}  {outcome.seconds:.1f} s{best}"
        return None

    def _trial(self, trial: Trial) -> str:
        stage = self.progress.stage
        done = f"{stage.done}/{stage.total}" if stage.total else f"{stage.done}"
        status = f"[{STYLES.get(trial.ending, 'default')}]{trial.status.value:<10}[/]"
        return f"trial {trial.id}  {done:>7}  {status}  {self._outcome(trial.outcome)}"

    def _outcome(self, outcome: Outcome) -> str:
        if outcome.error is not None:
            return shown(textwrap.shorten(outcome.error, LINE, placeholder=" ..."))
        best = self.progress.best
        so_far = "" if best is None else f"best {best.outcome.score:.4f} ({best.id})"
        return f"{self.name} {outcome.score:.4f}  {_epochs(outcome)}  {outcome.seconds:.1f} s  {so_far}"

    def _fresh_score(self, outcome: Outcome) -> str:
        return f"{self.name} {outcome.score:.4f}" if outcome.error is None else f"failed: {shown(outcome.error)}"


def _epochs(outcome: Outcome) -> str:
    return f"{outcome.epochs} epoch{'s' * (outcome.epochs != 1)}"
