"""The screen of a run on a terminal, drawn from its progress to fit the terminal's width and height."""

from __future__ import annotations

import datetime
import itertools
import textwrap
from collections.abc import Sequence

from rich.console import ConsoleDimensions, Group, RenderableType
from rich.constrain import Constrain
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from toonvision.console import readable
from toonvision.errors import printable
from toonvision.report.run_progress import Ended, Running, RunProgress, Stage, in_words
from toonvision.trial.history import POSITION
from toonvision.trial.trial import Reason, TrialStatus

STYLES = {
    TrialStatus.COMPLETED.value.lower(): "green",
    TrialStatus.PRUNED.value.lower(): "cyan",
    Reason.STOPPED_BY_USER.value: "cyan",
    TrialStatus.FAILED.value.lower(): "red",
    TrialStatus.INFEASIBLE.value.lower(): "yellow",
}
_SHORTEST, _LONGEST = 6, 40  # characters of the bar
_SPACIOUS, _PARTS = 18, 4  # from so many lines on, there is an empty one between two parts
_NARROW = 20  # a value is not wrapped into fewer columns
_ECHO = 2  # columns that stay free, in which the terminal shows the user's ^C
_NOTES, _LAST_NOTES = 3, 10  # at most, on the screen and after it


def screen(progress: RunProgress, size: ConsoleDimensions) -> RenderableType:
    """Return the screen, one line lower than the terminal, as the cursor's line must not scroll it.

    From the top: the stage and those before it, the counts, the best trial; the running trainings; the latest notes;
    and a table of the latest results, the newest first, as many as fit.
    """
    width, height = size.width - _ECHO, size.height - 1
    is_spacious = height >= _SPACIOUS
    head = [_stage(progress, width), *_earlier(progress.stages[:-1]), *_counts(progress)]
    head += _best(progress, width, lines=2 if is_spacious else 1)
    room = height - len(head) - is_spacious * (_PARTS - 1)
    notes = _notes(progress, min(_NOTES, room // 4))
    running = _running(progress, max(1, (room - len(notes)) // 2))
    rows = room - len(notes) - len(running) - 1  # the header
    lines = head
    for part in (running, notes, _table(progress, rows)):
        lines = [*lines, *([Text()] if part and is_spacious else []), *part]
    return Constrain(Group(*lines[: max(1, height)]), max(1, width))


def last_frame(progress: RunProgress, size: ConsoleDimensions) -> RenderableType:
    """Return what remains of the screen: the stages, the counts, the best trial and the latest notes."""
    stages = Table.grid(padding=(0, 2))
    for stage in progress.stages:
        stages.add_row(*_stage_texts(progress, stage))
    best = _best(progress, size.width, lines=2)
    return Group(stages, *_counts(progress), *best, *_notes(progress, _LAST_NOTES))


def _stage(progress: RunProgress, width: int) -> RenderableType:
    """Return the current stage with a bar as long as the texts allow."""
    stage, left = progress.stage, progress.seconds_left()
    name, *numbers = filter(None, _stage_texts(progress, stage))
    numbers += [f"about {_clock(left)} left"] if left is not None else []
    while len(numbers) > 1 and _room(width, name, numbers) < 0:
        numbers.pop()
    length = min(_LONGEST, _room(width, name, numbers) - 2)
    bar = (
        [ProgressBar(stage.total, stage.done, width=length, complete_style="cyan")]
        if stage.total and length >= _SHORTEST
        else []
    )
    line = Table.grid(padding=(0, 2))
    for _ in range(1 + len(bar) + len(numbers)):
        line.add_column(no_wrap=True, overflow="ellipsis")
    line.add_row(Text(name, style="bold"), *bar, *numbers)
    return line


def _room(width: int, name: str, numbers: Sequence[str]) -> int:
    return width - len(name) - sum(2 + len(text) for text in numbers)


def _stage_texts(progress: RunProgress, stage: Stage) -> list[str]:
    """Return the name of a stage, how much of it is done, and the time that it has taken."""
    end = progress.clock() if stage.ended is None else stage.ended
    done = f"{stage.done}/{stage.total}" if stage.total else f"{stage.done}" * (stage.done > 0)
    return [_flat(stage.name), done, _clock(end - stage.started)]


def _earlier(stages: Sequence[Stage]) -> list[RenderableType]:
    """Return the stages that have ended, in one line."""
    ended = (f"{one.name} {one.done} in {_clock((one.ended or one.started) - one.started)}" for one in stages)
    return [_line(Text(_flat(f"Before: {'; '.join(ended)}"), style="dim"))] if stages else []


def _counts(progress: RunProgress) -> list[RenderableType]:
    """Return how many trials have ended in which way, and the latest failure."""
    counts = [Text(f"{progress.counts[end]:,} {end}", style) for end, style in STYLES.items() if progress.counts[end]]
    lines = [_line(Text(", ").join(counts))] if counts else []
    if failed := progress.failure:
        text = f"Last failure: {failed.subject}, {failed.outcome.reason}: {failed.outcome.error}"
        lines.append(_line(Text(_flat(text), style=STYLES[failed.ending])))
    return [*lines]


def _best(progress: RunProgress, width: int, *, lines: int) -> list[RenderableType]:
    """Return the best trial with its values, as many as fit into the lines."""
    if progress.best is None:
        return []
    first = f"Best {progress.objective.name} {progress.best.outcome.score:.4f}, trial {progress.best.id}"
    text = _flat(f"{first}: {in_words(progress.best.values)}")
    texts = [
        _line(Text(line)) for line in textwrap.wrap(text, max(width, _NARROW), max_lines=lines, placeholder=" ...")
    ]
    texts[0].stylize("bold", 0, len(first))
    return [*texts]


def _running(progress: RunProgress, most: int) -> list[RenderableType]:
    """Return a line for each running training; if there are too many, how many more there are."""
    trainings = list(progress.running.values())
    more = len(trainings) - most + 1 if len(trainings) > most else 0
    listed = trainings[: len(trainings) - more]
    width = max((len(one.subject) for one in listed), default=0)
    lines = [_training(one, width, progress.objective.name) for one in listed]
    return [*lines, *([Text(f"and {more} more running", style="dim")] if more else [])]


def _training(one: Running, width: int, objective: str) -> Text:
    """Return the line of a running training, the objective first of its metrics."""
    text = Text(f"{one.subject:<{width}}  ")
    if not one.metrics:
        return _line(text.append("starting", style="dim"))
    if one.trainings > 1:
        text.append(f"training {one.training}/{one.trainings}  ")
    text.append(f"epoch {one.epoch:>{len(str(one.epochs))}}/{one.epochs}")
    names = sorted((name for name in one.metrics if name not in POSITION), key=lambda name: name != objective)
    for name in names:
        text.append(f"  {printable(name)} ", style="dim").append(readable(one.metrics[name]))
    return _line(text)


def _notes(progress: RunProgress, most: int) -> list[RenderableType]:
    """Return the latest notes, the newest last, and how many there were before."""
    notes = list(progress.notes)
    listed = notes[len(notes) - min(most, len(notes)) :] if most > 0 else []
    return [_line(Text.from_markup(_flat(note))) for note in listed]


def _table(progress: RunProgress, rows: int) -> list[RenderableType]:
    """Return the latest results, the newest first, in so many rows at most.

    A `rich.table.Table` takes several times as long to draw, and it is drawn twice a second.
    """
    ended = list(itertools.islice(progress.ended, rows)) if rows > 0 else []
    if not ended:
        return []
    subject, ending = (max(len(text) for text in texts) for texts in zip(*map(_names, ended), strict=True))
    score = max(len(progress.objective.name), len("0.0000"))
    head = f"{'latest first':<{subject}}  {'':<{ending}}  {progress.objective.name:>{score}}  epochs     time"
    lines = [Text(head, style="dim")]
    for one in ended:
        outcome = one.outcome
        line = Text(f"{one.subject:<{subject}}  ").append(f"{one.ending:<{ending}}", STYLES.get(one.ending, ""))
        line.append(f"  {'-' if outcome.score is None else f'{outcome.score:.4f}':>{score}}  {outcome.epochs:>6,}")
        failure = f"{outcome.reason}: {outcome.error}" if outcome.status is TrialStatus.FAILED else ""
        line.append(f"  {_clock(outcome.seconds):>7}  ").append(_flat(failure or one.note), style="dim")
        lines.append(line)
    return [_line(line) for line in lines]


def _names(ended: Ended) -> tuple[str, str]:
    return ended.subject, ended.ending


def _line(text: Text) -> Text:
    """Return a text that stays one line, whatever the width."""
    text.no_wrap, text.overflow = True, "ellipsis"
    return text


def _flat(text: str) -> str:
    """Return a text, which may be a stranger's, in one line and without control characters."""
    return printable(" ".join(text.split()))


def _clock(seconds: float) -> str:
    return str(datetime.timedelta(seconds=round(seconds)))
