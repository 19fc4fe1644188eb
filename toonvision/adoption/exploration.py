"""Running a hypermodel to see for which hyperparameters it asks, and under which values of others.

A hyperparameter in a loop, `for i in range(hp.Int("layers", 1, 3))`, exists only for some values of another. KerasTuner
finds it when a trial first asks for it, and takes it for one that always exists. Here, the hypermodel is built with
each value of each hyperparameter that has few, and with the ends of the others.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

import keras
import keras_tuner
import numpy as np

from toonvision.errors import ConfigError, Problem
from toonvision.search_space.space import (
    Space,
    Values,
    defaults,
    fixed_values,
    hyperparameters,
    only_active,
    possible_values,
)
from toonvision.training.adopted import built, record_fit, space_name
from toonvision.training.model import reason_of

_FEW = 12  # values; of a hyperparameter with more, only the ends are built at first
_MOST = 100  # values that are built where the ends ask for different names
_SAMPLES = 10  # of the whole space
_KINDS = {"Boolean": ("default",), "Choice": ("values", "ordered", "default"), "Fixed": ("value",)}
_RANGE = ("min_value", "max_value", "step", "sampling", "default")


@dataclass(frozen=True, slots=True)
class Exploration:
    """What a hypermodel asks for.

    Attributes:
        space: the search space.
        baseline: the defaults; None for a name that is inactive.
        builds: number of models that were built.
        failures: of these, the errors of those that could not be built, each once.
        is_compiled: whether the hypermodel compiles its model.
        without_fit: why the hyperparameters of its `fit` could not be found; None if they were, or it has none.
    """

    space: dict[str, Any]
    baseline: Values
    builds: int
    failures: tuple[str, ...]
    is_compiled: bool
    without_fit: str | None


@dataclass(frozen=True, slots=True)
class _Group:
    """Builds that differ in one hyperparameter only.

    Attributes:
        parent: the hyperparameter.
        asked: for each of its values, the names for which the hypermodel asked.
    """

    parent: str
    asked: list[tuple[Any, frozenset[str]]]


@dataclass
class _Explorer:
    """Builds a hypermodel with many values, and keeps what it asks for.

    Attributes:
        hypermodel: to build.
        entries: of the space, by name, in the order in which they were found.
        conditions: for each name, those under which the hypermodel has declared it: values by parent.
        found_with: the values with which each name was found first.
        groups: of builds.
    """

    hypermodel: keras_tuner.HyperModel
    entries: dict[str, dict[str, Any]] = field(default_factory=dict)
    conditions: dict[str, list[dict[str, list[Any]]]] = field(default_factory=dict)
    found_with: dict[str, Values] = field(default_factory=dict)
    groups: list[_Group] = field(default_factory=list)
    failures: dict[str, None] = field(default_factory=dict)
    builds: int = 0
    is_compiled: bool = False
    without_fit: str | None = None

    def build(self, given: Values) -> Values | None:
        """Build with some values, and defaults for the others.

        Returns:
            The values of the names for which the hypermodel asked; None if Keras cannot build the model.

        Raises:
            ValueError: of Keras, at the first build.
            ConfigError: if the hypermodel builds no model.
        """
        hp = keras_tuner.HyperParameters()
        hp.values = dict(given)
        self.builds += 1
        keras.backend.clear_session(free_memory=False)  # collecting garbage takes as long as building
        try:
            model = built(self.hypermodel, hp)
        except ValueError as error:
            if self.builds == 1:
                raise
            self.failures[reason_of(error)] = None
            return None
        self.is_compiled = bool(model.compiled)
        _, self.without_fit = record_fit(self.hypermodel, hp)
        for entry in hp.space:
            self.entries.setdefault(entry.name, _as_entry(entry))
            self.found_with.setdefault(entry.name, dict(given))
            conditions = {condition.name: list(condition.values) for condition in entry.conditions}
            if conditions not in (known := self.conditions.setdefault(entry.name, [])):
                known.append(conditions)
        return {entry.name: hp.values[entry.name] for entry in hp.space if hp.is_active(entry)}

    def vary(self, name: str, given: Values) -> None:
        """Build with the values of one hyperparameter: with all if they are few, or where its ends differ."""
        possible = possible_values(self.entries[name])
        ends = [self.entries[name]["min_value"], self.entries[name]["max_value"]] if possible is None else []
        tried = ends or list(possible or ())
        if len(tried) > _FEW:
            tried = [tried[0], tried[-1]]
        asked = self._asked(name, tried, given)
        if possible is not None and len(tried) < len(possible) <= _MOST and len({names for _, names in asked}) > 1:
            asked = self._asked(name, list(possible), given)
        self.groups.append(_Group(name, asked))

    def _asked(self, name: str, values: list[Any], given: Values) -> list[tuple[Any, frozenset[str]]]:
        built = [(value, self.build({**given, name: value})) for value in values]
        return [(value, frozenset(found)) for value, found in built if found is not None]

    def when(self, name: str) -> dict[str, list[Any]]:
        """Return the values of other hyperparameters under which the hypermodel asks for a name."""
        declared = self.conditions[name]
        if any(declared):
            parents = set().union(*declared)
            if all(conditions.keys() == parents for conditions in declared) and min(len(parents), len(declared)) == 1:
                return {p: list(dict.fromkeys(v for conditions in declared for v in conditions[p])) for p in parents}
            return {}
        found: dict[str, list[Any]] = {}
        for group in self.groups:
            asking = [value for value, asked in group.asked if name in asked]
            if 0 < len(asking) < len(group.asked) and possible_values(self.entries[group.parent]) is not None:
                found.setdefault(group.parent, []).extend(v for v in asking if v not in found.get(group.parent, []))
        return found

    def space(self, loose: Collection[str]) -> dict[str, Any]:
        """Return the search space, parents first; `loose` names have no condition."""
        space: dict[str, Any] = {}
        for name, entry in self.entries.items():
            when = {} if name in loose else {p: v for p, v in self.when(name).items() if p in space}
            is_fixed = entry["hp"] == "Fixed"
            space[name] = entry["value"] if is_fixed else {**entry, "when": when} if when else entry
        return space


def explore(hypermodel: keras_tuner.HyperModel) -> Exploration:
    """Return what a hypermodel asks for.

    Each hyperparameter is varied by itself. Then samples of the whole space show what only several of them together
    bring about.

    Raises:
        ValueError: of Keras, if the model of the defaults cannot be built.
        ConfigError: if the hypermodel builds no model, or has names that a search space cannot tell apart.
    """
    explorer = _Explorer(hypermodel)
    default = explorer.build({}) or {}
    varied: set[str] = set()
    loose: set[str] = set()
    rng = np.random.default_rng(1)
    for _ in range(_SAMPLES):
        while pending := [name for name in explorer.entries if name not in varied]:
            varied.add(pending[0])
            explorer.vary(pending[0], {**_parents(explorer, pending[0]), **explorer.found_with[pending[0]]})
        given = _sample(explorer.space(loose), rng)
        known = set(explorer.entries)
        asked = explorer.build(given) or {}
        for parent in [n for n in given if set(explorer.entries) - known and n in explorer.entries]:
            explorer.vary(parent, given)
        loose |= asked.keys() - given.keys() - (set(explorer.entries) - known)
    found = explorer.space(loose)
    space = {space_name(name): _renamed(entry) for name, entry in found.items()}
    if len(space) < len(found):
        expected = "names that differ in letters and digits"
        raise ConfigError(Problem("model.hypermodel", expected, ", ".join(found)))
    default = {space_name(name): value for name, value in default.items()}
    return Exploration(
        space,
        {name: _baseline(entry, default.get(name)) for name, entry in space.items()},
        explorer.builds,
        tuple(explorer.failures),
        explorer.is_compiled,
        explorer.without_fit,
    )


def _baseline(entry: Any, default: Any) -> Any:
    """Return the fixed value of an entry: KerasTuner may give a whole number as the default of a Float."""
    if not isinstance(entry, dict):
        return entry
    return float(default) if entry["hp"] == "Float" and default is not None else default


def _renamed(entry: Any) -> Any:
    """Return an entry whose conditions have the names of a search space."""
    if not isinstance(entry, dict) or "when" not in entry:
        return entry
    return {**entry, "when": {space_name(parent): values for parent, values in entry["when"].items()}}


def _as_entry(entry: Any) -> dict[str, Any]:
    """Return a hyperparameter of KerasTuner in the format of spaces, without what KerasTuner assumes anyway."""
    config, kind = entry.get_config(), type(entry).__name__
    kept = {key: config[key] for key in _KINDS.get(kind, _RANGE) if config.get(key) is not None}
    if kind == "Choice" and config["ordered"] is isinstance(kept["values"][0], int | float):
        del kept["ordered"]
    if kept.get("sampling") == "linear":
        del kept["sampling"]
    if kind == "Int" and kept.get("step") == 1 and "sampling" not in kept:
        del kept["step"]
    found = {"hp": kind, **kept}
    without = {key: value for key, value in found.items() if key != "default"}
    return without if defaults({"entry": without})["entry"] == kept.get("default") else found


def _parents(explorer: _Explorer, name: str) -> Values:
    """Return values under which a name in conditional scopes is active."""
    above: Values = {}
    for parent, values in explorer.conditions[name][0].items():
        above |= {**_parents(explorer, parent), parent: values[0]}
    return above


def _sample(space: Space, rng: np.random.Generator) -> Values:
    """Draw a value for each active name."""
    values: Values = {**fixed_values(space)}
    for name, entry in hyperparameters(space).items():
        possible = possible_values(entry)
        drawn = [entry["min_value"], entry["max_value"]] if possible is None else possible
        values[name] = drawn[int(rng.integers(len(drawn)))]
    return only_active(space, values)
