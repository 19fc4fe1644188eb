"""The one format of search space, baseline, best values and narrowed space: a flat mapping from names to entries.

An entry with the key `hp` is a hyperparameter: `hp` names a method of `keras_tuner.HyperParameters`, the other keys
are that method's keywords, and `when` says under which values of other entries it exists. Anything else is fixed.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from toonvision.errors import ConfigError, did_you_mean
from toonvision.source import Signature, signature

if TYPE_CHECKING:
    import keras_tuner

Space = Mapping[str, Any]
Values = dict[str, Any]
KINDS = ("Int", "Float", "Choice", "Boolean", "Fixed")
_SET_HERE = ("name", "parent_name", "parent_values")
_SAMPLINGS = ("linear", "log", "reverse_log")


def is_hyperparameter(entry: object) -> bool:
    """Whether an entry of a space is to be searched, rather than fixed."""
    return isinstance(entry, Mapping)


def hyperparameters(space: Space) -> dict[str, Mapping[str, Any]]:
    """Return the entries that are to be searched and can be active, by name."""
    return {n: e for n, e in space.items() if is_hyperparameter(e) and _can_be_active(e, space)}


def fixed_values(space: Space) -> Values:
    """Return the entries that are fixed, by name; a hyperparameter that a fixed value switches off is None."""
    return {n: None if is_hyperparameter(e) else e for n, e in space.items() if n not in hyperparameters(space)}


def is_active(when: Mapping[str, Sequence[Any]] | None, values: Mapping[str, Any]) -> bool:
    """Whether every name in `when` has one of the values listed for it."""
    return all(any(is_same(values.get(name), value) for value in allowed) for name, allowed in (when or {}).items())


def is_same(value: object, other: object) -> bool:
    """Whether two values are equal, but for the last bits of a float: 3 * 0.1 is not 0.3."""
    if isinstance(value, float) and isinstance(other, int | float):
        return math.isclose(value, other, abs_tol=1e-12)
    return value == other


def complete(space: Space, values: Mapping[str, Any]) -> Values:
    """Return a value for every name of the space: the given ones, the fixed ones, None for what is inactive."""
    known = {**dict.fromkeys(space), **fixed_values(space)}
    return known | {name: value for name, value in values.items() if name in space}


def within(space: Space, values: Mapping[str, Any]) -> bool:
    """Whether values, one for every name of some space as `complete` returns them, could be of this space."""
    given = {name: value for name, value in values.items() if value is not None}
    entries: dict[str, Mapping[str, Any]]
    entries = {n: {"hp": "Fixed", "value": v} for n, v in fixed_values(space).items() if v is not None}
    entries |= {n: e for n, e in hyperparameters(space).items() if is_active(e.get("when"), given)}
    return given.keys() == entries.keys() and all(_can_take(entries[n], value) for n, value in given.items())


def declare(space: Space, hp: keras_tuner.HyperParameters) -> Values:
    """Declare every hyperparameter of the space on `hp`, and return the values `hp` has for all names.

    Args:
        space: a valid space (see `check`).
        hp: filled up front, as by `hp.Int`, `hp.Float`, `hp.Choice` ...; `when` becomes conditions.

    Raises:
        ConfigError: if KerasTuner refuses an entry; it names the entry.
    """
    values = fixed_values(space)
    for name, entry in hyperparameters(space).items():
        config = {key: value for key, value in entry.items() if key not in ("hp", "when")}
        config |= {"name": name, "conditions": _conditions(entry, space)}
        try:
            declared = type(hp).from_config({"space": [{"class_name": entry["hp"], "config": config}], "values": {}})
        except (TypeError, ValueError) as error:
            raise ConfigError(f"search_space.{name}: KerasTuner refuses this entry: {error}") from error
        # hp.conditional_scope refuses a parent that is itself conditional, and a second parent.
        hp.merge(declared, overwrite=False)
        values[name] = hp.get(name) if hp.is_active(name) else None
    return {name: values[name] for name in space}


def defaults(space: Space) -> Values:
    """Return a value for every name, each hyperparameter at its default (the first choice, the lower bound)."""
    values = fixed_values(space)
    for name, entry in hyperparameters(space).items():
        active = is_active(entry.get("when"), values)
        values[name] = _default(entry) if active else None
    return {name: values[name] for name in space}


def check(space: Space, where: str = "search_space") -> list[str]:
    """Return what is wrong with a space, one message each; an empty list if nothing is."""
    errors: list[str] = []
    above: dict[str, Any] = {}
    for name, entry in space.items():
        place, before = f"{where}.{name}", len(errors)
        if not isinstance(name, str) or not name.isidentifier():
            errors.append(f"{place}: expected a name of letters, digits and underscores. Received: {name!r}.")
        if isinstance(entry, Mapping):
            errors += _entry_errors(entry, place) + check_when(entry.get("when", {}), above, f"{place}.when")
        elif isinstance(entry, list | tuple):
            errors.append(f"{place}: expected a value or a mapping with the key hp. Received: {entry!r}.")
        above[name] = entry if len(errors) == before else None  # of a wrong entry only the name is known
    return errors


def check_when(when: object, space: Space, where: str) -> list[str]:
    """Return what is wrong with a condition on the entries of a space, one message each.

    Args:
        when: names of entries, each with the list of values under which something exists.
        space: the entries that may be named.
        where: the path of `when` in the configuration.
    """
    if not isinstance(when, Mapping):
        return [f"{where}: expected names of the search space with lists of values. Received: {when!r}."]
    errors = []
    for parent, allowed in when.items():
        place = f"{where}.{parent}"
        if parent not in space:
            known = ", ".join(space) or "none"
            errors.append(f"{place}: expected the name of an entry above. Known: {known}.{did_you_mean(parent, space)}")
        elif not isinstance(allowed, list) or not allowed:
            errors.append(f"{place}: expected a list of values. Received: {allowed!r}.")
        elif is_hyperparameter(space[parent]):
            errors += [f"{place}: {message}" for message in _impossible(allowed, possible_values(space[parent]))]
    return errors


def possible_values(entry: Mapping[str, Any]) -> Sequence[Any] | None:
    """Return every value that KerasTuner can give a hyperparameter, or None if they cannot be counted."""
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


def check_fixed(space: Space, where: str) -> list[str]:
    """Return a message for every entry that is not fixed, where only fixed values make sense."""
    return [
        f"{where}.{name}: expected a fixed value. Received: {dict(entry)!r}."
        for name, entry in space.items()
        if is_hyperparameter(entry)
    ]


def _can_be_active(entry: Mapping[str, Any], space: Space) -> bool:
    """Whether no fixed value and no narrowed range contradicts `when`, and so on up to the entries it depends on."""
    for parent, allowed in entry.get("when", {}).items():
        above = space[parent]
        possible = (possible_values(above) or ()) if is_hyperparameter(above) else (above,)
        if not any(value in possible for value in allowed):
            return False
        if is_hyperparameter(above) and not _can_be_active(above, space):
            return False
    return True


def _can_take(entry: Mapping[str, Any], value: object) -> bool:
    possible = possible_values(entry)
    if possible is None:
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return is_number and entry["min_value"] <= value <= entry["max_value"]
    close = isinstance(value, float) and bool(_nearest(value, possible))  # steps are not exact
    return isinstance(value, bool) == isinstance(possible[0], bool) and (value in possible or close)


def _default(entry: Mapping[str, Any]) -> Any:
    if entry.get("default") is not None:
        return entry["default"]
    if entry["hp"] == "Choice":
        return entry["values"][0]
    return {"Boolean": False, "Fixed": entry.get("value")}.get(entry["hp"], entry.get("min_value"))


def _conditions(entry: Mapping[str, Any], space: Space) -> list[dict[str, Any]]:
    """`when` as KerasTuner writes it, without the parents that are fixed."""
    conditions = []
    for parent, allowed in entry.get("when", {}).items():
        possible = possible_values(space[parent]) if is_hyperparameter(space[parent]) else None
        if possible is not None:
            # In the parent's own type: KerasTuner takes the type of the first value for that of all.
            values = [type(possible[0])(value) for value in allowed if value in possible]
            conditions.append({"class_name": "Parent", "config": {"name": parent, "values": values}})
    return conditions


def _impossible(allowed: list[Any], possible: Sequence[Any] | None) -> list[str]:
    """What cannot be meant. Other values outside the parent's range are not wrong: it may have been narrowed."""
    if possible is None:
        return ["expected an entry whose values can be counted, say by a step."]
    known = ", ".join(repr(value) for value in possible[:12]) + (", ..." if len(possible) > 12 else "")
    return [
        f"expected a value that it can take ({known}). Received: {value!r}.{_nearest(value, possible)}"
        for value in allowed
        if value not in possible and (not _is_alike(value, possible[0]) or _nearest(value, possible))
    ]


def _is_alike(value: object, possible: object) -> bool:
    return isinstance(value, str) if isinstance(possible, str) else isinstance(value, int | float)


def _nearest(value: object, possible: Sequence[Any]) -> str:
    """The value that is meant, where it is a slip of the pen or of binary fractions (0.3 is not 3 * 0.1)."""
    if isinstance(value, str):
        return did_you_mean(value, possible)
    close = [p for p in possible if isinstance(value, float) and isinstance(p, int | float) and math.isclose(p, value)]
    return f" The nearest is {close[0]!r}." if close else ""


def _entry_errors(entry: Mapping[str, Any], place: str) -> list[str]:
    kind = entry.get("hp")
    if kind not in KINDS:
        expected = f"expected hp to be one of {', '.join(KINDS)}"
        return [f"{place}: {expected}. Received: {kind!r}.{did_you_mean(str(kind), KINDS)}"]
    keywords = _keywords(kind)
    errors = []
    for key in entry:
        if key in (*keywords.names, "hp", "when"):
            continue
        stale = any(key in _keywords(other).names for other in KINDS)
        hint = (
            f" Left behind by the entry that this one replaced? Remove it with ~{place}.{key}"
            if stale
            else did_you_mean(key, (*keywords.names, "when"))
        )
        errors.append(f"{place}.{key}: hp.{kind} does not take this keyword ({', '.join(keywords.names)}).{hint}")
    errors += [f"{place}: hp.{kind} needs {key}." for key in keywords.required if key not in entry]
    return errors or [f"{place}: {message}" for message in _value_errors(kind, entry)]


def _keywords(kind: str) -> Signature:
    method = signature("keras_tuner.HyperParameters", "search_space", method=kind)
    names = tuple(n for n in method.names if n not in _SET_HERE)
    return Signature(names, tuple(n for n in method.required if n not in _SET_HERE), accepts_any=False)


def _value_errors(kind: str, entry: Mapping[str, Any]) -> list[str]:
    if kind == "Choice":
        return _choice_errors(entry)
    if kind == "Boolean":
        default = entry.get("default", False)
        return [] if isinstance(default, bool) else [f"expected default to be true or false. Received: {default!r}."]
    if kind == "Fixed":
        value = entry["value"]
        return [] if isinstance(value, str | int | float) else [f"expected a number or a string. Received: {value!r}."]
    return _range_errors(kind, entry)


def _choice_errors(entry: Mapping[str, Any]) -> list[str]:
    choices, default, ordered = entry["values"], entry.get("default"), entry.get("ordered")
    if not isinstance(choices, list) or not choices:
        return [f"expected values to be a list of at least one value. Received: {choices!r}."]
    if any(choice is None or isinstance(choice, list | dict | bool) for choice in choices):
        return [f"expected numbers or strings (hp: Boolean for true and false). Received: {choices!r}."]
    if len({type(choice) for choice in choices}) > 1:
        return [f"expected values of one type, as KerasTuner requires. Received: {choices!r}."]
    if len(set(choices)) < len(choices):
        return [f"expected distinct values. Received: {choices!r}."]
    if default is not None and default not in choices:
        return [f"expected default to be one of {choices!r}. Received: {default!r}."]
    if ordered not in (None, True, False) or (ordered and isinstance(choices[0], str)):
        return [f"expected ordered to be true only for numbers. Received: {ordered!r}."]
    return []


def _range_errors(kind: str, entry: Mapping[str, Any]) -> list[str]:
    numbers = int if kind == "Int" else (int, float)
    for key in ("min_value", "max_value", "step", "default"):
        value = entry.get(key)
        if value is None and key in ("step", "default"):
            continue
        if not isinstance(value, numbers) or isinstance(value, bool) or not math.isfinite(value):
            return [f"expected {key} to be {'a whole number' if kind == 'Int' else 'a number'}. Received: {value!r}."]
    low, high, sampling = entry["min_value"], entry["max_value"], entry.get("sampling")
    if low > high:
        return [f"expected min_value <= max_value. Received: min_value={low}, max_value={high}."]
    if entry.get("default") is not None and not low <= entry["default"] <= high:
        return [f"expected default between {low} and {high}. Received: {entry['default']}."]
    if sampling not in (None, *_SAMPLINGS):
        hint = did_you_mean(str(sampling), _SAMPLINGS)
        return [f"expected sampling to be linear, log or reverse_log. Received: {sampling!r}.{hint}"]
    if sampling in ("log", "reverse_log") and low <= 0:
        return [f"expected min_value > 0 with sampling: {sampling}. Received: {low}."]
    smallest_step = 1 if sampling in ("log", "reverse_log") else 0
    if entry.get("step") is not None and entry["step"] <= smallest_step:
        return [f"expected step > {smallest_step}. Received: {entry['step']}."]
    return []
