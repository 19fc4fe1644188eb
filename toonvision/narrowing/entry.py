"""The arithmetic of narrowing on one entry of a search space: its levels, cutting some off, and what share is left."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from toonvision.search_space.space import possible_values

Entry = Mapping[str, Any]


def is_ordered(entry: Entry) -> bool:
    """Whether the values have an order: those of a range have, and a choice of numbers has unless it says otherwise."""
    if entry["hp"] == "Choice":
        return entry.get("ordered") is not False and not isinstance(entry["values"][0], str)
    return entry["hp"] in ("Int", "Float")


def level(entry: Entry, value: Any) -> Any:
    """Return the possible value that is meant, of which a float with steps may be some bits away."""
    possible = possible_values(entry)
    if possible is None or isinstance(possible, range) or not isinstance(value, float):
        return value
    return min(possible, key=lambda other: abs(other - value))


def cut_off(entry: Entry, *, kept: Any, removed: Any) -> Entry:
    """Return the entry without the end of its range, or of its ordered choice, in which `removed` lies.

    Args:
        entry: of ordered values.
        kept: the outermost level that stays.
        removed: the next one, which does not; where levels that no trial has tried lie between, they stay.
    """
    possible = possible_values(entry)
    if possible is not None:
        return restricted(entry, [v for v in possible if (v > removed if kept > removed else v < removed)])
    bound = _between(kept, removed, logarithmic=entry.get("sampling") == "log")
    return _without_lost_default({**entry, "min_value" if kept > removed else "max_value": bound})


def restricted(entry: Entry, values: Sequence[Any]) -> Entry:
    """Return the entry with these of its possible values only: a choice of them if no range has just them.

    Args:
        entry: whose values can be counted.
        values: that stay, at least one; of an ordered entry, neighbours.
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
    for bound in (high, *beyond):  # KerasTuner draws 0 to 0.3 by 0.1 short of 0.3
        narrowed = {**entry, "min_value": low, "max_value": bound}
        if _same(possible_values(narrowed) or (), values):
            return _without_lost_default(narrowed)
    return _of_kind("Choice", {"values": [_decimal(v, entry) for v in sorted(values)]}, entry)


def share(entry: Entry | None, of: Entry) -> float:
    """Return the share that an entry is of the one that it was narrowed from, as KerasTuner draws; 1 for no entry."""
    if entry is None:
        return 1.0
    possible, before = possible_values(entry), possible_values(of)
    if possible is None or before is None or _is_logarithmic_int(of):
        return _position(of, entry["max_value"], at_end=True) - _position(of, entry["min_value"])
    return len(possible) / len(before)


def described(entry: Entry | None) -> str:
    """Return the values in words: from the lowest to the highest that KerasTuner draws, or all of a choice."""
    if entry is None:
        return "never exists"
    possible = possible_values(entry)
    if entry["hp"] in ("Int", "Float"):
        low, high = (entry["min_value"], entry["max_value"]) if possible is None else (min(possible), max(possible))
        return as_text(low) if low == high else f"{as_text(low)} to {as_text(high)}"
    return ", ".join(as_text(value) for value in possible or ())


def as_text(value: Any) -> str:
    """Return one value as a person would write it."""
    return f"{value:.3g}" if isinstance(value, float) else str(value).lower() if isinstance(value, bool) else str(value)


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
    """Return the number with the fewest digits about half-way, on the kept side of `removed` and not past `kept`."""
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
    """The probability of less than a value (or, at the end of a range, of no more) as KerasTuner draws."""
    low, high = float(entry["min_value"]), float(entry["max_value"])
    if entry["hp"] == "Int":  # drawn up to the next number and cut
        high, value = high + 1, value + at_end
    if low == high:
        return float(at_end)
    if entry.get("sampling") == "log":
        return math.log(value / low) / math.log(high / low)
    if entry.get("sampling") == "reverse_log":
        return 1 - math.log((high + low - value) / low) / math.log(high / low)
    return (value - low) / (high - low)
