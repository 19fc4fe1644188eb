"""The columns of the trial table, with their axes in the linked plots."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from toonvision.console import readable
from toonvision.record.results import Results
from toonvision.search_space.space import possible_values
from toonvision.trial.trial import TrialStatus

NONE = "none"  # the tick of missing values, such as the score of a failed trial
_INFINITE = (math.inf, -math.inf)
_FEW = 8  # different numbers, at most, that are the ticks themselves
_DECADES = 2.0  # the axis of a measured column that spans more is logarithmic


@dataclass(frozen=True, slots=True)
class Axis:
    """The positions of the trials on an axis. The attributes have the names that Plotly uses.

    Attributes:
        values: one position for each trial; missing values are below all others.
        tickvals: positions of the ticks.
        ticktext: labels of the ticks.
        range: ends of the axis.
    """

    values: list[float]
    tickvals: list[float]
    ticktext: list[str]
    range: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    Attributes:
        name: as in `Results.to_frame()`.
        label: on the page.
        kind: number, category or text; a text has no axis.
        values: one for each trial; None if missing.
        is_shown: whether the table shows the column when the page opens.
        axis: in the linked plots.
        categories: of a category, in the order of their positions 0, 1, 2 ...
        low: position of the lowest number.
        is_log: whether positions are decimal logarithms.
    """

    name: str
    label: str
    kind: str
    values: list[Any]
    is_shown: bool = True
    axis: Axis | None = None
    categories: tuple[str, ...] = ()
    low: float = 0.0
    is_log: bool = False


class TrialTable(NamedTuple):
    """The columns of the trial table.

    Attributes:
        trial: the ids.
        outcomes: status, score, round where there are several, source where there are known points, and metrics.
        hyperparameters: in the order of the search space.
        costs: parameters, epochs, seconds.
        error: the message of a trial that did not complete.
    """

    trial: Column
    outcomes: list[Column]
    hyperparameters: list[Column]
    costs: list[Column]
    error: Column

    @property
    def columns(self) -> list[Column]:
        """All columns, in the order of the table."""
        return [self.trial, *self.outcomes, *self.hyperparameters, *self.costs, self.error]


def trial_table(results: Results) -> TrialTable:
    """Return the columns of the trial table."""
    frame, objective = results.to_frame(), results.config.objective.name
    space, rounds = results.config.search_space, list(results.config.strategy.rounds)
    # JSON has no infinity; a trial with one has failed, and its error says why.
    values = {
        str(name): [None if pd.isna(value) or value in _INFINITE else value for value in frame[name].tolist()]
        for name in frame
    }
    statuses = [status.value for status in TrialStatus if status.value in values["status"]]
    outcomes = [
        _category("status", values["status"], statuses),
        _measure("score", values["score"], label=f"{objective} (score)"),
        *([_category("round", values["round"], rounds)] if results.has_rounds else []),
        *([Column("source", "source", "text", values["source"])] if results.has_known_points else []),
    ]
    for name in results.metrics:
        # The score shows the objective already, and training metrics do not judge a trial.
        is_shown = name != objective and f"val_{name}" not in results.metrics
        outcomes.append(_measure(name, values[name], is_shown=is_shown))
    named = {f"search_space.{name}": name for name in results.hyperparameters}  # as `to_frame` where names clash
    columns = {column if column in values else name: space[name] for column, name in named.items()}
    seconds = [None if value is None else round(value, 1) for value in values["seconds"]]
    return TrialTable(
        trial=Column("trial_id", "trial", "text", values["trial_id"]),
        outcomes=outcomes,
        hyperparameters=[_hyperparameter(name, values[name], entry) for name, entry in columns.items()],
        costs=[_measure(name, values[name]) for name in ("parameters", "epochs")] + [_measure("seconds", seconds)],
        error=Column("error", "error", "text", values["error"], is_shown=any(values["error"])),
    )


def _hyperparameter(name: str, values: list[Any], entry: Mapping[str, Any]) -> Column:
    if entry["hp"] in ("Int", "Float"):
        return _number(name, name, values, is_log=entry.get("sampling") == "log")
    # pandas reads numbers with missing values as floats: the choice 3 is 3.0 there.
    possible = list(possible_values(entry) or ())
    if not isinstance(possible[0], str):
        possible.sort()
    possible += sorted({value for value in values if value is not None and value not in possible})  # a known point's
    label = {value: str(value) for value in possible}
    return _category(name, [None if value is None else label[value] for value in values], list(label.values()))


def _measure(name: str, values: list[Any], *, label: str | None = None, is_shown: bool = True) -> Column:
    known = [value for value in values if value is not None]
    is_log = bool(known) and min(known) > 0 and math.log10(max(known) / min(known)) > _DECADES
    return _number(name, label or name, values, is_log=is_log, is_shown=is_shown)


def _number(name: str, label: str, values: list[Any], *, is_log: bool, is_shown: bool = True) -> Column:
    known = np.array([value for value in values if value is not None], dtype=float)
    positions = np.log10(known) if is_log else known
    low, high = (float(positions.min()), float(positions.max())) if len(positions) else (0.0, 1.0)
    span = high - low or abs(high) or 1.0
    ticks = _log_ticks(known) if is_log else _ticks(known, low, high)
    tickvals, ticktext = [math.log10(t) if is_log else t for t in ticks], [readable(float(t), 6) for t in ticks]
    missing = low - span / 6
    begin = low - span / 40
    if len(known) < len(values):
        tickvals, ticktext, begin = [missing, *tickvals], [NONE, *ticktext], missing - span / 40
    placed = iter(positions.tolist())
    axis = Axis([missing if v is None else next(placed) for v in values], tickvals, ticktext, (begin, high + span / 40))
    return Column(name, label, "number", values, is_shown, axis, low=low, is_log=is_log)


def _category(name: str, values: list[Any], categories: Sequence[str]) -> Column:
    position = {category: float(index) for index, category in enumerate(categories)}
    tickvals, ticktext = list(position.values()), list(categories)
    if None in values:
        tickvals, ticktext = [-1.0, *tickvals], [NONE, *ticktext]
    axis = Axis(
        [position.get(value, -1.0) for value in values],
        tickvals,
        ticktext,
        (tickvals[0] - 0.5 if tickvals else 0.0, len(categories) - 0.5),
    )
    return Column(name, name, "category", values, axis=axis, categories=tuple(categories))


def _ticks(known: np.ndarray[Any, np.dtype[np.float64]], low: float, high: float) -> list[float]:
    """Return all different numbers if they are few, else about five ticks at steps of 1, 2 or 5."""
    different = np.unique(known)
    if len(different) <= _FEW:
        return [float(number) for number in different]
    power = 10.0 ** math.floor(math.log10((high - low) / 5))
    step = next(power * factor for factor in (1, 2, 5, 10) if (high - low) / (power * factor) <= 5)
    return [round(step * index, 12) for index in range(math.ceil(low / step), math.floor(high / step) + 1)]


def _log_ticks(known: np.ndarray[Any, np.dtype[np.float64]]) -> list[float]:
    different = np.unique(known)
    if len(different) <= _FEW:
        return [float(number) for number in different]
    powers = range(math.floor(math.log10(different[0])), math.ceil(math.log10(different[-1])) + 1)
    factors = (1,) if len(powers) > _FEW / 2 else (1, 2, 5)
    ticks = [factor * 10.0**power for power in powers for factor in factors]
    return [tick for tick in ticks if different[0] <= tick <= different[-1]]
