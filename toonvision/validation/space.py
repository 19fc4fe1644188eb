"""What is wrong with a search space: messages that name the place, before anything is built on it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from toonvision.config.signature import Signature, signature
from toonvision.errors import did_you_mean
from toonvision.search_space.space import Space, is_hyperparameter, nearest, possible_values

KINDS = ("Int", "Float", "Choice", "Boolean", "Fixed")
_SET_HERE = ("name", "parent_name", "parent_values")
_SAMPLINGS = ("linear", "log", "reverse_log")


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


def check_searched(space: Space, where: str) -> list[str]:
    """Return an error if nothing in the space is left to search."""
    if any(is_hyperparameter(entry) for entry in space.values()):
        return []
    return [
        f"{where}: expected at least one hyperparameter, a mapping with the key hp. Received: only fixed values. "
        "To train these: toonvision train"
    ]


def check_fixed(space: Space, where: str) -> list[str]:
    """Return a message for every entry that is not fixed, where only fixed values make sense."""
    return [
        f"{where}.{name}: expected a fixed value. Received: {dict(entry)!r}."
        for name, entry in space.items()
        if is_hyperparameter(entry)
    ]


def _impossible(allowed: list[Any], possible: Sequence[Any] | None) -> list[str]:
    """What cannot be meant. Other values outside the parent's range are not wrong: it may have been narrowed."""
    if possible is None:
        return ["expected an entry whose values can be counted, say by a step."]
    known = ", ".join(repr(value) for value in possible[:12]) + (", ..." if len(possible) > 12 else "")
    return [
        f"expected a value that it can take ({known}). Received: {value!r}.{nearest(value, possible)}"
        for value in allowed
        if value not in possible and (not _is_alike(value, possible[0]) or nearest(value, possible))
    ]


def _is_alike(value: object, possible: object) -> bool:
    return isinstance(value, str) if isinstance(possible, str) else isinstance(value, int | float)


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
