"""Known points: values that are tried before the oracle is asked, by default the baseline's (`first`).

They are read once, when a run begins. Its record keeps them, so that a resumed run needs no file of another one.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from omegaconf import OmegaConf

from toonvision.config.read import load_yaml
from toonvision.config.schema import RunConfig
from toonvision.errors import ConfigError, Problem, ToonvisionError, did_you_mean
from toonvision.record.results import Results
from toonvision.search_space.space import (
    Space,
    Values,
    as_possible,
    complete,
    hyperparameters,
    kind,
    misfits,
    possible_values,
)
from toonvision.trial.trial import KnownPoint
from toonvision.validation.validate import point_problems

BASELINE = "baseline"


def first_points(config: RunConfig) -> list[KnownPoint]:
    """Return the points that `first` lists, each values once.

    Args:
        config: of the run, valid.

    Raises:
        ConfigError: with a problem for every file that is not there, and every name or value that does not fit. A
            value that the search space does not have is none: the point lies outside of the space.
    """
    points: list[KnownPoint] = []
    problems: list[Problem] = []
    for index, entry in enumerate(config.first):
        place = f"first[{index}]"
        try:
            point = _point(config, entry, place)
        except ConfigError as error:
            problems += [problem for problem in error.problems if isinstance(problem, Problem)]
            continue
        if all(point.values != other.values for other in points):
            points.append(point)
    if problems:
        raise ConfigError(*problems)
    return points


def _point(config: RunConfig, entry: str | Mapping[str, Any], place: str) -> KnownPoint:
    space = config.search_space
    given = _given(config, entry, place)
    if problems := list(_problems(space, given, place)):
        raise ConfigError(*problems)
    values = complete(space, {n: _typed(space, n, value) for n, value in given.items() if value is not None})
    outside = misfits(space, values)
    missing = [name for name in outside if values[name] is None]
    if missing and entry != BASELINE:  # what the baseline lacks is left to its own training
        raise ConfigError(*(Problem(f"{place}.{name}", "a value", "nothing") for name in missing))
    if problems := point_problems(config, values):
        expected = "values with which the configuration is valid"
        raise ConfigError(*(Problem(place, expected, str(problem)) for problem in problems))
    source = entry if isinstance(entry, str) else place
    searched = hyperparameters(space)
    own = {n: value for n, value in values.items() if value is not None and (n in searched or n in outside)}
    if not outside:
        own = {name: as_possible(possible_values(searched[name]), value) for name, value in own.items()}
    return KnownPoint(source, own, tuple(outside))


def _given(config: RunConfig, entry: str | Mapping[str, Any], place: str) -> Values:
    """Return the values of an entry of `first`, as they are written."""
    if not isinstance(entry, str):
        return dict(entry)
    if entry == BASELINE:
        return {name: value for name, value in config.baseline.items() if name in config.search_space}
    path = Path(entry).expanduser()
    if not path.exists():
        expected = "baseline, or the path of a file of values (best.yaml) or of a run"
        raise ConfigError(Problem(place, expected, f"{entry!r}, which is not there", did_you_mean(entry, [BASELINE])))
    try:
        return _chosen(path) if path.is_dir() else _written(path)
    except ToonvisionError as error:
        expected = "a run with a completed trial" if path.is_dir() else "a file of values in YAML"
        raise ConfigError(Problem(place, expected, str(error))) from error


def _chosen(directory: Path) -> Values:
    results = Results.load(directory)
    if results.chosen() is None:
        raise ConfigError(f"{directory}, whose trials are {results.counts()}")
    return results.best_values()


def _written(path: Path) -> Values:
    values = OmegaConf.to_container(load_yaml(path))
    if not isinstance(values, dict):
        raise ConfigError(f"{path}, which is no mapping")
    return {str(name): value for name, value in values.items()}


def _problems(space: Space, given: Mapping[str, Any], place: str) -> Iterator[Problem]:
    """Yield the names that the space does not declare, and the values of a type that an entry cannot have."""
    searched = hyperparameters(space)
    for name, value in given.items():
        if name not in space:
            yield Problem(f"{place}.{name}", "a name that search_space declares", repr(name), did_you_mean(name, space))
        elif value is None or _typed(space, name, value) is not None:
            continue
        elif name in searched:
            entry = searched[name]
            expected = f"a value of hp.{entry['hp']}, of the type {kind(entry).__name__}"
            yield Problem(f"{place}.{name}", expected, repr(value))
        else:
            yield Problem(f"{place}.{name}", "a number, a text, true or false", repr(value))


def _typed(space: Space, name: str, value: Any) -> Any:
    """Return a value in the type of its entry; None if it is of another one."""
    entry = hyperparameters(space).get(name)
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, str) and "${" in value:  # an interpolation, which a file of values may not have
        return None
    if entry is None:
        return value if isinstance(value, str | int | float) else None
    wanted = kind(entry)
    if isinstance(value, bool) or wanted is bool:
        return value if type(value) is wanted else None
    if wanted is float and isinstance(value, int):
        return float(value)
    if wanted is int and isinstance(value, float) and value.is_integer():
        return int(value)
    return value if isinstance(value, wanted) else None
