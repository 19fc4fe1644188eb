"""Check a search space entry by entry, before anything is built on it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from toonvision.config.signature import Signature, signature
from toonvision.errors import Problem, did_you_mean
from toonvision.search_space.space import Space, is_hyperparameter, nearest, possible_values

KINDS = ("Int", "Float", "Choice", "Boolean", "Fixed")
_SET_HERE = ("name", "parent_name", "parent_values")
SAMPLINGS = ("linear", "log", "reverse_log")
_MOST_VALUES = 10_000  # that are listed, by a choice or a step


def space_problems(space: Space, path: str = "search_space") -> Iterator[Problem]:
    """Yield what is wrong with a search space that lies at `path` in the configuration."""
    above: dict[str, Any] = {}
    for name, entry in space.items():
        problems = list(_entry_problems(name, entry, above, f"{path}.{name}"))
        yield from problems
        above[name] = None if problems else entry  # of a wrong entry only the name is known


def condition_problems(when: object, space: Space, path: str) -> Iterator[Problem]:
    """Yield what is wrong with a condition on the entries of a space.

    Args:
        when: names of entries, each with the list of values under which something exists.
        space: the entries that may be named.
        path: of `when` in the configuration.
    """
    if not isinstance(when, Mapping):
        yield Problem(path, "names of the search space with lists of values", repr(when))
        return
    for parent, allowed in when.items():
        place = f"{path}.{parent}"
        if parent not in space:
            known = ", ".join(space) or "none"
            yield Problem(place, f"the name of an entry above ({known})", repr(parent), did_you_mean(parent, space))
        elif not isinstance(allowed, list) or not allowed:
            yield Problem(place, "a list of values", repr(allowed))
        elif is_hyperparameter(space[parent]):
            yield from _impossible_values(allowed, possible_values(space[parent]), place)


def searched_problems(space: Space, path: str) -> Iterator[Problem]:
    """Yield a problem if nothing in the space is left to search."""
    if not any(is_hyperparameter(entry) for entry in space.values()):
        expected = "at least one hyperparameter, a mapping with the key hp"
        yield Problem(path, expected, "only fixed values", "To train these: toonvision train")


def fixed_problems(space: Space, path: str) -> Iterator[Problem]:
    """Yield every entry that is not fixed, where only fixed values make sense."""
    for name, entry in space.items():
        if is_hyperparameter(entry):
            yield Problem(f"{path}.{name}", "a fixed value", repr(dict(entry)))


def _impossible_values(allowed: list[Any], possible: Sequence[Any] | None, path: str) -> Iterator[Problem]:
    """Yield values that are slips; others outside the parent's range are allowed, because it may have been narrowed."""
    if possible is None:
        yield Problem(path, "an entry whose values can be counted, say by a step", "one without a step")
        return
    known = ", ".join(repr(value) for value in possible[:12]) + (", ..." if len(possible) > 12 else "")
    for value in allowed:
        if value not in possible and (not _is_alike(value, possible[0]) or nearest(value, possible)):
            yield Problem(path, f"a value that it can take ({known})", repr(value), nearest(value, possible))


def _is_alike(value: object, possible: object) -> bool:
    return isinstance(value, str) if isinstance(possible, str) else isinstance(value, int | float)


def _entry_problems(name: object, entry: object, above: Mapping[str, Any], path: str) -> Iterator[Problem]:
    if not isinstance(name, str) or not name.isidentifier():
        yield Problem(path, "a name of letters, digits and underscores", repr(name))
    if isinstance(entry, list | tuple):
        yield Problem(path, "a value or a mapping with the key hp", repr(entry))
    if not isinstance(entry, Mapping):
        return
    kind = entry.get("hp")
    if kind not in KINDS:
        yield Problem(path, f"hp to be one of {', '.join(KINDS)}", repr(kind), did_you_mean(str(kind), KINDS))
    else:
        problems = list(_keyword_problems(kind, entry, path))
        yield from problems
        if not problems and (problem := _value_problem(kind, entry, path)):
            yield problem
    yield from condition_problems(entry.get("when", {}), above, f"{path}.when")


def _keyword_problems(kind: str, entry: Mapping[str, Any], path: str) -> Iterator[Problem]:
    accepted = keywords(kind)
    for key in entry:
        if key in (*accepted.names, "hp", "when"):
            continue
        stale = any(key in keywords(other).names for other in KINDS)
        hint = (
            f"Left behind by the entry that this one replaced? Remove it with ~{path}.{key}"
            if stale
            else did_you_mean(key, (*accepted.names, "when"))
        )
        yield Problem(f"{path}.{key}", f"a keyword of hp.{kind} ({', '.join(accepted.names)})", repr(key), hint)
    for key in accepted.required:
        if key not in entry:
            yield Problem(path, f"the keyword {key}, which hp.{kind} needs", "nothing")


def keywords(kind: str) -> Signature:
    """Return what an entry of this kind takes beside `hp` and `when`."""
    method = signature("keras_tuner.HyperParameters", method=kind)
    assert method is not None
    names = tuple(n for n in method.names if n not in _SET_HERE)
    return Signature(names, tuple(n for n in method.required if n not in _SET_HERE), accepts_any=False)


def _value_problem(kind: str, entry: Mapping[str, Any], path: str) -> Problem | None:
    """Return the first thing that is wrong with the values of an entry."""
    if kind == "Choice":
        return _choice_problem(entry, path)
    if kind == "Boolean":
        default = entry.get("default", False)
        return None if isinstance(default, bool) else Problem(path, "default to be true or false", repr(default))
    if kind == "Fixed":
        value = entry["value"]
        return None if isinstance(value, str | int | float) else Problem(path, "a number or a string", repr(value))
    return _number_problem(kind, entry, path) or _range_problem(kind, entry, path)


def _choice_problem(entry: Mapping[str, Any], path: str) -> Problem | None:
    choices, default, ordered = entry["values"], entry.get("default"), entry.get("ordered")
    if not isinstance(choices, list) or not choices:
        return Problem(path, "values to be a list of at least one value", repr(choices))
    if any(choice is None or isinstance(choice, list | dict | bool) for choice in choices):
        return Problem(path, "numbers or strings (hp: Boolean for true and false)", repr(choices))
    if len({type(choice) for choice in choices}) > 1:
        return Problem(path, "values of one type, as KerasTuner requires", repr(choices))
    if len(choices) > _MOST_VALUES:
        return Problem(path, f"at most {_MOST_VALUES} values", str(len(choices)))
    if len(set(choices)) < len(choices):
        return Problem(path, "distinct values", repr(choices))
    if default is not None and default not in choices:
        return Problem(path, f"default to be one of {choices!r}", repr(default))
    if ordered not in (None, True, False) or (ordered and isinstance(choices[0], str)):
        return Problem(path, "ordered to be true only for numbers", repr(ordered))
    return None


def _number_problem(kind: str, entry: Mapping[str, Any], path: str) -> Problem | None:
    numbers = int if kind == "Int" else (int, float)
    for key in ("min_value", "max_value", "step", "default"):
        value = entry.get(key)
        if value is None and key in ("step", "default"):
            continue
        if not isinstance(value, numbers) or isinstance(value, bool) or not math.isfinite(value):
            return Problem(path, f"{key} to be {'a whole number' if kind == 'Int' else 'a number'}", repr(value))
    return None


def _range_problem(kind: str, entry: Mapping[str, Any], path: str) -> Problem | None:
    low, high, sampling = entry["min_value"], entry["max_value"], entry.get("sampling")
    if low > high:
        return Problem(path, "min_value <= max_value", f"min_value={low}, max_value={high}")
    if entry.get("default") is not None and not low <= entry["default"] <= high:
        return Problem(path, f"default between {low} and {high}", repr(entry["default"]))
    if sampling not in (None, *SAMPLINGS):
        expected = "sampling to be linear, log or reverse_log"
        return Problem(path, expected, repr(sampling), did_you_mean(sampling, SAMPLINGS))
    if sampling in ("log", "reverse_log") and low <= 0:
        return Problem(path, f"min_value > 0 with sampling: {sampling}", repr(low))
    smallest_step = 1 if sampling in ("log", "reverse_log") else 0
    if entry.get("step") is not None and entry["step"] <= smallest_step:
        return Problem(path, f"step > {smallest_step}", repr(entry["step"]))
    if kind == "Float" and entry.get("step") is not None and (high - low) / entry["step"] > _MOST_VALUES:
        return Problem(path, f"a step with which there are at most {_MOST_VALUES} values", f"step={entry['step']}")
    if kind == "Int" and sampling in (None, "linear") and (high - low) % (entry.get("step") or 1):
        # Of a Float, the rounding decides whether the last step is taken, so that max_value lies half a step above it.
        last = high - (high - low) % entry["step"]
        return Problem(path, f"a step that reaches max_value={high}", f"step={entry['step']}", f"It ends at {last}.")
    return None
