"""How far a run has come, counted from its events. The lines and the screen of the terminal show it."""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

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
from toonvision.record.results import Results
from toonvision.record.run_state import changes_in_words
from toonvision.report.cell import shown
from toonvision.trial.objective import Objective
from toonvision.trial.trial import KnownPoint, Outcome, Trial, TrialStatus

SEARCHING = "Searching"
_FRESH = {"finalist": "Finalists", "step": "Path"}
_ROWS, _NOTES = 200, 50  # the latest ones that are kept: more than any terminal has lines for


@dataclass(frozen=True, slots=True)
class Stage:
    """A part of the run that trains.

    Attributes:
        name: of the stage.
        started: on the clock, in seconds.
        ended: on the clock; None while it goes on.
        total: trials or trainings to end; None if unknown.
        done: those that have ended.
        before: of these, the ones that an earlier session of the run has done.
    """

    name: str
    started: float
    ended: float | None = None
    total: int | None = None
    done: int = 0
    before: int = 0


@dataclass(frozen=True, slots=True)
class Running:
    """A training that runs.

    Attributes:
        subject: what is trained, such as `trial 0007`.
        metrics: of its last epoch, with `epoch` and `execution`; empty before the first one.
        epochs: the most that it may have; None if unknown.
        trainings: with different seeds or folds.
    """

    subject: str
    metrics: Mapping[str, float]
    epochs: int | None = None
    trainings: int = 1

    @property
    def epoch(self) -> int:
        """The epochs of the current training that have ended."""
        return int(self.metrics["epoch"]) + 1 if self.metrics else 0

    @property
    def training(self) -> int:
        """The number of the current training, from 1."""
        return int(self.metrics.get("execution", 0)) + 1

    @property
    def share(self) -> float:
        """The share of its epochs that have ended."""
        if not self.epochs:
            return 0.0
        return min(1.0, ((self.training - 1) * self.epochs + self.epoch) / (self.epochs * self.trainings))


@dataclass(frozen=True, slots=True)
class Ended:
    """A trial or a training that has ended.

    Attributes:
        subject: what was trained.
        outcome: what came of it.
        ending: how it ended, in words.
        note: its values, or what else distinguishes it.
    """

    subject: str
    outcome: Outcome
    ending: str
    note: str


class RunProgress:
    """Counts what happens in a run.

    Args:
        objective: of the search.
        clock: returns a time in seconds.

    Attributes:
        stages: of the run so far, the current one last.
        best: the completed trial with the best score.
        counts: the trials that have ended, by how they ended.
        running: the trainings that run, in the order in which they began.
        ended: the latest trials and trainings that have ended, the newest first.
        failure: the latest of these that has failed.
        notes: what else is worth a line, the newest last; text of rich.
        kind: of what is trained: trial, finalist or step.
    """

    def __init__(self, objective: Objective, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.objective, self.clock = objective, clock
        self.stages = [Stage("Starting", clock())]
        self.best: Trial | None = None
        self.counts: Counter[str] = Counter()
        self.running: dict[object, Running] = {}
        self.ended: deque[Ended] = deque(maxlen=_ROWS)
        self.failure: Ended | None = None
        self.notes: deque[str] = deque(maxlen=_NOTES)
        self.kind = "trial"

    @property
    def stage(self) -> Stage:
        """The current stage."""
        return self.stages[-1]

    def seconds_left(self) -> float | None:
        """Return the time that the stage still takes if it goes on as before; None if that is unknown."""
        stage = self.stage
        if stage.total is None or stage.ended is not None:
            return None
        begun = sum(one.share for one in self.running.values())
        done, to_do = stage.done - stage.before + begun, stage.total - stage.done - begun
        return (self.clock() - stage.started) / done * to_do if done > 0 and to_do > 0 else None

    def notify(self, event: Event) -> None:
        """Count an event."""
        self.notes.extend(notes(event, self.kind))
        match event:
            case RunOpened(results):
                self._open(results)
            case RoundStarted(name):
                self.stages[-1] = replace(self.stage, name=f"{SEARCHING}, round {name}")
            case TrialStarted(trial, planned):
                self.stages[-1] = replace(self.stage, total=planned)
                self.running[trial.number] = Running(f"trial {trial.id}", {})
            case EpochEnded(trial, metrics, epochs, trainings):
                subject = f"step {trial.number}" if self.kind == "step" else f"{self.kind} {trial.id}"
                self.running[trial.number] = Running(subject, metrics, epochs, trainings)
            case TrialEnded(trial):
                self._count(trial)
                self._end(trial.number, Ended(f"trial {trial.id}", trial.outcome, trial.ending, in_words(trial.values)))
            case FreshTrainingsStarted(kind, count):
                self._begin(_FRESH[kind], count)
                self.kind = kind
            case FinalistTrained(trial, outcome):
                self._end_fresh(
                    trial.number, f"finalist {trial.id}", outcome, f"in the search {trial.outcome.score:.4f}"
                )
            case StepTrained(step):
                self._end_fresh(step.number, f"step {step.number}", step.outcome, ", ".join(changes_in_words(step)))
            case FinalTrainingsStarted(examples, count):
                self._begin(f"Final models, on {examples}", count)
                self.kind = "training"
            case FinalEpochEnded(role, seed, epochs, metrics):
                self.running[role, seed] = Running(f"{role}, seed {seed}", metrics, epochs)
            case FinalTrainingEnded(role, seed, outcome):
                best = outcome.final.best_epoch if outcome.final else None
                note = "" if best is None else f"best epoch {best}"
                self._end_fresh((role, seed), f"{role}, seed {seed}", outcome, note)
            case RunConcluded():
                self._close()
            case WarmStarted() | KnownPointsGiven() | TrialRetried():
                pass

    def _open(self, results: Results) -> None:
        self._begin(SEARCHING)
        for trial in results.trials:
            self._count(trial)
        self.stages[-1] = replace(self.stage, before=self.stage.done)

    def _begin(self, name: str, total: int | None = None) -> None:
        """Begin a stage; one in which nothing has ended is left out."""
        self._close()
        self.stages = [*(stage for stage in self.stages if stage.done), Stage(name, self.clock(), total=total)]

    def _close(self) -> None:
        if self.stage.ended is None:
            self.stages[-1] = replace(self.stage, ended=self.clock())
        self.running.clear()

    def _count(self, trial: Trial) -> None:
        """Count a trial that has ended; those of the stage are the ones that could be built."""
        if not trial.has_ended:
            return
        self.counts[trial.ending] += 1
        if trial.status is TrialStatus.COMPLETED and self._is_best(trial.outcome.score):
            self.best = trial
        if trial.status is not TrialStatus.INFEASIBLE:
            self.stages[-1] = replace(self.stage, done=self.stage.done + 1)

    def _is_best(self, score: float | None) -> bool:
        best = self.best.outcome.score if self.best else None
        return score is not None and (best is None or self.objective.is_better(score, best))

    def _end_fresh(self, key: object, subject: str, outcome: Outcome, note: str) -> None:
        self.stages[-1] = replace(self.stage, done=self.stage.done + 1)
        self._end(key, Ended(subject, outcome, outcome.status.value.lower(), note))

    def _end(self, key: object, ended: Ended) -> None:
        self.running.pop(key, None)
        self.ended.appendleft(ended)
        if ended.outcome.status is TrialStatus.FAILED:
            self.failure = ended


def notes(event: Event, kind: str) -> list[str]:
    """Return what is worth a line of its own in an event that ends no training, as text of rich.

    Args:
        event: of a run.
        kind: of what is trained: trial, finalist or step.
    """
    match event:
        case WarmStarted(known, total):
            return [f"warm start: {known} of {total} trials of the earlier run lie in this space"]
        case KnownPointsGiven(points):
            return [_point(point) for point in points]
        case RoundStarted():
            return [_round(event)]
        case TrialRetried(trial, outcome):
            reason = f"{outcome.reason}: {shown(outcome.error or '')}"
            return [f"{kind} {trial.id}           [yellow]runs again[/]  {reason}"]
        case TrialEnded(trial) if trial.source is not None and trial.status is not TrialStatus.COMPLETED:
            return [f"first: the values of {shown(trial.source)} have no score; the search goes on without them"]
    return []


def in_words(values: Mapping[str, object]) -> str:
    """Return values as text, such as `units 64, dropout 0.3`."""
    texts = ((name, readable(v) if isinstance(v, float) else str(v)) for name, v in values.items())
    return ", ".join(f"{name} {text}" for name, text in texts)


def _point(point: KnownPoint) -> str:
    outside = ", ".join(f"{name} {point.values[name]}" for name in point.outside if name in point.values)
    note = f", outside of the search space: {outside}" if outside else ""
    return shown(f"first: the values of {point.source}{note}")


def _round(event: RoundStarted) -> str:
    change = f"narrowed {', '.join(event.narrowed)}" if event.narrowed else "no significant cut"
    return f"round {shown(event.name)}: {change}; {event.known} of {event.total} results so far lie in the space"
