"""A `build(hp)` function or a `keras_tuner.HyperModel`, used as it is, with values that are chosen before.

It gets a `HyperParameters` that has a value for every name of the search space: what the function declares is ignored,
so that a range can be overridden or narrowed in the configuration alone.
"""

from __future__ import annotations

import contextlib
import functools
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import keras
import keras_tuner

from toonvision.config.node import Node, instantiate
from toonvision.config.schema import RunConfig
from toonvision.errors import ConfigError, Problem, did_you_mean
from toonvision.search_space.space import corners, only_active

_FIT = "toonvision_fit"  # attribute of a model
_PATH = "model.hypermodel"


class Chosen(dict[str, Any]):
    """Values by the names of a hypermodel, which may have characters that a search space does not allow."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        super().__init__({space_name(name): value for name, value in values.items()})

    def __getitem__(self, name: str) -> Any:
        return super().__getitem__(space_name(name))

    def __setitem__(self, name: str, value: Any) -> None:
        super().__setitem__(space_name(name), value)

    def __contains__(self, name: object) -> bool:
        return super().__contains__(space_name(str(name)))


def space_name(name: str) -> str:
    """Return the name that a hyperparameter of a hypermodel has in a search space: `head/rate` is `head_rate`."""
    return re.sub(r"\W", "_", name)


class _FromFunction(keras_tuner.HyperModel):
    def __init__(self, build: Callable[[keras_tuner.HyperParameters], Any]) -> None:
        super().__init__()
        self._build = build

    def build(self, hp: keras_tuner.HyperParameters) -> Any:
        return self._build(hp)


class _Recorder:
    """Stands for a model in `HyperModel.fit`, and keeps the keywords that it receives."""

    def __init__(self) -> None:
        self.keywords: dict[str, Any] = {}

    def fit(self, *args: Any, **keywords: Any) -> None:
        """Keep the keywords."""
        self.keywords = keywords


def load_hypermodel(node: Node) -> keras_tuner.HyperModel:
    """Return the hypermodel that a configuration names; a function needs `_partial_: true`.

    Raises:
        ConfigError: if it is neither a function nor a hypermodel.
    """
    found = instantiate(node, _PATH)
    if isinstance(found, keras_tuner.HyperModel):
        return found
    if callable(found):
        return _FromFunction(found)
    expected = "a keras_tuner.HyperModel, or a function build(hp) with _partial_: true"
    raise ConfigError(Problem(_PATH, expected, repr(found)))


def record_fit(
    hypermodel: keras_tuner.HyperModel, hp: keras_tuner.HyperParameters
) -> tuple[frozenset[str], str | None]:
    """Let a `fit` of the hypermodel's own declare its hyperparameters, without a training.

    Returns:
        The keywords that it passes to `Model.fit` itself; and why it cannot do without a model, None if it can. Then
        its hyperparameters are known only when it trains.
    """
    recorder = _Recorder()
    if type(hypermodel).fit is keras_tuner.HyperModel.fit:
        return frozenset(), None
    try:
        hypermodel.fit(hp, recorder)
    except (AttributeError, TypeError, ValueError) as error:  # a loop of its own
        return frozenset(), str(error)
    return frozenset(recorder.keywords), None


def built(hypermodel: keras_tuner.HyperModel, hp: keras_tuner.HyperParameters) -> keras.Model:
    """Return the model that a hypermodel builds.

    Raises:
        ConfigError: if it is none.
    """
    model = hypermodel.build(hp)
    if not isinstance(model, keras.Model):
        raise ConfigError(Problem(_PATH, "a hypermodel that builds a keras.Model", repr(model)))
    return model


def adopted_model(node: Node, values: Mapping[str, Any]) -> keras.Model:
    """Build the model of a hypermodel.

    Args:
        node: of the configuration.
        values: of the trial; None for an inactive name.

    Raises:
        ConfigError: if the hypermodel asks for a name that the search space lacks, or returns no model.
    """
    hypermodel = load_hypermodel(node)
    found = _built_with(hypermodel, values)
    if type(hypermodel).fit is not keras_tuner.HyperModel.fit:
        setattr(found.model, _FIT, functools.partial(_fit, hypermodel, found.hp, found.model, found.own))
    return found.model


def check_names(config: RunConfig) -> None:
    """Build the models of the corners of the search space, and refuse a name for which the hypermodel never asks.

    Names that another part of the configuration uses, such as a batch size, and names that no corner has are left.

    Raises:
        ConfigError: for such a name, and as `adopted_model`.
    """
    node, space = config.default_trial.model.hypermodel, config.search_space
    if node is None:
        return
    hypermodel, given, asked = load_hypermodel(node), set[str](), set[str]()
    for corner in corners(space):
        active = only_active(space, corner)
        with contextlib.suppress(ValueError):  # what Keras cannot build, and the search will find INFEASIBLE
            found = _built_with(hypermodel, {**dict.fromkeys(space), **active})
            if found.without_fit is not None:
                return  # what its fit asks for is not known
            given |= active.keys()
            asked |= {space_name(entry.name) for entry in found.hp.space if found.hp.is_active(entry)}
    elsewhere = [str(value) for value in config.settings(("dataset", "model", "training")).values()]
    unused = [name for name in given - asked if not any(f"search_space.{name}}}" in value for value in elsewhere)]
    if unused:
        expected = f"names for which {_PATH} asks ({', '.join(sorted(asked))})"
        hint = did_you_mean(unused[0], asked)
        raise ConfigError(Problem("search_space", expected, ", ".join(map(repr, sorted(unused))), hint))


@dataclass(frozen=True, slots=True)
class _Built:
    """A model, what its hypermodel has declared, and what `record_fit` returns."""

    model: keras.Model
    hp: keras_tuner.HyperParameters
    own: frozenset[str]
    without_fit: str | None


def _built_with(hypermodel: keras_tuner.HyperModel, values: Mapping[str, Any]) -> _Built:
    hp = keras_tuner.HyperParameters()
    hp.values = Chosen({name: value for name, value in values.items() if value is not None})
    found = _Built(built(hypermodel, hp), hp, *record_fit(hypermodel, hp))
    _check_given(hp, values)
    return found


def has_own_fit(model: keras.Model) -> bool:
    """Whether the hypermodel that has built a model trains it in its own way, maybe on arrays only."""
    return hasattr(model, _FIT)


def fit_of(model: keras.Model) -> Callable[..., Any]:
    """Return `fit` of a model, or that of the hypermodel which has built it."""
    found: Callable[..., Any] = getattr(model, _FIT, model.fit)
    return found


def _fit(
    hypermodel: keras_tuner.HyperModel,
    hp: keras_tuner.HyperParameters,
    model: keras.Model,
    own: frozenset[str],
    *args: Any,
    **keywords: Any,
) -> Any:
    """Fit as the hypermodel does; a keyword that it sets itself, such as `batch_size`, is left to it."""
    return hypermodel.fit(hp, model, *args, **{key: value for key, value in keywords.items() if key not in own})


def _check_given(hp: keras_tuner.HyperParameters, values: Mapping[str, Any]) -> None:
    for entry in hp.space:
        name = space_name(entry.name)
        if hp.is_active(entry) and values.get(name) is None:
            state = "that is inactive for these values" if name in values else "that it lacks"
            expected = f"a value for {name!r}, for which {_PATH} asks"
            hint = did_you_mean(name, [other for other in values if other != name])
            raise ConfigError(Problem("search_space", expected, f"a name {state}", hint))
