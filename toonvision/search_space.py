"""The one format of search space, baseline, best values and narrowed space: a flat mapping from names to entries.

An entry with the key `hp` is a hyperparameter: `hp` names a method of `keras_tuner.HyperParameters`, the other keys
are that method's keywords, and `when` says under which values of other entries it exists. Anything else is fixed.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from toonvision.errors import ConfigError, did_you_mean
from toonvision.target import Signature, signature

if TYPE_CHECKING:
    import keras_tuner

Space = Mapping[str, Any]
Values = dict[str, Any]
KINDS = ("Int", "Float", "Choice", "Boolean", "Fixed")
_SET_HERE = ("name", "parent_name", "parent_values")


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
    return all(values.get(name) in allowed for name, allowed in (when or {}).items())


def complete(space: Space, values: Mapping[str, Any]) -> Values:
    """Return a value for every name of the space: the given ones, the fixed ones, None for what is inactive."""
    known = {**dict.fromkeys(space), **fixed_values(space)}
    return known | {name: value for name, value in values.items() if name in space}


def declare(space: Space, hp: keras_tuner.HyperParameters) -> Values:
    """Declare every hyperparameter of the space on `hp`, and return the values `hp` has for all names.

    Args:
        space: a valid space (see `check`).
        hp: filled with `hp.Int`, `hp.Float`, `hp.Choice` ... once, up front; conditions become conditional scopes.

    Raises:
        ConfigError: if KerasTuner refuses an entry; it names the entry.
    """
    values = fixed_values(space)
    for name, entry in hyperparameters(space).items():
        keywords = {k: v for k, v in entry.items() if k not in ("hp", "when")}
        with ExitStack() as scopes:
            for parent, allowed in entry.get("when", {}).items():
                if is_hyperparameter(space[parent]):
                    scopes.enter_context(hp.conditional_scope(parent, list(allowed)))
            try:
                values[name] = getattr(hp, entry["hp"])(name, **keywords)
            except (TypeError, ValueError) as error:
                raise ConfigError(f"search_space.{name}: KerasTuner refuses this entry: {error}") from error
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
    errors = []
    for name, entry in space.items():
        if isinstance(entry, Mapping):
            errors += [f"{where}.{name}: {message}" for message in _entry_errors(name, entry, space)]
        elif isinstance(entry, list | tuple):
            errors.append(f"{where}.{name}: expected a value or a mapping with the key hp. Received: {entry!r}.")
    return errors


def check_fixed(space: Space, where: str) -> list[str]:
    """Return a message for every entry that is not fixed, where only fixed values make sense."""
    return [
        f"{where}.{name}: expected a fixed value. Received: {dict(entry)!r}."
        for name, entry in space.items()
        if is_hyperparameter(entry)
    ]


def _can_be_active(entry: Mapping[str, Any], space: Space) -> bool:
    """Whether no fixed value contradicts `when`, and so on up to the entries it depends on."""
    for parent, allowed in entry.get("when", {}).items():
        above = space[parent]
        if not is_hyperparameter(above):
            if above not in allowed:
                return False
        elif not _can_be_active(above, space):
            return False
    return True


def _default(entry: Mapping[str, Any]) -> Any:
    if entry.get("default") is not None:
        return entry["default"]
    if entry["hp"] == "Choice":
        return entry["values"][0]
    return {"Boolean": False, "Fixed": entry.get("value")}.get(entry["hp"], entry.get("min_value"))


def _entry_errors(name: str, entry: Mapping[str, Any], space: Space) -> list[str]:
    kind = entry.get("hp")
    if kind not in KINDS:
        return [f"expected hp to be one of {', '.join(KINDS)}. Received: {kind!r}.{did_you_mean(str(kind), KINDS)}"]
    keywords = _keywords(kind)
    errors = [
        f"{key!r} is not a keyword of hp.{kind} ({', '.join(keywords.names)}). If it was left behind when "
        f"another entry was replaced, remove it with ~search_space.{name}.{key}.{did_you_mean(key, keywords.names)}"
        for key in entry
        if key not in (*keywords.names, "hp", "when")
    ]
    missing = [key for key in keywords.required if key not in entry]
    if missing:
        errors.append(f"hp.{kind} needs {' and '.join(missing)}.")
    return errors or _value_errors(kind, entry) + _when_errors(name, entry, space)


def _keywords(kind: str) -> Signature:
    method = signature("keras_tuner.HyperParameters", "search_space", method=kind)
    names = tuple(n for n in method.names if n not in _SET_HERE)
    return Signature(names, tuple(n for n in method.required if n not in _SET_HERE), accepts_any=False)


def _value_errors(kind: str, entry: Mapping[str, Any]) -> list[str]:
    if kind == "Choice":
        return _choice_errors(entry["values"], entry.get("default"))
    if kind in ("Int", "Float"):
        return _range_errors(kind, entry)
    return []


def _choice_errors(choices: object, default: object) -> list[str]:
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
    if sampling not in (None, "linear", "log", "reverse_log"):
        return [f"expected sampling to be linear, log or reverse_log. Received: {sampling!r}."]
    if sampling in ("log", "reverse_log") and low <= 0:
        return [f"expected min_value > 0 with sampling: {sampling}. Received: {low}."]
    smallest_step = 1 if sampling in ("log", "reverse_log") else 0
    if entry.get("step") is not None and entry["step"] <= smallest_step:
        return [f"expected step > {smallest_step}. Received: {entry['step']}."]
    return []


def _when_errors(name: str, entry: Mapping[str, Any], space: Space) -> list[str]:
    when = entry.get("when", {})
    if not isinstance(when, Mapping):
        return [f"expected when to map names of the space to lists of values. Received: {when!r}."]
    before = list(space)[: list(space).index(name)]
    errors = []
    for parent, allowed in when.items():
        if parent not in before:
            errors.append(
                f"when: expected the name of an entry above this one. Received: {parent!r}."
                f"{did_you_mean(parent, before)}"
            )
        if not isinstance(allowed, list) or not allowed:
            errors.append(f"when.{parent}: expected a list of values. Received: {allowed!r}.")
    return errors
