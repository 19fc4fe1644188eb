"""Errors of Hydra, OmegaConf and PyYAML as those of this package. tests/wrong_input.txt has more."""

from __future__ import annotations

import pytest
from hydra.errors import MissingConfigException
from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException

from toonvision.config.compose import compose
from toonvision.config.explain import explain
from toonvision.errors import ConfigError


def test_an_unknown_key_is_named_with_its_path_and_the_nearest_one() -> None:
    config = OmegaConf.create({"tuner": {"max_trials": 3}})
    OmegaConf.set_struct(config, True)
    with pytest.raises(OmegaConfBaseException) as raised:
        OmegaConf.update(config, "tuner.max_trial", 4)
    told = explain(raised.value)
    assert told == (
        "tuner.max_trial: Key 'max_trial' is not in struct. Known there: max_trials. Did you mean 'max_trials'?"
    )


def test_an_empty_mapping_has_no_keys_to_name() -> None:
    with pytest.raises(ConfigError, match=r"Key 'parametres' is not in struct\. There are no keys\.$"):
        compose(["objective.also.parametres=min"])


def test_an_unknown_option_is_named_with_all_of_its_group() -> None:
    with pytest.raises(ConfigError, match=r"^strategy: expected one of coarse_to_fine, single\. Received: 'sin'"):
        compose(["strategy=sin"])


def test_a_launcher_that_is_not_installed_is_named_with_its_extra() -> None:
    error = MissingConfigException("not found", "hydra/launcher/joblib", ["basic"])
    assert explain(error) == (
        "hydra/launcher: expected one of basic. Received: 'joblib'. Install it by pip install 'toonvision[launchers]'."
    )
