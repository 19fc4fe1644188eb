"""The terminal page of a check: which models cannot be built, and what the search would cost."""

from __future__ import annotations

from collections.abc import Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from toonvision.report.cell import shown
from toonvision.space_check.finding import Count, InfeasibleValue, Range, SpaceCheck, Timing

_REASONS = 4


def show_check(check: SpaceCheck, console: Console) -> None:
    """Print what the check has found."""
    console.print(page(check))


def page(check: SpaceCheck) -> Group:
    """Return the share that cannot be built, the values to blame, the sizes of the other models, and the time."""
    parts: list[RenderableType] = ["", _share(check)]
    parts += _reasons(check)
    if check.values:
        parts += ["", values_table(check.values)]
    if check.parameters and check.memory:
        memory = (
            "Memory: weights, optimizer, gradients and layer outputs of a batch, without that of the process itself."
        )
        parts += ["", ranges_table(check.parameters, check.memory), _note(memory)]
    if check.timings:
        parts += ["", timings_table(check.timings), _duration(check)]
    return Group(*parts)


def values_table(values: Sequence[InfeasibleValue]) -> Table:
    """Return the values that fail more often than others, with how often they and the others fail."""
    table = _table("Values to blame", "value", "cannot be built with it", "with other values")
    for infeasible in values:
        name = shown(f"{infeasible.name}={infeasible.value}")
        table.add_row(name, _share_of(infeasible.with_value), _share_of(infeasible.with_others))
    return table


def ranges_table(parameters: Range, memory: Range) -> Table:
    """Return the range of parameters and of memory."""
    table = _table("Of the models that can be built", "", "min", "median", "max")
    numbers = (parameters.minimum, parameters.median, parameters.maximum)
    table.add_row("parameters", *(f"{number:,.0f}" for number in numbers))
    table.add_row("memory (MiB)", *(_mebibytes(number) for number in (memory.minimum, memory.median, memory.maximum)))
    return table


def timings_table(timings: Sequence[Timing]) -> Table:
    """Return the times of the timed models and of a trial of each."""
    table = _table(
        "Trained for a few steps, in order of cost",
        "parameters",
        "MiB",
        "start (s)",
        "step (ms)",
        "epoch (s)",
        "trial (s)",
    )
    for timing in timings:
        table.add_row(
            f"{timing.parameters:,}",
            _mebibytes(timing.memory),
            f"{timing.start:.1f}",
            f"{1000 * timing.step:.0f}" if timing.step else "-",
            f"{timing.epoch:.2f}",
            f"{timing.trial:.1f}",
        )
    return table


def _share(check: SpaceCheck) -> Text:
    count = check.count
    checked = f"all {count.total} combinations" if check.is_all else f"{count.total} random combinations"
    if count.total == 1 and check.is_all:
        return Text("The only combination " + ("cannot" if count.infeasible else "can") + " be built.")
    if count.infeasible:
        return Text(
            f"{_percent(count.share)} of the space cannot be built: {count.infeasible} of {checked}.", style="yellow"
        )
    if check.is_all:
        return Text(f"Everything can be built: {checked}.", style="green")
    # The rule of three: an event that does not occur in n draws has a probability below 3 / n, at 95 % confidence.
    rest = f"Up to {_percent(min(1.0, 3 / count.total))} of the space may still fail (95 % confidence)."
    return Text(f"Each of {checked} can be built. {rest}", style="green")


def _reasons(check: SpaceCheck) -> list[RenderableType]:
    lines: list[RenderableType] = [
        _note(f"{reason.count} at {reason.where}, for example: {reason.example}") for reason in check.reasons[:_REASONS]
    ]
    others = sum(reason.count for reason in check.reasons[_REASONS:])
    return lines + ([_note(f"{others} at other layers")] if others else [])


def _duration(check: SpaceCheck) -> Text:
    plan, seconds = check.plan, check.seconds
    if seconds is None:
        return Text("The number of trials of the search is not known in advance.")
    trials = f"{plan.trials} trials" + (f" of {plan.executions} trainings each" if plan.executions > 1 else "")
    trials += f", {plan.epochs} epochs in all" if plan.epochs is not None else ""
    trials += f" for {plan.trials - plan.free} of them" if plan.free and plan.trials is not None else ""
    at_once = f"{plan.workers} at a time" if plan.workers > 1 else "one at a time"
    text = f"The search would take about {_time(seconds)} if no trial stopped early ({trials}, {at_once})."
    more = [f"{plan.finalists} trainings of finalists"] if plan.finalists else []
    more += [f"at most {plan.path} trainings of the path"] if plan.path else []
    text += f" Retraining{''.join(f' and {training}' for training in more)} {'come' if more else 'comes'} in addition."
    if plan.minutes is not None and 60 * plan.minutes < seconds:
        text += f" budget.minutes ends it after {plan.minutes:g} min."
    return Text(text, style="bold")


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD)
    table.add_column(columns[0], overflow="fold")
    for column in columns[1:]:
        table.add_column(column, justify="right")
    return table


def _note(text: str) -> Padding:
    return Padding(Text(text, style="dim"), (0, 0, 0, 2))


def _share_of(count: Count) -> str:
    return f"{count.infeasible} of {count.total}" + (f" ({_percent(count.share)})" if count.total else "")


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %" if share >= 0.1 or share == 0 else f"{100 * share:.1f} %"


def _mebibytes(number: float) -> str:
    return f"{number:,.1f}" if number < 10 else f"{number:,.0f}"


def _time(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"
