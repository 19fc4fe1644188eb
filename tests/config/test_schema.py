"""The typed configurations of a run and of its trials."""

from __future__ import annotations

import pickle

import pytest

from tests.configuration import composed, configured
from toonvision.config.node import Node
from toonvision.config.resolve import Composition
from toonvision.config.schema import RunConfig
from toonvision.errors import ConfigError
from toonvision.search_space import space as search_space
from toonvision.search_space.space import defaults


def test_the_configuration_of_a_trial_is_typed_and_can_be_pickled() -> None:
    validated = configured()
    trial = validated.resolve(search_space.defaults(validated.search_space))
    assert pickle.loads(pickle.dumps(trial)) == trial == validated.default_trial
    assert (trial.training.epochs, trial.training.batch_size) == (15, 64)
    assert trial.training.optimizer == Node("keras.optimizers.Adam", {"learning_rate": trial.values["learning_rate"]})


def test_the_settings_of_a_group_have_their_paths() -> None:
    settings = configured("budget.trials=9").settings(["budget", "select"])
    assert settings["budget.trials"] == 9
    assert settings["select.tolerance"] == 0
    assert all(path.startswith(("budget.", "select.")) for path in settings)


@pytest.mark.parametrize("lenient", [True, False])
def test_an_unknown_key_is_an_error_unless_the_tree_is_of_another_version(lenient: bool) -> None:
    composition = Composition(composed())
    groups = composition.resolve([name for name in RunConfig.model_fields if name in composition.tree])
    groups["budget"] = {"trials": 3, "later": 1}
    if lenient:
        assert RunConfig.from_composition(composition, groups, lenient=True).budget.trials == 3
    else:
        with pytest.raises(ConfigError, match=r"^budget\.later: expected one of the keys "):
            RunConfig.from_composition(composition, groups)


def test_a_trial_has_the_values_of_the_space_wherever_the_configuration_refers_to_them() -> None:
    config = configured("search_space.learning_rate=0.5")
    trial = config.resolve({**defaults(config.search_space), "optimizer": "SGD"})
    assert trial.training.optimizer is not None
    assert trial.training.optimizer.arguments["learning_rate"] == 0.5
    assert trial.values["optimizer"] == "SGD"
