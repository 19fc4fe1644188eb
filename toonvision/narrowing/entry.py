"""The arithmetic of narrowing on one entry of a search space: its levels, cuts, and the share that stays."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from toonvision.console import readable
from toonvision.search_space.space import possible_values

Entry = Mapping[str, Any]


def is_ordered(entry: Entry) -> bool:
    """Whether the values are ordered: those of a range, and a choice of numbers unless `ordered` is false."""
    if entry["hp"] == "Choice":
        return entry.get("ordered") is not False and not isinstance(entry["values"][0], str)
    return entry["hp"] in ("Int", "Float")


def level(entry: Entry, value: Any) -> Any:
    """Return the possible value nearest to a value; a float of a range with steps is not exact."""
    possible = possible_values(entry)
    if possible is None or isinstance(possible, range) or not isinstance(value, float):
        return value
    return min(possible, key=lambda other: abs(other - value))


def cut_off(entry: Entry, *, kept: Any, removed: Any) -> Entry:
    """Return the entry without the end of its range, or of its ordered choice, that contains `removed`.

    Args:
        entry: an ordered entry.
        kept: the outermost level that stays.
        removed: the next tried level, which is cut off; untried levels between the two stay.
    """
    possible = possible_values(entry)
    if possible is not None:
        return restricted(entry, [v for v in possible if (v > removed if kept > removed else v < removed)])
    bound = _between(kept, removed, logarithmic=entry.get("sampling") == "log")
    return _without_lost_default({**entry, "min_value" if kept > removed else "max_value": bound})


def restricted(entry: Entry, values: Sequence[Any]) -> Entry:
    """Return the entry with some of its possible values only: as a choice if no range has exactly these values.

    Args:
        entry: an entry with countable values.
        values: at least one value that stays; of an ordered entry, neighbours.
    """
    if entry["hp"] == "Choice":
        return _without_lost_default({**entry, "values": [v for v in entry["values"] if v in values]})
    if entry["hp"] == "Boolean" and len(values) == 1:
        return _of_kind("Fixed", {"value": values[0]}, entry)
    if entry["hp"] in ("Boolean", "Fixed"):
        return entry
    possible = possible_values(entry) or ()
    low = entry["min_value"] if min(values) == min(possible) else _decimal(min(values), entry)
    high = entry["max_value"] if max(values) == max(possible) else _decimal(max(values), entry)
    beyond = () if entry["hp"] == "Int" else (_decimal(max(values) + entry["step"] / 2, entry),)
    for bound in (high, *beyond):  # KerasTuner does not draw 0.3 from 0 to 0.3 by 0.1
        narrowed = {**entry, "min_value": low, "max_value": bound}
        if _same(possible_values(narrowed) or (), values):
            return _without_lost_default(narrowed)
    return _of_kind("Choice", {"values": [_decimal(v, entry) for v in sorted(values)]}, entry)


def share(entry: Entry | None, before: Entry) -> float:
    """Return the probability that KerasTuner draws a value of `entry` from the wider entry `before`; 1 for no entry."""
    if entry is None:
        return 1.0
    left, possible = possible_values(entry), possible_values(before)
    if left is None or possible is None or _is_logarithmic_int(before):
        return _position(before, entry["max_value"], at_end=True) - _position(before, entry["min_value"])
    return len(left) / len(possible)


def described(entry: Entry | None) -> str:
    """Return the values as text: the lowest and the highest value that KerasTuner draws, or all values of a choice."""
    if entry is None:
        return "never exists"
    possible = possible_values(entry)
    if entry["hp"] in ("Int", "Float"):
        low, high = (entry["min_value"], entry["max_value"]) if possible is None else (min(possible), max(possible))
        return as_text(low) if low == high else f"{as_text(low)} to {as_text(high)}"
    return ", ".join(as_text(value) for value in possible or ())


def as_text(value: Any) -> str:
    """Return a value as short text."""
    if isinstance(value, bool):
        return str(value).lower()
    return readable(value, 3) if isinstance(value, float) else str(value)


def _of_kind(kind: str, keywords: Mapping[str, Any], entry: Entry) -> Entry:
    return {"hp": kind, **keywords} | ({"when": entry["when"]} if "when" in entry else {})


def _without_lost_default(entry: Entry) -> Entry:
    default = entry.get("default")
    if default is None:
        return entry
    lies_within = (
        default in entry["values"] if "values" in entry else entry["min_value"] <= default <= entry["max_value"]
    )
    return entry if lies_within else {key: value for key, value in entry.items() if key != "default"}


def _decimal(value: float, entry: Entry) -> float:
    return int(value) if entry["hp"] == "Int" else float(f"{value:.12g}")


def _same(values: Sequence[Any], others: Sequence[Any]) -> bool:
    pairs = zip(sorted(values), sorted(others), strict=False)
    return len(values) == len(others) and all(math.isclose(a, b, abs_tol=1e-12) for a, b in pairs)


def _between(kept: float, removed: float, *, logarithmic: bool) -> float:
    """Return a number with few digits near the middle of `kept` and `removed`, different from `removed`."""
    middle = math.sqrt(kept * removed) if logarithmic else (kept + removed) / 2
    low, high = sorted((kept, removed))
    for digits in range(1, 17):
        rounded = float(f"{middle:.{digits}g}")
        if low <= rounded <= high and rounded != removed:
            return rounded
    return kept


def _is_logarithmic_int(entry: Entry) -> bool:
    return entry["hp"] == "Int" and entry.get("step") is None and entry.get("sampling") in ("log", "reverse_log")


def _position(entry: Entry, value: float, *, at_end: bool = False) -> float:
    """Return the probability that KerasTuner draws less than a value or, at the end of a range, at most the value."""
    low, high = float(entry["min_value"]), float(entry["max_value"])
    if entry["hp"] == "Int":  # KerasTuner draws up to the next whole number and rounds down
        high, value = high + 1, value + at_end
    if low == high:
        return float(at_end)
    if entry.get("sampling") == "log":
        return math.log(value / low) / math.log(high / low)
    if entry.get("sampling") == "reverse_log":
        return 1 - math.log((high + low - value) / low) / math.log(high / low)
    return (value - low) / (high - low)
