"""A `build(hp)` function or a `keras_tuner.HyperModel`, used as it is, with values that are chosen before.

It gets a `HyperParameters` that has a value for every name of the search space: what the function declares is ignored,
so that a range can be overridden or narrowed in the configuration alone.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping
from typing import Any

import keras
import keras_tuner

from toonvision.config.node import Node, instantiate
from toonvision.errors import ConfigError, Problem, did_you_mean

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


class Recorder:
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


def has_fit(hypermodel: keras_tuner.HyperModel) -> bool:
    """Whether a hypermodel has a `fit` of its own."""
    return type(hypermodel).fit is not keras_tuner.HyperModel.fit


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
    hypermodel, hp = load_hypermodel(node), keras_tuner.HyperParameters()
    hp.values = Chosen({name: value for name, value in values.items() if value is not None})
    model = built(hypermodel, hp)
    own: dict[str, Any] = {}
    if has_fit(hypermodel):
        recorder = Recorder()
        hypermodel.fit(hp, recorder)
        own = recorder.keywords
    _check_names(hp, values)
    setattr(model, _FIT, functools.partial(_fit, hypermodel, hp, model, frozenset(own)))
    return model


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


def _check_names(hp: keras_tuner.HyperParameters, values: Mapping[str, Any]) -> None:
    for entry in hp.space:
        name = space_name(entry.name)
        if hp.is_active(entry) and values.get(name) is None:
            state = "that is inactive for these values" if name in values else "that it lacks"
            expected = f"a value for {name!r}, for which {_PATH} asks"
            hint = did_you_mean(name, [other for other in values if other != name])
            raise ConfigError(Problem("search_space", expected, f"a name {state}", hint))
