"""A task is a node of the configuration; runs of earlier versions have the one that there was."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.configuration import configured
from toonvision.config.read import read_config
from toonvision.task import load_task

EARLIER = Path(__file__).parents[1] / "fixtures" / "run_0_1"


@pytest.mark.parametrize("name", ["multiclass", "binary", "multilabel", "regression"])
def test_an_option_gives_the_task_of_its_name(name: str) -> None:
    config = configured(f"task={name}")
    task = load_task(config.task)
    assert task.name == name
    assert config.default_trial.task == config.task
    assert task.kinds[0].share_of is None


def test_a_run_of_an_earlier_version_has_classes() -> None:
    assert load_task(read_config(EARLIER).task).name == "multiclass"
