"""Composing, resolving and instantiating: what a user of Hydra expects, and what an attacker does not."""

from __future__ import annotations

from pathlib import Path

import pytest
from hydra.core.global_hydra import GlobalHydra
from omegaconf import OmegaConf

from tests.configuration import composed
from toonvision.config.compose import compose, register_search_path
from toonvision.config.resolve import plain
from toonvision.errors import ConfigError
from toonvision.validation.validate import validate

LAYER = "model.blocks.block_1.layers.dropout"


@pytest.fixture
def options(tmp_path: Path) -> Path:
    """The folder of configs of the working directory, which is each test's own."""
    (tmp_path / "conf" / "experiment").mkdir(parents=True)
    return tmp_path / "conf"


def write_experiment(options: Path, text: str) -> None:
    (options / "experiment" / "mine.yaml").write_text(f"# @package _global_\n{text}")


def test_the_defaults_compose_without_configs_in_the_working_directory(tmp_path: Path) -> None:
    assert not (tmp_path / "conf").exists()
    cfg = compose()
    assert cfg.seed == 42
    assert cfg.model.name == "toonvision_cnn"
    assert "hydra" not in cfg
    assert not GlobalHydra.instance().is_initialized()  # Hydra is left as it was


def test_a_group_and_a_key_are_overridden() -> None:
    cfg = compose(["dataset=digits", "training.epochs=3", "search_space.learning_rate=0.5"])
    assert cfg.dataset._target_ == "toonvision.dataset.digits.load"
    assert (cfg.training.epochs, cfg.search_space.learning_rate) == (3, 0.5)


def test_a_model_comes_with_its_own_space_and_baseline() -> None:
    cfg = compose(["model=deep_cnn"])
    assert set(cfg.search_space) == set(cfg.baseline)
    assert cfg.baseline.n_blocks == 2


def test_one_side_of_a_range_is_overridden() -> None:
    entry = compose(["search_space.conv_1_filters.max_value=32"]).search_space.conv_1_filters
    assert entry == {"hp": "Int", "min_value": 4, "max_value": 32, "step": 4}


def test_an_option_of_the_working_directory_composes(options: Path) -> None:
    (options / "tuner").mkdir()
    (options / "tuner" / "mine.yaml").write_text("_target_: keras_tuner.oracles.RandomSearchOracle\nmax_trials: 3\n")
    assert validate(compose(["tuner=mine"])).tuner.arguments["max_trials"] == 3


def test_an_option_of_the_working_directory_extends_a_packaged_one(options: Path) -> None:
    write_experiment(options, "defaults:\n  - override /dataset: digits\ntraining:\n  epochs: 7\n")
    cfg = compose(["experiment=mine"])
    assert (cfg.dataset._target_, cfg.training.epochs) == ("toonvision.dataset.digits.load", 7)


def test_registering_the_search_path_twice_adds_it_once(options: Path) -> None:
    register_search_path()
    register_search_path()
    with pytest.raises(ConfigError) as raised:
        compose(["experiment=nowhere"])
    sources = raised.value.__cause__
    assert str(sources).count(f"file://{options}") == 1


@pytest.mark.parametrize("relative", [True, False])
def test_a_finished_run_is_a_source_of_configs(tmp_path: Path, relative: bool) -> None:
    folder = tmp_path / "outputs" / "latest" / "search_space"
    folder.mkdir(parents=True)
    best = {**plain(composed().baseline), "conv_1_filters": 12}
    (folder / "best.yaml").write_text(OmegaConf.to_yaml(OmegaConf.create(best)))
    source = "outputs/latest" if relative else folder.parent
    cfg = compose([f"hydra.searchpath=[file://{source}]", "search_space=best"])
    assert cfg.search_space.conv_1_filters == 12
    assert validate(cfg).search_space == best


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("dataset=digts", r"^dataset: expected one of .*digits.* Received: 'digts'\. Did you mean 'digits'\?"),
        ("training.epocs=3", r"Could not override 'training\.epocs'.*Did you mean 'epochs'\?"),
        ("datset=digits", r"Could not override 'datset'.*Did you mean 'dataset'\?"),
        ("search_space.conv_1_filter=8", r"'search_space\.conv_1_filter'.*Did you mean 'conv_1_filters'\?"),
        ("~training.epocs", r"Could not delete from config\. 'training\.epocs'"),
        ("training=null", r"^training: expected one of article, default, fine_tuning\. Received: null\."),
        ("training.epochs", r"training\.epochs"),
        ("tuner=random_search,bayesian", r"Ambiguous value for argument 'tuner=random_search,bayesian'"),
        ("seed='${oops'", r"seed"),
    ],
)
def test_an_override_that_does_not_fit_is_explained(override: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        compose([override])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("seed: 1\nseed: 2\n", r"mine\.yaml:3:1: expected YAML in UTF-8\. Received: found duplicate key seed\."),
        ("seed: [1\n", r"mine\.yaml.*expected ',' or '\]'"),
        ("seed: !!python/object/apply:os.getpid []\n", r"could not determine a constructor for the tag"),
        ("- 1\n", r"experiment/mine"),
        ("defaults:\n  - override /datset: digits\n", r"datset"),
    ],
)
def test_a_file_that_does_not_fit_is_explained(options: Path, text: str, message: str) -> None:
    write_experiment(options, text)
    with pytest.raises(ConfigError, match=message):
        compose(["experiment=mine"])


def test_a_file_that_is_no_text_is_explained(options: Path) -> None:
    (options / "experiment" / "mine.yaml").write_bytes(b"seed: \xff\n")
    with pytest.raises(ConfigError, match=r"mine\.yaml: expected YAML in UTF-8\. Received: the byte 0xff"):
        compose(["experiment=mine"])
