"""Resolving: for one set of values, for many, or one group."""

from __future__ import annotations

import os
from typing import Any

import pytest
from omegaconf import OmegaConf

from toonvision.config.resolve import Composition, Resolver, plain
from toonvision.config.schema import TRIAL_GROUPS
from toonvision.errors import ConfigError
from toonvision.search_space import space as search_space


def config(**groups: Any) -> dict[str, Any]:
    """Return the least that `resolve` needs."""
    mappings = ("dataset", "model", "training", "objective", "constraints", "search_space")
    return {"seed": 1, "backend": "jax", **{name: {} for name in mappings}, **groups}


def test_plain_leaves_interpolations_and_drops_hydra() -> None:
    cfg = OmegaConf.create({"hydra": {"a": 1}, "x": "${y}", "y": [1, {"z": 2}]})
    assert plain(cfg) == {"x": "${y}", "y": [1, {"z": 2}]}


def test_plain_copies() -> None:
    given: dict[str, Any] = {"x": {"y": [1]}}
    copy: Any = plain(given)
    copy["x"]["y"].append(2)
    assert given == {"x": {"y": [1]}}


def test_a_value_of_the_space_replaces_every_reference_to_it() -> None:
    groups = {
        "dataset": {"ratio": "${search_space.a}"},
        "model": {"blocks": {"x": {"sizes": [1, "${search_space.a}"], "units": "${search_space.b}"}}},
        "training": {"optimizer": {"_target_": "keras.optimizers.${search_space.c}"}},
    }
    assert Composition(config(**groups)).resolve(TRIAL_GROUPS, {"a": 0.5, "b": None, "c": "SGD"}) == {
        "dataset": {"ratio": 0.5},
        "model": {"blocks": {"x": {"sizes": [1, 0.5], "units": None}}},
        "training": {"optimizer": {"_target_": "keras.optimizers.SGD"}},
    }


def test_interpolations_follow_each_other_and_are_relative_where_they_begin_with_dots() -> None:
    block = {"units": "${search_space.a}", "layers": {"dense": {"units": "${...units}"}}}
    resolved = Composition(config(model={"x": block})).resolve(["model"], {"a": 3})
    assert resolved == {"model": {"x": {"units": 3, "layers": {"dense": {"units": 3}}}}}


def test_a_trial_may_refer_to_a_group_of_the_run() -> None:
    tree = config(training={"epochs": "${tuner.max_epochs}"}, tuner={"max_epochs": 9})
    assert Composition(tree).resolve(["training"], {}) == {"training": {"epochs": 9}}


@pytest.mark.parametrize(
    "leaf",
    [
        *("${search_space.a}", "${search_space.a}/${search_space.c}", "${.sizes}", "${search_space}", "a $ b"),
        *("${oc.select:search_space.a}", "${oc.dict.values:search_space}", "${training.${search_space.c}.x}", 3),
    ],
)
@pytest.mark.parametrize("values", [{"a": 0.5, "c": "SGD"}, {"a": None, "c": "Adam"}, {"a": [1, 2], "c": "SGD"}])
def test_many_are_resolved_as_one_is(leaf: object, values: search_space.Values) -> None:
    training = {"leaf": leaf, "sizes": [1, "${search_space.a}"], "SGD": {"x": 1}, "Adam": {"x": "${search_space.a}"}}
    given = config(training=training, search_space={"a": None, "c": None})
    resolver = Resolver(Composition(given), TRIAL_GROUPS)
    for chosen in (values, {"a": True, "c": "Adam"}, values):
        assert resolver.resolve(chosen) == Composition(given).resolve(TRIAL_GROUPS, chosen)
    assert list(resolver.resolve(values)) == list(Composition(given).resolve(TRIAL_GROUPS, values))


def test_resolving_leaves_the_configuration_as_it_was() -> None:
    given = config(training={"epochs": "${search_space.a}"}, search_space={"a": {"hp": "Boolean"}})
    Composition(given).resolve(TRIAL_GROUPS, {"a": 1})
    assert given["training"] == {"epochs": "${search_space.a}"}
    assert given["search_space"] == {"a": {"hp": "Boolean"}}


def test_every_interpolation_to_nowhere_is_named_with_the_nearest_key() -> None:
    wrong = config(
        training={"epochs": 3, "twice": "${training.epoch}"}, dataset={"path": "???", "size": ["${nowhere.x}"]}
    )
    with pytest.raises(ConfigError) as raised:
        Composition(wrong).resolve(TRIAL_GROUPS, {})
    assert str(raised.value).splitlines() == [
        "3 errors in the configuration:",
        "- dataset.path: expected a value. Received: nothing. Set it with dataset.path=VALUE.",
        "- dataset.size[0]: expected an interpolation that leads to a value. Received: '${nowhere.x}'. "
        "Interpolation key 'nowhere.x' not found.",
        "- training.twice: expected an interpolation that leads to a value. Received: '${training.epoch}'. "
        "Interpolation key 'training.epoch' not found. Did you mean 'epochs'?",
    ]


@pytest.mark.parametrize(
    "text", ["${nowhere}", "${.nowhere}", "${....x}", "${unknown:1}", "${oc.env:NOT_SET}", "${a.${b}}"]
)
def test_an_interpolation_that_cannot_be_resolved_names_its_key(text: str) -> None:
    with pytest.raises(ConfigError, match=r"^training\.epochs: "):
        Composition(config(training={"epochs": text})).resolve(TRIAL_GROUPS, {})


def test_an_interpolation_in_a_circle_names_its_key() -> None:
    with pytest.raises(ConfigError, match=r"training\.a"):
        Composition(config(training={"a": "${training.b}", "b": "${training.a}"})).resolve(TRIAL_GROUPS, {})


def test_the_environment_is_read() -> None:
    composition = Composition({"training": {"path": "${oc.env:PATH}"}})
    assert composition.resolve(["training"]) == {"training": {"path": os.environ["PATH"]}}


def test_one_group_is_resolved_without_values_of_the_space() -> None:
    composition = Composition({"tuner": {"seed": "${seed}"}, "seed": 4, "x": "${nowhere}"})
    assert composition.resolve(["tuner"]) == {"tuner": {"seed": 4}}


def test_a_single_value_is_resolved() -> None:
    assert Composition({"a": "${b}", "b": 4}).resolve(["a"]) == {"a": 4}


def test_nothing_is_said_of_what_resolves() -> None:
    composition = Composition(config(training={"a": "${seed}", "b": None, "c": "text"}))
    assert composition.try_resolve(("training", "seed"))[1] == []
