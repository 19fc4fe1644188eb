"""The columns of the trial table, each with the axis on which the linked plots show it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from toonvision.record.results import Results
from toonvision.search_space.space import possible_values
from toonvision.trial.trial import TrialStatus

NONE = "none"  # the tick of what a trial does not have: the score of a failed one, an inactive hyperparameter
_INFINITE = (math.inf, -math.inf)
_FEW = 8  # so many different numbers are the ticks themselves
_DECADES = 2.0  # a measured column that spans more has a logarithmic axis


@dataclass(frozen=True, slots=True)
class Axis:
    """Where each trial stands on an axis, with the names of Plotly's own attributes.

    Attributes:
        values: a position for every trial; what is missing stands below all others.
        tickvals: positions of the ticks.
        ticktext: one for each.
        range: the ends.
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
        label: for people.
        kind: number, category or text; a text has no axis.
        values: one a trial; None where it has none.
        is_shown: at first.
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


def columns(results: Results) -> list[Column]:
    """Return the table's columns in its order: what came of each trial, the hyperparameters, what it cost."""
    frame = results.to_frame()
    objective, space = results.config["objective"]["name"], results.config["search_space"]
    metrics = list(frame.columns[3 : -4 - len(results.hyperparameters)])
    entries = dict(zip(frame.columns[3 + len(metrics) : -4], results.hyperparameters, strict=True))
    made = []
    for name in frame.columns:
        # JSON has no infinity; a trial with one has failed, and says why.
        values = [None if pd.isna(value) or value in _INFINITE else value for value in frame[name].tolist()]
        if name in ("trial_id", "error"):
            label, shown = ("trial" if name == "trial_id" else "error"), name == "trial_id" or any(values)
            made.append(Column(name, label, "text", values, is_shown=shown))
        elif name == "status":
            made.append(_category(name, values, [status.value for status in TrialStatus if status.value in values]))
        elif name == "round" and results.has_rounds:
            made.append(_category(name, values, list(results.config["strategy"]["rounds"])))
        elif name in entries:
            made.append(_hyperparameter(name, values, space[entries[name]]))
        else:
            label = f"{objective} (score)" if name == "score" else name
            # The score says it already, and training metrics are no measure of a trial.
            is_shown = name not in metrics or (name != objective and f"val_{name}" not in metrics)
            rounded = [value if value is None or name != "seconds" else round(value, 1) for value in values]
            made.append(_measure(name, label, rounded, is_shown))
    return made


def _hyperparameter(name: str, values: list[Any], entry: Mapping[str, Any]) -> Column:
    if entry["hp"] in ("Int", "Float"):
        return _number(name, name, values, is_log=entry.get("sampling") == "log")
    # A column with gaps is one of floats to pandas: 3.0 is the choice 3, and is shown so.
    possible = list(possible_values(entry) or ())
    if not isinstance(possible[0], str):
        possible.sort()
    label = {value: str(value) for value in possible}
    return _category(name, [None if value is None else label[value] for value in values], list(label.values()))


def _measure(name: str, label: str, values: list[Any], is_shown: bool) -> Column:
    known = [value for value in values if value is not None]
    is_log = bool(known) and min(known) > 0 and math.log10(max(known) / min(known)) > _DECADES
    return _number(name, label, values, is_log=is_log, is_shown=is_shown)


def _number(name: str, label: str, values: list[Any], *, is_log: bool, is_shown: bool = True) -> Column:
    known = np.array([value for value in values if value is not None], dtype=float)
    positions = np.log10(known) if is_log else known
    low, high = (float(positions.min()), float(positions.max())) if len(positions) else (0.0, 1.0)
    span = high - low or abs(high) or 1.0
    ticks = _log_ticks(known) if is_log else _ticks(known, low, high)
    tickvals, ticktext = [math.log10(t) if is_log else t for t in ticks], [f"{t:,.6g}" for t in ticks]
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
    """Every number where there are few, else about five of them at steps of 1, 2 or 5."""
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
