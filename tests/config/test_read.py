"""Reading the configuration of an earlier run."""

from __future__ import annotations

from pathlib import Path

import pytest
from omegaconf import DictConfig, OmegaConf

from tests.configuration import composed
from toonvision.config.read import read_config, recorded_config
from toonvision.errors import ConfigError, StorageError


@pytest.fixture
def recorded() -> DictConfig:
    """A configuration as `.hydra/config.yaml` has it."""
    return composed("dataset=digits", "seed=7")


def write(directory: Path, cfg: DictConfig | str) -> Path:
    (directory / ".hydra").mkdir(exist_ok=True)
    text = cfg if isinstance(cfg, str) else OmegaConf.to_yaml(cfg)
    (directory / ".hydra" / "config.yaml").write_text(text)
    return directory


def test_the_recorded_configuration_is_the_composed_one(recorded: DictConfig, tmp_path: Path) -> None:
    assert recorded_config(write(tmp_path, recorded)) == recorded
    assert read_config(tmp_path).seed == 7


def test_unknown_keys_are_ignored_and_missing_ones_have_the_default(recorded: DictConfig, tmp_path: Path) -> None:
    OmegaConf.set_struct(recorded, False)
    recorded.later = {"key": 1}
    recorded.finalists.later = 2
    del recorded.path
    config = read_config(write(tmp_path, recorded))
    assert (config.path.seeds, config.finalists.seeds) == (0, recorded.finalists.seeds)


def test_the_former_class_for_no_tracker_is_read_as_null(recorded: DictConfig, tmp_path: Path) -> None:
    OmegaConf.set_struct(recorded, False)
    recorded.tracker = {"_target_": "toonvision.tracker.none.NoTracker"}
    assert recorded_config(write(tmp_path, recorded)).tracker is None


def test_an_environment_variable_is_needed_only_for_a_required_group(recorded: DictConfig, tmp_path: Path) -> None:
    recorded.budget.minutes = "${oc.env:NOT_SET_HERE}"
    assert read_config(write(tmp_path, recorded)).budget.minutes is None
    recorded.storage.url = "${oc.env:NOT_SET_HERE}"
    with pytest.raises(ConfigError, match=r"storage\.url.*NOT_SET_HERE"):
        read_config(write(tmp_path, recorded))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("seed: [1\n", r"config\.yaml: expected YAML in UTF-8"),
        ("- 1\n", r"expected a mapping\. Received: "),
    ],
)
def test_a_broken_file_is_an_error(text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=message):
        recorded_config(write(tmp_path, text))


def test_a_directory_without_a_run_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="expected the directory of a run"):
        recorded_config(tmp_path)
