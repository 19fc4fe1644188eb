"""A run without a tracker, and runs that 0.1.0 recorded with a class for it."""

from __future__ import annotations

from pathlib import Path

import pytest
from omegaconf import OmegaConf

from tests.synthetic_run import synthetic_run
from toonvision.config.compose import compose
from toonvision.record.results import Results
from toonvision.record.resume import resumed_config

MLFLOW = "toonvision.tracker.mlflow.MLflowTracker"


@pytest.fixture
def older_run(tmp_path: Path) -> Path:
    """Return a run directory whose configuration names the tracker class of 0.1.0."""
    directory = synthetic_run(tmp_path / "run", trials=2).directory
    path = directory / ".hydra" / "config.yaml"
    config = OmegaConf.load(path)
    config.tracker = {"_target_": "toonvision.tracker.none.NoTracker"}
    OmegaConf.save(config, path)
    return directory


@pytest.mark.parametrize("overrides", [[], ["tracker=none"], ["tracker=mlflow", "tracker=none"]])
def test_no_tracker_is_null(overrides: list[str]) -> None:
    assert compose(overrides)["tracker"] is None


def test_an_older_run_without_a_tracker_is_read(older_run: Path) -> None:
    assert len(Results.load(older_run).trials) == 2


def test_an_older_run_without_a_tracker_resumes_without_changes(older_run: Path) -> None:
    cfg, changes = resumed_config(older_run, [])
    assert cfg["tracker"] is None
    assert changes == []


def test_a_resumed_run_may_add_or_drop_its_tracker(tmp_path: Path) -> None:
    directory = synthetic_run(tmp_path / "run", trials=1).directory
    cfg, _ = resumed_config(directory, ["tracker=mlflow"])
    assert cfg["tracker"]["_target_"] == MLFLOW
    OmegaConf.save(cfg, directory / ".hydra" / "config.yaml")
    cfg, _ = resumed_config(directory, ["tracker=none"])
    assert cfg["tracker"] is None
