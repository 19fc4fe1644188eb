"""The format of search spaces, baselines, best values and narrowed spaces: a flat mapping from names to entries.

An entry with the key `hp` is a hyperparameter: `hp` names a method of `keras_tuner.HyperParameters`, the other keys
are keywords of that method, and `when` lists the values of other entries under which it is active. Any other entry is
fixed.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from toonvision.errors import ConfigError, did_you_mean

if TYPE_CHECKING:
    import keras_tuner

Space = Mapping[str, Any]
Values = dict[str, Any]


def is_hyperparameter(entry: object) -> bool:
    """Whether an entry of a space is a hyperparameter rather than a fixed value."""
    return isinstance(entry, Mapping)


def hyperparameters(space: Space) -> dict[str, Mapping[str, Any]]:
    """Return the hyperparameters that can be active, by name."""
    return {n: e for n, e in space.items() if is_hyperparameter(e) and _can_be_active(e, space)}


def fixed_values(space: Space) -> Values:
    """Return the fixed values by name; None for a hyperparameter that can never be active."""
    active = hyperparameters(space)
    return {n: None if is_hyperparameter(e) else e for n, e in space.items() if n not in active}


def is_active(when: Mapping[str, Sequence[Any]] | None, values: Mapping[str, Any]) -> bool:
    """Whether every name in `when` has one of the values listed for it."""
    return all(any(is_same(values.get(name), value) for value in allowed) for name, allowed in (when or {}).items())


def is_same(value: object, other: object) -> bool:
    """Whether two values are equal, with a tolerance for floats: 3 * 0.1 is not 0.3."""
    if isinstance(value, float) and isinstance(other, int | float):
        return math.isclose(value, other, abs_tol=1e-12)
    return value == other


def matching(possible: Sequence[Any], allowed: Sequence[Any]) -> list[Any]:
    """Return the possible values that `when` allows, as they are: one of `allowed` may differ in the last bits."""
    return [value for value in possible if any(is_same(value, other) for other in allowed)]


def complete(space: Space, values: Mapping[str, Any]) -> Values:
    """Return a value for every name of the space: the given values, the fixed values, and None for inactive names."""
    known = {**dict.fromkeys(space), **fixed_values(space)}
    return known | {name: value for name, value in values.items() if name in space}


def within(space: Space, values: Mapping[str, Any]) -> bool:
    """Whether values, one for every name as `complete` returns them, are possible in this space."""
    return not misfits(space, values)


def misfits(space: Space, values: Mapping[str, Any]) -> list[str]:
    """Return the names whose value the space does not have, or does have and the values lack."""
    given = {name: value for name, value in values.items() if value is not None}
    entries: dict[str, Mapping[str, Any]]
    entries = {n: {"hp": "Fixed", "value": v} for n, v in fixed_values(space).items() if v is not None}
    entries |= {n: e for n, e in hyperparameters(space).items() if is_active(e.get("when"), given)}
    shared = [name for name, value in given.items() if name in entries and _can_take(entries[name], value)]
    return [name for name in {**entries, **given} if name not in shared]


def declare(space: Space, hp: keras_tuner.HyperParameters) -> Values:
    """Declare every hyperparameter of the space on `hp`, and return the values of `hp` for all names.

    Args:
        space: a valid space (see `toonvision.validation.space`).
        hp: receives the hyperparameters, as by `hp.Int`, `hp.Float`, `hp.Choice` ...; `when` becomes conditions.

    Raises:
        ConfigError: if KerasTuner rejects an entry; the message names it.
    """
    values = fixed_values(space)
    for name, entry in hyperparameters(space).items():
        config = {key: value for key, value in entry.items() if key not in ("hp", "when")}
        config |= {"name": name, "conditions": _conditions(entry, space)}
        try:
            declared = type(hp).from_config({"space": [{"class_name": entry["hp"], "config": config}], "values": {}})
        except (TypeError, ValueError) as error:
            raise ConfigError(f"search_space.{name}: KerasTuner rejects this entry: {error}") from error
        # hp.conditional_scope rejects a second parent, and a parent that is conditional itself.
        hp.merge(declared, overwrite=False)
        values[name] = hp.get(name) if hp.is_active(name) else None
    return {name: values[name] for name in space}


def defaults(space: Space) -> Values:
    """Return a value for every name, with each active hyperparameter at its default."""
    values = fixed_values(space)
    for name, entry in hyperparameters(space).items():
        active = is_active(entry.get("when"), values)
        values[name] = _default(entry) if active else None
    return {name: values[name] for name in space}


def corners(space: Space) -> Iterator[Values]:
    """Yield the defaults, then values in which every bound and every string of a choice occurs once.

    Apart from the defaults, inactive names have values, too.
    """
    default = defaults(space)
    yield default
    ends = {name: _ends(entry) for name, entry in hyperparameters(space).items()}
    for index in range(max(map(len, ends.values()), default=0)):
        yield default | {name: values[index % len(values)] for name, values in ends.items()}


def only_active(space: Space, values: Mapping[str, Any]) -> Values:
    """Return the values of a space that are active, and are not None."""
    active: Values = {}
    for name, entry in space.items():
        when = entry.get("when") if is_hyperparameter(entry) else None
        if values.get(name) is not None and is_active(when, active):
            active[name] = values[name]
    return active


def possible_values(entry: Mapping[str, Any]) -> Sequence[Any] | None:
    """Return every value that KerasTuner can give a hyperparameter, or None if they are not countable."""
    kind = entry["hp"]
    if kind in ("Choice", "Boolean", "Fixed"):
        return list(entry["values"]) if kind == "Choice" else [False, True] if kind == "Boolean" else [entry["value"]]
    low, high, step, sampling = entry["min_value"], entry["max_value"], entry.get("step"), entry.get("sampling")
    if step is None or (kind == "Int" and sampling in (None, "linear")):
        return range(low, high + 1, step or 1) if kind == "Int" else None
    if sampling in (None, "linear"):
        return [float(low + index * step) for index in range(int((high - low) // step + 1))]
    powers = [low * math.pow(step, index) for index in range(int(math.log(high / low, step) + 1e-8) + 1)]
    values = powers if sampling == "log" else [high + low - power for power in powers]
    return [int(value) if kind == "Int" else float(value) for value in values]


def combinations(space: Space) -> Iterator[Values]:
    """Yield every combination of the active hyperparameters; the last name varies fastest.

    Args:
        space: valid; each of its hyperparameters has countable values.
    """
    entries = list(hyperparameters(space).items())
    fixed = fixed_values(space)

    def below(index: int, chosen: Values) -> Iterator[Values]:
        if index == len(entries):
            yield chosen
            return
        name, entry = entries[index]
        if is_active(entry.get("when"), fixed | chosen):
            for value in possible_values(entry) or ():
                yield from below(index + 1, {**chosen, name: value})
        else:
            yield from below(index + 1, chosen)

    return below(0, {})


def nearest(value: object, possible: Sequence[Any]) -> str:
    """Return a hint at the intended value: a similar string, or a float that differs in its last bits."""
    if isinstance(value, str):
        return did_you_mean(value, possible)
    close = [p for p in possible if isinstance(value, float) and isinstance(p, int | float) and math.isclose(p, value)]
    return f" The nearest is {close[0]!r}." if close else ""


def _can_be_active(entry: Mapping[str, Any], space: Space) -> bool:
    """Whether the fixed values and the possible values of its parents, and of their parents, allow `when`."""
    for parent, allowed in entry.get("when", {}).items():
        above = space[parent]
        possible = (possible_values(above) or ()) if is_hyperparameter(above) else (above,)
        if not matching(possible, allowed):
            return False
        if is_hyperparameter(above) and not _can_be_active(above, space):
            return False
    return True


def as_possible(possible: Sequence[Any] | None, value: Any) -> Any:
    """Return a value in the type and rounding of a range, which may be Int in one space and Float in another.

    Args:
        possible: as `possible_values` returns it.
        value: one of them, but for its type and its last bits.
    """
    if possible is None:
        return float(value)
    return next(p for p in possible if p == value or (isinstance(p, float) and math.isclose(p, value)))


def kind(entry: Mapping[str, Any]) -> type:
    """Return the type of a hyperparameter's values; those of a Choice are of one."""
    known = {"Int": int, "Float": float, "Boolean": bool}.get(entry["hp"])
    return known or type(entry["values"][0] if entry["hp"] == "Choice" else entry["value"])


def _can_take(entry: Mapping[str, Any], value: object) -> bool:
    possible = possible_values(entry)
    if possible is None:
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return is_number and entry["min_value"] <= value <= entry["max_value"]
    close = isinstance(value, float) and bool(nearest(value, possible))  # steps of floats are not exact
    return isinstance(value, bool) == isinstance(possible[0], bool) and (value in possible or close)


def _default(entry: Mapping[str, Any]) -> Any:
    if entry.get("default") is not None:
        return entry["default"]
    if entry["hp"] == "Choice":
        return entry["values"][0]
    return {"Boolean": False, "Fixed": entry.get("value")}.get(entry["hp"], entry.get("min_value"))


def _ends(entry: Mapping[str, Any]) -> list[Any]:
    if entry["hp"] in ("Int", "Float"):
        return [entry["min_value"], entry["max_value"]]
    values = list(possible_values(entry) or ())
    return values if isinstance(values[0], str) else [min(values), max(values)]


def _conditions(entry: Mapping[str, Any], space: Space) -> list[dict[str, Any]]:
    """Return `when` as conditions of KerasTuner, without fixed parents."""
    conditions = []
    for parent, allowed in entry.get("when", {}).items():
        possible = possible_values(space[parent]) if is_hyperparameter(space[parent]) else None
        if possible is not None:
            # In the type of the parent: KerasTuner derives the type of all values from the first.
            values = [type(possible[0])(value) for value in matching(possible, allowed)]
            conditions.append({"class_name": "Parent", "config": {"name": parent, "values": values}})
    return conditions
